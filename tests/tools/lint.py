#!/usr/bin/env python3
"""lint.py [--tap] [--self-test] [ROOT]: the rules of style that a program can check.

One function a rule, listed in RULES at the end; each takes the root of a checkout and returns its
findings as `path:line: text`. Every rule has bad samples in lint-samples/, which --self-test runs.
To add a rule: write the function, add its row, add a sample."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import csource

FILE_LINES_MAX = 700
FUNCTION_LINES_MAX = 80
LINE_COLUMNS_MAX = 100
TRACKED_BYTES_MAX = 1024 * 1024

C = (".c", ".h")
TEXT = (".c", ".h", ".cpp", ".py", ".sh")


def in_src(source):
    return source.parts[0] == "src"


def in_src_or_unit(source):
    return in_src(source) or source.parts[:2] == ("tests", "unit")


def outside_base(source):
    return in_src(source) and source.room() != "base"


def outside_main(source):
    """main.c ends the program; a re-executed child lives in a file named *_child.c."""
    return in_src(source) and source.room() != "main" and not source.path.endswith("_child.c")


def outside_cli(source):
    return in_src(source) and source.room() not in ("cli", "main")


# Call, where it is refused, what to use. `getenv` and its kind are in layers.py.
BANNED = (
    ("strcpy", in_src_or_unit, "arena_strdup, or snprintf into a sized buffer"),
    ("stpcpy", in_src_or_unit, "snprintf into a sized buffer"),
    ("strcat", in_src_or_unit, "a text builder of base/text.h"),
    ("sprintf", in_src_or_unit, "snprintf"),
    ("vsprintf", in_src_or_unit, "vsnprintf"),
    ("gets", in_src_or_unit, "the readers of base"),
    ("strtok", in_src_or_unit, "strcspn and lengths; strtok writes into its input"),
    ("strtok_r", in_src_or_unit, "strcspn and lengths; strtok_r writes into its input"),
    ("atoi", in_src_or_unit, "the number readers of base: atoi cannot fail"),
    ("atol", in_src_or_unit, "the number readers of base: atol cannot fail"),
    ("atoll", in_src_or_unit, "the number readers of base: atoll cannot fail"),
    ("atof", in_src_or_unit, "the number readers of base: atof cannot fail"),
    ("strtol", outside_base, "the number readers of base"),
    ("strtoul", outside_base, "the number readers of base"),
    ("strtoll", outside_base, "the number readers of base"),
    ("strtoull", outside_base, "the number readers of base"),
    ("strtod", outside_base, "the number readers of base"),
    ("system", in_src_or_unit, "spawn of platform: no shell between"),
    ("popen", in_src_or_unit, "spawn of platform: no shell between"),
    ("alloca", in_src_or_unit, "the arena"),
    ("sleep", in_src_or_unit, "an event or a timer of platform"),
    ("usleep", in_src_or_unit, "an event or a timer of platform"),
    ("exit", outside_main, "a returned error; only main and *_child.c end a process"),
    ("printf", outside_cli, "a FILE * given by the caller, or a function named *print*"),
    ("vprintf", outside_cli, "a FILE * given by the caller, or a function named *print*"),
    ("puts", outside_cli, "a FILE * given by the caller, or a function named *print*"),
    ("putchar", outside_cli, "a FILE * given by the caller, or a function named *print*"),
)
PRINTERS = ("printf", "vprintf", "puts", "putchar")
CALL = re.compile(r"(?<![\w.])(?<!->)(" + "|".join(row[0] for row in BANNED) + r")\s*\(")
ATTRIBUTE = re.compile(r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)")
OPEN = re.compile(r"(?<![\w.])(?<!->)(open|openat|open64|creat)\s*\(")


def call_text(code, start):
    """The call that begins at start, up to the parenthesis that closes it."""
    depth = 0
    for offset in range(code.index("(", start), len(code)):
        depth += {"(": 1, ")": -1}.get(code[offset], 0)
        if depth == 0:
            return code[start:offset + 1]
    return code[start:]


def file_length(root):
    """A file of more than 700 lines wants to be two."""
    found = []
    for source in csource.sources(root, ("src", "tests"), TEXT):
        count = source.text.count("\n")
        if count > FILE_LINES_MAX:
            found.append(f"{source.path}:{count}: file has {count} lines, more than "
                         f"{FILE_LINES_MAX}; split it")
    return found


def function_length(root):
    """More than 80 lines from brace to brace, lines of constant tables left out."""
    found = []
    for source in csource.sources(root, ("src", "tests"), C):
        lines = source.code.split("\n")
        for name, first, last in source.functions():
            count, table = 0, None
            for line in lines[first - 1:last]:
                opened = re.match(r"(\s+)(?:static )?.*\bconst\b.*= \{$", line.rstrip())
                if table is None and opened:
                    table = opened.group(1)
                count += table is None
                if table is not None and line.rstrip() == table + "};":
                    table = None
            if count > FUNCTION_LINES_MAX:
                found.append(f"{source.path}:{first}: function '{name}' has {count} lines, more "
                             f"than {FUNCTION_LINES_MAX}; split it")
    return found


def line_length(root):
    """Longer than 100 columns, or a tab anywhere."""
    found = []
    for source in csource.sources(root, ("src", "tests"), TEXT):
        for number, line in enumerate(source.lines, 1):
            if len(line) > LINE_COLUMNS_MAX:
                found.append(f"{source.path}:{number}: line has {len(line)} columns, more than "
                             f"{LINE_COLUMNS_MAX}")
            if "\t" in line:
                found.append(f"{source.path}:{number}: tab; use spaces")
    return found


def banned_calls(root):
    """The table above, and open without O_CLOEXEC."""
    found = []
    refused = {row[0]: row[1:] for row in BANNED}
    for source in csource.sources(root, ("src", "tests"), C):
        functions = None
        for match in CALL.finditer(source.code):
            name = match.group(1)
            where, instead = refused[name]
            line = source.line_of(match.start())
            if not where(source):
                continue
            if name in PRINTERS:
                functions = source.functions() if functions is None else functions
                if any("print" in f and a <= line <= b for f, a, b in functions):
                    continue
            found.append(f"{source.path}:{line}: '{name}' is banned here; use {instead}")
        for match in OPEN.finditer(source.code):
            if in_src(source) and "O_CLOEXEC" not in call_text(source.code, match.start()):
                found.append(f"{source.path}:{source.line_of(match.start())}: "
                             f"'{match.group(1)}' without O_CLOEXEC leaks into children")
    return found


def clang_format():
    for name in ("clang-format-14", "clang-format"):
        path = shutil.which(name)
        if path and " 14." in subprocess.run([path, "--version"], capture_output=True, text=True,
                                             check=True).stdout:
            return path
    return None


def formatting(root):
    """clang-format would change something."""
    tool = clang_format()
    if not tool:
        return ["clang-format-14 is not installed (package clang-format-14)"]
    files = [s.path for s in csource.sources(root, ("src", "tests"), (*C, ".cpp"))]
    style = f"--style=file:{csource.ROOT / '.clang-format'}"

    def some(paths):
        done = subprocess.run([tool, style, "--dry-run", "-Werror", *paths], cwd=root,
                              capture_output=True, text=True, check=False)
        lines = first_errors(done.stderr)
        if done.returncode and not lines:
            return [f"{paths[0]}:1: clang-format: {done.stderr.strip()}"]
        return [f"{path}:{line}: not formatted; clang-format-14 -i {path}"
                for path, line in lines.items()]
    return in_shares(some, files)


def first_errors(said):
    """{file: line} of the first error about each file in what clang-format wrote."""
    found = {}
    for match in re.finditer(r"^(\S+?):(\d+):\d+: error:", said, re.MULTILINE):
        found.setdefault(match.group(1), match.group(2))
    return found


def in_shares(check, items):
    """check(share) for one share of the items a processor: starting a tool takes longer than what
    it does to one file."""
    count = min(len(items), os.cpu_count() or 1)
    shares = [items[n::count] for n in range(count)]
    with ThreadPoolExecutor(count or 1) as pool:
        return sorted(line for lines in pool.map(check, shares) for line in lines)


def headers(root):
    """Headers of src/ that can be compiled here: those of another system cannot."""
    return [s for s in csource.sources(root, ("src",), (".h",))
            if s.os_folder() in (None, "linux", "unsupported")]


def header_alone(root):
    """A header includes what its own declarations need."""
    compiler = (os.environ.get("CC") or "cc").split()

    def some(share):
        with tempfile.TemporaryDirectory() as folder:
            units = {}
            for number, source in enumerate(share):
                unit = Path(folder) / f"{number}.c"
                unit.write_text(f'#include "{Path(source.path).relative_to("src")}"\n')
                units[str(unit)] = source.path
            done = subprocess.run(
                [*compiler, "-std=c11", "-D_GNU_SOURCE", "-Isrc", "-Wall", "-Wextra", "-Werror",
                 "-fsyntax-only", *units], cwd=root, capture_output=True, text=True, check=False,
                env={**os.environ, "LC_ALL": "C"})
        return unit_findings(done, units)
    return in_shares(some, headers(root))


def unit_findings(done, units):
    """What a compiler said about units of one #include each, as findings about their headers. A
    compiler names the unit only in front of errors ("In file included from") and in them."""
    found, path = {}, None
    for line in done.stderr.splitlines():
        unit = next((unit for unit in units if unit in line), None)
        path = units.get(unit, path)
        error = re.match(r"(\S+?):(\d+):\d+: (?:fatal )?error: (.*)$", line)
        if error and path:
            place = error.group(2) if error.group(1) == path else 1
            found.setdefault(path, f"{path}:{place}: does not compile alone: {error.group(3)}")
    if done.returncode and not found:
        return [f"{next(iter(units.values()))}:1: does not compile alone: {done.stderr.strip()}"]
    return list(found.values())


def header_first_line(root):
    """The first line of a header says its name and what it is for."""
    return [f"{s.path}:1: the first line must begin with '/* {Path(s.path).name}: ' and say what "
            "the header is for"
            for s in csource.sources(root, ("src",), (".h",))
            if not re.match(rf"/\* {re.escape(Path(s.path).name)}: \S", s.lines[0])]


def declarations(source):
    """(offset, text) of each declaration at file level, preprocessor lines left out."""
    code = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", lambda m: re.sub(r"[^\n]", " ", m.group()),
                  source.code, flags=re.MULTILINE)
    depth, start = 0, None
    for offset, char in enumerate(code):
        if start is None and not char.isspace() and char not in "};":
            start = offset
        depth += {"{": 1, "}": -1, "(": 1, ")": -1}.get(char, 0)
        if start is not None and depth == 0 and (
                char == ";" or (char == "}" and "(" in code[start:offset].split("{")[0])):
            yield start, code[start:offset + 1]
            start = None


def prototype_comments(root):
    """Each function of a public header has a comment of its own directly above."""
    found = []
    for source in csource.sources(root, ("src",), (".h",)):
        base = Path(source.path).name
        if len(source.parts) < 3 or base.startswith("_") or base.endswith("_private.h"):
            continue
        for start, text in declarations(source):
            name = re.match(r"[^{=(]*?(\w+)\s*\(", ATTRIBUTE.sub("", text))
            if text.startswith(("typedef", "static_assert", "_Static_assert")) or not name:
                continue
            if not re.search(r"/\*\*(?:(?!\*/).)*\*/\n[ \t]*\Z", source.text[:start], re.DOTALL):
                found.append(f"{source.path}:{source.line_of(start)}: '{name.group(1)}' has no "
                             "/** comment */ directly above")
    return found


def leftovers(root):
    """Unfinished work is an issue, not a comment."""
    found = []
    for source in csource.sources(root, ("src",), TEXT):
        for number, line in enumerate(source.lines, 1):
            word = re.search(r"\b(TODO|FIXME|XXX)\b", line)
            if word:
                found.append(f"{source.path}:{number}: '{word.group()}'; write an issue instead")
    return found


def big_files(root):
    """Data of more than 1 MB has no place in the repository."""
    return [f"{path}:1: file has {(root / path).stat().st_size} bytes, more than "
            f"{TRACKED_BYTES_MAX}" for path in csource.tracked(root)
            if (root / path).stat().st_size > TRACKED_BYTES_MAX]


RULES = (
    ("file length", file_length),
    ("function length", function_length),
    ("line length and tabs", line_length),
    ("banned calls", banned_calls),
    ("format", formatting),
    ("header compiles alone", header_alone),
    ("first line of a header", header_first_line),
    ("comment of a prototype", prototype_comments),
    ("leftovers", leftovers),
    ("big files", big_files),
)

if __name__ == "__main__":
    sys.exit(csource.main(RULES, csource.HERE / "lint-samples"))
