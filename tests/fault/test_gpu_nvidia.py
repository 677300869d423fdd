"""Graphics memory on NVIDIA's own driver: its library is one of ours (tests/fault/libs/fake_nvml.h)
that tells what a file says, hangs, crashes or talks nonsense."""

import os
import signal
import unittest

from guarded import GuardCase, Held, child_named
from qwg import build_path, wait_for

MB = 1000000


class Nvidia(GuardCase):
    def setUp(self):
        super().setUp()
        self.root = self.box.path / "root"
        (self.root / "proc" / "driver" / "nvidia").mkdir(parents=True)
        self.told = self.box.path / "nvml"
        self.told.write_text("")

    def library(self, version):
        folder = self.box.path / "lib"
        folder.mkdir()
        (folder / "libnvidia-ml.so.1").symlink_to(
            build_path(f"tests/libs/nvml_v{version}/libEGL.so.1"))
        return {"LD_LIBRARY_PATH": folder, "QWG_FAKE_NVML": self.told}

    def options(self, limit="100M"):
        return ("--root", self.root, "--gpu-limit", limit)

    def say(self, *lines):
        part = self.box.path / "part"
        part.write_text("".join(f"{line}\n" for line in lines))
        part.rename(self.told)

    def check_form(self, version):
        """Counted in both lists once, others' not, untold not; the limit ends the app."""
        with self.guarding("children=1", "follow", options=self.options(),
                           env=self.library(version)) as q:
            first, second = sorted(self.wait_leaks(2).fds)
            self.say(f"graphics {first} {30 * MB}", f"compute {first} {30 * MB}",
                     f"compute {second} {20 * MB}", f"graphics {os.getpid()} {900 * MB}",
                     f"graphics {second} -")
            shown = self.wait_shown(lambda app: app["gpu_bytes"])
            self.assertEqual(shown["gpu_bytes"], 50 * MB)
            self.assertIsNone(q.child.poll())
            self.say(f"graphics {first} {120 * MB}")
            self.assertEqual(q.wait(30), 124, q.err)
        incident = self.incident()
        self.assertEqual((incident["reason"], incident["process"]["pid"]), ("gpu-limit", first))
        self.assertEqual(incident["bytes_at_crossing"], 120 * MB)

    def test_version_1(self):
        self.check_form(1)

    def test_version_2(self):
        self.check_form(2)

    def test_version_3(self):
        self.check_form(3)

    def check_trouble(self, word, text, version=3):
        """The guard says so once, goes on guarding, and its limit of memory still holds."""
        self.say(word)
        env = self.library(version) if version else {}
        with self.guarding("rate=200000000", options=self.options(), env=env) as q:
            if text:
                q.wait_line(f"NVIDIA device is not watched: .*{text}")
            self.open_gate()
            self.assertEqual(q.wait(30), 124, q.err)
        self.assertEqual(self.incident()["reason"], "process-limit")
        self.assertEqual(sum("NVIDIA" in line for line in q.err), 1 if text else 0, q.err)
        self.assert_none_left()

    def test_a_library_that_crashes(self):
        self.check_trouble("crash", "crashed or does not answer")

    def test_a_library_that_hangs(self):
        self.check_trouble("hang", "crashed or does not answer")

    def test_a_library_that_is_missing(self):
        self.check_trouble("", "cannot be loaded", version=None)

    def test_a_library_that_finds_no_driver(self):
        self.check_trouble("refuse", "finds no driver")

    def test_nonsense_is_nobodys_memory(self):
        self.check_trouble("garbage", None)

    def test_more_rows_than_there_is_room_for(self):
        self.check_trouble("many", None)

    def test_a_guard_that_is_killed_leaves_nobody_asking(self):
        with self.guarding("follow", options=self.options(), env=self.library(3)) as q:
            self.wait_leaks(1)
            pid = wait_for(lambda: child_named(q.pid, "qwguard-gpu"), 20, "the process that asks")
            held = Held([pid])
            self.addCleanup(held.close)
            os.kill(q.pid, signal.SIGKILL)
            wait_for(lambda: not held.alive(), 20, "its end")
            for left in self.leaks():
                os.kill(left, signal.SIGKILL)


if __name__ == "__main__":
    unittest.main()
