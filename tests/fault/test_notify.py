"""What a service manager is told: READY, STATUS, WATCHDOG, by a path or by an abstract name."""

import os
import signal
import socket
import unittest
import uuid

from guarded import GuardCase


class Notify(GuardCase):
    def manager(self, name):
        """A socket that listens as the manager does, and its address for the environment."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(listener.close)
        listener.settimeout(20)
        listener.bind("\0" + name[1:] if name.startswith("@") else name)
        return listener

    def receive(self, listener, wanted):
        """Datagrams up to the first that holds the text."""
        seen = []
        while not seen or wanted not in seen[-1]:
            try:
                seen.append(listener.recv(4096).decode())
            except socket.timeout:
                self.fail(f"no {wanted!r} among {seen}")
        return seen

    def test_ready_status_and_the_end(self):
        for name in (str(self.box.path / "notify"), "@qwg-" + uuid.uuid4().hex):
            listener = self.manager(name)
            with self.guarding(options=("--name", "kiosk"), env={"NOTIFY_SOCKET": name}) as q:
                pid = next(iter(self.wait_leaks(1).fds))
                first = listener.recv(4096).decode()
                self.assertRegex(first, rf"^READY=1\nSTATUS=kiosk {pid}: .*rung none, restart 0$")
                self.assertIn("STATUS=kiosk", self.receive(listener, " of 60 MiB")[-1])
                os.kill(q.pid, signal.SIGTERM)
                q.wait(20)
                seen = self.receive(listener, "STOPPING=1")
                self.assertNotIn("WATCHDOG=1", "".join(seen))

    def test_what_is_sent_is_utf8_whatever_the_app_is_called(self):
        for odd in ("ä" * 300, "ab" + os.fsdecode(b"\xff"), "c\nREADY=1"):
            listener = self.manager("@qwg-" + (name := uuid.uuid4().hex))
            with self.guarding(options=("--name", odd), env={"NOTIFY_SOCKET": "@qwg-" + name}):
                first = listener.recv(4096).decode("utf-8")
            self.assertRegex(first, rf"^READY=1\nSTATUS={odd[0]}[^\n]+$".replace("ä", "[?ä]"))

    def test_a_restart_and_giving_up(self):
        listener = self.manager("@qwg-" + (name := uuid.uuid4().hex))
        result = self.guard("rate=200000000", restarts=1, env={"NOTIFY_SOCKET": "@qwg-" + name})
        self.assertEqual(result.rc, 124, result)
        text = "\n".join(self.receive(listener, "STOPPING=1"))
        self.assertRegex(text, r"STATUS=leak: process-limit, incident \d{8}T\d{6}Z-\d+\n")
        self.assertRegex(text, r"STATUS=leak \d+: rung none, restart 1\n")
        self.assertIn("STATUS=gave up: ", text)
        self.assertEqual(text.count("READY=1"), 1)

    def test_signs_of_life_also_while_a_start_waits(self):
        name = str(self.box.path / "notify")
        listener = self.manager(name)
        env = {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "100000"}
        with self.guarding("rate=200000000", restarts=1, backoff="1h", env=env) as q:
            self.wait_leaks(1)
            for _ in range(3):
                self.receive(listener, "WATCHDOG=1")
            self.open_gate()
            self.receive(listener, "incident")
            for _ in range(3):
                self.receive(listener, "WATCHDOG=1")
            self.assertEqual(len(self.starts()), 1)
            os.kill(q.pid, signal.SIGTERM)
            self.assertEqual(q.wait(20), 128 + signal.SIGTERM)

    def test_a_watchdog_meant_for_another_gets_no_sign(self):
        name = str(self.box.path / "notify")
        listener = self.manager(name)
        env = {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}
        result = self.guard("quit=300", env=env)
        self.assertEqual(result.rc, 0, result)
        self.assertNotIn("WATCHDOG", "".join(self.receive(listener, "STOPPING=1")))

    def test_a_manager_that_is_not_there_or_does_not_read_stops_nothing(self):
        full = str(self.box.path / "full")
        self.manager(full)  # nobody reads: a few datagrams, then it is full
        for name in ("/nowhere/notify", "relative", "@", "/" + "x" * 200, full):
            env = {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "2000"}
            result = self.guard("quit=400", "status=3", env=env)
            self.assertEqual((result.rc, result.err), (3, ""), result)


if __name__ == "__main__":
    unittest.main()
