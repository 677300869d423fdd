"""`qwguard run` around ordinary programs: status, streams, environment, messages. The engine's part
is in tests/e2e, the guard's in tests/fault."""

import json
import os
import pty
import select
import signal
import unittest

from qwg import QWGUARD, Sandbox, run_program

PRINT_ENV = ("python3", "-c", "import os, json; print(json.dumps(dict(os.environb.items()), "
             "default=repr) if 0 else json.dumps(dict(os.environ)))")


class Status(unittest.TestCase):

    def setUp(self):
        self.box = self.enterContext(Sandbox())

    def test_the_apps_own_status_is_passed_on(self):
        for status in (0, 1, 7, 64, 124, 255):
            with self.subTest(status=status):
                result = self.box.run("run", "--no-gl", "--", "sh", "-c", f"exit {status}")
                self.assertEqual((result.rc, result.out, result.err), (status, "", ""))

    def test_a_signal_is_128_and_its_number(self):
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGUSR1):
            result = self.box.run("run", "--no-preflight", "--", "sh", "-c",
                                  f"kill -{int(number)} $$")
            self.assertEqual(result.rc, 128 + number, result)

    def test_an_app_that_is_not_there_is_127(self):
        for name in ("no-such-program", "/no/such/program", "./nothing"):
            result = self.box.run("run", "--", name)
            self.assertEqual(result.rc, 127, result)
            self.assertIn(name, result.err)
            self.assertEqual(len(result.err.splitlines()), 1)

    def test_an_app_that_cannot_be_executed_is_126(self):
        plain = self.box.write("plain", "text\n", 0o644)
        lost = self.box.write("lost", "#!/no/such/interpreter\n", 0o755)
        for path in (plain, lost, self.box.path):
            result = self.box.run("run", "--no-gl", "--", path)
            self.assertEqual(result.rc, 126, result)
            self.assertIn(str(path), result.err)

    def test_signals_sent_to_us_reach_the_app(self):
        with self.box.start("run", "--no-preflight", "--", "sh", "-c",
                            "trap 'echo got; exit 9' TERM; echo ready; "
                            "while :; do sleep 0.05; done") as q:
            q.wait_line("ready", stream="out")
            os.kill(q.pid, signal.SIGTERM)
            self.assertEqual(q.wait(), 9)
            self.assertIn("got", q.out)


