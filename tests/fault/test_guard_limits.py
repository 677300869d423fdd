"""Leaks of every kind, and trees that do not want to go: at the limit everything is ended, nothing
survives, and the incident says what happened."""

import unittest

from guarded import GuardCase

MB = 1000 * 1000
MIB = 1 << 20
TIME_LIMIT_S = 300

# label, words of leak.c, number of processes at the limit, options of run
TREES = (
    ("app process", ("rate=200000000",), 1),
    ("app with children", ("rate=200000000", "children=4"), 5),
    ("one child leaks", ("rate=200000000", "children=3", "leaking=1"), 4),
    ("renderer leaks", ("rate=200000000", "children=2", "leaking=1", "renderer"), 3),
    ("shared memory", ("rate=200000000", "shared", "children=1"), 2),
    ("huge pages", ("rate=200000000", "huge"), 1),
    ("slow", ("start=55000000", "rate=10000000"), 1),
    ("fast", ("rate=2000000000",), 1),
    ("ignores the polite request", ("rate=200000000", "children=3", "ignore"), 4),
    ("children forked twice", ("rate=200000000", "children=3", "twice"), 4),
    ("children in sessions of their own", ("rate=200000000", "children=3", "session"), 4),
    ("children forked twice, in sessions, that leak",
     ("rate=200000000", "children=3", "twice", "session", "leaking=1"), 4),
    ("children that stopped themselves", ("rate=200000000", "children=3", "stop"), 4),
    ("executed again", ("rate=200000000", "again", "children=1"), 2),
    ("streams closed", ("rate=200000000", "close", "children=1"), 2),
    ("a launcher in front", ("rate=200000000", "launch", "children=2"), 3),
    ("chain of forks", ("rate=200000000", "bomb=30"), 31),
)


class Limits(GuardCase):
    def check_tree(self, words, count, **how):
        with self.guarding(*words, **how) as q:
            held = self.wait_leaks(count)
            self.open_gate()
            rc = q.wait(60)
            self.assertEqual(held.alive(), [])
        self.assertEqual(rc, 124, q.err)
        self.assertEqual(len(held.fds), count)
        self.assert_none_left()
        incident = self.incident()
        self.assertEqual(incident["survivors"], 0)
        self.assertEqual(len(self.starts()) > 0, True)
        return incident

    def test_three_hundred_processes(self):
        incident = self.check_tree(("rate=200000000", "children=299"), 300)
        self.assertEqual(len(incident["processes"]), 300)

    def test_zombies_are_no_survivors(self):
        incident = self.check_tree(("rate=200000000", "zombies=20", "children=2"), 3)
        self.assertEqual(incident["process"]["role"], "browser")

    def test_tree_limit_adds_up_several_small_ones(self):
        incident = self.check_tree(("rate=50000000", "children=4", "leaking=4"), 5, limit="off",
                                   tree="120M")
        self.assertEqual(incident["reason"], "tree-limit")
        self.assertEqual(incident["limit_bytes"], 120 * MIB)
        self.assertGreater(incident["bytes_at_crossing"], 120 * MIB)

    def test_tree_limit_counts_shared_memory_once(self):
        """Five processes see 40 MB of the app's: 200 MB resident in sum, 40 MB in truth."""
        result = self.guard("start=40000000", "children=4", "follow", "quit=2000", limit="off",
                            tree="120M")
        self.assertEqual(result.rc, 0, result)
        self.assertEqual(self.box.incidents(), [])

    def test_incident_has_what_the_contract_says(self):
        incident = self.check_tree(("rate=100000000", "children=2", "say=hello"), 3)
        self.assertEqual(incident["schema"], "qwguard.incident/1")
        self.assertEqual(incident["reason"], "process-limit")
        self.assertEqual(incident["app"]["name"], "leak")
        self.assertEqual(incident["limit_bytes"], 60 * MIB)
        self.assertEqual(incident["crossed_ns"], 0)
        self.assertGreater(incident["bytes_at_crossing"], incident["limit_bytes"])
        self.assertGreaterEqual(incident["bytes_peak"], incident["bytes_at_crossing"])
        self.assertGreater(incident["tree_gone_ns"], incident["acted_ns"])
        self.assertEqual(incident["process"]["pid"], incident["app"]["pid"])
        self.assertEqual(incident["attribution"]["kind"], "unknown")
        evidence = incident["attribution"]["evidence"]
        self.assertTrue(any("after its start" in one for one in evidence), evidence)
        kills = [one for one in incident["actions"] if one["action"] == "kill"]
        self.assertEqual(kills[0]["pid"], incident["process"]["pid"], "the leaking process first")
        self.assertEqual({one["result"] for one in kills}, {"gone"})
        self.assertEqual(len(kills), 3)
        times = [sample["t_ns"] for sample in incident["timeline"]]
        self.assertEqual(times, sorted(times))
        self.assertLess(times[0], 0)
        logs = list((self.box.state_dir / "incidents").glob("*/app.log"))
        self.assertIn("hello", logs[0].read_text())

    def test_a_renderer_that_leaks_is_the_script_heap(self):
        incident = self.check_tree(("rate=100000000", "children=2", "leaking=1", "renderer"), 3)
        self.assertEqual(incident["process"]["role"], "renderer")
        self.assertEqual(incident["attribution"]["kind"], "script-heap")

    def test_signatures_of_the_log_are_counted(self):
        incident = self.check_tree(("rate=20000000", "lines=500"), 1)
        self.assertGreater(int(incident["signatures"]["video-size-empty"]), 50)
        self.assertEqual(incident["attribution"]["kind"], "gpu-in-app")


