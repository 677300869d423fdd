"""Help and version: every command of the contract has help, made from the rows that also parse."""

import re
import unittest

from qwg import run_qwguard

# Contract §1, as far as it is built.
COMMANDS = ("run", "attach", "status", "reset", "check", "apply", "undo", "verify",
            "profile list",
            "profile show", "profile match", "profile validate", "profile new", "rules list",
            "rules show", "rules extract", "rules eval", "flags list", "flags lint", "flags merge",
            "incident list", "incident show", "incident html", "incident export", "incident rm",
            "doctor")
# Contract §1: "every command".
COMMON = ("--help", "--quiet", "--verbose", "--color", "--config", "--profiles", "--state",
          "--root")
RUN = ("--process-limit SIZE", "--tree-limit SIZE|PERCENT", "--gpu-limit SIZE|PERCENT",
       "--sustain TIME", "--actions LIST",
       "--grace TIME", "--max-restarts N", "--within TIME", "--backoff TIME", "--no-escalate",
       "--no-preflight", "--log-file FILE", "--dry-run", "--name NAME", "--exit-on-limit",
       "--keep NAME", "--no-backstop", "--no-log-tap", "--on-crash WHAT")
PREFLIGHT = ("--engine PATH|VERSION", "--app NAME", "--identity FILE", "--history FILE", "--no-gl",
             "--refresh", "--rung NAME", "--flags STRING")


def options_of(text):
    """{"--name ARGUMENT": what it says}, as the help shows them."""
    found = {}
    for line in text.splitlines():
        match = re.match(r"  (?:-\w, |    )(--[\w-]+(?: [A-Z|]+)?)(?:\s{2,}(\S.*))?$", line)
        if match:
            found[match.group(1)] = match.group(2)
    return found


class Help(unittest.TestCase):

    def test_all_commands_are_listed_with_a_summary(self):
        result = run_qwguard(["--help"])
        self.assertEqual((result.rc, result.err), (0, ""))
        listed = re.findall(r"^  ([a-z]+(?: [a-z]+)?) {2,}(\S.*)$", result.out, re.MULTILINE)
        self.assertEqual(sorted(name for name, _ in listed), sorted(COMMANDS))
        self.assertEqual(run_qwguard(["help"]).out, result.out)
        self.assertEqual(run_qwguard(["-h"]).out, result.out)

    def test_each_command_has_help_with_its_usage_and_the_common_options(self):
        for name in COMMANDS:
            for word in ("--help", "-h"):
                with self.subTest(command=name, word=word):
                    result = run_qwguard([*name.split(), word])
                    self.assertEqual((result.rc, result.err), (0, ""))
                    self.assertRegex(result.out, rf"\AUsage: qwguard {name} \[OPTION\.\.\.\]")
                    options = {option.split()[0] for option in options_of(result.out)}
                    self.assertLessEqual(set(COMMON), options)
                    self.assertEqual(run_qwguard(["help", *name.split()]).out, result.out)

    def test_options_of_run_and_check_are_those_of_the_contract(self):
        run = set(options_of(run_qwguard(["run", "--help"]).out))
        check = set(options_of(run_qwguard(["check", "--help"]).out))
        self.assertEqual(set(RUN) - run, set())
        self.assertEqual(set(PREFLIGHT) - run, set())
        self.assertEqual(set(PREFLIGHT) - check, set())
        verify = set(options_of(run_qwguard(["verify", "--help"]).out))
        self.assertEqual(set(PREFLIGHT) - verify, set())
        self.assertLessEqual({"--json", "--time-limit TIME"}, verify)
        self.assertIn("--json", check)
        self.assertIn("--explain", check)

    def test_a_group_lists_its_commands(self):
        for group in ("profile", "incident"):
            result = run_qwguard([group, "--help"])
            self.assertEqual(result.rc, 0)
            self.assertEqual(re.findall(rf"^  ({group} \w+)", result.out, re.MULTILINE),
                             [name for name in COMMANDS if name.startswith(group + " ")])
            self.assertEqual(run_qwguard(["help", group]).out, result.out)

    def test_version_says_what_was_built_in(self):
        result = run_qwguard(["--version"])
        self.assertEqual((result.rc, result.err), (0, ""))
        self.assertRegex(result.out, r"\Aqwguard \d+\.\d+\.\d+\n")
        self.assertRegex(result.out, r"libyaml \d")
        self.assertRegex(result.out, r"GPU lists of [1-9]\d* Chromium versions")

    def test_a_full_disk_is_no_success(self):
        from qwg import QWGUARD, run_program
        result = run_program(["sh", "-c", f"'{QWGUARD}' --help > /dev/full"])
        self.assertEqual(result.rc, 73)
        self.assertIn("cannot write to standard output", result.err)


if __name__ == "__main__":
    unittest.main()
