"""The limit of graphics memory, with a /proc of our own, since few machines that test have such a
device: what its drivers say is written into files for the processes that are really guarded."""

import os
import signal
import unittest

from guarded import GuardCase
from qwg import wait_for


class GpuLimit(GuardCase):
    def setUp(self):
        super().setUp()
        self.root = self.box.path / "root"
        (self.root / "proc").mkdir(parents=True)

    def says(self, pid, kib, client=1):
        """The process has a device open whose driver says so. Written in one step."""
        folder = self.root / "proc" / str(pid)
        for name in ("fd", "fdinfo"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        part = folder / "part"
        part.write_text(f"drm-driver:\tamdgpu\ndrm-pdev:\t0000:03:00.0\ndrm-client-id:\t{client}\n"
                        f"drm-resident-vram:\t{kib} KiB\ndrm-resident-gtt:\t0 KiB\n")
        part.rename(folder / "fdinfo" / "7")
        if not (folder / "fd" / "7").is_symlink():
            (folder / "fd" / "7").symlink_to("/dev/dri/renderD128")

    def options(self, limit="100M"):
        return ("--root", self.root, "--gpu-limit", limit)

    def test_of_the_whole_tree_leads_to_a_restart(self):
        with self.guarding("children=1", "follow", options=self.options(), restarts=1) as q:
            first, second = sorted(self.wait_leaks(2).fds)
            self.says(first, 60000, client=1)
            self.says(second, 50000, client=2)
            q.wait_line("started again")
            incident = wait_for(self.box.incidents, 20, "the incident")[-1]
            self.assertEqual(incident["reason"], "gpu-limit")
            self.assertEqual(incident["limit_bytes"], 100 << 20)
            self.assertEqual(incident["bytes_at_crossing"], 110000 << 10)
            self.assertEqual(incident["process"]["pid"], first)
            self.assertEqual({one["pid"]: one["gpu_bytes"] for one in incident["processes"]},
                             {first: 60000 << 10, second: 50000 << 10})
            os.kill(q.pid, signal.SIGTERM)
            q.wait(20)

    def test_a_client_that_two_share_counts_once(self):
        with self.guarding("children=1", "follow", options=self.options()) as q:
            first, second = sorted(self.wait_leaks(2).fds)
            self.says(first, 60000)
            self.says(second, 60000)
            self.says(first, 60001)
            shown = self.wait_shown(lambda app: app["gpu_bytes"] >= 60000 << 10)
            self.assertLess(shown["gpu_bytes"], 100 << 20)
            self.assertIsNone(q.child.poll())
            self.says(second, 70000, client=2)
            self.assertEqual(q.wait(30), 124, q.err)

    def test_where_there_is_no_proc_is_a_warning_and_nothing_more(self):
        (self.root / "proc").rmdir()
        result = self.guard("quit", "status=3", options=self.options())
        self.assertEqual(result.rc, 3, result)
        self.assertIn("graphics memory is not watched", result.err)


if __name__ == "__main__":
    unittest.main()
