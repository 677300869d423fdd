"""The page really runs with the flags of the plan: read back from the engine itself."""

import unittest

from webengine import RealEngine, each_engine, event

# (rung, switches that the engine must report, variables that the app must have)
ROWS = (
    ("none", [], {}),
    ("webgl-video-copy-off",
     ["--disable-accelerated-video-decode", "--disable-gpu-memory-buffer-video-frames"], {}),
    ("webgl1-only", ["--disable_es3_gl_context"], {}),
    ("webgl-off", ["--disable-webgl", "--disable-3d-apis"], {}),
    ("compositing-off", ["--disable-gpu-compositing"], {}),
    ("gpu-off", ["--disable-gpu"], {}),
    ("software", ["--disable-gpu"], {"QT_QUICK_BACKEND": "software"}),
)


@each_engine
class Plan(RealEngine):

    def test_the_engine_has_the_switches_of_each_rung_and_the_apps_own(self):
        for rung, switches, variables in ROWS:
            with self.subTest(rung=rung):
                result = self.guarded("--page", "flags", run=("--rung", rung))
                self.assertEqual(result.rc, 0, result)
                line = event(result.out, "command-line")["switches"]
                self.assertIn("--ignore-gpu-blocklist", line)
                self.assertLessEqual(set(switches), set(line))
                told = event(result.out, "environment")["variables"]
                self.assertEqual(told["QWGUARD_RUNG"], rung)
                self.assertLessEqual(variables.items(), told.items())

    def test_the_users_variable_wins_and_is_kept(self):
        result = self.guarded("--page", "flags", run=("--rung", "gpu-off"),
                              QTWEBENGINE_CHROMIUM_FLAGS="--disable-gpu-rasterization")
        line = event(result.out, "command-line")["switches"]
        self.assertLessEqual({"--disable-gpu-rasterization", "--disable-gpu"}, set(line))


if __name__ == "__main__":
    unittest.main()
