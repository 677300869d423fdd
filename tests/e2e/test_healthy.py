"""A page that is well must be the same under `qwguard run` as without it."""

import json
import unittest

from webengine import RealEngine, each_engine, event, events


def without_times(found):
    """What an event says, apart from the clock, the process and qwguard's own variables."""
    found = {name: value for name, value in found.items() if name not in ("ms", "pid")}
    if found["event"] == "environment":
        found["variables"] = {name: value for name, value in found["variables"].items()
                              if not name.startswith("QWGUARD")}
    return json.dumps(found, sort_keys=True)


@each_engine
class Healthy(RealEngine):

    def test_the_page_and_the_status_are_the_same_with_and_without_us(self):
        options = ("--page", "probe", "--exit-code", "9")
        bare = self.bare(*options)
        result = self.guarded(*options)
        self.assertEqual((bare.rc, result.rc), (9, 9), result)
        self.assertEqual([without_times(one) for one in events(result.out)],
                         [without_times(one) for one in events(bare.out)])
        self.assertIs(event(result.out, "webgl")["webgl2"], True)
        self.assertNotIn("qwguard:", result.err)
        self.assertEqual(self.box.incidents(), [])

    def test_a_steady_page_stays_below_the_limit_that_a_leak_reaches(self):
        result = self.guarded("--page", "steady", "--seconds", "8",
                              run=("--process-limit", "700MiB"), timeout=90)
        self.assertEqual(result.rc, 0, result)
        kinds = [one["event"] for one in events(result.out)]
        self.assertEqual(kinds.count("started"), 1)
        self.assertIn("loaded", kinds)     # a busy machine may not paint so soon
        self.assertIn("frame", kinds)
        self.assertNotIn("qwguard:", result.err)

    def test_nothing_is_left_behind(self):
        self.assertEqual(self.guarded("--page", "idle", "--seconds", "1").rc, 0)
        self.assertEqual(self.box.processes(), [])


if __name__ == "__main__":
    unittest.main()
