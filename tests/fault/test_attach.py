"""`qwguard attach`, `status` and the files in run/: an app that was not started by the guard, an
app whose guard has died, files that are stale or broken."""

import json
import os
import re
import signal
import threading
import unittest
from pathlib import Path

from guarded import GuardCase
from qwg import Running, process_parents, wait_for

TIME_LIMIT_S = 300


def kernel_flag(pid):
    """PF_KTHREAD in field 9 of /proc/PID/stat."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return False
    return int(fields[6]) & 0x200000 != 0


class Case(GuardCase):
    def status(self, *options):
        result = self.box.run("status", "--json", *options)
        self.assertEqual((result.rc, result.err), (0, ""), result)
        return result.json()["apps"]

    def wait_status(self, **wanted):
        """The one app that is shown, once it is as wanted."""
        def look():
            nonlocal apps
            apps = self.status()
            right = len(apps) == 1 and all(apps[0][key] == value for key, value in wanted.items())
            return apps[0] if right else None
        apps = []
        try:
            return wait_for(look, 20, f"an app with {wanted}")
        except AssertionError as late:
            raise AssertionError(f"{late}; there is {apps}") from late

    def app(self, *words):
        """leak, started by nobody in particular, in a `with`."""
        return Running(words, self.box.env, self.box.path, program=self.leak)

    def attach(self, pid, *options):
        return self.box.start("attach", "--tree-limit", "off", "--grace", "0s", *options, pid)

    def run_files(self):
        folder = self.box.state_dir / "run"
        return sorted(folder.iterdir()) if folder.exists() else []


class Attach(Case):
    def test_ends_the_whole_tree_at_the_limit(self):
        with self.app("rate=100000000", "children=3", "ignore", f"gate={self.gate}") as app:
            held = self.wait_leaks(4)
            with self.attach(app.pid, "--process-limit", "60M") as q:
                self.wait_status(pid=app.pid, processes=4, attached=True)
                self.open_gate()
                self.assertEqual(q.wait(30), 124, q.err)
            self.assertEqual(held.alive(), [])
            app.child.wait(10)
        incident = self.incident()
        self.assertEqual(incident["reason"], "process-limit")
        self.assertEqual(incident["process"]["pid"], app.pid)
        self.assertEqual((incident["survivors"], len(incident["processes"])), (0, 4))
        self.assertEqual(incident["app"]["argv"][0], self.leak)
        self.assertEqual(self.run_files(), [])

    def test_one_over_the_limit_already_is_not_said_to_need_more_for_its_start(self):
        with self.app() as app:
            self.wait_leaks(1)
            with self.attach(app.pid, "--process-limit", "4K") as q:
                self.assertEqual(q.wait(30), 124, q.err)
            app.child.wait(10)
        self.assertEqual(self.incident()["process"]["pid"], app.pid)
        said = "\n".join(q.err)
        self.assertIn("gave up", said)
        self.assertNotIn("at once", said)
        self.assertNotIn("needs to start", said)
        self.assertNotIn("leaks", said)
        self.assertEqual(self.incident()["attribution"]["kind"], "unknown")

    def test_a_child_born_later_is_guarded_too(self):
        script = f"while [ ! -e {self.gate} ]; do sleep 0.05; done; {self.leak} rate=100000000"
        with Running(["-c", script], self.box.env, program="/bin/sh") as app:
            with self.attach(app.pid, "--process-limit", "60M") as q:
                self.wait_status(pid=app.pid)
                self.open_gate()
                self.assertEqual(q.wait(30), 124, q.err)
            self.assert_none_left()
            app.child.wait(10)

    def test_ends_with_0_when_the_tree_has_ended(self):
        with self.app("term=4") as app:
            with self.attach(app.pid) as q:
                self.wait_status(pid=app.pid)
                os.kill(app.pid, signal.SIGTERM)
                app.child.wait(10)
                self.assertEqual(q.wait(20), 0, q.err)
        self.assertEqual(self.box.incidents(), [])

    def test_told_to_end_leaves_the_app_running(self):
        with self.app("children=2") as app:
            held = self.wait_leaks(3)
            with self.attach(app.pid) as q:
                self.wait_status(pid=app.pid)
                os.kill(q.pid, signal.SIGTERM)
                self.assertEqual(q.wait(20), 128 + signal.SIGTERM, q.err)
            self.assertEqual(len(held.alive()), 3)
            self.assertEqual(self.status(), [])

    def test_report_leaves_the_app_running(self):
        with self.app("rate=100000000", "until=90000000") as app:
            held = self.wait_leaks(1)
            with self.attach(app.pid, "--process-limit", "60M", "--actions", "report") as q:
                wait_for(lambda: self.box.incidents(), 20, "an incident")
                self.assertEqual(held.alive(), [app.pid])
                self.assertIsNone(q.child.poll())

    def test_refuses_what_it_cannot_do(self):
        rows = (
            (("1",), 64, "cannot be ended"),
            (("banana",), 64, "no process id"),
            (("0",), 64, "no process id"),
            (("999999999",), 66, "no process 999999999"),
            (("--actions", "restart", str(os.getpid())), 64, "cannot be started again"),
        )
        for words, rc, text in rows:
            result = self.box.run("attach", *words)
            self.assertEqual(result.rc, rc, result)
            self.assertIn(text, result.err)

    def test_refuses_an_app_that_is_guarded_and_each_process_of_it(self):
        with self.guarding("children=1") as q:
            app = self.wait_status(guarded=True, processes=2)["pid"]
            for pid in self.leaks():
                result = self.box.run("attach", pid)
                self.assertEqual(result.rc, 69, result)
                self.assertIn(f"process {pid} is guarded already, with leak {app}, "
                              f"by qwguard {q.pid}\n", result.err)

    def test_of_two_at_once_one_guards(self):
        with self.app("children=20") as app:
            self.wait_leaks(21)
            for _ in range(5):
                with self.attach(app.pid) as one, self.attach(app.pid) as other:
                    ended = wait_for(lambda: [q for q in (one, other)
                                              if q.child.poll() is not None], 20, "a refusal")
                    self.assertEqual([q.wait(20) for q in ended], [69], ended[0].err)
                    self.assertEqual(self.wait_status(guarded=True)["pid"], app.pid)
                    stays = other if ended == [one] else one
                    os.kill(stays.pid, signal.SIGTERM)
                    self.assertEqual(stays.wait(20), 128 + signal.SIGTERM)

    def test_refuses_the_guard_itself(self):
        with self.guarding() as q:
            self.wait_status(guarded=True)
            result = self.box.run("attach", q.pid)
        self.assertEqual(result.rc, 64, result)
        self.assertIn(f"process {q.pid} is a qwguard", result.err)

    def test_refuses_one_thread_of_a_process(self):
        done = threading.Event()
        thread = threading.Thread(target=done.wait)
        thread.start()
        result = self.box.run("attach", thread.native_id)
        done.set()
        thread.join()
        self.assertEqual(result.rc, 64, result)
        self.assertIn(f"{thread.native_id} is one thread of a process", result.err)

    def test_refuses_a_thread_of_the_kernel(self):
        kernel = next((pid for pid in process_parents() if kernel_flag(pid)), None)
        if kernel is None:
            self.skipTest("no thread of the kernel is to be seen here")
        result = self.box.run("attach", kernel)
        self.assertEqual(result.rc, 64, result)
        self.assertIn(f"process {kernel} is the kernel's own", result.err)


class DeadGuard(Case):
    def wait_orphans(self, guard, count):
        """Pid of the app, once so many that have lost their parent are noted in the guard's file:
        those between them and the app have come and gone."""
        def look():
            parents = process_parents()
            leaks = self.leaks()
            orphans = [pid for pid in leaks if parents.get(pid) == guard]
            noted = [json.loads(path.read_text(encoding="utf-8")) for path in self.run_files()]
            members = {pid for pid, _ in noted[0]["members"]} if noted else set()
            done = len(leaks) == len(orphans) == count + 1 and members == set(leaks)
            return noted[0]["app"]["pid"] if done else None
        return wait_for(look, 20, f"{count} orphans")

    def test_is_shown_and_its_app_taken_over_with_what_has_lost_its_parent(self):
        with self.guarding("rate=100000000", "children=3", "twice", "session") as q:
            pid = self.wait_orphans(q.pid, 3)
            held = self.wait_leaks(4)
            os.kill(q.pid, signal.SIGKILL)
            q.child.wait(10)
            app = self.wait_status(guarded=False, guard=q.pid)
            self.assertEqual(app["pid"], pid)
            self.assertIn("without a guard", self.box.run("status").out)
            with self.attach(pid, "--process-limit", "60M") as other:
                app = self.wait_status(guarded=True, guard=other.pid, processes=4)
                self.assertEqual(app["rung"], "none")
                self.open_gate()
                self.assertEqual(other.wait(30), 124, other.err)
                self.assertIn("taking over", "\n".join(other.err))
            self.assertEqual(held.alive(), [])

    def test_whose_launcher_has_ended_too_is_shown_by_a_process_that_goes_on(self):
        with self.guarding("rate=100000000", "launch", "children=2") as q:
            launcher = self.first_pid()
            held = self.wait_leaks(3)
            self.wait_status(processes=3)
            os.kill(q.pid, signal.SIGKILL)
            q.child.wait(10)
            pid = self.wait_status(guarded=False)["pid"]
            self.assertIn(pid, held.fds)
            self.assertNotEqual(pid, launcher)
            self.assertIn(f"\nleak {pid} goes on without a guard, which has ended: "
                          f"qwguard attach {pid}\n", self.box.run("status").out)
            others = [one for one in held.fds if one != pid]
            with self.attach(others[0], "--process-limit", "60M") as other:
                self.wait_status(guarded=True, guard=other.pid, processes=3)
                self.open_gate()
                self.assertEqual(other.wait(30), 124, other.err)
            self.assertEqual(held.alive(), [])

    def test_and_dead_app_leave_nothing_behind(self):
        with self.guarding() as q:
            held = self.wait_leaks(1)
            self.wait_status(guarded=True)
            os.kill(q.pid, signal.SIGKILL)
            q.child.wait(10)
            os.kill(next(iter(held.fds)), signal.SIGKILL)
            wait_for(lambda: not held.alive(), 10, "the end of the app")
        self.assertEqual(self.status(), [])
        self.assertEqual(self.run_files(), [])


class Files(Case):
    def test_say_how_the_app_is(self):
        with self.guarding("start=40000000", options=("--name", "kio\"sk\n"), restarts=3) as q:
            app = self.wait_status(app="kio\"sk\n", processes=1)
            wait_for(lambda: self.status()[0]["largest_bytes"] >= 40000000, 10, "its memory")
            self.assertEqual((app["guard"], app["restarts"], app["max_restarts"]), (q.pid, 0, 3))
            self.assertEqual((app["limit_of"], app["limit_bytes"]), ("process", 60 << 20))
            table = self.box.run("status").out.splitlines()
            self.assertEqual(len(table), 2, table)
            self.assertRegex(table[0], r"^APP +PID +UP +MEMORY +RATE +RUNG +RESTARTS +LAST INC")
            self.assertRegex(table[1], rf"^kio\"sk  +{app['pid']} .* / 60 MiB .* none ")
            os.kill(q.pid, signal.SIGTERM)
            q.wait(20)
        self.assertEqual(self.status(), [])
        self.assertEqual(self.run_files(), [])

    def test_say_how_much_a_small_app_holds(self):
        with self.guarding():
            wait_for(lambda: any(one["largest_bytes"] for one in self.status()), 20, "its memory")

    def test_are_one_table_with_straight_columns(self):
        long, short = "ä" * 40, "ü"
        with self.guarding(options=("--name", long)), self.guarding(options=("--name", short)):
            wait_for(lambda: len(self.status()) == 2, 20, "two apps")
            table = self.box.run("status").out.splitlines()
        self.assertEqual(len({line.index("none") for line in table[1:]} | {table[0].index("RUNG")}),
                         1, table)
        self.assertLess(len(table[0]), 100)

    def test_in_a_folder_that_is_not_ours_are_not_said_to_be_none(self):
        folder = self.box.path / "other"
        folder.mkdir(mode=0o700)
        link = self.box.path / "link"
        link.symlink_to(folder)
        result = self.box.run("status", "--state", link)
        self.assertEqual((result.rc, result.out), (69, ""), result)
        self.assertIn(f"'{link}' is a symbolic link", result.err)

    def test_tell_restarts_and_the_last_incident(self):
        with self.guarding("rate=100000000", restarts=200) as q:
            self.wait_leaks(1)
            self.open_gate()
            app = wait_for(lambda: next((one for one in self.status()
                                         if one["restarts"] > 1), None), 30, "two restarts")
            self.assertRegex(app["last_incident"], r"^\d{8}T\d{6}Z-\d+$")
            os.kill(q.pid, signal.SIGTERM)
            q.wait(20)

    def test_of_another_start_of_the_system_or_broken_are_removed_or_left_out(self):
        with self.guarding() as q:
            self.wait_status(guarded=True)
            path = self.run_files()[0]
            text = path.read_text(encoding="utf-8")
            folder = path.parent
            boot = json.loads(text)["boot"]
            start, space = boot.split(":")
            self.assertEqual(int(space), os.stat("/proc/self/ns/pid").st_ino)
            rows = (("2.json", text.replace(boot, f"{start[::-1]}:{space}"), False),
                    ("8.json", text.replace(boot, f"{start}:1"), True),     # of a container
                    ("3.json", re.sub(r'"start": \d+', '"start": 1', text).replace(
                        "[[", "[[1"), False),
                    ("4.json", text[:100], True), ("5.json", "", True),
                    ("6.json", text.replace('"end": ', '"end": 9'), True))
            for name, content, _ in rows:
                (folder / name).write_text(content, encoding="utf-8")
            (folder / "7.json").symlink_to(path)
            apps = self.status()
            self.assertEqual([app["guard"] for app in apps], [q.pid])
            for name, _, stays in rows:
                self.assertEqual((folder / name).exists(), stays, name)

    def test_watch_prints_again_and_again(self):
        with self.guarding() as q, self.box.start("status", "--watch", "--json") as watch:
            wait_for(lambda: len([line for line in watch.out if f'"guard":{q.pid},' in line]) > 1,
                     20, "two looks")
            os.kill(watch.pid, signal.SIGINT)
            self.assertEqual(watch.wait(), -signal.SIGINT)


if __name__ == "__main__":
    unittest.main()
