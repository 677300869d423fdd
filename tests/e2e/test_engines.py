"""The lists in the engine libraries of other Debian releases, entry for entry: `rules extract`
reads each library, unpacked from its package (tests/tools/engines.sh), and the entries must be
those of the rule set of that version (profiles/rules/)."""

import json
import os
import subprocess
import unittest

import yaml

from qwg import BUILD_DIR, SRC_DIR, Sandbox

TIME_LIMIT_S = 900      # 100 MB come over the network when build/engines/ is empty
FETCH_LIMIT_S = 800
LISTS = ("software_rendering_list", "gpu_driver_bug_list")
NUMBERS = ("vendor_id", "device_id", "device_revision")

# (release and architecture, Qt, Chromium of the rule set, layout)
LIBRARIES = (
    ("bullseye-amd64", "5.15.2", "83", "A, 64 bits"),
    ("trixie-amd64", "5.15.18", "87", "B, 64 bits"),
    ("trixie-amd64", "6.8.2", "122", "B, 64 bits"),
)
# With `make check-all`, which sets QWGUARD_TEST_ALL.
MORE_LIBRARIES = (
    ("bookworm-arm64", "6.4.2", "102", "B, 64 bits"),
    ("bookworm-i386", "5.15.13", "87", "B, 32 bits"),
    ("bookworm-i386", "6.4.2", "102", "B, 32 bits"),
    ("trixie-arm64", "6.8.2", "122", "B, 64 bits"),
    ("sid-amd64", "6.11.2", "140", "C, 64 bits"),
    ("sid-arm64", "6.11.2", "140", "C, 64 bits"),
)


def plain(value, key=""):
    """The same whether numbers are written as numbers or as text; features in any order."""
    if isinstance(value, dict):
        return {name: plain(item, name) for name, item in value.items()}
    if isinstance(value, list):
        items = [plain(item, key) for item in value]
        return sorted(items, key=str) if key in ("features", "device_id") else items
    if key in NUMBERS:
        return int(str(value), 0)
    return value


def entries_of(lists, name):
    """By id, without those of other systems: a library for Linux does not hold them."""
    return {entry["id"]: plain(entry) for entry in lists[name]["entries"]
            if entry.get("os", {}).get("type", "linux") == "linux"}


class Engines(unittest.TestCase):

    def folder_of(self, name):
        folder = BUILD_DIR / "engines"
        tool = subprocess.run([SRC_DIR / "tests" / "tools" / "engines.sh", folder, name],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=FETCH_LIMIT_S, check=False)
        if tool.returncode == 2:
            self.skipTest(tool.stderr.strip())
        self.assertEqual(tool.returncode, 0, tool.stderr)
        return folder / name

    def compare(self, name, qt, chromium, layout):
        found = sorted(self.folder_of(name).glob(f"**/*WebEngineCore.so.{qt}"))
        self.assertEqual(len(found), 1, f"{name} has no library of Qt {qt} any more: "
                         f"{[str(path) for path in found]}")
        with Sandbox() as box:
            result = box.run("rules", "extract", "--json", "--engine", found[0])
        self.assertEqual(result.rc, 0, result)
        lists = result.json()
        rules = SRC_DIR / "profiles" / "rules" / f"chromium-{chromium}.yaml"
        wanted = yaml.safe_load(rules.read_text(encoding="utf-8"))
        self.assertEqual((lists["qt"], lists["layout"]), (qt, layout))
        self.assertNotIn("incomplete", lists)
        self.assertEqual(lists["workarounds"], wanted["workarounds"])
        for part in LISTS:
            got, want = entries_of(lists, part), entries_of(wanted, part)
            self.assertEqual(list(got), sorted(want))
            for number, entry in want.items():
                self.assertEqual(json.dumps(got[number], sort_keys=True),
                                 json.dumps(entry, sort_keys=True))

    def test_the_entries_are_those_of_the_rule_sets(self):
        every = os.environ.get("QWGUARD_TEST_ALL") == "1"
        for row in LIBRARIES + (MORE_LIBRARIES if every else ()):
            with self.subTest(library=row[:2]):
                self.compare(*row)


if __name__ == "__main__":
    unittest.main()
