"""Bad places to guard in: no state folder, few descriptors, a stopped guard, a dead log."""

import json
import os
import shutil
import signal
import unittest

from guarded import GuardCase, child_named, resident_bytes
from qwg import QWGUARD, run_program, wait_for

TIME_LIMIT_S = 300


class StateFolder(GuardCase):
    def check_says_it(self, result):
        self.assertEqual(result.rc, 124, result)
        self.assertEqual(len(self.starts()), 2)
        lines = [line for line in result.err.splitlines() if line.startswith("{")]
        incidents = [json.loads(line) for line in lines]
        self.assertEqual(len({one["id"] for one in incidents}), 2, result)
        for incident in incidents:
            self.assertEqual(incident["schema"], "qwguard.incident/1")
            self.assertEqual(incident["survivors"], 0)
        self.assertRegex(result.err, "qwguard: .*state")
        self.assert_none_left()

    def test_is_a_file(self):
        path = self.box.write("file", "")
        self.check_says_it(self.guard("rate=200000000", restarts=1,
                                      options=("--state", path / "below")))

    def test_is_on_a_file_system_that_cannot_be_written(self):
        self.check_says_it(self.guard("rate=200000000", restarts=1,
                                      options=("--state", "/proc/qwguard")))

    def test_is_a_link_to_elsewhere(self):
        elsewhere = self.box.path / "elsewhere"
        elsewhere.mkdir()
        state = self.box.path / "state"
        state.mkdir(mode=0o700)
        (state / "incidents").symlink_to(elsewhere)
        self.check_says_it(self.guard("rate=200000000", restarts=1, options=("--state", state)))
        self.assertEqual(os.listdir(elsewhere), [])


class Scarcity(GuardCase):
    def check_limited(self, descriptors, *words):
        """With the hard limit lowered, so that qwguard cannot raise it again."""
        argv = [str(word) for word in (QWGUARD, *self.args(*words, restarts=1))]
        shell = ["/bin/sh", "-c", f"ulimit -n {descriptors}; exec \"$@\"", "sh", *argv]
        result = run_program(shell, self.box.env, timeout=90)
        self.assertEqual(result.rc, 124, result)
        self.assertEqual(len(self.starts()), 2)
        self.assertEqual(self.incident()["survivors"], 0)
        self.assert_none_left()
        return self.incident()

    def test_thirty_two_descriptors_and_a_hundred_processes(self):
        incident = self.check_limited(32, "rate=50000000", "children=99")
        self.assertEqual(len(incident["processes"]), 100)

    def test_thirty_two_descriptors_and_children_that_hide(self):
        self.check_limited(32, "rate=50000000", "children=30", "twice", "session", "ignore")


class Guard(GuardCase):
    def test_stopped_at_the_wrong_moment_acts_when_it_goes_on(self):
        with self.guarding("rate=100000000", "until=90000000") as q:
            held = self.wait_leaks(1)
            os.kill(q.pid, signal.SIGSTOP)
            self.open_gate()
            pid = next(iter(held.fds))
            wait_for(lambda: resident_bytes(pid) > 85000000, 20, "the leak")
            os.kill(q.pid, signal.SIGCONT)
            self.assertEqual(q.wait(30), 124, q.err)
            self.assertEqual(held.alive(), [])

    def test_killed_leaves_the_app_running_with_its_log(self):
        with self.guarding("usr1", "say=ready") as q:
            held = self.wait_leaks(1)
            q.wait_line("ready")
            os.kill(q.pid, signal.SIGKILL)
            q.child.wait(10)
            pid = next(iter(held.fds))
            self.assertEqual(held.alive(), [pid])
            os.kill(pid, signal.SIGUSR1)
            q.wait_line("usr1")
            os.kill(pid, signal.SIGKILL)

    def test_its_log_tap_killed_is_started_again(self):
        with self.guarding("usr1", "say=ready") as q:
            held = self.wait_leaks(1)
            q.wait_line("ready")
            tap = wait_for(lambda: child_named(q.pid, "qwguard-log"), 10, "the log tap")
            os.kill(tap, signal.SIGKILL)
            os.kill(next(iter(held.fds)), signal.SIGUSR1)
            q.wait_line("usr1")
            os.kill(q.pid, signal.SIGTERM)
            self.assertEqual(q.wait(20), 128 + signal.SIGTERM, q.err)


class Log(GuardCase):
    def test_passes_every_byte_in_order(self):
        text = "".join(f"line {i}\n" for i in range(20000))
        source = self.box.write("text", text)
        result = self.guard(app=["/bin/sh", "-c", f"cat {source} >&2"])
        self.assertEqual(result.rc, 0)
        lines = [line for line in result.err.splitlines(True) if not line.startswith("qwguard:")]
        self.assertEqual("".join(lines), text)

    def test_to_a_closed_pipe_does_not_end_the_app(self):
        script = ("i=0; while [ $i -lt 2000 ]; do echo line $i >&2 || exit 9; i=$((i+1)); done; "
                  "exit 4")
        argv = [str(word) for word in (QWGUARD, *self.args(app=["/bin/sh", "-c", script]))]
        shell = ["/bin/bash", "-c", '"$@" 2> >(head -c 10 >/dev/null); echo rc=$?', "sh", *argv]
        result = run_program(shell, self.box.env, timeout=60)
        self.assertIn("rc=4", result.out)

    def test_is_appended_to_the_log_file_too(self):
        path = self.box.path / "log"
        result = self.guard("say=hello", "quit", options=("--log-file", path))
        self.assertEqual(result.rc, 0, result)
        self.assertEqual(path.read_text(encoding="utf-8"), "hello\n")
        self.assertIn("hello", result.err)

    def test_that_cannot_be_written_is_a_warning(self):
        result = self.guard("say=hello", "quit", "status=3",
                            options=("--log-file", "/nowhere/log"))
        self.assertEqual(result.rc, 3, result)
        self.assertIn("hello", result.err)
        self.assertIn("/nowhere/log", result.err)

    @unittest.skipUnless(shutil.which("script"), "script(1) is not installed")
    def test_is_a_terminal_for_the_app_when_it_is_one_for_us(self):
        words = self.args(app=["/bin/sh", "-c", "test -t 2 && exit 5; exit 6"])
        line = " ".join(f"'{word}'" for word in (QWGUARD, *words))
        result = run_program(["script", "-qec", line, "/dev/null"], self.box.env)
        self.assertEqual(result.rc, 5, result)


if __name__ == "__main__":
    unittest.main()
