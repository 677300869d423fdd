"""What lint.py and layers.py share: finding the files, reading C well enough for their rules
(comments and strings blanked, functions and prototypes found by the layout that clang-format
keeps), printing findings, and proving each rule on its bad samples."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
OS_FOLDERS = ("linux", "windows", "unsupported")

_TOKEN = re.compile(
    r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)


def blank(text, strings=True):
    """The text with comments (and the contents of strings) as spaces; places stay the same."""
    def one(match):
        token = match.group()
        if token[0] == "/":
            return re.sub(r"[^\n]", " ", token)
        if not strings:
            return token
        return token[0] + " " * (len(token) - 2) + token[0]
    return _TOKEN.sub(one, text)


class Source:
    """One file: path relative to the root, text, and the text without comments and strings."""

    def __init__(self, root, path):
        self.path = path
        self.text = (root / path).read_text(encoding="utf-8", errors="replace")
        self.lines = self.text.split("\n")
        self.parts = Path(path).parts
        self._code = None

    @property
    def code(self):
        if self._code is None:
            self._code = blank(self.text)
        return self._code

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def room(self):
        """'base' for src/base/x.c and src/base/linux/x.c, 'main' for src/main.c, else None."""
        if self.parts[0] != "src":
            return None
        return self.parts[1] if len(self.parts) > 2 else Path(self.path).stem

    def os_folder(self):
        """'linux' for src/platform/linux/x.c, else None."""
        if len(self.parts) > 3 and self.parts[0] == "src" and self.parts[2] in OS_FOLDERS:
            return self.parts[2]
        return None

    def functions(self):
        """(name, first line, last line) of each function body: a brace alone in column 1 that
        follows a parameter list, up to the next one that closes it."""
        found = []
        lines = self.code.split("\n")
        for number, line in enumerate(lines):
            if line.rstrip() != "{" or number == 0:
                continue
            head = []
            for above in range(number - 1, -1, -1):
                if not lines[above].strip() or lines[above][0] in "}#" or ";" in lines[above]:
                    break
                head.insert(0, lines[above])
            name = re.search(r"(\w+)\s*\(", " ".join(head))
            end = next((n for n in range(number, len(lines)) if lines[n].rstrip() == "}"), None)
            if name and end is not None:
                found.append((name.group(1), number + 1, end + 1))
        return found


def sources(root, folders, suffixes):
    """Every file below the folders with one of the suffixes, but for the bad samples."""
    found = []
    for folder in folders:
        for directory, names, files in os.walk(root / folder):
            names[:] = sorted(n for n in names
                              if not n.endswith("-samples") and n != "__pycache__")
            for name in sorted(files):
                if name.endswith(suffixes):
                    found.append(Source(root, str((Path(directory) / name).relative_to(root))))
    return found


def tracked(root):
    """The files that git keeps (and would add); without a checkout, all files."""
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={root}", "-C", str(root), "ls-files", "-z", "--cached",
         "--others", "--exclude-standard"], capture_output=True, check=False)
    if listed.returncode == 0 and (root / ".git").exists():
        return sorted(p for p in listed.stdout.decode().split("\0") if p and (root / p).is_file())
    return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()
                  and p.relative_to(root).parts[0] != "build")


class Tap:
    """Counts of a test run as TAP on standard output, for tests/run.py."""

    def __init__(self, total):
        self.number = 0
        self.failed = 0
        print(f"1..{total}")

    def result(self, name, problems):
        self.number += 1
        self.failed += bool(problems)
        print(f"{'not ok' if problems else 'ok'} {self.number} - {name}")
        for problem in problems:
            print(f"# {problem}", flush=True)


def samples_check(rules, folder, tap):
    """Each folder of samples is a small tree; all rules together must say exactly what its file
    `want` says. A rule that no sample makes speak is not proven, and fails."""
    spoke = set()
    for sample in sorted(p for p in folder.iterdir() if p.is_dir()):
        with tempfile.TemporaryDirectory() as scratch:
            tree = Path(scratch) / "tree"
            shutil.copytree(sample, tree, ignore=shutil.ignore_patterns("want"))
            for size in tree.rglob("*.size"):   # a file too big to be kept: only its size is
                with open(size.with_suffix(""), "wb") as big:
                    big.truncate(int(size.read_text(encoding="utf-8")))
            got = []
            for name, rule in rules:
                said = rule(tree)
                got += said
                if said:
                    spoke.add(name)
        want = (sample / "want").read_text(encoding="utf-8").splitlines()
        problems = [f"wanted: {line}" for line in (Counter(want) - Counter(got)).elements()]
        problems += [f"not wanted: {line}" for line in (Counter(got) - Counter(want)).elements()]
        tap.result(f"sample {sample.name}", problems)
    for name, _ in rules:
        tap.result(f"proven: {name}", [] if name in spoke else ["no bad sample shows this rule"])


def main(rules, samples):
    """The command line of both tools. Prints findings as `path:line: text`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tap", action="store_true", help="one test a rule, as TAP")
    parser.add_argument("--self-test", action="store_true", help="run the rules on bad samples")
    parser.add_argument("root", nargs="?", default=ROOT, type=Path)
    options = parser.parse_args()
    if options.self_test:
        folders = sum(1 for p in samples.iterdir() if p.is_dir())
        tap = Tap(folders + len(rules))
        samples_check(rules, samples, tap)
        return 1 if tap.failed else 0
    if options.tap:
        tap = Tap(len(rules))
        for name, rule in rules:
            tap.result(name, rule(options.root))
        return 1 if tap.failed else 0
    found = [line for _, rule in rules for line in rule(options.root)]
    for line in found:
        print(line)
    if found:
        print(f"{len(found)} findings", file=sys.stderr)
    return 1 if found else 0
