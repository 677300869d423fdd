"""Surroundings that are not as usual: a /proc that hides processes or tells less, a readiness to be
ended that cannot be written, clocks that jump, a machine that slept, signals at each phase."""

import ctypes
import os
import shutil
import signal
import subprocess
import time
import unittest
from pathlib import Path

from guarded import GuardCase, resident_bytes
from qwg import QWGUARD, clean_env, run_program, wait_for

TIME_LIMIT_S = 300
NOBODY = 65534
YEARS_S = 10 * 365 * 86400

# The clock of the wall, moved when a file appears and to and fro with each look after it.
SHIFT = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>
static long shift(void)
{
    static long looks;
    const char *gate = getenv("CLOCK_GATE"), *by = getenv("CLOCK_SHIFT");
    return gate && access(gate, F_OK) == 0 ? (looks++ % 2 ? -1 : 1) * atol(by) : 0;
}
int clock_gettime(clockid_t clock, struct timespec *out)
{
    int (*real)(clockid_t, struct timespec *);
    *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(clock, out);
    if (!failed && clock == CLOCK_REALTIME)
        out->tv_sec += shift();
    return failed;
}
time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}
"""


def can(*words):
    """Does a namespace of this kind work here?"""
    try:
        return run_program(["unshare", *words, "true"], clean_env()).rc == 0
    except FileNotFoundError:
        return False


class HeldAtEnd:
    """A process that is held at its end, after SIGKILL was sent and before anything of it is given
    back: ptrace(2), PTRACE_O_TRACEEXIT."""

    CONT, SEIZE, TRACE_EXIT = 7, 0x4206, 0x40

    def __init__(self, pid):
        self.pid = pid

    @staticmethod
    def ptrace(request, pid, data):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
        if libc.ptrace(request, pid, None, data) < 0:
            raise OSError(ctypes.get_errno(), "ptrace")

    def __enter__(self):
        self.ptrace(self.SEIZE, self.pid, self.TRACE_EXIT)
        return self

    def wait(self):
        """Until it is held; it goes on after everything else that it stops for."""
        while True:
            _, status = os.waitpid(self.pid, 0x40000000)  # __WALL
            if status >> 8 == signal.SIGTRAP | 6 << 8:     # PTRACE_EVENT_EXIT
                return
            self.go_on(0 if status >> 16 else os.WSTOPSIG(status))

    def go_on(self, number=0):
        try:
            self.ptrace(self.CONT, self.pid, number)
        except ProcessLookupError:
            pass  # killed meanwhile

    def __exit__(self, *_):
        self.go_on()
        try:
            os.waitpid(self.pid, 0x40000000)
        except ChildProcessError:
            pass


def may_hold():
    """Is ptrace of a process that is not our child allowed?"""
    return os.geteuid() == 0


class Proc(GuardCase):
    """Another /proc, in a mount namespace of its own."""

    def check(self, options, *before, words=("children=3", "rate=200000000"), count=4):
        script = f"mount -t proc -o {options} proc /proc && exec \"$@\""
        argv = ["unshare", "-m", "sh", "-c", script, "sh", *before,
                str(getattr(self, "program", QWGUARD)),
                *(str(word) for word in self.args(*words, restarts=1))]
        result = run_program(argv, self.box.env, timeout=60)
        self.assertEqual(result.rc, 124, result)
        self.assertEqual(len(self.starts()), 2)
        incidents = self.box.incidents()
        self.assertEqual([(one["reason"], len(one["processes"]), one["survivors"])
                          for one in incidents], [("process-limit", count, 0)] * 2)
        self.assert_none_left()
        return result

    @unittest.skipUnless(can("-m"), "no mount namespace can be made")
    def test_where_oom_score_adj_cannot_be_written(self):
        self.check("ro")

    @unittest.skipUnless(can("-m"), "no mount namespace can be made")
    def test_without_anything_but_processes(self):
        """No loadavg, so nothing tells that something was born."""
        self.check("subset=pid")

    @unittest.skipUnless(can("-m") and os.geteuid() == 0 and shutil.which("setpriv"),
                         "only root can become another user")
    def test_that_hides_the_processes_of_others(self):
        """hidepid=2: there is no /proc/PID of another user, ours of the app are to be seen."""
        for path in (self.box.path, *self.box.path.parents):
            if path.owner() == "root" and not path.stat().st_mode & 0o001:
                path.chmod(path.stat().st_mode | 0o011)
        self.program = shutil.copy(QWGUARD, self.box.path / "qwguard")
        self.leak = shutil.copy(self.leak, self.box.path / "leak")
        for folder, _, files in os.walk(self.box.path):
            os.chown(folder, NOBODY, NOBODY)
            for file in files:
                os.chown(Path(folder) / file, NOBODY, NOBODY)
        seen = run_program(["unshare", "-m", "sh", "-c",
                            "mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid 65534 "
                            "--regid 65534 --clear-groups ls -d /proc/1"], self.box.env)
        self.assertNotEqual(seen.rc, 0, seen)
        self.check("hidepid=2", "setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY),
                   "--clear-groups")


class Clocks(GuardCase):
    @unittest.skipUnless(shutil.which(os.environ.get("CC", "cc").split()[-1]), "no compiler")
    def test_that_jump_ten_years_to_and_fro_change_nothing(self):
        source = self.box.write("shift.c", SHIFT)
        library = self.box.path / "shift.so"
        subprocess.run([*os.environ.get("CC", "cc").split(), "-shared", "-fPIC", "-o", library,
                        source, "-ldl"], check=True)
        with self.guarding("rate=200000000", "children=2", restarts=2,
                           env={"LD_PRELOAD": library, "CLOCK_GATE": self.gate,
                                "CLOCK_SHIFT": YEARS_S}) as q:
            self.wait_leaks(3)
            self.open_gate()
            self.assertEqual(q.wait(60), 124, q.err)
        incidents = self.box.incidents()
        self.assertEqual(len(incidents), 3)
        now = time.time()
        for one in incidents:
            self.assertEqual((one["reason"], one["survivors"]), ("process-limit", 0))
            for name in ("acted_ns", "tree_gone_ns"):
                self.assertLess(one[name], 20 * 10**9, one)
        stamps = [time.mktime(time.strptime(one["id"][:16], "%Y%m%dT%H%M%SZ")) for one in incidents]
        self.assertTrue(any(abs(stamp - now) > YEARS_S / 2 for stamp in stamps), stamps)
        self.assert_none_left()

    @unittest.skipUnless(can("-T"), "no time namespace can be made")
    def test_that_began_long_ago_change_nothing(self):
        """Monotonic time and time since the start of the machine are ten years further."""
        argv = ["unshare", "-T", "--monotonic", str(YEARS_S), "--boottime", str(YEARS_S), "--fork",
                str(QWGUARD), *(str(word) for word in
                                self.args("rate=200000000", "children=2", restarts=1))]
        result = run_program(argv, self.box.env, timeout=60)
        self.assertEqual(result.rc, 124, result)
        self.assertEqual([one["survivors"] for one in self.box.incidents()], [0, 0])
        self.assert_none_left()


class Asleep(GuardCase):
    """A machine that is suspended: nobody runs for a while, and then everybody is late."""

    def sleep(self, pids, seconds=3):
        """Later than every look (1 s) and than grace."""
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        end = time.monotonic() + seconds
        wait_for(lambda: time.monotonic() > end, seconds + 5, "the end of the night")
        for pid in reversed(pids):
            os.kill(pid, signal.SIGCONT)

    def test_an_app_that_did_nothing_lives_on_and_is_guarded(self):
        with self.guarding("rate=100000000", "usr1", "children=2") as q:
            held = self.wait_leaks(3)
            self.sleep([q.pid, *held.fds])
            os.kill(q.pid, signal.SIGUSR1)
            q.wait_line("leak: usr1")
            self.assertEqual(len(held.alive()), 3)
            self.assertEqual(self.box.incidents(), [])
            self.open_gate()
            self.assertEqual(q.wait(30), 124, q.err)
            self.assertEqual(held.alive(), [])

    def test_an_app_that_was_asked_to_end_is_ended_after_it(self):
        with self.guarding("rate=50000000", "until=70000000", "ignore", grace="2s") as q:
            held = self.wait_leaks(1)
            self.open_gate()
            q_pid, pid = q.pid, next(iter(held.fds))
            wait_for(lambda: self.pending_or_ignored(pid), 20, "the crossing")
            self.sleep([q_pid, pid])
            self.assertEqual(q.wait(30), 124, q.err)
            self.assertEqual(held.alive(), [])
            self.assertEqual(self.incident()["survivors"], 0)

    @staticmethod
    def pending_or_ignored(pid):
        """Resident memory at its limit: then it has been asked."""
        return resident_bytes(pid) > 60 << 20


class Phases(GuardCase):
    """Every signal that asks us something, at each phase of a life."""

    SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

    def wait_state(self, q, state):
        file = self.box.state_dir / "run" / f"{q.pid}.json"
        wait_for(lambda: file.exists() and f'"state": "{state}"' in file.read_text(), 20, state)

    def test_while_the_app_runs(self):
        for number in self.SIGNALS:
            with self.subTest(signal=number), self.guarding("children=2", "follow") as q:
                self.wait_leaks(3)
                os.kill(q.pid, number)
                self.assertEqual(q.wait(20), 128 + number, q.err)
                self.assert_none_left()

    def test_during_grace(self):
        for number in self.SIGNALS:
            self.note.unlink(missing_ok=True)
            self.gate.unlink(missing_ok=True)
            with self.subTest(signal=number), self.guarding(
                    "rate=50000000", "until=70000000", "ignore", grace="2s", restarts=3) as q:
                pid = next(iter(self.wait_leaks(1).fds))
                self.open_gate()
                wait_for(lambda: Asleep.pending_or_ignored(pid), 20, "the crossing")
                os.kill(q.pid, number)
                self.assertIn(q.wait(30), (124, 128 + number), q.err)
                self.assertEqual(len(self.starts()), 1)  # somebody wanted the end
                self.assert_none_left()

    def wait_taken(self, q):
        """The guard has taken what was sent to it."""
        rows = Path(f"/proc/{q.pid}/status")
        wait_for(lambda: "ShdPnd:\t0000000000000000" in rows.read_text(encoding="utf-8"), 20,
                 "the signal to be taken")

    @unittest.skipUnless(may_hold(), "a process cannot be held at its end here")
    def test_while_a_process_does_not_end(self):
        """SIGKILL was sent, and one process is held at its end as in a call that waits for a disk:
        an app that was to be started again is not."""
        for number, words, status in (
                *((number, ("rate=200000000",), 128 + number) for number in self.SIGNALS),
                *((number, ("rate=0", "crash"), 128 + signal.SIGSEGV) for number in self.SIGNALS)):
            self.note.unlink(missing_ok=True)
            self.gate.unlink(missing_ok=True)
            crash = "crash" in words
            with self.subTest(signal=number, crash=crash), self.guarding(
                    words[0], "children=1", restarts=3,
                    options=("--on-crash", "restart", "--no-escalate")) as q:
                self.wait_leaks(2)
                first = self.first_pid()
                child = next(pid for pid in self.leaks() if pid != first)
                with HeldAtEnd(child if crash else first) as held:
                    if crash:
                        os.kill(first, signal.SIGSEGV)
                    self.open_gate()
                    held.wait()
                    os.kill(q.pid, number)
                    self.wait_taken(q)
                    self.assertIsNone(q.child.poll())
                self.assertEqual(q.wait(30), status, q.err)
                self.assertEqual(len(self.starts()), 1)
                self.assert_none_left()
                self.assertEqual(self.incident()["survivors"], 0)

    @unittest.skipUnless(shutil.which("strace"), "strace is not installed")
    def test_while_the_incident_is_written(self):
        """A slow disk: the decision stands, and the incident is written to its end."""
        for number in self.SIGNALS:
            self.note.unlink(missing_ok=True)
            self.gate.unlink(missing_ok=True)
            with self.subTest(signal=number), self.guarding("rate=200000000", "children=1") as q:
                self.wait_leaks(2)
                before = len(self.box.incidents())
                with subprocess.Popen(
                        ["strace", "-f", "-o", "/dev/null", "-e", "trace=fsync", "-e",
                         "inject=fsync:delay_enter=1000000", "-p", str(q.pid)],
                        stderr=subprocess.PIPE, encoding="utf-8") as strace:
                    try:
                        line = strace.stderr.readline()
                        if "attached" not in line:
                            self.skipTest(f"strace may not attach here: {line.strip()}")
                        self.open_gate()
                        wait_for(lambda: not self.leaks(), 20, "the end of the app")
                        self.wait_writer(q)
                        os.kill(q.pid, number)
                        self.wait_taken(q)
                        self.assertIsNone(q.child.poll())
                        self.assertEqual(q.wait(60), 124, q.err)
                    finally:
                        strace.terminate()
                self.assertEqual(len(self.box.incidents()), before + 1)
                self.assert_none_left()

    def wait_writer(self, q):
        new = self.box.state_dir / "incidents" / ".new"
        wait_for(lambda: new.exists() and list(new.iterdir()), 20, "the writer")

    def test_during_the_pause(self):
        for number in self.SIGNALS:
            self.gate.unlink(missing_ok=True)
            with self.subTest(signal=number), self.guarding(
                    "rate=200000000", restarts=3, backoff="30s") as q:
                self.wait_leaks(1)
                self.open_gate()
                self.wait_state(q, "waiting")
                os.kill(q.pid, number)
                self.assertEqual(q.wait(20), 128 + number, q.err)
                self.assert_none_left()

    def test_a_storm_of_them_all_the_time(self):
        """A hundred a second, through crossing, end and start: nothing is lost or ended by them."""
        with self.guarding("rate=100000000", "children=2", restarts=2) as q:
            self.wait_leaks(3)
            self.open_gate()
            while q.child.poll() is None:
                for number in (signal.SIGCHLD, signal.SIGCONT, signal.SIGWINCH):
                    try:
                        os.kill(q.pid, number)
                    except ProcessLookupError:
                        break
                time.sleep(0.01)
            self.assertEqual(q.wait(30), 124, q.err)
        self.assertEqual(len(self.box.incidents()), 3)
        self.assert_none_left()


if __name__ == "__main__":
    unittest.main()
