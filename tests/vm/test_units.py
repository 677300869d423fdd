"""qwguard as the program of a unit, with the real service manager and with control groups of
version 2: what it is told, what stopping leaves behind, the second line of a delegated group, and
the drop-in of `apply`. Runs in the machine of boot.sh only."""

import os
import signal
import subprocess
import unittest
import uuid
from pathlib import Path

from qwg import QWGUARD, Sandbox, build_path, wait_for

GROUPS = Path("/sys/fs/cgroup/system.slice")
UNITS = Path("/run/systemd/system")
LEAK = build_path("tests/leak")
BOUND = 100 << 20   # a quarter above the tree limit
TIME_LIMIT_S = 300


def systemctl(*words, check=True):
    return subprocess.run(["systemctl", *words], check=check, text=True, timeout=90,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout


class Unit:
    """A unit of our own: `with Unit(box, "ExecStart=…", "Type=notify") as unit: …`."""

    def __init__(self, box, *lines):
        self.name = f"qwguard-test-{uuid.uuid4().hex[:8]}.service"
        self.file, self.group = UNITS / self.name, GROUPS / self.name
        env = "\n".join(f"Environment={name}={value}" for name, value in box.env.items())
        self.text = "\n".join(["[Unit]", "DefaultDependencies=no", "[Service]", env, *lines, ""])

    def __enter__(self):
        UNITS.mkdir(parents=True, exist_ok=True)
        self.file.write_text(self.text, encoding="utf-8")
        systemctl("daemon-reload")
        systemctl("start", self.name)
        return self

    def shown(self, *names):
        said = systemctl("show", self.name, *(f"--property={name}" for name in names))
        values = dict(line.split("=", 1) for line in said.splitlines())
        return [values[name] for name in names]

    def wait_shown(self, name, condition, timeout=60):
        return wait_for(lambda: (lambda value: value if condition(value) else None)(
            self.shown(name)[0]), timeout, f"{name} of {self.name}")

    @property
    def pid(self):
        return int(self.shown("MainPID")[0])

    def processes(self):
        """Of all its control groups."""
        return [int(pid) for path in self.group.rglob("cgroup.procs")
                for pid in path.read_text().split()]

    def __exit__(self, *_):
        systemctl("stop", self.name, check=False)
        systemctl("reset-failed", self.name, check=False)
        self.file.unlink()


@unittest.skipUnless(Path("/etc/qwguard-test-machine").exists(), "not the machine of boot.sh")
class Units(unittest.TestCase):
    def setUp(self):
        self.box = Sandbox().__enter__()
        self.addCleanup(self.box.__exit__)
        self.gate = self.box.path / "gate"

    def run_line(self, *words, options="", restarts=0):
        return (f"ExecStart={QWGUARD} run --no-preflight --process-limit 60M --tree-limit 80M "
                f"--grace 0s --backoff 0s --max-restarts {restarts} {options} -- {LEAK} "
                f"gate={self.gate} {' '.join(words)}")

    def app_group(self, unit):
        """The folder of the app's control group below that of the unit."""
        return wait_for(lambda: next((path for path in unit.group.glob("qwguard-*")
                                      if path.suffix != ".guard"
                                      and (path / "cgroup.procs").read_text()), None),
                        20, "the app's group")

    def test_is_ready_says_how_it_is_and_stops_clean(self):
        with Unit(self.box, self.run_line("children=2"), "Type=notify", "SuccessExitStatus=143",
                  "WatchdogSec=2") as unit:
            self.assertEqual(unit.shown("ActiveState"), ["active"])
            unit.wait_shown("StatusText", lambda text: " of 60 MiB, rung none, restart 0" in text)
            first = unit.shown("WatchdogTimestampMonotonic")[0]
            second = unit.wait_shown("WatchdogTimestampMonotonic", lambda at: at != first)
            unit.wait_shown("WatchdogTimestampMonotonic", lambda at: at != second)
            self.assertEqual(len(self.box.processes()), 5)   # the guard, its log tap, the app's
            systemctl("stop", unit.name)
            self.assertEqual(unit.shown("ActiveState", "Result"), ["inactive", "success"])
            self.assertEqual(self.box.processes(), [])

    def test_a_guard_that_hangs_is_ended_with_all(self):
        with Unit(self.box, self.run_line("children=2"), "Type=notify", "WatchdogSec=2",
                  "Delegate=yes") as unit:
            os.kill(unit.pid, signal.SIGSTOP)
            unit.wait_shown("Result", lambda result: result == "watchdog")
            unit.wait_shown("ActiveState", lambda state: state == "failed")
            self.assertEqual(self.box.processes(), [])
            self.assertFalse(unit.group.exists())

    def test_a_crash_loop_ends_in_124_and_the_unit_says_so(self):
        self.gate.touch()
        with Unit(self.box, self.run_line("rate=400000000", restarts=2), "Type=exec") as unit:
            unit.wait_shown("ActiveState", lambda state: state == "failed")
            self.assertEqual(unit.shown("Result", "ExecMainStatus"), ["exit-code", "124"])
        self.assertEqual([one["reason"] for one in self.box.incidents()], ["process-limit"] * 3)

    def test_the_app_lives_in_a_group_of_its_own_with_a_bound(self):
        with Unit(self.box, self.run_line("children=2"), "Type=notify", "Delegate=yes",
                  "SuccessExitStatus=143") as unit:
            group = self.app_group(unit)
            self.assertEqual(int((group / "memory.max").read_text()), BOUND)
            self.assertEqual(len((group / "cgroup.procs").read_text().split()), 3)
            guard = group.with_name(group.name + ".guard")
            self.assertIn(str(unit.pid), (guard / "cgroup.procs").read_text().split())
            self.assertEqual((guard / "memory.max").read_text(), "max\n")
            systemctl("stop", unit.name)
            self.assertEqual(unit.shown("Result"), ["success"])
            self.assertEqual(self.box.processes(), [])
            self.assertFalse(unit.group.exists())

    def check_kernel(self, *words, lines=()):
        """The guard is stopped while the app grows to the bound; it goes on, knows, and starts the
        app again; the service manager keeps the unit."""
        with Unit(self.box, self.run_line("rate=100000000", *words, restarts=1), "Type=notify",
                  "Delegate=yes", *lines) as unit:
            group, guard = self.app_group(unit), unit.pid
            self.assertEqual(int((group / "memory.max").read_text()), BOUND)
            os.kill(guard, signal.SIGSTOP)
            self.gate.touch()
            wait_for(lambda: "oom_kill 0" not in (group / "memory.events").read_text(), 60,
                     "the kernel's end of the leak")
            self.assertLessEqual(int((group / "memory.peak").read_text()), BOUND)
            self.gate.unlink()   # the second one does not leak
            os.kill(guard, signal.SIGCONT)
            incident = wait_for(self.box.incidents, 30, "the incident")[0]
            unit.wait_shown("StatusText", lambda text: "restart 1" in text)
            self.assertEqual(incident["reason"], "group-limit")
            self.assertEqual(incident["limit_bytes"], BOUND)
            self.assertIn("the kernel ended", " ".join(incident["attribution"]["evidence"]))
            self.assertEqual(unit.shown("ActiveState"), ["active"])
            self.assertEqual(unit.pid, guard)

    def test_the_kernel_ends_a_leak_while_the_guard_is_stopped(self):
        self.check_kernel()

    def test_the_kernel_ends_a_child_and_all_are_started_again(self):
        self.check_kernel("children=2", "leaking=1")

    def test_the_kernel_ends_a_leak_of_an_ordinary_user(self):
        nobody = 65534
        for path in (self.box.path, *self.box.path.rglob("*")):
            os.chown(path, nobody, nobody)
        for path in self.box.path.parents:  # of this machine, which is thrown away
            path.chmod(path.stat().st_mode | 0o111)
        self.check_kernel(lines=(f"User={nobody}",))

    def test_the_tree_is_frozen_and_ended_whole(self):
        self.gate.touch()
        with Unit(self.box, self.run_line("rate=100000000", "bomb=60", restarts=1), "Type=exec",
                  "Delegate=yes") as unit:
            unit.wait_shown("ActiveState", lambda state: state == "failed", 120)
            self.assertEqual(unit.shown("ExecMainStatus"), ["124"])
            self.assertEqual(self.box.processes(), [])
        self.assertTrue(all(one["survivors"] == 0 for one in self.box.incidents()))

    def test_what_is_swapped_out_is_held_all_the_same(self):
        """A leak that nobody touches again goes to swap: the process never gets large."""
        disk = Path("/dev/zram0")
        Path("/sys/block/zram0/disksize").write_text("512M")
        for command in (["mkswap", disk], ["swapon", disk]):
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        self.addCleanup(subprocess.run, ["swapoff", disk], check=True)
        self.gate.touch()
        with Unit(self.box, self.run_line("rate=20000000"), "Type=exec", "MemoryMax=40M") as unit:
            unit.wait_shown("ActiveState", lambda state: state == "failed", 120)
            self.assertEqual(unit.shown("Result", "ExecMainStatus"), ["exit-code", "124"])
        incident, = self.box.incidents()
        self.assertEqual(incident["reason"], "process-limit")
        self.assertGreater(incident["bytes_at_crossing"], 60 << 20)
        self.assertLess(incident["processes"][0]["rss_bytes"], 40 << 20)
        self.assertIn(", swapped out ", " ".join(incident["attribution"]["evidence"]))

    def test_an_app_whose_guard_was_killed_keeps_its_bound(self):
        with Unit(self.box, self.run_line(), "Type=notify", "Delegate=yes",
                  "KillMode=process") as unit:
            group = self.app_group(unit)
            os.kill(unit.pid, signal.SIGKILL)
            unit.wait_shown("ActiveState", lambda state: state == "failed")
            pid, = (group / "cgroup.procs").read_text().split()
            self.assertEqual(int((group / "memory.max").read_text()), BOUND)
            os.kill(int(pid), signal.SIGKILL)
            wait_for(lambda: not self.box.processes(), 20, "the end of the app")

    def test_the_drop_in_of_apply_reaches_the_app_byte_for_byte(self):
        flags = r'--disable-gpu-compositing --lang="a b" --x=%h$HOME\n--y=\'q'
        seen = self.box.path / "environ"
        with Unit(self.box, f"ExecStart=/bin/sh -c 'cat /proc/self/environ >{seen}'",
                  "Type=oneshot") as unit:
            drop_in = UNITS / f"{unit.name}.d" / "qwguard.conf"
            drop_in.parent.mkdir()
            self.addCleanup(lambda: (drop_in.unlink(missing_ok=True), drop_in.parent.rmdir()))
            def plan(*words):
                return self.box.run("apply", "--engine", "6.4", "--no-gl", "--rung",
                                    "webgl-off", *words, QTWEBENGINE_CHROMIUM_FLAGS=flags)
            want = plan("--format", "json").json()["chromium_flags"]
            self.assertIn(r"%h$HOME\n", want)
            result = plan("--format", "systemd", "-o", drop_in)
            self.assertEqual(result.rc, 0, result)
            systemctl("daemon-reload")
            systemctl("start", unit.name)
            got = dict(line.split("=", 1) for line in seen.read_text().split("\0") if line)
        self.assertEqual(got.get("QTWEBENGINE_CHROMIUM_FLAGS"), want)


if __name__ == "__main__":
    unittest.main()
