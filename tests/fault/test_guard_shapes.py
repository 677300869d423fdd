"""Processes of a shape that misleads who looks at them (shape.c), launchers that lead the app away,
an app that is closed while something is done about it."""

import os
import unittest
from pathlib import Path

from guarded import GuardCase, leaks
from qwg import build_path, wait_for

TIME_LIMIT_S = 300


def group_made(name):
    """A control group of any kind that we may make, or None."""
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        before, _, after = line.partition(" - ")
        folder = Path(before.split()[4]) / name
        if not after.startswith("cgroup") or "cpuset" in after.split()[2]:
            continue
        try:
            folder.mkdir()
        except OSError:
            continue
        return folder
    return None


class Shapes(GuardCase):
    def setUp(self):
        super().setUp()
        self.shape = str(build_path("tests/shape"))

    def guard_shape(self, *words, **how):
        return self.guard(app=[self.shape, *words], **how)

    def test_a_child_that_is_one_memory_with_the_app_counts_once(self):
        result = self.guard_shape("common", "80000000", "1500", "7", limit="off", tree="120M")
        self.assertEqual(result.rc, 7, result)
        self.assertEqual(self.box.incidents(), [])

    def test_processes_that_end_while_they_are_added_up_hold_nothing(self):
        result = self.guard_shape("passing", "100000000", "200", "7", limit="off", tree="150M")
        self.assertEqual(result.rc, 7, result)
        self.assertEqual(self.box.incidents(), [])

    def test_memory_of_threads_that_outlive_the_first_one_counts(self):
        result = self.guard_shape("thread", "200000000", "3")
        self.assertEqual(result.rc, 124, result)
        incident = self.incident()
        self.assertNotEqual(incident["process"]["pid"], incident["app"]["pid"])
        self.assertEqual(len(incident["processes"]), 2)
        self.assertEqual(leaks(self.box, self.shape), [])

    def test_threads_that_outlive_the_first_one_do_not_survive(self):
        result = self.guard_shape("thread", "200000000", "3", limit="off", tree="60M",
                                  options=("--no-backstop",))
        self.assertEqual(result.rc, 124, result)
        self.assertEqual(leaks(self.box, self.shape), [])

    def check_led_away(self, *words):
        app = [self.shape, *words, self.leak, "rate=200000000", "until=150000000", "quit=3000"]
        with self.guarding(app=app) as q:
            wait_for(lambda: leaks(self.box, self.shape), 20, "the launcher")
            wait_for(lambda: self.box.run("status", "--json").json()["apps"], 20, "its guard")
            self.open_gate()
            self.assertEqual(q.wait(60), 124, q.err)
        self.assertEqual(len(self.incident()["processes"]), 2)
        self.assert_none_left()

    def test_a_launcher_that_begins_a_session_leads_the_app_there(self):
        self.check_led_away("session", str(self.gate))

    def test_a_launcher_that_enters_a_control_group_leads_the_app_there(self):
        folder = group_made(f"qwguard-test-{os.getpid()}")
        if not folder:
            self.skipTest("no control group that we may make")
        self.addCleanup(folder.rmdir)
        self.check_led_away("group", str(self.gate), str(folder / "cgroup.procs"))


class Asked(GuardCase):
    def test_an_app_behind_a_launcher_is_asked_to_end_too(self):
        script = f"{self.leak} note={self.note} rate=100000000 until=70000000 term=6; exit 0"
        result = self.guard(app=["/bin/sh", "-c", script], grace="20s")
        self.assertEqual(result.rc, 124, result)
        actions = [one["action"] for one in self.incident()["actions"]]
        self.assertEqual(actions.count("term"), 2)
        self.assertNotIn("kill", actions)
        self.assert_none_left()

    def test_an_app_that_is_closed_while_memory_is_looked_at_again_stays_closed(self):
        """The first process holds more than 80 % of the limit, and ends well when its renderer
        does. A look may also see it while it gives its memory back, so there are a few tries."""
        for tries in range(1, 5):
            result = self.guard("start=55000000", "huge", "rate=100000000", "children=1",
                                "leaking=1", "renderer", "leave", restarts=3,
                                options=("--actions", "reclaim,restart"))
            self.assertEqual(result.rc, 0, result)
            self.assertEqual(len(self.starts()), tries)
            self.assertEqual(len(self.box.incidents()), tries)
            self.assert_none_left()


if __name__ == "__main__":
    unittest.main()
