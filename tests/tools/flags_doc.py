#!/usr/bin/env python3
"""flags_doc.py [--write]: the tables of docs/flags.md, made from `qwguard flags list --json`.
Without --write it says whether the document is as it would be written; a test does the same."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(os.environ.get("QWGUARD_SRC_DIR") or Path(__file__).resolve().parent.parent.parent)
DOCUMENT = ROOT / "docs" / "flags.md"
MARK = "<!-- from here on: tests/tools/flags_doc.py --write -->\n"
CLASSES = (
    ("mitigation", "Mitigations", "May help, at their cost; those with a tick may stand in a "
     "profile."),
    ("diagnosis", "Diagnosis", "Tell more, or provoke a fault for a test."),
    ("stale", "Stale advice", "Goes round in forums and does not help in Qt WebEngine."),
    ("dangerous", "Dangerous", "Refused in profiles however they are spelled; `flags lint` says "
     "why. You may still write them."),
)


def cell(text):
    return (text or "").replace("|", r"\|")


def values(row):
    return {"none": "", "on-off": "", "any": "=…", "number": "=N"}.get(
        row["grammar"], "=" + (row.get("values") or ""))


def versions(row):
    text = "no Qt" if row["qt"] == "none" else row["qt"]
    if row.get("breaks"):
        text += f"; breaks {row['breaks_qt']}"
    chromium = [word for word in (
        f"{row['chromium_since']}+" if row.get("chromium_since") else "",
        f"<{row['chromium_until']}" if row.get("chromium_until") else "") if word]
    return text + (f" (Chromium {' '.join(chromium)})" if chromium else "")


def source(row):
    link = row["source"]
    return f"<{link}>" if link.startswith("https://") else link


def line(row):
    name = f"`{row['name']}{values(row)}`"
    tick = " ✓" if row["profile_may_write"] else ""
    notes = [row["effect"]]
    notes += [f"costs: {row['cost']}"] if row.get("cost") else []
    notes += [f"not honoured: {row['why_not']}"] if row.get("why_not") else []
    notes += [row["breaks"]] if row.get("breaks") else []
    notes += [f"**{row['refused']}**"] if row.get("refused") else []
    notes += [f"better: {row['better']}"] if row.get("better") else []
    return "| " + " | ".join((cell(name) + tick, cell(versions(row)), cell("; ".join(notes)),
                              cell(source(row)))) + " |"


def tables(rows):
    """The part of the document below the mark."""
    parts = []
    for word, title, text in CLASSES:
        parts += [f"## {title}", "", text, "", "| name | Qt | what it does | source |",
                  "|---|---|---|---|"]
        parts += [line(row) for row in rows if row["class"] == word] + [""]
    return "\n".join(parts).rstrip() + "\n"


def document(rows):
    """The whole document as it should be."""
    return DOCUMENT.read_text(encoding="utf-8").partition(MARK)[0] + MARK + "\n" + tables(rows)


def main():
    program = os.environ.get("QWGUARD") or ROOT / "build" / "qwguard"
    told = subprocess.run([program, "flags", "list", "--json"], check=True, capture_output=True)
    wanted = document(json.loads(told.stdout)["flags"])
    if "--write" in sys.argv[1:]:
        DOCUMENT.write_text(wanted, encoding="utf-8")
    elif DOCUMENT.read_text(encoding="utf-8") != wanted:
        sys.exit(f"{DOCUMENT} is not what the catalogue says: run {sys.argv[0]} --write")


if __name__ == "__main__":
    main()
