"""The main job: a page leaks, its app is ended at the limit with everything that belongs to it, and
started again on the next rung; the incident says so."""

import json
import os
import signal
import unittest
from pathlib import Path

import jsonschema

from qwg import SRC_DIR, ProcessTree, wait_for
from webengine import RealEngine, each_engine, events

LIMIT = 700 << 20
SCHEMA = json.loads((SRC_DIR / "docs/schema/incident-1.schema.json").read_text(encoding="utf-8"))


@each_engine
class Leak(RealEngine):

    def starts(self, q):
        """The environments of the starts so far."""
        return [one["variables"] for one in events("\n".join(q.out))
                if one["event"] == "environment"]

    def pid(self, q, number):
        pids = [one["pid"] for one in events("\n".join(q.out)) if one["event"] == "started"]
        return pids[number]

    def painted(self, q, count):
        wait_for(lambda: sum('"painted"' in line for line in list(q.out)) >= count, 60,
                 f"paint {count}")

    def test_textures_end_the_app_and_the_next_start_is_a_rung_wider(self):
        with self.box.start("run", "--process-limit", "700MiB", "--grace", "0s", "--backoff",
                            "0s", "--", *self.engine.argv("--page", "leak")) as q:
            self.painted(q, 1)
            with ProcessTree(self.pid(q, 0)) as tree:
                self.assertGreaterEqual(len(tree.pids()), 4, "app, two zygotes, a renderer")
                again = q.wait_line(r"started again as \d+ \(restart 1 of 5\)", 60)
                tree.wait_gone()
            self.painted(q, 2)
            first, second = self.starts(q)[:2]
            self.assertEqual(first["QWGUARD_RUNG"], "none")
            self.assertEqual(second["QWGUARD_RUNG"], "webgl-video-copy-off")
            self.assertEqual(second["QWGUARD_RESTART"], "1")
            # Qt 5 takes every word of the app's that begins with --, so they are carried over.
            self.assertRegex(second["QTWEBENGINE_CHROMIUM_FLAGS"],
                             "^(--page )?--ignore-gpu-blocklist --disable-accelerated-video-decode "
                             "--disable-gpu-memory-buffer-video-frames$")
            os.kill(q.pid, signal.SIGTERM)
            self.assertEqual(q.wait(), 0)
        self.incident(second, again)
        self.assertEqual(self.box.processes(), [])

    def incident(self, second, again):
        folder = Path(second["QWGUARD_INCIDENT"])
        self.assertEqual(folder.parent, self.box.state_dir / "incidents")
        self.assertTrue(again.endswith(folder.name))
        found = json.loads((folder / "incident.json").read_text(encoding="utf-8"))
        jsonschema.validate(found, SCHEMA)
        self.assertEqual(found["reason"], "process-limit")
        self.assertEqual(found["limit_bytes"], LIMIT)
        self.assertGreaterEqual(found["bytes_at_crossing"], LIMIT)
        self.assertEqual(found["process"]["role"], "browser")
        self.assertEqual(found["attribution"]["kind"], "gpu-in-app")
        self.assertEqual(found["plan"]["rung"], "none")
        self.assertEqual(found["next_rung"], "webgl-video-copy-off")
        self.assertEqual(found["survivors"], 0)
        timeline = found["timeline"]
        self.assertLess(timeline[0]["t_ns"], -1e9, "the timeline begins before the crossing")
        self.assertGreaterEqual(max(one["largest_bytes"] for one in timeline), LIMIT * 9 // 10)
        roles = {one["role"] for one in found["processes"]}
        self.assertLessEqual({"browser", "zygote", "renderer"}, roles)
        self.assertTrue((folder / "report.html").exists())
        self.assertTrue((folder / "app.log").exists())

    def test_a_script_leak_is_no_reason_to_lose_webgl(self):
        with self.box.start("run", "--process-limit", "400MiB", "--grace", "0s", "--backoff",
                            "0s", "--", *self.engine.argv("--page", "leak-script", "--rate",
                                                     "100")) as q:
            q.wait_line(r"started again as \d+ \(restart 1 of 5\)", 90)
            os.kill(q.pid, signal.SIGTERM)
            q.wait()
            line = q.wait_line("process-limit: ")
        found = self.box.incidents()[-1]
        self.assertEqual(found["process"]["role"], "renderer")
        self.assertEqual(found["attribution"]["kind"], "script-heap")
        self.assertEqual(found["next_rung"], "none")
        self.assertRegex(line, rf"process-limit: renderer \d+ of {self.engine.name} reached "
                               "400 MiB")


if __name__ == "__main__":
    unittest.main()
