"""The flag string is read, merged and judged here as the engine itself reads it: one start each of
Qt 6 and Qt 5 with a string that holds all that is special."""

import unittest

from webengine import RealEngine, each_engine, event

# Quotes in every place, what a shell would read otherwise, lists given twice, the end of switches,
# and a quotation mark that is not closed.
USER = ("--ignore-gpu-blocklist  --qa=\"x y\" -qb --qc='1 2' --qd\\\" \\z\" \"--qe \" \"\" "
        "--qf=\"\"--qg\t--qh --enable-features=LostOne --enable-features=KeptOne --use-gl=desktop "
        "--qi=$HOME --js-flags=\"--a_b --c\" -- --qj \"open --qk")
ADDED = "--enable-features=AddedOne --js-flags=--predictable-gc-schedule --disable-webgl --qb=2"
FIRST_OF_QT = " --browser-subprocess-path="


@each_engine
class Flags(RealEngine):

    def test_the_engine_reads_what_was_merged(self):
        merged = self.box.run("flags", "merge", "--json", USER, ADDED)
        self.assertEqual(merged.rc, 10, merged)
        told = merged.json()
        self.assertEqual(told["kept"], ["--qb=2: the user has -qb"])
        result = self.bare("--page", "flags", switches=(),
                           QTWEBENGINE_CHROMIUM_FLAGS=told["value"])
        self.assertEqual(result.rc, 0, result)
        line = event(result.out, "command-line")

        items = told["switches"]
        switches = [item.strip() for item in items[:items.index("--")]
                    if item.strip().startswith("-")]
        self.assertEqual(line["text"].partition(FIRST_OF_QT)[0],
                         " ".join([str(self.engine.program), *switches]))
        # Behind "--" and what is no switch at all go to the end of the engine's arguments.
        loose = [item for item in items if not item.strip().startswith("-")]
        behind = items[items.index("--"):]
        self.assertTrue(line["text"].endswith(" ".join([loose[0], *behind])),
                        line["text"])

        enabled = line["features"]["enabled"]
        self.assertLessEqual({"KeptOne", "AddedOne"}, set(enabled))
        self.assertNotIn("LostOne", enabled)
        lint = self.box.run("flags", "lint", "--json", USER).json()["findings"]
        lost = [one["item"] for one in lint if one["kind"] == "lost"]
        self.assertEqual(lost, ["--enable-features=LostOne", "--qj", "open --qk"])


if __name__ == "__main__":
    unittest.main()
