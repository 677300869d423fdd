"""Every system call that the guard makes after it has armed fails once. It must guard all the same
(the tree is ended, started again, ended for good: 124, nothing left), or say 125 and leave the app
running. No incident is lost by it. strace(1) makes them fail; CALLS_DEEP=1 tries every call, else
the first and the last of each kind."""

import collections
import os
import re
import shutil
import signal
import subprocess
import unittest

from guarded import GuardCase
from qwg import wait_for

TIME_LIMIT_S = 900
# What a call may fail with; the others with EIO.
ERRORS = {"openat": "EMFILE", "clone": "EAGAIN", "clone3": "EAGAIN", "fork": "EAGAIN",
          "vfork": "EAGAIN", "pidfd_open": "EMFILE", "pidfd_send_signal": "EPERM",
          "wait4": "ECHILD", "mmap": "ENOMEM", "brk": "ENOMEM", "poll": "ENOMEM",
          "epoll_wait": "EBADF", "pipe2": "EMFILE", "getsid": "EPERM", "write": "EAGAIN",
          "readlinkat": "EACCES", "readlink": "EACCES", "pwrite64": "ENOSPC", "unlink": "EROFS"}
# They do not come back, or cannot fail.
NEVER = {"exit_group", "exit", "rt_sigreturn", "getpid", "gettid", "restart_syscall"}


def numbers(count):
    """Of so many calls of one kind, those that fail in turn."""
    if os.environ.get("CALLS_DEEP"):
        return range(1, count + 1)
    return sorted({1, count})


@unittest.skipUnless(shutil.which("strace"), "strace is not installed")
class Calls(GuardCase):
    def traced(self, *options):
        """One whole life of a guard under strace: its status, and whether an app is left."""
        log = self.box.path / "strace"
        self.note.unlink(missing_ok=True)
        self.gate.unlink(missing_ok=True)
        with self.guarding("rate=200000000", "children=1", restarts=1) as q:
            self.wait_leaks(2)
            with subprocess.Popen(["strace", "-o", log, *options, "-p", str(q.pid)],
                                  stderr=subprocess.PIPE, encoding="utf-8") as strace:
                try:
                    line = strace.stderr.readline()
                    if "attached" not in line:
                        raise unittest.SkipTest(f"strace may not attach here: {line.strip()}")
                    self.open_gate()
                    rc = q.child.wait(60)  # not its lines: an app that is left holds the pipe
                    left = self.leaks()
                finally:
                    if q.child.poll() is None:
                        strace.send_signal(signal.SIGINT)
                    strace.wait(20)
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            wait_for(lambda: not self.leaks(), 20, "the end of the app")
        told = [line for line in q.err if line.startswith("{")]
        incidents = len(self.box.incidents()) + len(told)
        shutil.rmtree(self.box.state_dir / "incidents")
        return rc, left, log.read_text(encoding="utf-8", errors="replace"), q.err, incidents

    def test_each_fails_once(self):
        rc, left, log, _, incidents = self.traced()
        self.assertEqual((rc, left, incidents), (124, [], 2))
        counts = collections.Counter(re.findall(r"^(\w+)\(", log, re.MULTILINE))
        names = sorted(set(counts) - NEVER)
        self.assertIn("pidfd_send_signal", names)
        self.assertIn("pread64", names)
        wrong, tried, outcomes = [], 0, collections.Counter()
        for name in names:
            for number in numbers(counts[name]):
                error = ERRORS.get(name, "EIO")
                inject = f"inject={name}:error={error}:when={number}"
                tried += 1
                try:
                    rc, left, log, err, incidents = self.traced("-e", f"trace={name}", "-e", inject)
                except AssertionError as problem:
                    wrong.append(f"{name} {number} {error}: {str(problem)[:300]}")
                    continue
                outcomes[rc] += 1
                if os.environ.get("V") == "1":
                    print(name, number, error, rc, len(left), incidents, flush=True)
                if (rc, len(left), incidents) != (124, 0, 2) and not (rc == 125 and left):
                    wrong.append(f"{name} {number} {error}: status {rc}, {len(left)} left, "
                                 f"{incidents} incidents\n" + "\n".join(err))
        print(f"{tried} calls of {len(names)} kinds failed once: {dict(outcomes)}")
        self.assertEqual(wrong, [], "\n".join(wrong))


if __name__ == "__main__":
    unittest.main()
