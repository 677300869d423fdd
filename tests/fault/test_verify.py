"""`qwguard verify` with applications that do not help: no engine, an engine that lies, floods,
hangs up or sends elsewhere, processes that do not want to end. Whatever happens, none is left."""

import json
import os
import shutil
import signal
import socket
import sys
import unittest
from pathlib import Path

from qwg import QWGUARD, Sandbox, build_path, run_program

FAKE = Path(__file__).resolve().parent / "devtools.py"
IDENTITY = {"version": 1, "os": {"name": "linux", "version": "6.1.0"}, "gpus": [],
            "gl": {"vendor": "Fake", "renderer": "Fake", "version": "4.6 Fake"},
            "engine": {"qt": "6.4.2", "chromium": "102.0.5005.177"}}
LIMIT_S = 60    # for what takes far less


class Verify(unittest.TestCase):

    def setUp(self):
        self.box = self.enterContext(Sandbox())
        self.identity = self.box.write("identity.json", json.dumps(IDENTITY))
        self.asked = self.box.path / "asked"

    def argv(self, kind, *options):
        return ["verify", "--identity", self.identity, *options, "--", sys.executable, FAKE, kind,
                self.asked]

    def verify(self, kind, *options):
        result = self.box.run(*self.argv(kind, *options), timeout=LIMIT_S)
        self.assertEqual(self.box.processes(), [])
        return result

    def requests(self):
        return self.asked.read_text(encoding="utf-8").splitlines()

    def points(self, result):
        return {point["point"]: (point["found"], point["agree"])
                for point in result.json()["points"]}

    def test_an_engine_that_answers_is_compared(self):
        for kind in ("plain", "fragments", "launcher", "stubborn"):
            with self.subTest(kind=kind):
                result = self.verify(kind, "--json")
                self.assertEqual(result.rc, 10, result)
                points = self.points(result)
                self.assertEqual(points["webgl"], ("enabled", "yes"))
                self.assertEqual(points["webgl2"][0], "disabled")
                self.assertEqual(points["gl.vendor"], ("Fake", "yes"))
                self.assertEqual(points["workaround.fake_workaround"], ("active", "no"))

    def test_what_is_asked_and_how(self):
        self.verify("plain")
        asked = self.requests()
        self.assertEqual(asked[0].split()[0], "/json/version")
        for line in (line for line in asked if line.startswith("/")):
            self.assertNotIn("origin", line.split())
        self.assertEqual([line for line in asked if not line.startswith("/")],
                         ["Target.createTarget", "Target.getTargets", "Target.attachToTarget",
                          "Page.getFrameTree", "Page.createIsolatedWorld", "Runtime.evaluate",
                          "SystemInfo.getInfo", "SystemInfo.getProcessInfo"])

    def test_an_engine_that_cannot_be_asked_is_69_with_the_reason(self):
        rows = (("no-json", "what answers on the port is no engine"),
                ("other-address", "at another address"), ("other-port", "at another address"),
                ("flood-http", "more than an engine would"), ("flood", "more than an engine would"),
                ("hangs-up", "closed the connection"), ("garbage", "no JSON object"))
        for kind, text in rows:
            with self.subTest(kind=kind):
                result = self.verify(kind, "--time-limit", f"{LIMIT_S // 2}s")
                self.assertEqual((result.rc, result.out), (69, ""), result)
                self.assertIn(text, result.err)

    def test_nothing_but_the_port_is_ever_asked(self):
        with socket.create_server(("127.0.0.2", 0)) as trap:
            trap.setblocking(False)
            elsewhere = f"127.0.0.2:{trap.getsockname()[1]}"
            for kind, text in (("redirect", "what answers on the port is no engine"),
                               ("other-address", "at another address")):
                with self.subTest(kind=kind):
                    result = self.box.run(*self.argv(kind, "--time-limit", "5s"),
                                          timeout=LIMIT_S, FAKE_ELSEWHERE=elsewhere)
                    self.assertEqual(result.rc, 69, result)
                    self.assertIn(text, result.err)
                    self.assertRaises(BlockingIOError, trap.accept)

    def test_proxies_of_the_environment_are_not_used(self):
        with socket.create_server(("127.0.0.1", 0)) as trap:
            trap.setblocking(False)
            proxy = f"http://127.0.0.1:{trap.getsockname()[1]}"
            result = self.box.run(*self.argv("plain"), timeout=LIMIT_S, http_proxy=proxy,
                                  HTTP_PROXY=proxy, all_proxy=proxy)
            self.assertEqual(result.rc, 10, result)
            self.assertRaises(BlockingIOError, trap.accept)

    def test_what_was_answered_before_a_refusal_is_told(self):
        result = self.verify("no-info", "--json")
        self.assertIn("refuses SystemInfo.getInfo", result.err)
        self.assertEqual(self.points(result)["webgl"], ("enabled", "yes"))
        self.assertEqual(self.points(result)["gl.vendor"], (None, "unknown"))

    def test_the_time_limit_says_what_was_waited_for(self):
        for kind, text in (("closed", "within 3.0 s: waited in vain for the engine to open its "
                                      "DevTools port"),
                           ("silent", "waited in vain for the engine to tell its GPU")):
            with self.subTest(kind=kind):
                result = self.verify(kind, "--time-limit", "3s")
                self.assertEqual(result.rc, 69, result)
                self.assertIn(text, result.err)

    def test_an_app_that_ends_first_is_told_with_status_and_last_lines(self):
        rows = (("for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo line $i; done; exit 3",
                 "ended with status 3", ("line 3\n", "line 12\n")),
                ("exit 0", "may have taken over", ()),
                ("echo 'b\033[31mad' >&2; kill -SEGV $$", "ended by signal 11", ("b?[31mad",)))
        for script, text, lines in rows:
            with self.subTest(script=script):
                result = self.box.run("verify", "--identity", self.identity, "--", "sh", "-c",
                                      script, timeout=LIMIT_S)
                self.assertEqual((result.rc, result.out), (69, ""), result)
                self.assertIn(text, result.err)
                for line in lines:
                    self.assertIn(line, result.err)
                self.assertNotIn("line 2\n", result.err)

    def test_a_start_failure_that_was_foreseen_is_said(self):
        variable = {"QTWEBENGINE_DISABLE_GPU_THREAD": "1"}
        path = self.box.write("freezes.json", json.dumps({**IDENTITY, "environment": variable}))
        verdict = self.box.run("check", "--json", "--identity", path).json()["verdict"]
        self.assertEqual(verdict["outcome"], "start-failure")
        result = self.box.run("verify", "--identity", path, "--", "sh", "-c", "kill -ABRT $$",
                              timeout=LIMIT_S)
        self.assertEqual(result.rc, 69, result)
        self.assertIn("the verdict had foreseen that it does not start", result.err)

    def test_verbose_hands_the_log_on_when_it_is_written(self):
        result = self.verify("plain", "--verbose")
        self.assertIn("listening\n", result.err)
        self.assertNotIn("listening", self.verify("plain").err)

    def test_asked_to_end_it_leaves_nothing(self):
        for kind, number in (("closed", signal.SIGINT), ("stubborn", signal.SIGTERM),
                             ("silent", signal.SIGHUP)):
            with self.subTest(kind=kind):
                with self.box.start(*self.argv(kind, "-v", "--time-limit", "1h")) as q:
                    q.wait_line("closed|listening")
                    os.kill(q.pid, number)
                    self.assertEqual(q.wait(LIMIT_S), 128 + number)
                self.assertEqual(self.box.processes(), [])

    def test_a_second_request_to_end_does_not_wait(self):
        with self.box.start(*self.argv("stubborn", "-v", "--time-limit", "1h")) as q:
            q.wait_line("listening")
            os.kill(q.pid, signal.SIGINT)
            os.kill(q.pid, signal.SIGTERM)
            self.assertEqual(q.wait(LIMIT_S), 128 + signal.SIGINT)
        self.assertEqual(self.box.processes(), [])

    def test_the_helper_alone_refuses_wrong_words(self):
        helper = build_path("qwguard-verify")
        for words in ((), ("1",), ("0", "1"), ("65536", "1"), ("x", "1"), ("1", "0"), ("1", "-1"),
                      ("1", "1", "1")):
            with self.subTest(words=words):
                result = run_program([helper, *words])
                self.assertEqual((result.rc, result.out), (64, ""), result)


class Installed(unittest.TestCase):
    """Where the helper is looked for."""

    def test_beside_the_program_or_in_libexec_or_said(self):
        with Sandbox() as box:
            identity = box.write("identity.json", json.dumps(IDENTITY))
            program = box.path / "usr/bin/qwguard"
            helper = box.path / "usr/libexec/qwguard/qwguard-verify"
            for folder in (program.parent, helper.parent):
                folder.mkdir(parents=True)
            shutil.copy2(QWGUARD, program)
            argv = [program, "verify", "--identity", identity, "--", sys.executable, FAKE, "plain"]
            result = run_program(argv, box.env, timeout=LIMIT_S)
            self.assertEqual((result.rc, result.out), (69, ""), result)
            self.assertIn("qwguard-verify, is not installed", result.err)
            shutil.copy2(build_path("qwguard-verify"), helper)
            self.assertEqual(run_program(argv, box.env, timeout=LIMIT_S).rc, 10)
            self.assertEqual(box.processes(), [])

    def test_the_main_program_loads_no_network_library(self):
        needed = run_program(["readelf", "-d", QWGUARD]).out
        self.assertIn("libjansson", needed)
        self.assertNotIn("libwebsockets", needed)


if __name__ == "__main__":
    unittest.main()
