"""Reclaim: the renderer whose page holds the memory is ended, the memory falls, and the app goes
on: one that loads its page again, and one that shows an empty window from then on. Textures are
asked of Qt 6 alone: Qt 5 keeps those of an ended page for longer than the guard waits, more often
than not, and then the app is started again."""

import os
import signal
import unittest

from qwg import wait_for
from webengine import RealEngine, each_engine, events

# versions of Qt, options of the app, limit, role of the process that crosses, what it is called
ROWS = (
    ((6,), ("--page", "leak", "--fps", "10", "--reload-on-crash"), "500MiB", "browser",
     "gpu-in-app"),
    ((6,), ("--page", "leak", "--fps", "10"), "500MiB", "browser", "gpu-in-app"),
    ((5, 6), ("--page", "leak-script", "--rate", "100", "--reload-on-crash"), "400MiB", "renderer",
     "script-heap"),
    ((5, 6), ("--page", "leak-script", "--rate", "100"), "400MiB", "renderer", "script-heap"),
)


@each_engine
class Reclaim(RealEngine):

    def said(self, q, kind):
        return [one for one in events("\n".join(q.out)) if one["event"] == kind]

    def test_the_renderer_is_ended_and_the_app_goes_on(self):
        rows = [row[1:] for row in ROWS if self.QT in row[0]]
        for options, limit, role, attribution in rows:
            reloads = "--reload-on-crash" in options
            with self.subTest(options=options), self.box.start(
                    "run", "--actions", "reclaim,restart", "--process-limit", limit, "--grace",
                    "0s", "--", *self.engine.argv(*options)) as q:
                line = q.wait_line("the renderer was ended, the memory fell, the app goes on", 90)
                self.assertIn("leak", line)
                name = q.wait_line("incident ").split()[-1]
                wait_for(lambda: self.said(q, "renderer-gone"), 60, "the end of the renderer")
                wait_for(lambda: len(self.said(q, "loaded")) > reloads, 60, "the page again")
                os.kill(q.pid, signal.SIGTERM)
                self.assertEqual(q.wait(), 0)
                self.assertEqual(len(self.said(q, "started")), 1, "no restart")
                found = next(one for one in self.box.incidents() if one["id"] == name)
                self.assertEqual(found["process"]["role"], role)
                self.assertEqual(found["attribution"]["kind"], attribution)
                ended = [one["pid"] for one in found["actions"] if one["action"] == "kill"]
                roles = {one["pid"]: one["role"] for one in found["processes"]}
                self.assertEqual([roles[pid] for pid in ended], ["renderer"])
        self.assertEqual(self.box.processes(), [])


if __name__ == "__main__":
    unittest.main()
