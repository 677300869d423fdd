"""The second line: the app lives in a control group whose memory the kernel bounds. What the kernel
ends there is a limit that was crossed, not a crash; nothing of the group is left behind; and what
is not the app's is neither bounded nor ended."""

import os
import signal
import unittest
from pathlib import Path

from guarded import GuardCase
from qwg import wait_for

TIME_LIMIT_S = 300


def own_group(controller, pid="self"):
    """The path of a process's group; controller "" is v2."""
    for line in Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8").splitlines():
        _, names, path = line.split(":", 2)
        if controller in names.split(",") if controller else not names:
            return path
    return None


def mount_of(kind, word=""):
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        before, _, after = line.partition(" - ")
        fields = after.split()
        if fields[0] == kind and (not word or word in fields[2].split(",")):
            return Path(before.split()[4])
    return None


def may_make(folder):
    probe = folder / f"qwguard-test-{os.getpid()}"
    try:
        probe.mkdir()
        probe.rmdir()
    except OSError:
        return False
    return True


MEMORY = mount_of("cgroup", "memory")
V1 = MEMORY and MEMORY / (own_group("memory") or "/").lstrip("/")
UNIFIED = mount_of("cgroup2")
V2 = UNIFIED and UNIFIED / (own_group("") or "/").lstrip("/")
HAS_V1 = bool(V1) and may_make(V1)
HAS_V2 = bool(V2) and may_make(V2) and not Path("/run/systemd/system").exists()


def left_behind():
    return [str(path) for base, has in ((V1, HAS_V1), (V2, HAS_V2)) if has
            for path in base.glob("qwguard-*-*")]


@unittest.skipUnless(HAS_V1, "no control group whose memory we may bound")
class Backstop(GuardCase):
    """Limits of 60 and 80 MiB: the kernel's bound is 100 MiB."""

    BOUND = 100 << 20

    def group(self, pid):
        return MEMORY / own_group("memory", pid).lstrip("/")

    def guarding_tree(self, *words, **how):
        return self.guarding(*words, **{"tree": "80MB", "limit": "60MB", **how})

    def leftovers_of(self, pid):
        return [path for path in left_behind() if f"qwguard-{pid}-" in path]

    def test_the_app_lives_in_it_and_it_is_gone_after_the_end(self):
        with self.guarding_tree("children=2", "follow") as q:
            pids = list(self.wait_leaks(3).fds)
            groups = {self.group(pid) for pid in pids}
            self.assertEqual(len(groups), 1)
            group = groups.pop()
            self.assertEqual(group.parent, V1)
            self.assertEqual(int((group / "memory.limit_in_bytes").read_text()), self.BOUND)
            self.assertEqual(self.group(q.pid), V1)
            self.assertTrue(self.leftovers_of(q.pid))
            os.kill(q.pid, signal.SIGTERM)
            self.assertEqual(q.wait(20), 128 + signal.SIGTERM, q.err)
            self.assertEqual(self.leftovers_of(q.pid), [])

    def test_off_or_without_a_tree_limit_nothing_is_bounded(self):
        for options, tree in ((("--no-backstop",), "80MB"), ((), "off")):
            with self.subTest(tree=tree):
                with self.guarding_tree(tree=tree, options=options) as q:
                    pid = next(iter(self.wait_leaks(1).fds))
                    group = self.group(pid)
                    if options:
                        self.assertEqual(group, V1)
                    bound = int((group / "memory.limit_in_bytes").read_text())
                    self.assertGreater(bound, 1 << 50)
                    os.kill(q.pid, signal.SIGTERM)
                    q.wait(20)

    def test_the_first_line_acts_first(self):
        result = self.guard("rate=200000000", "children=3", limit="60MB", tree="80MB", restarts=2)
        self.assertEqual(result.rc, 124, result)
        self.assertEqual([one["reason"] for one in self.box.incidents()], ["process-limit"] * 3)
        self.assert_none_left()

    def check_kernel(self, *words, count=1, **how):
        """The guard is stopped while the app grows to the bound; it goes on, and knows."""
        with self.guarding_tree("rate=400000000", *words, options=("--actions", "restart"),
                                restarts=1, **how) as q:
            held = self.wait_leaks(count)
            os.kill(q.pid, signal.SIGSTOP)
            self.open_gate()
            group = self.group(next(iter(held.fds)))
            wait_for(lambda: "oom_kill 0" not in (group / "memory.oom_control").read_text(), 20,
                     "the kernel's end of the leak")
            peak = int((group / "memory.max_usage_in_bytes").read_text())
            os.kill(q.pid, signal.SIGCONT)
            self.assertEqual(q.wait(30), 124, q.err)  # the second start meets the first line
        self.assertLessEqual(peak, self.BOUND)
        self.assertEqual(held.alive(), [])
        self.assertEqual(len(self.starts()), 2)
        self.assertEqual([one["reason"] for one in self.box.incidents()],
                         ["group-limit", "process-limit"])
        incident = self.incident(0)
        self.assertEqual(incident["limit_bytes"], self.BOUND)
        self.assertIn("the kernel ended", " ".join(incident["attribution"]["evidence"]))
        self.assertEqual(incident["survivors"], 0)
        self.assertEqual(self.leftovers_of(q.pid), [])
        self.assert_none_left()

    def test_a_leak_while_the_guard_is_stopped_ends_at_the_bound_and_is_restarted(self):
        self.check_kernel()

    def test_a_child_that_the_kernel_ends_leads_to_a_restart_of_all(self):
        self.check_kernel("children=2", "follow", "leaking=1", count=3)

    def test_with_grace_too(self):
        self.check_kernel("children=2", "follow", "leaking=1", count=3, grace="5s")

    def test_of_a_guard_that_was_killed_is_taken_away_by_the_next(self):
        with self.guarding_tree() as q:
            pid = next(iter(self.wait_leaks(1).fds))
            os.kill(q.pid, signal.SIGKILL)
            q.child.wait(10)
            left = self.leftovers_of(q.pid)
            self.assertTrue(left)
            # An app that goes on without a guard keeps its bound.
            self.assertEqual(self.guard("quit", tree="80MB").rc, 0)
            self.assertEqual(self.leftovers_of(q.pid), left)
            self.assertEqual(int((self.group(pid) / "memory.limit_in_bytes").read_text()),
                             self.BOUND)
            os.kill(pid, signal.SIGKILL)
            wait_for(lambda: not self.leaks(), 10, "the end of the app")
            self.assertEqual(self.guard("quit", tree="80MB").rc, 0)
            self.assertEqual(self.leftovers_of(q.pid), [])

    def test_a_foreign_program_leaves_it_and_survives(self):
        """One that the app opened, with a child of its own, in a session of its own."""
        mark = self.box.path / "foreign"
        script = (f"setsid /bin/bash -c 'sleep 300 & echo $$ $! >{mark}; wait' & "
                  f"exec {self.leak} note={self.note} rate=400000000 gate={self.gate}")
        with self.guarding_tree(app=["/bin/sh", "-c", script]) as q:
            self.wait_leaks(1)
            pids = [int(pid) for pid in wait_for(
                lambda: mark.exists() and mark.read_text().split(), 20, "the foreign program")]
            self.addCleanup(lambda: [os.kill(pid, signal.SIGKILL) for pid in pids])
            wait_for(lambda: all(self.group(pid) == V1 for pid in pids), 20, "it to leave")
            if HAS_V2:
                self.assertEqual([own_group("", pid) for pid in pids], [own_group("")] * 2)
            self.open_gate()
            self.assertEqual(q.wait(30), 124, q.err)
            for pid in pids:
                stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
                self.assertEqual(stat.rpartition(")")[2].split()[0], "S")
        self.assertEqual(self.leftovers_of(q.pid), [])
        self.assert_none_left()

    def test_dry_run_says_where(self):
        result = self.box.run(*self.args(tree="80MB", options=("--dry-run",)))
        self.assertRegex(result.out, r"Backstop +a control group below\s+" + str(V1)
                         + r"\s+holds at most 100 MiB")


