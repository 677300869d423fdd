#!/usr/bin/env python3
"""rules-yaml.py: writes a rule set in the form of profiles/rules/ from what `qwguard rules extract
--json` prints.

    qwguard rules extract --engine LIBRARY --json | tests/tools/rules-yaml.py 'Debian, x86-64'
    … | tests/tools/rules-yaml.py --windows OLD.yaml 'Debian 13, x86-64'

--windows FILE: the entries for Windows, which a library for Linux does not hold, from another
set; those with a workaround that the library does not know are left out."""

import argparse
import json
import sys

import yaml

WIDTH = 150
LISTS = ("software_rendering_list", "gpu_driver_bug_list")
HEADER = """\
# Chromium's GPU lists as they are compiled into Qt WebEngine {qt} ({build}): entries for Linux and
# for any OS; entries for other systems are not part of such a library{windows}.
# The conditions and texts are Chromium's (Copyright The Chromium Authors, BSD 3-clause licence; see
# https://chromium.googlesource.com/chromium/src/+/HEAD/LICENSE). Form and keys: docs/lists.md.
version: 1
chromium: "{chromium}"
qt: "{qt}"
"""
HEXADECIMAL = ("vendor_id", "device_id", "device_revision")
BARE = ("features", "disabled_extensions", "disabled_webgl_extensions", "type", "style", "schema",
        "gl_type", "multi_gpu_style", "multi_gpu_category", "intel_gpu_series", "hardware_overlay",
        "subpixel_font_rendering", "exceptions")


def scalar(key, value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if key in HEXADECIMAL:
        return "0x%04x" % (value if isinstance(value, int) else int(value, 16))
    if isinstance(value, int):
        return str(value)
    if key in BARE:
        return value
    return f"'{value}'" if "\\" in value or '"' in value else f'"{value}"'


def flow(key, value):
    """A value as YAML in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {flow(name, item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(key, item) for item in value) + "]"
    return scalar(key, value)


def wrapped(text, indent):
    """Lines broken behind a comma and a space; texts hold such too, so only outside of quotes."""
    out, line, quote = [], "", ""
    words, start = [], 0
    for i, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"" and text[i - 1] in " [{":
            quote = sign
        elif sign == "," and text[i + 1:i + 2] == " ":
            words.append(text[start:i + 1])
            start = i + 2
    words.append(text[start:])
    for word in words:
        if line and len(line) + 1 + len(word) > WIDTH:
            out.append(line)
            line = " " * indent + word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join(out + [line])


def entry_lines(entry):
    """An entry: what names it, then its conditions, each exception in a line of its own."""
    first = {key: entry[key] for key in ("id", "description")}
    rest = [key for key in entry if key not in first]
    lines, part = ["  - {" + flow("", first)[1:-1] + ","], []
    for key in rest:
        if key != "exceptions" or not isinstance(entry[key], list):
            part.append(f"{key}: {flow(key, entry[key])}")
            continue
        if part:
            lines.append(wrapped(f"     {', '.join(part)},", 5))
        exceptions = [wrapped(f"      {flow('', item)}", 6) for item in entry[key]]
        lines += ["     exceptions: [", ",\n".join(exceptions) + "],"]
        part = []
    lines.append(wrapped(f"     {', '.join(part)}" + "}", 5))
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--windows")
    parser.add_argument("--windows-from", default="of that version", metavar="VERSION",
                        help="for the header: whose source they were taken from")
    parser.add_argument("build")
    options = parser.parse_args()
    lists = json.load(sys.stdin)
    if "incomplete" in lists:
        sys.exit("rules-yaml: the lists are incomplete: " + lists["incomplete"])
    other = {}
    if options.windows:
        with open(options.windows, encoding="utf-8") as file:
            other = yaml.safe_load(file)
    said = f".\n# Those for Windows stand in the source of Chromium {options.windows_from}" \
        if other else ""
    print(HEADER.format(build=options.build, windows=said, **lists))
    print("workarounds:")
    print(wrapped(f"  [{', '.join(lists['workarounds'])}]", 3))
    known = set(lists["workarounds"])
    for name in LISTS:
        windows = [entry for entry in other.get(name, {}).get("entries", [])
                   if entry.get("os", {}).get("type") == "win"
                   and (name == LISTS[0] or known.issuperset(entry.get("features", [])))]
        entries = sorted(lists[name]["entries"] + windows, key=lambda entry: entry["id"])
        print(f"\n{name}:\n entries:")
        for entry in entries:
            print(entry_lines(entry))


if __name__ == "__main__":
    main()