class Surroundings(unittest.TestCase):

    def setUp(self):
        self.box = self.enterContext(Sandbox())

    def test_streams_are_the_apps(self):
        data = "one\ntwo\n" * 5000
        result = self.box.run("run", "--no-gl", "--", "sh", "-c", "cat; echo low >&2", input=data)
        self.assertEqual((result.rc, result.out, result.err), (0, data, "low\n"))

    def test_nothing_of_the_environment_changes_but_what_is_ours(self):
        bare = run_program(PRINT_ENV, self.box.env, cwd=self.box.path).json()
        told = self.box.run("run", "--no-gl", "--", *PRINT_ENV).json()
        ours = {name: told.pop(name) for name in list(told) if name.startswith("QWGUARD")}
        self.assertEqual(ours, {"QWGUARD": "1", "QWGUARD_RUNG": "none", "QWGUARD_RESTART": "0"})
        self.assertEqual(told, bare)

    def test_the_users_flags_are_kept_byte_for_byte_when_nothing_is_added(self):
        for flags in ("", "--a  --b", '--x="y z" --é'):
            told = self.box.run("run", "--no-gl", "--", *PRINT_ENV,
                                QTWEBENGINE_CHROMIUM_FLAGS=flags).json()
            self.assertEqual(told["QTWEBENGINE_CHROMIUM_FLAGS"], flags)

    def test_a_forced_rung_is_merged_with_the_users_flags(self):
        told = self.box.run("run", "--no-gl", "--engine", "6.4", "--rung", "webgl-off", "--",
                            *PRINT_ENV, QTWEBENGINE_CHROMIUM_FLAGS="--mine").json()
        self.assertEqual(told["QTWEBENGINE_CHROMIUM_FLAGS"],
                         "--mine --disable-webgl --disable-3d-apis")
        self.assertEqual(told["QWGUARD_RUNG"], "webgl-off")
        told = self.box.run("run", "--no-gl", "--engine", "6.4", "--rung", "software", "--",
                            *PRINT_ENV).json()
        self.assertEqual((told["QT_QUICK_BACKEND"], told["QTWEBENGINE_CHROMIUM_FLAGS"]),
                         ("software", "--disable-gpu"))

    def test_folder_group_and_session_are_unchanged(self):
        result = self.box.run("run", "--no-preflight", "--", "python3", "-c",
                              "import os; print(os.getcwd(), os.getpgrp() == os.getpgid("
                              "os.getppid()), os.getsid(0) == os.getsid(os.getppid()))")
        self.assertEqual(result.out.split()[-2:], ["True", "True"])
        self.assertEqual(result.out.split()[0], str(self.box.path))

    def test_the_log_file_gets_what_the_app_wrote(self):
        log = self.box.write("app.log", "before\n")
        result = self.box.run("run", "--no-preflight", "--log-file", log, "--", "sh", "-c",
                              "echo out; echo err >&2")
        self.assertEqual((result.rc, result.out, result.err), (0, "out\n", "err\n"))
        self.assertEqual(log.read_text(), "before\nerr\n")

    def test_a_healthy_run_leaves_nothing_to_tell(self):
        self.box.run("run", "--no-gl", "--", "true")
        left = [path.name for path in self.box.state_dir.rglob("*") if path.is_file()]
        self.assertEqual([name for name in left if name != ".reserve"], [])


class BrokenPreflight(unittest.TestCase):
    """A broken preflight never stops an app that works."""

    def setUp(self):
        self.box = self.enterContext(Sandbox())

    def started(self, *arguments, **env):
        result = self.box.run("run", *arguments, "--", "sh", "-c",
                              'echo "started $QTWEBENGINE_CHROMIUM_FLAGS"; exit 3',
                              QTWEBENGINE_CHROMIUM_FLAGS="--mine", **env)
        self.assertEqual((result.rc, result.out), (3, "started --mine\n"), result)
        return result.err

    def test_an_identity_that_is_not_there(self):
        self.assertRegex(self.started("--identity", "/no/such.yaml"),
                         r"qwguard: the preflight failed, the app is started unchanged: .*"
                         r"/no/such\.yaml")

    def test_an_identity_that_makes_no_sense(self):
        path = self.box.write("bad.yaml", "version: 1\nos: [\n")
        self.assertIn(f"{path}:", self.started("--identity", path))

    def test_an_engine_that_is_none(self):
        self.assertIn("the app is started unchanged", self.started("--engine", "/etc/passwd"))

    def test_a_broken_profile_is_named_and_skipped(self):
        path = self.box.write("profiles/50-mine.yaml", "version: 1\nprofiles:\n  - id: 7 8\n")
        self.assertIn(f"{path}:3:", self.started("--no-gl", "--profiles", path.parent))

    def test_flags_that_cannot_be_written(self):
        result = self.box.run("run", "--no-gl", "--engine", "6.4", "--rung", "webgl-off", "--",
                              "sh", "-c", 'printf "%s" "$QTWEBENGINE_CHROMIUM_FLAGS"',
                              QTWEBENGINE_CHROMIUM_FLAGS="--a\n--b")
        self.assertEqual(result.rc, 0)
        self.assertTrue(result.out.startswith("--a\n--b"), result)


