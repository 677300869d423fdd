"""`qwguard verify` on the real engines: it agrees where `qwguard check` is right, it differs where
it was told something false, and no process is left."""

import json
import os
import signal
import unittest

import jsonschema

from qwg import SRC_DIR
from test_machines import laid_over, row_identities
from webengine import START_S, RealEngine, each_engine

IGNORE = "--ignore-gpu-blocklist"
LIMIT_S = 2 * START_S
SCHEMA = json.loads((SRC_DIR / "docs/schema/verify-1.schema.json").read_text(encoding="utf-8"))
# (label, switches, variables, what a page gets: WebGL 1 and 2)
ROWS = (
    ("blocklist", (), {}, ("disabled", "disabled")),
    ("all well", (IGNORE,), {}, ("enabled", "enabled")),
    ("context below ES 3", (IGNORE,), {"MESA_GL_VERSION_OVERRIDE": "3.0"},
     ("enabled", "disabled")),
    ("the user's variable", (),
     {"QTWEBENGINE_CHROMIUM_FLAGS": f"{IGNORE} --disable_texture_storage"},
     ("enabled", "disabled")),
    ("no GPU", (), {"QTWEBENGINE_CHROMIUM_FLAGS": "--disable-gpu"}, ("disabled", "disabled")),
)
# A rung, and what a page gets on it.
RUNGS = (("none", "enabled", "enabled"), ("webgl1-only", "enabled", "disabled"),
         ("gpu-off", "disabled", "disabled"))
# Rows of test_machines.py: a list entry on each engine, with workarounds.
MACHINES = ("w118.dual", "real.nv-535")


@each_engine
class Verify(RealEngine):

    def verify(self, *options, switches=(IGNORE,), page="idle", **env):
        return self.box.run("verify", "--json", "--time-limit", f"{START_S}s", *options, "--",
                            *self.engine.argv("--page", page, switches=switches),
                            timeout=LIMIT_S, **env)

    def agreeing(self, *options, **more):
        """The points of a verification that must agree, by name."""
        result = self.verify(*options, **more)
        self.assertEqual(result.rc, 0, result)
        return self.points(result)

    def points(self, result):
        found = result.json()
        jsonschema.Draft202012Validator(SCHEMA).validate(found)
        self.assertEqual((found["exit"], found["agrees"]), (result.rc, result.rc == 0))
        self.assertEqual(self.box.processes(), [])
        return {point["point"]: point for point in found["points"]}

    def test_what_check_says_is_what_the_engine_does(self):
        for label, switches, env, webgl in ROWS:
            with self.subTest(row=label):
                points = self.agreeing(switches=switches, **env)
                self.assertEqual((points["webgl"]["found"], points["webgl2"]["found"]), webgl)
                self.assertEqual({points[name]["agree"] for name in
                                  ("webgl", "webgl2", "engine.qt", "engine.chromium", "gl.vendor",
                                   "gl.renderer", "gl.version")}, {"yes"})

    def test_a_rung_is_applied_to_both(self):
        for rung, webgl, webgl2 in RUNGS:
            with self.subTest(rung=rung):
                points = self.agreeing("--rung", rung)
                self.assertEqual((points["webgl"]["found"], points["webgl2"]["found"]),
                                 (webgl, webgl2))

    def test_another_machine_laid_over_this_one(self):
        found = self.box.run("check", "--json", "--app", self.engine.program, timeout=60).json()
        engine = {key: found["identity"]["engine"][key] for key in ("qt", "chromium", "library")}
        for name in MACHINES:
            with self.subTest(machine=name):
                identity = {**row_identities(self.QT)[name], "engine": engine}
                path = self.box.write(f"{name}.json", json.dumps(identity))
                points = self.agreeing("--identity", path, switches=(), **laid_over(identity))
                self.assertTrue(any(point["found"] == "active" and point["agree"] == "yes"
                                    for key, point in points.items()
                                    if key.startswith("workaround.")))
                # The same said of this machine as it is: that is not so.
                result = self.verify("--identity", path, switches=())
                self.assertEqual(result.rc, 10, result)
                self.assertEqual(self.points(result)["gl.renderer"]["agree"], "no")

    def test_a_page_that_had_webgl_already_is_asked_too(self):
        points = self.agreeing(page="steady")
        self.assertEqual(points["webgl2"]["found"], "enabled")

    def test_the_table_names_what_differs(self):
        identity = self.box.run("check", "--json", "--app", self.engine.program,
                                timeout=60).json()["identity"]
        identity["gl"]["renderer"] = "Mesa Intel(R) UHD Graphics 620"
        path = self.box.write("false.json", json.dumps({"version": 1, **identity}))
        result = self.box.run("verify", "--identity", path, "--",
                              *self.engine.argv("--page", "idle", switches=()), timeout=LIMIT_S)
        self.assertEqual((result.rc, result.err), (10, ""), result)
        self.assertRegex(result.out, r"gl\.renderer +llvmpipe .*, predicted was Mesa Intel")
        self.assertRegex(result.out, r"webgl2 +disabled, predicted was enabled: .*WebGL2")
        self.assertRegex(result.out, r"Result +the verdict differs from the engine in \d+ of \d+")

    def test_asked_to_end_while_the_app_is_up_nothing_is_left(self):
        with self.box.start("verify", "-v", "--time-limit", "1h", "--",
                            *self.engine.argv("--page", "idle"),
                            QTWEBENGINE_REMOTE_DEBUGGING="") as q:
            q.wait_line("DevTools listening", START_S)
            os.kill(q.pid, signal.SIGINT)
            self.assertEqual(q.wait(START_S), 128 + signal.SIGINT)
        self.assertEqual(self.box.processes(), [])

    def test_a_port_of_the_apps_own_is_said(self):
        result = self.verify(QTWEBENGINE_CHROMIUM_FLAGS="--remote-debugging-port=9222")
        self.assertEqual((result.rc, result.out), (69, ""), result)
        self.assertIn("--remote-debugging-port", result.err)


if __name__ == "__main__":
    unittest.main()
