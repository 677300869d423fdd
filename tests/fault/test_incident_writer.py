"""Incidents whose writing is disturbed: the writer is killed or cannot be started, the folder
vanishes or holds other things than it should. None is lost."""

import json
import os
import shutil
import subprocess
import unittest

from guarded import GuardCase
from qwg import descendants, process_kill, wait_for

TIME_LIMIT_S = 300


class Writer(GuardCase):
    def setUp(self):
        super().setUp()
        self.new = self.box.state_dir / "incidents" / ".new"

    def traced(self, q, *options):
        """strace of the guard and of what it starts from now on."""
        if not shutil.which("strace"):
            self.skipTest("strace is not installed")
        strace = subprocess.Popen(["strace", "-f", "-o", "/dev/null", *options, "-p", str(q.pid)],
                                  stderr=subprocess.PIPE, encoding="utf-8")
        self.addCleanup(strace.wait)
        self.addCleanup(strace.stderr.close)
        self.addCleanup(strace.terminate)
        line = strace.stderr.readline()
        if "attached" not in line:
            self.skipTest(f"strace may not attach here: {line.strip()}")

    def told(self, q):
        return [json.loads(line) for line in q.err if line.startswith("{")]

    def test_killed_in_the_middle_is_started_once_more(self):
        with self.guarding("rate=200000000") as q:
            self.wait_leaks(1)
            known = set(descendants(q.pid))
            self.traced(q, "-e", "trace=fsync", "-e", "inject=fsync:delay_enter=1000000:when=1")
            self.open_gate()
            wait_for(lambda: list(self.new.glob("*/*")), 20, "the writer")
            process_kill(next(pid for pid in descendants(q.pid) if pid not in known))
            self.assertEqual(q.wait(40), 124, q.err)
        self.assertEqual(len(self.box.incidents()), 1, q.err)
        self.assertEqual(list(self.new.iterdir()), [])
        self.assertTrue((next(self.new.parent.glob("2*")) / "app.log").exists())

    def test_that_cannot_be_started_is_done_without(self):
        for number in (1, 2, 3):  # of the first incident, of its restart, of the second
            self.gate.unlink(missing_ok=True)
            with self.subTest(number), self.guarding("rate=200000000", restarts=1) as q:
                self.wait_leaks(1)
                self.traced(q, "-e", "trace=clone", "-e",
                            f"inject=clone:error=EAGAIN:when={number}")
                self.open_gate()
                self.assertEqual(q.wait(40), 124, q.err)
            self.assertEqual(len(self.box.incidents()), 2, q.err)
            shutil.rmtree(self.new.parent)

    def test_of_two_at_once_each_has_a_name(self):
        """The second start fails at once, in the same second and with no new process: pipe2."""
        with self.guarding("rate=200000000", restarts=1) as q:
            self.wait_leaks(1)
            self.traced(q, "-e", "trace=pipe2", "-e", "inject=pipe2:error=EMFILE:when=1")
            self.open_gate()
            self.assertEqual(q.wait(40), 124, q.err)
        self.assertEqual(sorted(one["reason"] for one in self.box.incidents()),
                         ["process-limit", "start-failed"])

    def test_when_the_folder_vanishes_it_is_made_again(self):
        with self.guarding("rate=200000000") as q:
            self.wait_leaks(1)
            shutil.rmtree(self.box.state_dir)
            self.open_gate()
            self.assertEqual(q.wait(30), 124, q.err)
        self.assertEqual(len(self.box.incidents()), 1)

    def test_when_a_file_stands_where_a_folder_should_then_it_is_told(self):
        self.new.parent.mkdir(parents=True, mode=0o700)
        self.new.write_text("")
        with self.guarding("rate=200000000") as q:
            self.wait_leaks(1)
            self.open_gate()
            self.assertEqual(q.wait(30), 124, q.err)
        self.assertEqual([one["reason"] for one in self.told(q)], ["process-limit"])
        self.assertTrue(os.path.isfile(self.new))


class Kill(GuardCase):
    def test_that_is_denied_is_sent_again(self):
        """SIGKILL fails once: what was not sent is not taken for sent."""
        if not shutil.which("strace"):
            self.skipTest("strace is not installed")
        with self.guarding("rate=200000000", "children=1") as q:
            self.wait_leaks(2)
            strace = subprocess.Popen(["strace", "-o", "/dev/null", "-e", "trace=pidfd_send_signal",
                                       "-e", "inject=pidfd_send_signal:error=EPERM:when=3..4",
                                       "-p", str(q.pid)], stderr=subprocess.PIPE, encoding="utf-8")
            self.addCleanup(strace.wait)
            self.addCleanup(strace.stderr.close)
            self.addCleanup(strace.terminate)
            if "attached" not in strace.stderr.readline():
                self.skipTest("strace may not attach here")
            self.open_gate()
            self.assertEqual(q.wait(30), 124, q.err)
        self.assert_none_left()
        self.assertEqual(self.incident()["survivors"], 0)


if __name__ == "__main__":
    unittest.main()