class DryRun(unittest.TestCase):

    def setUp(self):
        self.box = self.enterContext(Sandbox())

    def test_nothing_is_started_and_everything_is_said(self):
        result = self.box.run("run", "--dry-run", "--no-gl", "--engine", "6.4", "--rung",
                              "webgl-off", "--process-limit", "1G", "--", "sh", "-c",
                              "touch was-started", "it's",
                              QTWEBENGINE_CHROMIUM_FLAGS="--mine")
        self.assertEqual((result.rc, result.err), (0, ""))
        self.assertFalse((self.box.path / "was-started").exists())
        self.assertRegex(result.out, r"guard\.process-limit +1G +--process-limit")
        self.assertRegex(result.out, r"(?m)^Plan +webgl-off: --disable-webgl --disable-3d-apis$")
        self.assertIn("  QTWEBENGINE_CHROMIUM_FLAGS='--mine --disable-webgl --disable-3d-apis'\n",
                      result.out)
        self.assertIn("  QWGUARD_RUNG=webgl-off\n", result.out)
        self.assertRegex(result.out, r"(?m)^  gpu-in-app +gpu-off")
        self.assertTrue(result.out.endswith("Command\n  sh -c 'touch was-started' 'it'\\''s'\n"))

    def test_it_says_that_a_missing_app_is_missing(self):
        self.assertEqual(self.box.run("run", "--dry-run", "--", "no-such-program").rc, 127)

    def test_a_broken_preflight_is_said(self):
        result = self.box.run("run", "--dry-run", "--identity", "/no/such.yaml", "--", "true")
        self.assertEqual(result.rc, 0)
        self.assertIn("would be started unchanged", result.err)


