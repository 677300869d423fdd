"""How apps end under guard: exit statuses, signals, restarts and their budget, crashes."""

import os
import shutil
import signal
import time
import unittest

from guarded import GuardCase
from qwg import process_kill, wait_for

TIME_LIMIT_S = 300


class Statuses(GuardCase):
    def test_the_status_is_passed_on(self):
        for status in (0, 1, 7, 125, 255):
            with self.subTest(status):
                self.assertEqual(self.guard("quit", f"status={status}").rc, status)

    def test_a_signal_is_128_and_its_number(self):
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGXCPU):
            with self.subTest(number):
                result = self.guard(app=["/bin/sh", "-c", f"kill -{int(number)} $$"])
                self.assertEqual(result.rc, 128 + number, result)

    def test_an_app_that_ends_within_a_millisecond(self):
        for _ in range(20):
            self.assertEqual(self.guard(app=["/bin/true"]).rc, 0)
        self.assertEqual(self.box.incidents(), [])

    def test_what_cannot_be_started(self):
        self.assertEqual(self.guard(app=["/nowhere/app"]).rc, 127)
        plain = self.box.write("plain", "no program\n", 0o644)
        self.assertEqual(self.guard(app=[plain]).rc, 126)
        self.assertEqual(self.guard(app=[self.box.path]).rc, 126)

    def test_what_cannot_be_started_again(self):
        """The program goes away while it runs: an incident of its own, that claims nothing."""
        program = self.box.path / "program"
        shutil.copy(self.leak, program)
        with self.guarding(restarts=2, app=[program, f"note={self.note}", "rate=200000000",
                                            f"gate={self.gate}"]) as q:
            wait_for(self.starts, 20, "the app")
            program.unlink()
            self.open_gate()
            self.assertEqual(q.wait(30), 124, q.err)
        self.assertTrue(any(line.endswith("start-failed: program") for line in q.err), q.err)
        incidents = self.box.incidents()
        self.assertEqual([one["reason"] for one in incidents],
                         ["process-limit", "start-failed", "start-failed"])
        self.assertEqual((incidents[1]["timeline"], incidents[1]["processes"]), ([], []))
        self.assertIn("No such file or directory", incidents[1]["attribution"]["evidence"][0])

    def test_helpers_that_outlive_the_app_are_ended(self):
        result = self.guard("children=2", "renderer", "quit=300", "status=5")
        self.assertEqual(result.rc, 5, result)
        self.assert_none_left()

    def test_a_launcher_is_followed_and_its_status_is_told(self):
        with self.guarding("launch", "status=9", "children=1", "rate=0") as q:
            held = self.wait_leaks(2)
            self.assertEqual(held.alive() and q.child.poll(), None)
            for pid in held.fds:
                os.kill(pid, signal.SIGKILL)
            self.assertEqual(q.wait(20), 9, q.err)
        self.assert_none_left()

    def test_a_foreign_program_is_not_ended(self):
        """Another executable in a session of its own: opened for the user."""
        script = (f"setsid sleep 987 & exec {self.leak} note={self.note} rate=200000000 "
                  f"gate={self.gate}")
        with self.box.start(*self.args(app=["/bin/sh", "-c", script])) as q:
            sleeping = wait_for(lambda: [pid for pid in self.box.processes()
                                         if self.command(pid)[:1] == ["sleep"]], 20, "sleep")
            self.wait_leaks(1)
            self.open_gate()
            self.assertEqual(q.child.wait(30), 124, q.err)  # not its lines: sleep holds the pipe
            self.assertIn(sleeping[0], self.box.processes())
            process_kill(sleeping[0])
        self.assert_none_left()

    def test_one_named_by_keep_is_not_ended(self):
        script = f"sleep 987 & exec {self.leak} note={self.note} rate=200000000 gate={self.gate}"
        for options, want in (((), False), (("--keep", "sleep"), True)):
            with self.subTest(options), \
                    self.box.start(*self.args(app=["/bin/sh", "-c", script],
                                              options=options)) as q:
                sleeping = wait_for(lambda: [pid for pid in self.box.processes()
                                             if self.command(pid)[:1] == ["sleep"]], 20, "sleep")
                self.wait_leaks(1)
                self.open_gate()
                self.assertEqual(q.child.wait(30), 124, q.err)
                self.assertEqual(sleeping[0] in self.box.processes(), want)
                process_kill(sleeping[0])

    @staticmethod
    def command(pid):
        try:
            with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
                return [os.path.basename(word) for word in file.read().split("\0")]
        except OSError:
            return []


