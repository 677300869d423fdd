#!/usr/bin/env python3
"""layers.py [--tap] [--self-test] [ROOT]: who may include what, and where the operating system
may be touched. The order of the rooms stands in ROOMS; docs/ tells the reasons. Every rule has bad
samples in layers-samples/, which --self-test runs."""

import re
import sys

import csource

ROOMS = ("base", "platform", "machine", "engine", "profile", "history", "plan", "incident",
         "guard", "helper", "cli", "main")

# What every room may include from outside: ISO C, the two libraries, and two headers that ask
# nothing of the system: elf.h (constants) and getopt.h (mingw-w64 has it as well). Anything else
# belongs to an operating system, or is a new library, which is decided here.
FOREIGN_HEADERS = frozenset(
    "assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp stdalign "
    "stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath time uchar "
    "wchar wctype yaml jansson zlib elf getopt".split())
# Heavy libraries are only for the programs in helper/, so that qwguard itself stays small.
HELPER_HEADERS = frozenset(("libwebsockets",))
OS_ROOMS = ("platform", "machine")

INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[ \t]*([\"<])([^\">]+)[\">]", re.MULTILINE)
OS_MACRO = re.compile(
    r"^[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif)\b[^\n]*?\b"
    r"(_WIN32|_WIN64|__linux__|__unix__|__APPLE__)",
    re.MULTILINE)
ENVIRONMENT = re.compile(r"(?<![\w.])(?<!->)(getenv|secure_getenv|setenv|unsetenv|putenv)\s*\(")


def includes(root):
    """(source, line, quote, path) of each #include below src/."""
    for source in csource.sources(root, ("src",), (".c", ".h")):
        text = csource.blank(source.text, strings=False)
        for match in INCLUDE.finditer(text):
            yield source, source.line_of(match.start()), match.group(1), match.group(2)


def rooms_known(root):
    """Every folder below src/ is a room of the order."""
    folders = (root / "src").iterdir() if (root / "src").is_dir() else ()
    return [f"src/{p.name}:1: not a room; the rooms are {' '.join(ROOMS[:-1])}"
            for p in sorted(folders) if p.is_dir() and p.name not in ROOMS[:-1]]


def include_order(root):
    """An #include points to an earlier room or to its own, and is written "room/file.h"."""
    found = []
    for source, line, quote, path in includes(root):
        if quote != '"':
            continue
        own, other = source.room(), path.split("/")[0]
        if "/" not in path or other not in ROOMS:
            found.append(f'{source.path}:{line}: "{path}" must be written "room/file.h", '
                         "relative to src/")
        elif own in ROOMS and ROOMS.index(other) > ROOMS.index(own):
            found.append(f'{source.path}:{line}: "{path}" points from {own} to the later room '
                         f"{other}")
    return found


def private_headers(root):
    """A *_private.h is for its own room."""
    return [f'{source.path}:{line}: "{path}" is private to {path.split("/")[0]}'
            for source, line, quote, path in includes(root)
            if quote == '"' and path.endswith("_private.h") and path.split("/")[0] != source.room()]


def os_folder_headers(root):
    """A header in an OS folder is for files of that folder: its face is one level up."""
    found = []
    for source, line, quote, path in includes(root):
        parts = path.split("/")
        if quote == '"' and len(parts) > 2 and parts[1] in csource.OS_FOLDERS \
                and source.os_folder() != parts[1]:
            found.append(f'{source.path}:{line}: "{path}" is only for the {parts[1]}/ folders')
    return found


def os_headers(root):
    """Headers of an operating system stay in the OS folders of platform and machine."""
    found = []
    for source, line, quote, path in includes(root):
        if quote != "<" or (path.endswith(".h") and path[:-2] in FOREIGN_HEADERS):
            continue
        if source.room() in OS_ROOMS and source.os_folder():
            continue
        if source.room() == "helper" and path[:-2] in HELPER_HEADERS:
            continue
        found.append(f"{source.path}:{line}: <{path}> is neither ISO C nor one of yaml, jansson, "
                     "zlib, elf, getopt; only src/platform/OS/ and src/machine/OS/ may include it")
    return found


def os_macros(root):
    """Which system it is decides the Makefile, by folder."""
    found = []
    for source in csource.sources(root, ("src",), (".c", ".h")):
        for match in OS_MACRO.finditer(source.code):
            if not source.os_folder():
                found.append(f"{source.path}:{source.line_of(match.start())}: '{match.group(1)}' "
                             "outside the OS folders; put the difference behind a header of "
                             "platform")
    return found


def environment(root):
    """The environment is an input like any other: read in platform, handed on as a value."""
    found = []
    for source in csource.sources(root, ("src",), (".c", ".h")):
        for match in ENVIRONMENT.finditer(source.code):
            if source.room() != "platform":
                found.append(f"{source.path}:{source.line_of(match.start())}: '{match.group(1)}' "
                             "is only for src/platform/")
    return found


RULES = (
    ("rooms", rooms_known),
    ("include order", include_order),
    ("private headers", private_headers),
    ("headers of an OS folder", os_folder_headers),
    ("headers of the system", os_headers),
    ("macros of the system", os_macros),
    ("environment", environment),
)

if __name__ == "__main__":
    sys.exit(csource.main(RULES, csource.HERE / "layers-samples"))