class Screen(unittest.TestCase):
    """What stands on standard error while the app runs."""

    def setUp(self):
        self.box = self.enterContext(Sandbox())

    def on_terminal(self, *arguments, until, **env):
        """Run on a pseudo-terminal of 80 columns; what it shows up to `until`, then the rest."""
        ours, theirs = pty.openpty()
        os.set_blocking(ours, False)
        import fcntl
        import struct
        import termios
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        pid = os.posix_spawn(QWGUARD, [str(QWGUARD), *map(str, arguments)],
                             self.box.env_with({"TERM": "xterm", "LANG": "C.UTF-8",
                                                "LC_ALL": None, **env}),
                             file_actions=[(os.POSIX_SPAWN_DUP2, theirs, 2),
                                           (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
                                           (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0)])
        os.close(theirs)
        seen, asked = b"", False
        while True:
            if not select.select([ours], [], [], 30)[0]:
                os.kill(pid, signal.SIGKILL)
                raise AssertionError(seen)
            try:
                more = os.read(ours, 65536)
            except OSError:     # EIO: the last writer is gone
                break
            if not more:
                break
            seen += more
            if until in seen and not asked:
                asked = True
                os.kill(pid, signal.SIGTERM)
        os.close(ours)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        return status, seen.decode()

    def test_without_verbose_nothing_is_said(self):
        result = self.box.run("run", "--no-preflight", "--", "sleep", "1.2")
        self.assertEqual((result.rc, result.out, result.err), (0, "", ""))

    def test_verbose_without_a_terminal_prints_plain_lines(self):
        for env in ({}, {"LC_ALL": "C"}):
            with self.box.start("run", "-v", "--no-preflight", "--name", "kiosk",
                                "--process-limit", "1GiB", "--", "sleep", "600", **env) as q:
                first = q.wait_line(r"rung none")
                line = q.wait_line(r" of 1\.00 GiB, ")
                os.kill(q.pid, signal.SIGTERM)
                self.assertEqual(q.wait(), 143)
            self.assertRegex(first, r"^qwguard: kiosk \d+.*rung none.*limit 1\.00 GiB")
            self.assertRegex(line, r"^qwguard: \d\d:\d\d:\d\d kiosk \d+: "
                                   r"\d+ MiB of 1\.00 GiB, \+\d+ MiB/s")
            self.assertNotIn("\x1b", "".join(q.err))
            self.assertNotIn("\r", "".join(q.err))
            if env:
                self.assertTrue(all(text.isascii() for text in q.err), q.err)

    def test_verbose_on_a_terminal_redraws_one_line(self):
        status, seen = self.on_terminal("run", "-v", "--no-preflight", "--no-backstop",
                                        "--process-limit", "1GiB", "--", "sleep", "600",
                                        until="▏".encode())
        self.assertEqual(status, 143)
        self.assertRegex(seen, r"\r +\d+ MiB \x1b\[32m▕█*░+▏\x1b\[0m 1\.00 GiB .*MiB/s.*"
                               r"\x1b\[K\r")
        self.assertTrue(seen.endswith("\r\x1b[K"), repr(seen[-40:]))
        self.assertEqual(seen.count("\n"), 1, seen)

    def test_no_color_and_ascii_are_kept(self):
        status, seen = self.on_terminal("run", "-v", "--no-preflight", "--process-limit", "1GiB",
                                        "--", "sleep", "600", until=b"]", NO_COLOR="1", LANG="C")
        self.assertEqual(status, 143)
        self.assertTrue(seen.isascii(), seen)
        self.assertRegex(seen, r"\r +\d+ MiB \[#*-+\] 1\.00 GiB")
        self.assertNotRegex(seen, r"\x1b\[\d+m")

    def test_a_limit_of_the_tree_alone_has_its_bar(self):
        _, seen = self.on_terminal("run", "-v", "--no-preflight", "--process-limit", "off",
                                   "--tree-limit", "1GiB", "--", "sleep", "600",
                                   until=b"/s")
        self.assertRegex(seen, r"\r +\d+ [MK]iB \x1b\[32m▕█*░+▏\x1b\[0m 1\.00 GiB ")

    def test_a_terminal_that_goes_away_ends_the_app_as_without_us(self):
        pid, ours = pty.fork()      # the child leads the session: nobody else is told
        if pid == 0:
            os.execve(QWGUARD, [str(QWGUARD), "run", "-v", "--no-preflight", "--", "sleep", "600"],
                      self.box.env_with({"TERM": "xterm"}))
        try:
            seen = b""
            while b"/s" not in seen:        # the first figures
                self.assertTrue(select.select([ours], [], [], 30)[0], seen)
                seen += os.read(ours, 65536)
            os.close(ours)
            held = os.pidfd_open(pid)
            self.assertTrue(select.select([held], [], [], 30)[0], "still guarding")
            os.close(held)
        finally:
            os.kill(pid, signal.SIGKILL)
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        self.assertEqual(status, 128 + signal.SIGHUP)

    def test_a_dumb_terminal_gets_plain_lines(self):
        _, seen = self.on_terminal("run", "-v", "--no-preflight", "--process-limit", "1GiB",
                                   "--", "sleep", "600", until=b"of 1.00 GiB", TERM="dumb")
        self.assertNotIn("\x1b", seen)


class Incident(unittest.TestCase):
    """A program that grows over its limit, started on the rungs of the user's own profile."""

    PROFILE = """version: 1
profiles:
  - id: test-ladder
    title: three rungs for the test
    evidence: [https://example.invalid/]
    confidence: high
    match: {os.name: linux}
    ladder:
      - {rung: webgl-off}
      - {rung: gpu-off}
    tests:
      - {identity: {os: {name: linux}}, expect: match}
      - {identity: {os: {name: windows}}, expect: no}
  - id: test-app-leak
    title: the same after a leak of the program's own heap
    evidence: [https://example.invalid/]
    confidence: high
    match: {attribution: app}
    when: incident
    ladder:
      - {rung: webgl-off}
      - {rung: gpu-off}
    tests:
      - {attribution: app, expect: match}
      - {attribution: script-heap, expect: no}
"""
    GROW = ("import os, sys\n"
            "print(os.environ['QWGUARD_RUNG'], os.environ['QWGUARD_RESTART'], flush=True)\n"
            "kept = []\n"
            "while os.environ['QWGUARD_RUNG'] != sys.argv[1]:\n"
            "    kept.append(b'x' * 1000000)\n")

    def setUp(self):
        self.box = self.enterContext(Sandbox())
        self.box.write("profiles/50-test.yaml", self.PROFILE)

    def grow(self, *options, until="gpu-off"):
        return self.box.run("run", "--no-gl", "--engine", "6.4", "--profiles",
                            self.box.path / "profiles", "--process-limit", "100M", "--grace",
                            "0s", "--backoff", "0s", *options, "--", "python3", "-c", self.GROW,
                            until)

    def test_each_restart_takes_the_next_rung_and_says_so(self):
        result = self.grow("--name", "kiosk")
        self.assertEqual((result.rc, result.out), (0, "webgl-off 0\ngpu-off 1\n"), result)
        lines = result.err.splitlines()
        self.assertEqual(len(lines), 3, lines)
        self.assertRegex(lines[0], r"^qwguard: \d\d:\d\d:\d\d process-limit: kiosk \d+ reached "
                                   r"100 MiB \(\+\d+ MiB/s\), stopped in [\d.]+ [mu]s, gone in "
                                   r"[\d.]+ [mu]s, 1 process, none left$")
        self.assertRegex(lines[1], r"^qwguard: .*: next rung gpu-off$")
        self.assertRegex(lines[2], r"^qwguard: started again as \d+ \(restart 1 of 5\).*rung "
                                   r"gpu-off.*incident \d{8}T\d{6}Z-\d+$")
        incident, = self.box.incidents()
        self.assertEqual(incident["next_rung"], "gpu-off")
        self.assertTrue(lines[2].endswith(incident["id"]))

    def test_the_next_run_begins_where_the_last_one_ended(self):
        self.assertEqual(self.grow().out, "webgl-off 0\ngpu-off 1\n")
        result = self.grow()
        self.assertEqual((result.rc, result.out, result.err), (0, "gpu-off 0\n", ""))
        history, = (self.box.state_dir / "history").glob("*.json")
        self.assertEqual(history.stat().st_mode & 0o777, 0o600)
        self.assertEqual(json.loads(history.read_text())["rung"], "gpu-off")

    def test_a_history_that_is_torn_is_named_and_not_used(self):
        self.grow()
        history, = (self.box.state_dir / "history").glob("*.json")
        history.write_text('{"schema": ')
        result = self.grow("--exit-on-limit")
        self.assertIn(f"qwguard: what was seen before is not used: {history}:", result.err)
        self.assertEqual(result.out, "webgl-off 0\n", result)

    def test_exit_on_limit_is_124_and_the_rung_is_remembered(self):
        result = self.grow("--exit-on-limit")
        self.assertEqual((result.rc, result.out), (124, "webgl-off 0\n"), result)
        self.assertRegex(result.err.splitlines()[-1], r"^qwguard: gave up: .*incident ")
        self.assertEqual(self.grow().out, "gpu-off 0\n")

    def test_no_restart_allowed_is_124(self):
        result = self.grow("--max-restarts", "0")
        self.assertEqual((result.rc, result.out), (124, "webgl-off 0\n"))

    def test_without_escalation_the_rung_stays(self):
        result = self.grow("--no-escalate", "--max-restarts", "1")
        self.assertEqual((result.rc, result.out), (124, "webgl-off 0\nwebgl-off 1\n"))

    def test_a_told_history_is_used_and_not_overwritten(self):
        told = self.box.write("history.json", '{"rung": "gpu-off", "rung_since_s": 1}')
        result = self.grow("--history", told)
        self.assertEqual((result.rc, result.out), (0, "gpu-off 0\n"), result)
        self.assertFalse((self.box.state_dir / "history").exists())

    def test_quiet_says_nothing(self):
        result = self.grow("-q")
        self.assertEqual((result.rc, result.err), (0, ""))


if __name__ == "__main__":
    unittest.main()