@unittest.skipUnless(HAS_V2, "no control group of version 2 that we may make")
class Frozen(GuardCase):
    """What version 2 does without a bound."""

    def test_a_fork_bomb_is_ended_whole(self):
        result = self.guard("rate=100000000", "bomb=200", tree="80MB", restarts=1)
        self.assertEqual(result.rc, 124, result)
        self.assert_none_left()
        self.assertTrue(all(one["survivors"] == 0 for one in self.box.incidents()))

    def test_an_app_that_is_stopped_in_it_by_a_dead_guard_goes_on_at_the_next_start(self):
        with self.guarding(tree="80MB") as q:
            pid = next(iter(self.wait_leaks(1).fds))
            group = UNIFIED / own_group("", pid).lstrip("/")
            self.assertEqual(group.parent, V2)
            os.kill(q.pid, signal.SIGKILL)
            q.child.wait(10)
            (group / "cgroup.freeze").write_text("1")
            wait_for(lambda: "frozen 1" in (group / "cgroup.events").read_text(), 10, "the stop")
            self.assertEqual(self.guard("quit", tree="80MB").rc, 0)
            wait_for(lambda: "frozen 0" in (group / "cgroup.events").read_text(), 10, "the go-on")
            os.kill(pid, signal.SIGKILL)

    def test_an_app_that_is_asked_to_end_goes_on_meanwhile(self):
        result = self.guard("rate=100000000", "term=8", tree="80MB", grace="20s")
        self.assertEqual(result.rc, 124, result)
        actions = [one["action"] for one in self.incident()["actions"]]
        self.assertIn("term", actions)
        self.assertNotIn("kill", actions)


if __name__ == "__main__":
    unittest.main()
