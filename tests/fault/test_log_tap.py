"""The log tap in bad company: log files that cannot be written or are not read, a terminal that
nobody reads or that changes its size, a tap that is killed again and again."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import unittest

from guarded import GuardCase, child_named
from qwg import QWGUARD, Sandbox, process_kill, wait_for

TIME_LIMIT_S = 300
MORE_THAN_A_PIPE = "head -c 1000000 /dev/zero >&2"


class LogFile(GuardCase):
    def test_that_cannot_be_written_costs_the_copy_alone(self):
        """The log is passed on, and its lines are counted."""
        folder, pipe = self.box.path / "folder", self.box.path / "pipe"
        folder.mkdir()
        os.mkfifo(pipe)
        for path, why in ((folder, "Is a directory"), (pipe, "nobody reads from it"),
                          ("/nowhere/log", "No such file"), ("/dev/full", None)):
            with self.subTest(str(path)):
                result = self.guard("rate=100000000", "lines=200", "say=hello",
                                    options=("--log-file", path))
                self.assertEqual(result.rc, 124, result)
                self.assertIn("hello", result.err)
                if why:
                    self.assertRegex(result.err, f"the log is not copied: .*{why}")
                self.assertGreater(self.incident()["signatures"]["video-size-empty"], 0)

    def test_that_is_a_pipe_which_nobody_empties_does_not_hold_the_app_up(self):
        pipe = self.box.path / "pipe"
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        result = self.guard(app=["/bin/sh", "-c", f"echo first >&2; {MORE_THAN_A_PIPE}; exit 7"],
                            options=("--log-file", pipe))
        self.assertEqual(result.rc, 7)
        self.assertEqual(os.read(reader, 6), b"first\n")


class Tap(GuardCase):
    def test_killed_again_and_again_does_not_hold_the_app_up(self):
        go = self.box.path / "go"
        script = (f"echo ready >&2; while [ ! -e {go} ]; do sleep 0.02; done; {MORE_THAN_A_PIPE}; "
                  "exit 7")
        with self.guarding(app=["/bin/sh", "-c", script]) as q:
            q.wait_line("ready")
            for _ in range(18):
                tap = wait_for(lambda: child_named(q.pid, "qwguard-log"), 10, "the log tap")
                process_kill(tap)
                wait_for(lambda: child_named(q.pid, "qwguard-log") != tap, 10, "the next one")
            go.touch()
            self.assertEqual(q.wait(20), 7)

    def test_its_figures_are_of_the_whole_life(self):
        """What was counted before the tap was killed is not forgotten."""
        with self.guarding("rate=100000000", "lines=50", "until=50000000") as q:
            self.open_gate()
            q.wait_line("video visible size is empty 3$")
            tap = wait_for(lambda: child_named(q.pid, "qwguard-log"), 10, "the log tap")
            process_kill(tap)
            q.wait_line("video visible size is empty 40$")
            os.kill(self.first_pid(), signal.SIGSTOP)
        text = "\n".join(q.err)
        for number in range(41):
            self.assertIn(f"video visible size is empty {number}\n", text + "\n")


class Terminal(unittest.TestCase):
    """Standard error is a terminal of ours, the controlling one of the guard and the app."""

    def setUp(self):
        self.box = self.enterContext(Sandbox())
        self.master, self.slave = pty.openpty()
        self.addCleanup(os.close, self.master)
        self.addCleanup(os.close, self.slave)

    def start(self, script, *options):
        def become():
            os.setsid()
            fcntl.ioctl(2, termios.TIOCSCTTY, 0)
        return subprocess.Popen(
            [QWGUARD, "run", "--no-preflight", *options, "--", "/bin/sh", "-c", script],
            env=self.box.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=self.slave, preexec_fn=become)

    def test_that_changes_its_size_does_so_for_an_app_that_says_nothing(self):
        """Standard error of the app, which it does not write to."""
        size = self.box.path / "size"
        script = (f"while :; do stty size <&2 >{size}.new 2>&1 && mv {size}.new {size}; "
                  f"grep -q '^33 111' {size} && exit 7; sleep 0.02; done")
        with self.start(script) as child:
            try:
                wait_for(size.exists, 20, "the app")
                fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 111, 0, 0))
                self.assertEqual(child.wait(20), 7)
            finally:
                for pid in self.box.processes():
                    process_kill(pid)

    def test_that_nobody_reads_holds_neither_the_app_nor_the_guard_up(self):
        """As after Ctrl-S, with the line that shows the state."""
        leak = "head -c 300000000 /dev/zero | tail"
        with self.start(f"{MORE_THAN_A_PIPE}; while :; do {leak}; done", "-v", "--process-limit",
                        "60M", "--grace", "0s", "--max-restarts", "1", "--backoff", "0s") as child:
            try:
                self.assertEqual(child.wait(40), 124)
                self.assertEqual(len(self.box.incidents()), 2)
            finally:
                for pid in self.box.processes():
                    process_kill(pid)


if __name__ == "__main__":
    unittest.main()
