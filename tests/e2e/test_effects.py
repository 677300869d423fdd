"""The switches act: each rung is started once on each engine, which is then asked what it does
(chrome://gpu, and WebGL as a page gets it). What the catalogue calls without effect has none."""

import unittest

from webengine import RealEngine, each_engine, event

ON, OFF = "Hardware accelerated", "Software only. Hardware acceleration disabled"
SLOW, NONE, REFUSED = f"{ON} but at reduced performance", "Disabled", "Unavailable"
IGNORE = "--ignore-gpu-blocklist"
VERSION = {6: "6.4.2", 5: "5.15.13"}
# WebGL 1 and 2 as a page gets them, then the engine's words for WebGL, WebGL 2, compositing
ALL = (True, True, ON, ON, ON)
NO_GPU = (False, False, NONE, NONE, OFF)
BLOCKED = (False, False, REFUSED, REFUSED, OFF)
# rung → seen; the same on both engines. No video decoder is here for webgl-video-copy-off to turn
# off: that it has its switches is in test_plan.py, here that it costs nothing else.
RUNGS = {
    "none": ALL,
    "webgl-video-copy-off": ALL,
    "webgl1-only": (True, False, ON, REFUSED, ON),
    "webgl-off": (False, False, NONE, NONE, ON),
    "compositing-off": (True, True, SLOW, SLOW, OFF),
    "gpu-off": NO_GPU,
    "software": NO_GPU,
}
# (QTWEBENGINE_CHROMIUM_FLAGS, other variables, seen in Qt 6, seen in Qt 5)
SWITCHES = (
    ("--ignore-gpu-blacklist", {}, BLOCKED, ALL),
    ("--enable-webgl-software-rendering", {}, ALL, BLOCKED),
    (f"{IGNORE} --disable_d3d11", {}, *2 * (RUNGS["webgl1-only"],)),
    (f"{IGNORE} --disable_texture_storage", {}, *2 * ((True, False, ON, ON, ON),)),
    (f"{IGNORE} --disable-es3-gl-context-for-testing", {}, *2 * ((True, False, ON, ON, ON),)),
    (IGNORE, {"QT_OPENGL": "software"}, NO_GPU, ALL),
)
# Each of them takes away something else, so one start shows them all.
NARROW = f"{IGNORE} --disable-gpu-rasterization --disable-accelerated-2d-canvas " \
         "--disable-gpu-driver-bug-workarounds"
# What the report says of WebGL 2 follows this switch, what a page gets does not.
ONLY_SAID = "--disable-webgl2"
PROFILE = """
version: 1
profiles:
  - id: test-skipped
    title: a rung that the engine ignores and one that it does not
    evidence: [https://example.org/]
    confidence: high
    match: {all: [{os.name: linux}]}
    ladder:
      - {rung: ignored, flags: [--use-gl=disabled], costs: [webgl]}
      - {rung: webgl-off, costs: [webgl]}
    tests:
      - {identity: {os: {name: linux}}, expect: match}
      - {identity: {os: {name: windows}}, expect: no}
      - {expect: unknown}
"""


def seen(engine):
    words = engine["features"]
    return (engine["webgl1"], engine["webgl2"], words["WebGL"], words["WebGL2"],
            words["Compositing"])


@each_engine
class Effects(RealEngine):

    def catalogue(self):
        return self.box.run("flags", "list", "--json", "--engine",
                            VERSION[self.QT]).json()["flags"]

    def engine_of(self, result):
        self.assertEqual(result.rc, 0, result)
        return event(result.out, "engine")

    def with_flags(self, flags, **env):
        return self.engine_of(self.bare("--page", "flags", switches=(),
                                        QTWEBENGINE_CHROMIUM_FLAGS=flags, **env))

    def test_each_rung_does_what_it_is_for(self):
        for rung, wanted in RUNGS.items():
            with self.subTest(rung=rung):
                result = self.guarded("--page", "flags", run=("--rung", rung))
                self.assertEqual(seen(self.engine_of(result)), wanted)

    def test_switches_that_one_engine_takes(self):
        honoured = {row["name"]: row["honoured"] for row in self.catalogue()}
        for flags, variables, *wanted in SWITCHES:
            with self.subTest(flags=flags, **variables):
                mine = wanted[0 if self.QT == 6 else 1]
                self.assertEqual(seen(self.with_flags(flags, **variables)), mine)
                name = next(iter(variables), flags.split()[-1])
                without = ALL if IGNORE in flags else BLOCKED
                self.assertEqual(honoured[name], "no" if mine == without else "yes", name)

    def test_narrow_switches(self):
        engine = self.with_flags(NARROW)
        self.assertEqual(seen(engine), ALL)
        self.assertEqual((engine["features"]["Canvas"], engine["features"]["Rasterization"],
                          engine["workarounds"]), (OFF, OFF, []))

    def test_what_the_catalogue_says_is_ignored_changes_nothing(self):
        ignored = []
        for row in self.catalogue():
            if row["name"].startswith("--") and row["honoured"] == "no" \
                    and row.get("breaks_engine") != "yes" and row["class"] != "dangerous":
                value = row.get("values", "1" if row["grammar"] == "any" else "").split("|")[0]
                ignored.append(row["name"] + (f"={value}" if value else ""))
        self.assertIn("--use-gl=disabled", ignored)
        self.assertIn(ONLY_SAID, ignored)
        self.assertGreater(len(ignored), 12)
        plain = self.with_flags(IGNORE)
        engine = self.with_flags(" ".join([IGNORE, *ignored]))
        self.assertEqual(engine["features"].pop("WebGL2"), NONE)
        self.assertEqual(plain["features"].pop("WebGL2"), ON)
        for part in ("webgl1", "webgl2", "gl", "features", "workarounds"):
            self.assertEqual(engine[part], plain[part])

    def test_what_breaks_the_engine_ends_it(self):
        rows = {(row["name"], row.get("values")): row for row in self.catalogue()}
        self.assertEqual(rows["--ozone-platform", None]["breaks_engine"], "yes")
        result = self.bare("--page", "flags", switches=(),
                           QTWEBENGINE_CHROMIUM_FLAGS="--ozone-platform=wayland")
        self.assertLess(result.rc, 0, result)
        self.assertIn("Invalid ozone platform", result.err)

    def test_a_rung_that_the_engine_ignores_is_skipped(self):
        self.box.write("more/90-test.yaml", PROFILE)
        run = ("--profiles", self.box.path / "more")
        check = self.box.run("check", "--json", "--app", self.engine.program, *run).json()
        self.assertIn("rung 'ignored' is left out: --use-gl=disabled: Qt overwrites it up to 6.6",
                      check["plan"]["reasons"])
        self.assertEqual(check["plan"]["rung"], "webgl-off")
        engine = self.engine_of(self.guarded("--page", "flags", run=run))
        self.assertEqual(seen(engine), RUNGS["webgl-off"])


if __name__ == "__main__":
    unittest.main()