class Grace(GuardCase):
    def test_an_app_that_ends_when_asked_is_not_killed(self):
        result = self.guard("rate=100000000", "until=70000000", "term=6", grace="20s")
        self.assertEqual(result.rc, 124, result)
        actions = [one["action"] for one in self.incident()["actions"]]
        self.assertIn("term", actions)
        self.assertNotIn("kill", actions)
        self.assert_none_left()

    def test_one_that_does_not_is_killed_after_it(self):
        result = self.guard("rate=100000000", "until=70000000", "ignore", grace="300ms")
        self.assertEqual(result.rc, 124, result)
        incident = self.incident()
        kill = next(one for one in incident["actions"] if one["action"] == "kill")
        self.assertGreaterEqual(kill["t_ns"], 300 * MB)
        self.assert_none_left()

    def test_growth_cuts_it_short(self):
        result = self.guard("rate=400000000", "ignore", grace="60s", timeout=30)
        self.assertEqual(result.rc, 124, result)
        incident = self.incident()
        self.assertLess(incident["bytes_peak"], (60 + 128 + 64) * MIB)
        self.assertGreater(incident["bytes_peak"], (60 + 128) * MIB)
        self.assert_none_left()


COPES = """version: 1
profiles:
  - id: leak-app
    title: What is known of leak
    evidence: [https://example.org/1]
    confidence: low
    match: {all: [app.name: leak]}
    app: {handles-renderer-termination: COPES}
"""


class Actions(GuardCase):
    def test_report_writes_and_does_nothing(self):
        result = self.guard("rate=200000000", "until=70000000", "quit=1500", "status=3",
                            options=("--actions", "report"))
        self.assertEqual(result.rc, 3, result)
        self.assertEqual(len(self.box.incidents()), 1)
        self.assertEqual([one["action"] for one in self.incident()["actions"]], ["report"])
        self.assertEqual(len(self.starts()), 1)

    def test_kill_does_not_start_again(self):
        result = self.guard("rate=200000000", options=("--actions", "kill"), restarts=5)
        self.assertEqual(result.rc, 124, result)
        self.assertEqual(len(self.starts()), 1)
        self.assert_none_left()

    def test_reclaim_ends_the_renderer_and_the_app_goes_on(self):
        result = self.guard("rate=200000000", "children=2", "leaking=1", "renderer", "quit=1501",
                            "status=4", options=("--actions", "reclaim,restart"), restarts=3)
        self.assertEqual(result.rc, 4, result)
        incident = self.incident(0)
        self.assertEqual(len(self.starts()), 1)
        kills = [one["pid"] for one in incident["actions"] if one["action"] == "kill"]
        self.assertEqual(kills, [incident["process"]["pid"]])

    def test_reclaim_comes_first_where_a_profile_says_that_the_app_copes(self):
        for copes, options, starts in (("true", (), 1), ("false", (), 2),
                                       ("true", ("--actions", "restart"), 2)):
            with self.subTest(copes=copes, options=options):
                self.note.unlink(missing_ok=True)
                self.box.write("profiles/10.yaml", COPES.replace("COPES", copes))
                args = self.args("rate=200000000", "children=2", "leaking=1", "renderer",
                                 "quit=1501", "status=4", restarts=1,
                                 options=("--no-gl", "--profiles", self.box.path / "profiles",
                                          *options))
                result = self.box.run(*(word for word in args if word != "--no-preflight"),
                                      timeout=60)
                self.assertEqual(len(self.starts()), starts, result)
                if starts == 1:
                    self.assertEqual(result.rc, 4, result)

    def test_reclaim_without_a_renderer_is_a_restart(self):
        result = self.guard("rate=200000000", options=("--actions", "reclaim,restart"), restarts=1)
        self.assertEqual(result.rc, 124, result)
        self.assertEqual(len(self.starts()), 2)

    def test_a_short_crossing_is_left_alone_with_sustain(self):
        result = self.guard("start=65000000", "quit=500", options=("--sustain", "30s"))
        self.assertEqual(result.rc, 0, result)
        self.assertEqual(self.box.incidents(), [])

    def test_a_quarter_more_is_not_waited_for(self):
        result = self.guard("rate=100000000", options=("--sustain", "1h"), timeout=30)
        self.assertEqual(result.rc, 124, result)
        self.assertGreaterEqual(self.incident()["bytes_peak"], 75 * MIB)

    def test_sustain_ends_in_action(self):
        result = self.guard("start=65000000", options=("--sustain", "300ms"), timeout=30)
        self.assertEqual(result.rc, 124, result)
        self.assertGreaterEqual(self.incident()["acted_ns"], 300 * MB)


def tree_test(words, count):
    def test(self):
        self.check_tree(words, count)
    return test


for label, words, count in TREES:
    setattr(Limits, f"test_{label.replace(' ', '_').replace(',', '')}_nothing_survives",
            tree_test(words, count))


if __name__ == "__main__":
    unittest.main()