class Signals(GuardCase):
    def test_those_of_a_process_are_passed_on(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number), self.guarding("children=2", "follow") as q:
                self.wait_leaks(3)
                os.kill(q.pid, number)
                self.assertEqual(q.wait(20), 128 + number, q.err)
                self.assert_none_left()
        self.assertEqual(self.box.incidents(), [])

    def test_an_app_may_answer_as_it_likes(self):
        with self.guarding("term=4", "say=ready") as q:
            q.wait_line("ready")
            os.kill(q.pid, signal.SIGTERM)
            self.assertEqual(q.wait(20), 3, q.err)

    def test_user_signals_do_not_end_it(self):
        with self.guarding("usr1", "say=ready") as q:
            q.wait_line("ready")
            os.kill(q.pid, signal.SIGUSR1)
            q.wait_line("usr1")
            self.assertIsNone(q.child.poll())
            os.kill(q.pid, signal.SIGTERM)
            self.assertEqual(q.wait(20), 128 + signal.SIGTERM)

    def test_an_app_that_was_asked_to_end_and_leaks_is_not_started_again(self):
        with self.guarding("ignore", "rate=200000000", "say=ready", restarts=5) as q:
            q.wait_line("ready")
            os.kill(q.pid, signal.SIGTERM)
            wait_for(lambda: self.pending_is_empty(q.pid), 10, "the signal")
            self.open_gate()
            self.assertEqual(q.wait(30), 128 + signal.SIGTERM, q.err)
        self.assertEqual(len(self.starts()), 1)
        self.assert_none_left()

    def test_during_the_pause_before_a_restart(self):
        with self.guarding("rate=200000000", restarts=5, backoff="60s") as q:
            self.wait_leaks(1)
            self.open_gate()
            wait_for(self.box.incidents, 30, "an incident")
            wait_for(lambda: not self.leaks(), 10, "the end of the app")
            os.kill(q.pid, signal.SIGTERM)
            self.assertEqual(q.wait(20), 128 + signal.SIGTERM, q.err)
        self.assertEqual(len(self.starts()), 1)

    @staticmethod
    def pending_is_empty(pid):
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            rows = dict(line.split(":", 1) for line in file)
        return int(rows["SigPnd"], 16) == 0 and int(rows["ShdPnd"], 16) == 0


class Restarts(GuardCase):
    def test_as_often_as_allowed_then_124(self):
        result = self.guard("rate=500000000", restarts=3)
        self.assertEqual(result.rc, 124, result)
        starts = self.starts()
        self.assertEqual([one["restart"] for one in starts], ["0", "1", "2", "3"])
        self.assertEqual({one["guard"] for one in starts}, {"1"})
        incidents = self.box.incidents()
        self.assertEqual(len(incidents), 4)
        self.assertNotIn("next_rung", {k: v for k, v in incidents[-1].items() if v is not None})
        self.assertNotIn("restarted_ns", incidents[-1])
        for incident in incidents[:3]:
            self.assertGreater(incident["restarted_ns"], incident["tree_gone_ns"])
        self.assert_none_left()

    def test_each_start_is_told_the_rung_and_the_incident_before_it(self):
        self.guard("rate=500000000", restarts=3)
        starts, incidents = self.starts(), {one["id"]: one for one in self.box.incidents()}
        self.assertEqual(starts[0]["incident"], "-")
        for start in starts[1:]:
            incident = incidents[os.path.basename(start["incident"])]
            self.assertEqual(incident["next_rung"], start["rung"])
            self.assertTrue(os.path.isdir(start["incident"]))

    def test_the_pause_doubles(self):
        began = time.monotonic()
        result = self.guard("rate=500000000", restarts=3, backoff="200ms")
        self.assertEqual(result.rc, 124)
        self.assertGreaterEqual(time.monotonic() - began, 0.2 + 0.4 + 0.8)
        pauses = [one["restarted_ns"] - one["tree_gone_ns"] for one in self.box.incidents()[:3]]
        for pause, least in zip(pauses, (200e6, 400e6, 800e6)):
            self.assertGreaterEqual(pause, least)

    def test_a_limit_below_the_start_size_gives_up_and_says_so(self):
        result = self.guard("start=50000000", limit="10M", restarts=2)
        self.assertEqual(result.rc, 124, result)
        self.assertEqual(len(self.starts()), 3)
        self.assertRegex(result.err, "below what the app needs to start")


class Crashes(GuardCase):
    def test_in_mid_life_is_passed_on_without_the_option(self):
        with self.guarding("children=1", "follow", options=("--no-escalate",)) as q:
            self.wait_leaks(2)
            os.kill(self.first_pid(), signal.SIGSEGV)
            self.assertEqual(q.wait(20), 128 + signal.SIGSEGV, q.err)
        self.assertEqual(len(self.starts()), 1)

    def test_is_restarted_with_it(self):
        with self.guarding("children=2", "follow", restarts=1,
                           options=("--no-escalate", "--on-crash", "restart")) as q:
            held = self.wait_leaks(3)
            os.kill(self.first_pid(), signal.SIGSEGV)
            wait_for(lambda: len(self.starts()) == 2, 20, "the restart")
            self.assertEqual(held.alive(), [])
            os.kill(q.pid, signal.SIGTERM)
            self.assertEqual(q.wait(20), 128 + signal.SIGTERM, q.err)

    def test_by_a_signal_that_is_no_fault_is_passed_on(self):
        with self.guarding("follow", restarts=3, options=("--on-crash", "restart")) as q:
            self.wait_leaks(1)
            os.kill(self.first_pid(), signal.SIGKILL)
            self.assertEqual(q.wait(20), 128 + signal.SIGKILL, q.err)
        self.assertEqual(len(self.starts()), 1)

    def test_again_and_again_is_124(self):
        result = self.guard("crash=11", restarts=2, options=("--on-crash", "restart"))
        self.assertEqual(result.rc, 124, result)
        self.assertEqual(len(self.starts()), 3)
        self.assertEqual({one["reason"] for one in self.box.incidents()}, {"startup-crash"})

    def test_that_stops_is_the_end_of_it(self):
        result = self.guard("crash=11", "crash-end=2", "quit", "status=6", restarts=5,
                            options=("--on-crash", "restart"))
        self.assertEqual(result.rc, 6, result)
        self.assertEqual(len(self.starts()), 3)


if __name__ == "__main__":
    unittest.main()
