"""The guard allocates when it arms and not after: its allocations are counted by a library that is
loaded before the C library's, over looks, births, graphics memory, an incident and restarts."""

import struct
import unittest

from guarded import GuardCase
from qwg import build_path, wait_for


class Allocations(GuardCase):
    def count(self):
        pid, count = struct.unpack("QQ", self.counter.read_bytes()[:16])
        return pid, count

    def test_none_after_it_has_armed(self):
        self.counter = self.box.path / "count"
        self.counter.write_bytes(bytes(4096))
        root = self.box.path / "root"
        (root / "proc").mkdir(parents=True)
        env = {"LD_PRELOAD": build_path("tests/libs/count_malloc/libEGL.so.1"),
               "QWGUARD_TEST_COUNT": self.counter}
        with self.guarding("rate=100000000", "children=3", "renderer", restarts=2, env=env,
                           options=("--root", root, "--gpu-limit", "1G")) as q:
            first = self.wait_leaks(4)
            for pid in first.fds:
                (root / "proc" / str(pid) / "fd").mkdir(parents=True)
            self.wait_shown(lambda app: app["processes"] == 4, "a look at all of them")
            pid, armed = self.count()
            self.assertEqual(pid, q.pid, "the library counts in the guard")
            self.assertGreater(armed, 20, "the library counts nothing")
            self.open_gate()
            wait_for(lambda: len(self.starts()) == 3, 30, "two restarts")
            self.assertEqual(self.count()[1] - armed, 0, "allocations after it has armed")
            self.assertEqual(q.wait(30), 124, q.err)
        self.assertEqual(len(self.box.incidents()), 3)


if __name__ == "__main__":
    unittest.main()
