"""Configuration files: which one wins, what is warned of, what is refused with its place."""

import os
import re
import unittest

from qwg import Sandbox


def effective(box, *arguments, app="true", **env):
    """{name: (value, origin)} as `run --dry-run` prints it."""
    result = box.run("run", "--dry-run", "--no-preflight", *arguments, "--", app, **env)
    if result.rc != 0:
        raise AssertionError(result)
    return {name: (value, origin) for name, value, origin in
            re.findall(r"^  ([a-z]+\.[a-z.-]+) +(\S+) +(.+)$", result.out, re.MULTILINE)}


class Settings(unittest.TestCase):

    def setUp(self):
        self.box = self.enterContext(Sandbox())
        self.user = "home/.config/qwguard/config.yaml"

    def test_defaults_are_those_of_the_contract(self):
        self.assertEqual(
            {name: value for name, (value, _) in effective(self.box).items()},
            {"guard.process-limit": "4GiB", "guard.tree-limit": "80%", "guard.gpu-limit": "off",
             "guard.sustain": "0s", "guard.actions": "restart", "guard.grace": "5s",
             "guard.restarts.max": "5", "guard.restarts.within": "10min",
             "guard.restarts.backoff": "1s", "guard.escalate": "true", "guard.on-crash": "pass",
             "guard.backstop": "auto",
             "preflight.gl-probe": "auto", "preflight.cache": "true", "incidents.keep": "50",
             "incidents.max-size": "64MiB"})

    def test_each_value_says_where_it_comes_from(self):
        user = self.box.write(self.user, "version: 1\nguard:\n  process-limit: 2GiB\n"
                                         "  grace: 3s\n  sustain: 1s\n"
                                         "apps:\n  true: {guard: {sustain: 2s}}\n"
                                         "  other: {guard: {sustain: 9s}}\n")
        last = self.box.write("last.yaml", "guard: {grace: 4s, escalate: false}\n")
        found = effective(self.box, "--config", last, "--process-limit", "1G")
        self.assertEqual(found["guard.process-limit"], ("1G", "--process-limit"))
        self.assertEqual(found["guard.grace"], ("4s", f"{last}:1"))
        self.assertEqual(found["guard.escalate"], ("false", f"{last}:1"))
        self.assertEqual(found["guard.sustain"], ("2s", f"{user}:7"))
        self.assertEqual(found["guard.tree-limit"], ("80%", "default"))
        self.assertEqual(effective(self.box, "--app", "other")["guard.sustain"],
                         ("9s", f"{user}:8"))
        self.assertEqual(effective(self.box, "--no-escalate")["guard.escalate"],
                         ("false", "--no-escalate"))
        self.assertEqual(effective(self.box, "--exit-on-limit")["guard.actions"],
                         ("kill", "--exit-on-limit"))

    def test_an_unknown_key_is_warned_of_with_its_place_and_the_app_runs(self):
        path = self.box.write(self.user, "version: 1\nguard:\n  proces-limit: 2GiB\n")
        result = self.box.run("run", "--no-preflight", "--", "sh", "-c", "exit 5")
        self.assertEqual(result.rc, 5)
        self.assertRegex(result.err, re.escape(f"qwguard: {path}:3:3: unknown key "
                                               "'guard.proces-limit' (did you mean "
                                               "'process-limit'?)"))

    def test_a_key_near_a_known_one_of_its_place_is_asked_about(self):
        rows = (("gurd: {}\n", "'gurd' (did you mean 'guard'?)"),
                ("guard: {restart: 5}\n", "'guard.restart' (did you mean 'restarts'?)"),
                ("guard: {restarts: {mx: 5}}\n", "'guard.restarts.mx' (did you mean 'max'?)"),
                ("guard: {max: 5}\n", "'guard.max'"))      # one of guard.restarts
        for text, words in rows:
            with self.subTest(text=text):
                path = self.box.write("near.yaml", text)
                result = self.box.run("run", "--config", path, "--no-preflight", "--", "true")
                self.assertEqual(result.rc, 0, result)
                self.assertTrue(result.err.endswith(f": unknown key {words}\n"), result.err)

    def test_off_is_a_limit_and_false(self):
        path = self.box.write("off.yaml", "guard: {escalate: off, gpu-limit: off, backstop: off}\n")
        result = self.box.run("run", "--config", path, "--no-preflight", "--dry-run", "--", "true")
        self.assertEqual((result.rc, result.err), (0, ""), result)
        self.assertRegex(result.out, rf"guard.escalate +false +{path}:1\n")
        self.assertRegex(result.out, rf"guard.gpu-limit +off +{path}:1\n")

    def test_an_empty_name_is_refused(self):
        for words in (("run", "--name", "", "--", "true"), ("run", "--keep", "", "--", "true"),
                      ("attach", "--name", "", os.getppid()), ("attach", "--keep", "", "2")):
            result = self.box.run(*words)
            self.assertEqual(result.rc, 64, result)
            self.assertIn(f"{words[0]}: {words[1]}: the name is empty\n", result.err)

    def test_a_bad_value_is_refused_with_its_place(self):
        rows = (
            ("guard:\n  process-limit: banana\n", 2, 18,
             "guard.process-limit: 'banana' is no size (examples: 4GiB, 512M, off)"),
            ("guard: {grace: 5}\n", 1, 16, "guard.grace: '5' is no time"),
            ("guard: {restarts: {max: many}}\n", 1, 25, "guard.restarts.max: 'many' is no whole"),
            ("guard: 5\n", 1, 8, "guard must be a mapping"),
            ("guard: {restarts: 5}\n", 1, 19, "guard.restarts must be a mapping"),
            ("apps: {x: 5}\n", 1, 11, "apps.x must be a mapping"),
            ("version: 2\n", 1, 10, "version must be 1"),
            ("apps: {x: {guard: {grace: y}}}\n", 1, 27, "guard.grace: 'y' is no time"),
            ("guard: {grace: 5s\n", 2, 1, ""),
            ("guard:\n\tgrace: 5s\n", 2, 1, ""),
        )
        for text, line, column, words in rows:
            with self.subTest(text=text):
                path = self.box.write("bad.yaml", text)
                result = self.box.run("run", "--config", path, "--no-preflight", "--", "sh", "-c",
                                      "echo started")
                self.assertEqual((result.rc, result.out), (78, ""), result)
                self.assertIn(f"qwguard: {path}:{line}:{column}: {words}", result.err)
                self.assertEqual(len(result.err.splitlines()), 1, result.err)

    def test_a_named_file_that_is_not_there_is_no_input(self):
        result = self.box.run("run", "--config", "/no/such.yaml", "--", "true")
        self.assertEqual(result.rc, 66)
        self.assertIn("/no/such.yaml", result.err)


if __name__ == "__main__":
    unittest.main()
