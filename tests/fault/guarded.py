"""guarded.py: what the fault tests of the guard share: a sandbox in which qwguard guards the
program of leak.c, and what is to be seen of it afterwards."""

import os
import select
import unittest
from pathlib import Path

from qwg import Sandbox, build_path, descendants, wait_for


class Held:
    """Processes held by pidfd, so that a pid used again cannot deceive."""

    def __init__(self, pids):
        self.fds = {}
        for pid in pids:
            try:
                self.fds[pid] = os.pidfd_open(pid)
            except ProcessLookupError:
                pass

    def alive(self):
        poll = select.poll()
        for fd in self.fds.values():
            poll.register(fd, select.POLLIN)
        ended = {fd for fd, _ in poll.poll(0)}
        return [pid for pid, fd in self.fds.items() if fd not in ended]

    def close(self):
        for fd in self.fds.values():
            os.close(fd)


class GuardCase(unittest.TestCase):
    """Each test has a private home; `starts` is what each start of the app was told."""

    def setUp(self):
        self.box = Sandbox().__enter__()
        self.addCleanup(self.box.__exit__)
        self.leak = str(build_path("tests/leak"))
        self.note = self.box.path / "starts"
        self.gate = self.box.path / "gate"

    def args(self, *words, options=(), limit="60M", tree="off", grace="0s", restarts=0,
             backoff="0s", app=None):
        """The command line; words are those of leak.c, options further ones of `run`."""
        return ["run", "--no-preflight", "--process-limit", limit, "--tree-limit", tree,
                "--grace", grace, "--max-restarts", restarts, "--backoff", backoff, *options, "--",
                *(app or [self.leak, f"note={self.note}", *words])]

    def guard(self, *words, env=None, timeout=60, **how):
        """Run to the end."""
        return self.box.run(*self.args(*words, **how), timeout=timeout, **(env or {}))

    def guarding(self, *words, env=None, **how):
        """In the background; the app's memory grows when the gate is opened."""
        return self.box.start(*self.args(*words, f"gate={self.gate}", **how), **(env or {}))

    def open_gate(self):
        self.gate.touch()

    def starts(self):
        """One dict for each start so far."""
        try:
            lines = self.note.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        names = ("pid", "guard", "rung", "restart", "incident")
        return [dict(zip(names, line.split(" "))) for line in lines]

    def leaks(self):
        """Pids of the live processes that run leak, wherever they were moved to."""
        return leaks(self.box, self.leak)

    def first_pid(self):
        """Pid of the app that was started first, once it has said so."""
        return int(wait_for(self.starts, 20, "the note of the start")[0]["pid"])

    def wait_leaks(self, count, timeout=20):
        """Wait until so many run, and hold them."""
        held = Held(wait_for(lambda: (lambda all: all if len(all) == count else None)(self.leaks()),
                             timeout, f"{count} processes"))
        self.addCleanup(held.close)
        return held

    def wait_shown(self, condition, what="its graphics memory"):
        """The app as `status` shows it, once that meets the condition."""
        return wait_for(lambda: next((app for app in self.box.run("status", "--json").json()["apps"]
                                      if condition(app)), None), 20, what)

    def assert_none_left(self):
        self.assertEqual(self.leaks(), [])

    def incident(self, index=-1):
        incidents = self.box.incidents()
        self.assertTrue(incidents, "no incident was recorded")
        return incidents[index]


def leaks(box, program):
    """Pids of the live processes that were started from a sandbox and run the program."""
    found = []
    for pid in box.processes():
        try:
            if os.readlink(f"/proc/{pid}/exe") == program:
                found.append(pid)
        except OSError:
            pass
    return found


def child_named(pid, name):
    """The process below pid that calls itself so, or None."""
    for child in descendants(pid):
        try:
            if Path(f"/proc/{child}/comm").read_text(encoding="utf-8").strip() == name:
                return child
        except OSError:
            pass
    return None


def descriptor_count(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def resident_bytes(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


__all__ = ["GuardCase", "Held", "child_named", "descriptor_count", "leaks", "resident_bytes"]
