"""Where the output goes and how it looks: lost output is no success, colours only where they are
wanted, ASCII where the locale has no UTF-8, and no control characters of foreign strings."""

import re
import subprocess
import unittest

from qwg import QWGUARD, Sandbox

IDENTITY = """
version: 1
os: {name: linux, version: "6.1.0"}
session: {type: x11}
gpus: [{vendor: 0x10de, device: 0x1b81, driver: nouveau, active: true}]
gl: {vendor: nouveau, renderer: "NV134", version: "4.3 Mesa 22.3.6"}
engine: {qt: "6.4.2", chromium: "102.0.5005.177"}
"""


class Output(unittest.TestCase):

    def setUp(self):
        self.box = self.enterContext(Sandbox())
        self.identity = self.box.write("machine.yaml", IDENTITY)

    def shell(self, command, **env):
        """A shell line in which $Q is qwguard and $I the identity: (status, standard error)."""
        done = subprocess.run(["sh", "-c", command], cwd=self.box.path, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
                              env=self.box.env_with({"Q": QWGUARD, "I": self.identity, **env}))
        return done.returncode, done.stdout, done.stderr

    def test_lost_output_is_no_success(self):
        lost = "qwguard: cannot write to standard output\n"
        for command in ('"$Q" check --identity "$I"', '"$Q" check --json --identity "$I"',
                        '"$Q" profile list --json', '"$Q" --help', '"$Q" help run'):
            for where in ("> /dev/full", ">&-"):
                with self.subTest(command=command, where=where):
                    self.assertEqual(self.shell(f"{command} {where}"), (73, "", lost))

    def test_closed_streams_take_no_message_into_a_file(self):
        state = self.box.path / "state"
        run = f'"$Q" run --no-preflight --state "{state}" --process-limit 4K --max-restarts 0'
        rc, _, _ = self.shell(f"{run} -- sleep 20 <&- >&- 2>&-")
        self.assertEqual(rc, 124)
        written = [path for path in state.rglob("*") if path.is_file()]
        self.assertTrue(written)
        for path in written:
            self.assertNotIn(b"qwguard: ", path.read_bytes(), path)

    def test_the_app_finds_closed_streams_closed(self):
        rc, out, _ = self.shell('"$Q" run --no-preflight -- sh -c "ls /proc/self/fd" <&-')
        self.assertEqual(rc, 0)
        with_stdin = self.shell('"$Q" run --no-preflight -- sh -c "ls /proc/self/fd"')[1]
        # ls opens the folder itself: at 0 when that is free
        self.assertEqual(len(out.split()), len(with_stdin.split()) - 1)

    def test_colours_only_where_they_are_wanted(self):
        rows = (([], {}, False), (["--color", "auto"], {}, False),
                (["--color", "always"], {}, True),
                (["--color=never"], {}, False), ([], {"NO_COLOR": "1"}, False))
        for arguments, env, colored in rows:
            with self.subTest(arguments=arguments, env=env):
                result = self.box.run("check", "--identity", self.identity, *arguments, **env)
                self.assertEqual("\033[" in result.out, colored, result.out)
                begun = re.findall("\033\\[3", result.out)
                self.assertEqual(result.out.count("\033[0m"), len(begun))

    def test_foreign_strings_do_not_steer_the_terminal(self):
        machine = self.box.write("foreign.yaml", IDENTITY.replace("NV134", "NV134 \u00e4"))
        for arguments in (["check"], ["check", "--explain"], ["profile", "match", "--explain"]):
            with self.subTest(arguments=arguments):
                result = self.box.run(*arguments, "--identity", machine,
                                      "--flags", "--user-agent=a\033[31m\u009b7m")
                self.assertEqual((result.rc in (0, 10), result.err), (True, ""))
                self.assertNotRegex(result.out, "[\0-\t\x0b-\x1f\x7f-\x9f]")
        trace = self.box.run("check", "--explain", "--identity", machine,
                             "--flags", "--user-agent=a\033[31m\u009b7m").out
        self.assertIn("NV134 \u00e4", trace)
        self.assertIn("--user-agent=a?[31m?7m", trace)

    def test_without_utf8_marks_are_ascii(self):
        for arguments in (["check"], ["check", "--explain"], ["profile", "match", "--explain"]):
            for locale, ascii_only in (("C", True), ("C.UTF-8", False), ("de_DE.utf8", False)):
                with self.subTest(arguments=arguments, locale=locale):
                    result = self.box.run(*arguments, "--identity", self.identity, LC_ALL=locale)
                    self.assertEqual(result.out.isascii(), ascii_only, result.out)
        trace = self.box.run("check", "--explain", "--identity", self.identity, LC_ALL="C").out
        self.assertRegex(trace, r"\n +\+ ")
        self.assertRegex(trace, r"\n +- ")


if __name__ == "__main__":
    unittest.main()
