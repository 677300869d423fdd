"""What `qwguard check` says is what a page gets, with ES 3 refused in several ways."""

import unittest

from webengine import RealEngine, each_engine, event

IGNORE = "--ignore-gpu-blocklist"
# (label, the app's own switches, variables, outcome)
ROWS = (
    ("blocklist", "", {}, "blocklisted"),
    ("all well", IGNORE, {}, "ok"),
    ("context below ES 3", IGNORE, {"MESA_GL_VERSION_OVERRIDE": "3.0"}, "es3-unsupported"),
    ("workaround by test group", f"{IGNORE} --gpu-driver-bug-list-test-group=3", {},
     "es3-unsupported"),
    ("workaround by its name", f"{IGNORE} --disable_texture_storage", {}, "es3-unsupported"),
    ("WebGL turned off", f"{IGNORE} --disable-webgl", {}, None),
)


@each_engine
class Verdict(RealEngine):

    def check(self, switches, env):
        result = self.box.run("check", "--json", "--app", self.engine.program, "--flags", switches,
                              **env)
        self.assertIn(result.rc, (0, 10, 11, 12), result)
        found = result.json()
        self.assertEqual(found["exit"], result.rc)
        return found

    def page(self, switches, env, run=False):
        start = self.guarded if run else self.bare
        return event(start("--page", "probe", switches=switches.split(), **env).out, "webgl")

    def test_the_page_gets_what_check_says(self):
        words = {True: "enabled", False: "disabled"}
        for label, switches, env, outcome in ROWS:
            with self.subTest(row=label):
                verdict = self.check(switches, env)["verdict"]
                page = self.page(switches, env)
                self.assertEqual((verdict["webgl"], verdict["webgl2"]),
                                 (words[page["webgl1"]], words[page["webgl2"]]), verdict)
                if outcome:
                    self.assertEqual(verdict["outcome"], outcome)

    def test_the_same_page_under_run_with_the_plan_for_it(self):
        env = {"MESA_GL_VERSION_OVERRIDE": "3.0"}
        plan = self.check(IGNORE, env)["plan"]
        self.assertNotEqual(plan["flags"], [])
        page = self.page(IGNORE, env, run=True)
        self.assertEqual((page["webgl1"], page["webgl2"]), (True, False))


if __name__ == "__main__":
    unittest.main()
