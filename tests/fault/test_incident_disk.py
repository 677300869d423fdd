"""A full disk: the record is written with the reserve, or goes to standard error; nothing is half
there; torn records are set aside by the next run and never break the list."""

import json
import os
import subprocess
import unittest

from guarded import GuardCase
from qwg import wait_for


class FullDiskTest(GuardCase):
    """A state folder on a file system of 2 MiB."""

    def setUp(self):
        super().setUp()
        self.disk = self.box.path / "disk"
        self.disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs",
                                  self.disk], capture_output=True, check=False)
        if mounted.returncode:
            self.skipTest("a small file system cannot be mounted here: "
                          + mounted.stderr.decode(errors="replace").strip())
        self.addCleanup(subprocess.run, ["umount", "-l", self.disk], check=True)
        self.incidents_dir = self.disk / "state" / "incidents"

    def fill(self):
        """Not one block is left."""
        with open(self.disk / "ballast", "wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(b"x" * 4096)
            except OSError:
                pass
        self.assertEqual(os.statvfs(self.disk).f_bavail, 0)

    def run_full(self, before=lambda: None):
        with self.guarding("rate=200000000", options=("--state", self.disk / "state")) as guard:
            wait_for((self.incidents_dir / ".reserve").exists, what="the reserve")
            self.wait_leaks(1)
            before()
            self.fill()
            self.open_gate()
            self.assertEqual(guard.wait(), 124, guard.err)
        self.assert_none_left()
        return guard

    def whole(self):
        return [path for path in self.incidents_dir.iterdir() if not path.name.startswith(".")]

    def test_run_when_disk_is_full_then_the_reserve_is_given_up(self):
        guard = self.run_full()
        folders = self.whole()
        self.assertEqual(len(folders), 1, guard.err)
        record = json.loads((folders[0] / "incident.json").read_text(encoding="utf-8"))
        self.assertEqual(record["reason"], "process-limit")
        self.assertIn("</html>", (folders[0] / "report.html").read_text(encoding="utf-8"))
        self.assertEqual(list((self.incidents_dir / ".new").iterdir()), [])
        listed = self.box.run("incident", "list", "--json", "--state", self.disk / "state")
        self.assertEqual([row["id"] for row in listed.json()["incidents"]], [folders[0].name])

    def test_run_when_there_is_no_reserve_either_then_to_standard_error(self):
        guard = self.run_full(before=(self.incidents_dir / ".reserve").unlink)
        self.assertEqual(self.whole(), [])
        new = self.incidents_dir / ".new"
        self.assertEqual(list(new.iterdir()) if new.exists() else [], [])
        record = json.loads(next(line for line in guard.err if line.startswith("{")))
        self.assertEqual(record["reason"], "process-limit")
        self.assertTrue(any("No space left" in line for line in guard.err), guard.err)

    def test_run_when_room_comes_back_then_the_reserve_too(self):
        self.run_full()
        (self.disk / "ballast").unlink()
        (self.box.path / "gate").unlink()
        with self.guarding("rate=200000000", options=("--state", self.disk / "state")) as guard:
            self.wait_leaks(1)
            self.open_gate()
            self.assertEqual(guard.wait(), 124, guard.err)
        self.assertEqual(len(self.whole()), 2)
        self.assertEqual((self.incidents_dir / ".reserve").stat().st_size, 512 * 1024)


class TornTest(GuardCase):
    """What a power cut or a stranger left in the folder."""

    def test_run_when_records_are_torn_then_set_aside(self):
        folder = self.box.state_dir / "incidents"
        for number in range(8):
            torn = folder / f"20250101T00000{number}Z-1"
            torn.mkdir(parents=True, mode=0o700)
            (torn / "incident.json").write_text('{\n"schema":"qwguard.incid', encoding="utf-8")
        (folder / "foreign").mkdir()
        result = self.guard("rate=200000000")
        self.assertEqual(result.rc, 124, result)
        listed = self.box.run("incident", "list", "--json")
        self.assertEqual(len(listed.json()["incidents"]), 1)
        self.assertNotIn("20250101", listed.err)
        self.assertIn("incidents/foreign is left out", listed.err)
        self.assertEqual(sorted(path.name[14] for path in (folder / ".torn").iterdir()),
                         list("34567"))
        self.assertTrue((folder / "foreign").exists())


if __name__ == "__main__":
    unittest.main()
