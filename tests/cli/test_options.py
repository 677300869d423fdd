"""Wrong command lines: what is wrong is said in one line, then where help is; status 64."""

import unittest

from qwg import Sandbox, run_qwguard

# (arguments, first line of standard error, second line)
ROWS = (
    ([], "qwguard: a command is missing", "Try 'qwguard --help'."),
    (["chekc"], "qwguard: unknown command 'chekc' (did you mean 'check'?)",
     "Try 'qwguard --help'."),
    (["zzz"], "qwguard: unknown command 'zzz'", "Try 'qwguard --help'."),
    (["help", "chekc"], "qwguard: unknown command 'chekc' (did you mean 'check'?)",
     "Try 'qwguard --help'."),
    (["help", "profile", "lst"],
     "qwguard: profile: unknown command 'lst' (did you mean 'list'?)", "Try 'qwguard --help'."),
    (["help", "check", "it"], "qwguard: help: 'it' is one word too many", "Try 'qwguard --help'."),
    (["--verison"], "qwguard: unknown option '--verison'", "Try 'qwguard --help'."),
    (["profile"], "qwguard: profile: a command is missing (list …)", "Try 'qwguard --help'."),
    (["profile", "lst"], "qwguard: profile: unknown command 'lst' (did you mean 'list'?)",
     "Try 'qwguard --help'."),
    (["run"], "qwguard: run: -- APP [ARG...] is missing", "Try 'qwguard run --help'."),
    (["run", "--proces-limit", "1G", "--", "true"],
     "qwguard: run: unknown option '--proces-limit' (did you mean '--process-limit'?)",
     "Try 'qwguard run --help'."),
    (["run", "--process-limit"], "qwguard: run: option '--process-limit' needs an argument",
     "Try 'qwguard run --help'."),
    (["run", "--dry-run=yes", "true"], "qwguard: run: option '--dry-run' takes no argument",
     "Try 'qwguard run --help'."),
    (["check", "--jsn"], "qwguard: check: unknown option '--jsn' (did you mean '--json'?)",
     "Try 'qwguard check --help'."),
    (["check", "-z"], "qwguard: check: unknown option '-z'", "Try 'qwguard check --help'."),
    (["check", "word"], "qwguard: check: 'word' is one word too many",
     "Try 'qwguard check --help'."),
    (["check", "--color", "blue"],
     "qwguard: check: --color: 'blue' is none of auto, always, never",
     "Try 'qwguard check --help'."),
    (["run", "--identity", "-", "--", "true"],
     "qwguard: run: --identity: standard input is the application's here",
     "Try 'qwguard run --help'."),
)

# (option, value, what it is said to be)
VALUES = (
    ("process-limit", "banana", "no size (examples: 4GiB, 512M, off)"),
    ("process-limit", "-1", "no size (examples: 4GiB, 512M, off)"),
    ("process-limit", "0", "no size (examples: 4GiB, 512M, off)"),
    ("process-limit", "4GiBB", "no size (examples: 4GiB, 512M, off)"),
    ("process-limit", "99999999999G", "no size (examples: 4GiB, 512M, off)"),
    ("process-limit", "", "no size (examples: 4GiB, 512M, off)"),
    ("tree-limit", "101%", "no size or share (examples: 8GiB, 80%, off)"),
    ("gpu-limit", "much", "no size or share (examples: 8GiB, 80%, off)"),
    ("tree-limit", "0%", "no size or share (examples: 8GiB, 80%, off)"),
    ("sustain", "5", "no time (examples: 5s, 250ms, 2min)"),
    ("grace", "soon", "no time (examples: 5s, 250ms, 2min)"),
    ("max-restarts", "-3", "no whole number up to 1000000"),
    ("max-restarts", "1e3", "no whole number up to 1000000"),
    ("within", "10 minutes", "no time (examples: 5s, 250ms, 2min)"),
    ("on-crash", "maybe", "neither pass nor restart"),
)


class Options(unittest.TestCase):

    def test_wrong_usage_is_said_in_one_line(self):
        for arguments, first, second in ROWS:
            with self.subTest(arguments=arguments):
                result = run_qwguard(arguments)
                self.assertEqual(result.rc, 64, result)
                self.assertEqual(result.err.splitlines(), [first, second])
                self.assertEqual(result.out, "")

    def test_wrong_values_stop_the_app_from_being_started(self):
        with Sandbox() as box:
            for option, value, words in VALUES:
                with self.subTest(option=option, value=value):
                    result = box.run("run", f"--{option}={value}", "--", "sh", "-c",
                                     "echo started")
                    self.assertEqual((result.rc, result.out), (64, ""))
                    self.assertEqual(result.err.splitlines(),
                                     [f"qwguard: run: --{option}: '{value}' is {words}",
                                      "Try 'qwguard run --help'."])

    def test_a_wrong_action_names_those_there_are(self):
        for value in ("explode", "restart,kill", ""):
            result = run_qwguard(["run", "--actions", value, "--", "true"])
            self.assertEqual(result.rc, 64)
            self.assertRegex(result.err, r"--actions: .* is no action \(.*restart.*\)")

    def test_an_unknown_rung_is_a_mistake_of_the_user(self):
        with Sandbox() as box:
            result = box.run("run", "--no-gl", "--rung", "nonsense", "--", "sh", "-c",
                             "echo started")
            self.assertEqual((result.rc, result.out), (64, ""))
            self.assertIn("unknown rung 'nonsense'", result.err)
            self.assertIn("webgl-off", result.err)

    def test_options_of_the_app_are_the_apps(self):
        with Sandbox() as box:
            result = box.run("run", "--no-preflight", "echo", "--help", "-v", "--nonsense")
            self.assertEqual((result.rc, result.out), (0, "--help -v --nonsense\n"))
            result = box.run("run", "--no-preflight", "--", "echo", "--", "--dry-run")
            self.assertEqual((result.rc, result.out), (0, "-- --dry-run\n"))

    def test_a_named_folder_that_is_none_is_no_input(self):
        for command, app in (["check"], []), (["profile", "list"], []), (["run"], ["true"]):
            for option in ("root", "profiles"):
                with self.subTest(command=command, option=option):
                    result = run_qwguard([*command, f"--{option}", "/no/such/folder", *app])
                    self.assertEqual(result.rc, 66)
                    self.assertEqual(result.err,
                                     f"qwguard: --{option}: '/no/such/folder' is no folder\n")

    def test_a_limit_below_what_the_app_needs_to_start_is_said(self):
        rows = ((["--max-restarts", "0"], "the start was"),
                (["--exit-on-limit"], "the start was"),
                (["--max-restarts", "2", "--backoff", "1ms"], "each start was"))
        with Sandbox() as box:
            for arguments, words in rows:
                with self.subTest(arguments=arguments):
                    result = box.run("run", "--no-preflight", "--process-limit", "4K", *arguments,
                                     "--", "sleep", "20")
                    self.assertEqual(result.rc, 124, result)
                    self.assertRegex(result.err, f"{words} over the limit of 4 KiB at once "
                                                 r"\(.*\): the limit may be below what the app "
                                                 "needs to start")

    def test_an_empty_state_folder_is_a_mistake(self):
        result = run_qwguard(["run", "--state", "", "--", "true"])
        self.assertEqual(result.rc, 64)
        self.assertTrue(result.err.startswith("qwguard: run: --state: a folder is missing\n"))


if __name__ == "__main__":
    unittest.main()
