"""apply and undo as files: where they go, what is never overwritten, what undo takes back and what
it leaves, links and other people's folders, two at once, and what package scripts rely on."""

import errno
import fcntl
import json
import os
import stat
import unittest
from pathlib import Path

from qwg import QWGUARD, Sandbox, run_program

NAME = "QTWEBENGINE_CHROMIUM_FLAGS"
PLAN = ("--no-gl", "--engine", "6.4.2", "--rung", "webgl-off")
NOTHING = ("--no-gl", "--engine", "6.4.2", "--rung", "none")
MINE = "--disable-webgl --disable-3d-apis"


def tree(folder):
    """Everything below a folder, as sorted names."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


class Files(unittest.TestCase):

    def setUp(self):
        self.box = self.enterContext(Sandbox())
        self.config = self.box.home / ".config"
        self.file = self.config / "environment.d" / "50-qwguard.conf"
        self.records = self.box.state_dir / "applied"

    def ok(self, *args, **env):
        result = self.box.run(*args, **env)
        self.assertEqual(result.rc, 0, result)
        return result

    def refused(self, status, pattern, *args, **env):
        result = self.box.run(*args, **env)
        self.assertEqual(result.rc, status, result)
        self.assertRegex(result.err, pattern)
        return result

    def install(self, *args, **env):
        return self.ok("apply", "--format", "environment.d", "--install", *PLAN, *args, **env)

    def test_undo_takes_back_exactly_what_was_written(self):
        (self.config / "environment.d").mkdir(parents=True)
        (self.config / "environment.d" / "10-mine.conf").write_text("A=1\n")
        before = tree(self.box.home)
        self.install()
        self.assertEqual(stat.S_IMODE(self.file.stat().st_mode), 0o644)
        self.ok("apply", "--format", "systemd", "--app", "kiosk", "--install", *PLAN)
        self.ok("apply", "--format", "systemd", "--app", "other", "--install", *PLAN)
        self.ok("undo", "--app", "kiosk")
        self.assertFalse((self.config / "systemd/user/kiosk.service.d").exists())
        self.assertTrue((self.config / "systemd/user/other.service.d").exists())
        result = self.ok("undo")
        self.assertEqual(result.err.count("removed"), 2)
        left = [name for name in tree(self.box.home) if not name.startswith((".local", ".cache"))]
        self.assertEqual(left, [name for name in before if not name.startswith(".local")])
        self.assertEqual(tree(self.records), ["lock"])
        self.assertRegex(self.ok("undo").err, "nothing was written")

    def test_undo_as_json(self):
        self.install()
        self.ok("apply", "--format", "fish", "--install", *PLAN)
        self.file.write_text("mine\n")
        fish = str(self.config / "fish/conf.d/qwguard.fish")
        dry = self.refused(73, "changed since", "undo", "--dry-run")
        self.assertEqual(dry.out.split("\n"), [fish, ""])
        result = self.box.run("undo", "--json")
        self.assertEqual(result.rc, 73)
        answer = result.json()
        self.assertEqual(answer["schema"], "qwguard.undo/1")
        self.assertEqual(answer["removed"], [fish])
        self.assertEqual([row["path"] for row in answer["left"]], [str(self.file)])
        self.assertIn("changed since", answer["left"][0]["why"])

    def test_undo_dry_run_names_what_undo_would_remove(self):
        self.install()
        listed = self.ok("undo", "--dry-run")
        self.assertEqual(listed.out.split(), [str(self.file)])
        self.file.write_text("# mine now\n")
        listed = self.refused(73, "was changed since", "undo", "--dry-run", "--json").json()
        self.assertEqual(listed["removed"], [])
        self.assertEqual([row["path"] for row in listed["left"]], [str(self.file)])
        self.assertEqual(self.ok("undo", "--dry-run", "--force").out.split(), [str(self.file)])
        self.assertTrue(self.file.exists())

    def test_undo_says_that_it_cannot_read_a_record(self):
        self.install()
        next(self.records.glob("*.json")).write_text("{")
        self.refused(65, "1 of the records cannot be read", "undo")
        self.assertTrue(self.file.exists())

    def test_undo_knows_an_application_by_its_path_too(self):
        program = self.box.write("bin/kiosk", "#!/bin/sh\n", 0o755)
        self.ok("apply", "--format", "systemd", "--app", program, "--install", *PLAN)
        self.ok("undo", "--app", "other")
        self.assertTrue((self.config / "systemd/user/kiosk.service.d").exists())
        self.ok("undo", "--app", "kiosk")
        self.assertFalse((self.config / "systemd/user/kiosk.service.d").exists())

    def test_a_named_file_is_one_file_however_it_is_named(self):
        file = self.box.path / "plan.sh"
        for name in ("plan.sh", "./plan.sh", ".//.//plan.sh", file):
            with self.subTest(name=name):
                self.ok("apply", "--format", "sh", "-o", name, *PLAN)
        self.assertEqual(len(list(self.records.glob("*.json"))), 1)
        self.refused(64, "no name of a file", "apply", "--format", "sh", "-o", "x/.", *PLAN)

    def test_standard_output_as_a_file(self):
        result = self.ok("apply", "--format", "sh", "-o", "-", *PLAN)
        self.assertIn(f"export {NAME}=", result.out)
        self.assertFalse((self.box.path / "-").exists())

    def test_a_current_folder_that_has_gone(self):
        result = run_program(["/bin/sh", "-c", 'mkdir "$1" && cd "$1" && rmdir "$1" && shift && '
                              'exec "$@"', "sh", self.box.path / "gone", QWGUARD, "apply",
                              "--format", "sh", "-o", "qwguard-plan.sh", *PLAN], self.box.env)
        self.assertEqual(result.rc, 66, result)
        self.assertRegex(result.err, "'qwguard-plan.sh': the current folder does not exist")
        self.assertEqual(list(self.records.glob("*.json")), [])

    def test_what_was_changed_since_is_left_unless_forced(self):
        self.install()
        for text in ("A=1\n", self.file.read_text() + "B=2\n", self.file.read_text() + "\0"):
            self.file.write_text(text)
            self.refused(73, "changed since", "undo")
            self.refused(73, "changed since", "apply", "--format", "environment.d", "--install",
                         *PLAN)
            self.refused(73, "changed since", "apply", "--format", "environment.d", "--install",
                         *NOTHING)
            self.assertEqual(self.file.read_text(), text)
        self.install("--force")
        self.assertIn(MINE, self.file.read_text())
        self.file.write_text("A=1\n")
        self.ok("undo", "--force")
        self.assertFalse(self.config.exists())

    def test_a_file_of_somebody_else_is_never_overwritten(self):
        self.file.parent.mkdir(parents=True)
        self.file.write_text("mine\n")
        for options in ((), ("--force",), ("--dry-run",)):
            self.refused(73, "was not written by qwguard", "apply", "--format", "environment.d",
                         "--install", *PLAN, *options)
        self.ok("apply", "--format", "environment.d", "--install", *NOTHING)
        self.ok("undo", "--force")
        self.assertEqual(self.file.read_text(), "mine\n")
        self.assertEqual(tree(self.records), ["lock"])

    def test_links_are_not_followed(self):
        target = self.box.write("elsewhere", "mine\n")
        self.file.parent.mkdir(parents=True)
        self.file.symlink_to(target)
        self.refused(73, "was not written by qwguard", "apply", "--format", "environment.d",
                     "--install", *PLAN, "--force")
        self.file.unlink()
        self.install()
        self.file.unlink()
        self.file.symlink_to(target)
        self.refused(73, "changed since", "undo")
        self.ok("undo", "--force")
        self.assertEqual(target.read_text(), "mine\n")
        self.assertFalse(self.file.is_symlink())

    def test_the_users_own_link_to_a_folder_is_followed(self):
        dotfiles = self.box.path / "dotfiles"
        dotfiles.mkdir()
        self.config.symlink_to(dotfiles)
        self.install()
        self.assertEqual(tree(dotfiles), ["environment.d", "environment.d/50-qwguard.conf"])
        self.ok("undo")
        self.assertEqual(tree(dotfiles), [])

    @unittest.skipUnless(os.geteuid() == 0, "only root can give a folder away")
    def test_folders_and_links_of_other_users_are_not_used(self):
        for kind in ("folder", "link"):
            with self.subTest(kind=kind):
                place = self.box.path / "there"
                place.mkdir(exist_ok=True)
                way = self.box.path / kind
                if kind == "link":
                    way.symlink_to(place)
                else:
                    way.mkdir()
                os.chown(way, 65534, 65534, follow_symlinks=False)
                for dry in ((), ("--dry-run",)):
                    self.refused(77, "another user", "apply", "--format", "environment.d",
                                 "--install", *PLAN, *dry, XDG_CONFIG_HOME=way)
                self.assertEqual(tree(way), [])
        self.assertEqual(tree(self.records), ["lock"])

    def test_dry_run_shows_a_diff_that_patch_understands(self):
        first = self.ok("apply", "--format", "environment.d", "--install", "--dry-run", *PLAN)
        self.assertEqual(tree(self.box.state_dir) if self.box.state_dir.exists() else [], [])
        self.assertFalse(self.config.exists())
        self.assertTrue(first.out.startswith(f"--- /dev/null\n+++ {self.file}\n@@ -0,0 +1,2 @@\n"))
        self.install()
        self.assertEqual(self.ok("apply", "--format", "environment.d", "--install", "--dry-run",
                                 *PLAN).out, "")
        second = self.ok("apply", "--format", "environment.d", "--install", "--dry-run", *PLAN,
                         "--flags", "", **{NAME: "--mine"})
        self.assertIn(f"\n-{NAME}=\"{MINE}\"\n+{NAME}=\"--mine {MINE}\"\n", second.out)
        last = self.ok("apply", "--format", "environment.d", "--install", "--dry-run", *NOTHING)
        self.assertIn(f"--- {self.file}\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-#", last.out)
        self.assertTrue(self.file.exists())

    def test_an_empty_plan_writes_nothing_and_takes_back(self):
        result = self.ok("apply", "--format", "sh", *NOTHING)
        self.assertEqual(result.out.count("\n"), 1)
        self.assertIn("nothing", result.err)
        self.assertRegex(self.ok("apply", "--format", "environment.d", "--install", *NOTHING).err,
                         "not written")
        self.assertFalse(self.config.exists())
        self.install()
        self.assertRegex(self.ok("apply", "--format", "environment.d", "--install", *NOTHING).err,
                         "removed")
        self.assertFalse(self.config.exists())

    def test_what_is_not_known_changes_nothing(self):
        unknown = ("apply", "--format", "environment.d", "--install", "--identity",
                   self.box.write("unknown.yaml", "version: 1\nos: {name: linux}\n"))
        self.assertIn("not written", self.ok(*unknown).err)
        self.install()
        self.assertIn("stays as it is", self.ok(*unknown).err)
        self.assertEqual(self.ok(*unknown, "--dry-run").out, "")
        self.assertIn(MINE, self.file.read_text())

    def test_an_older_plan_in_the_environment_is_not_taken_for_the_users_wish(self):
        self.install(**{NAME: "--mine=\"a b\""})
        record = json.loads(next(self.records.glob("*.json")).read_text())
        self.assertEqual(record["before"], {NAME: "--mine=\"a b\""})
        session = record["set"][NAME]
        self.assertEqual(session, f"\"--mine=a b\" {MINE}")
        # the next session has the variable from that file; a narrower rung replaces it
        self.ok("apply", "--format", "environment.d", "--install", "--no-gl", "--engine", "6.4.2",
                "--rung", "webgl1-only", **{NAME: session})
        self.assertIn('=\\"--mine=a b\\" --disable_es3_gl_context"'.replace("=\\", "=\"\\"),
                      self.file.read_text())
        self.ok("apply", "--format", "environment.d", "--install", *NOTHING, **{NAME: session})
        self.assertFalse(self.file.exists())

    def test_an_older_plan_that_is_not_utf8_is_known_again(self):
        mine = "--mine=\udcff\udcfe"
        fish = self.config / "fish/conf.d/qwguard.fish"
        args = ("apply", "--format", "fish", "--install", *PLAN)
        self.ok(*args, **{NAME: mine})
        written = fish.read_bytes()
        self.ok(*args, **{NAME: f"{mine} {MINE}"})
        self.assertEqual(fish.read_bytes(), written)

    def test_many_long_plans_stay_known(self):
        for number in range(18):
            self.install(**{NAME: f"--mine={number}" + "x" * 64_000})
        self.ok("undo")
        self.assertFalse(self.file.exists())

    def test_the_same_again_changes_nothing(self):
        self.install()
        before = self.file.stat().st_mtime_ns, self.file.stat().st_ino
        self.assertIn("up to date", self.install().err)
        self.assertEqual((self.file.stat().st_mtime_ns, self.file.stat().st_ino), before)

    def test_many_at_once_lose_nothing(self):
        apps = [f"app{number}" for number in range(6)]
        running = [self.enterContext(self.box.start("apply", "--format", "systemd", "--install",
                                                    "--app", app, *PLAN)) for app in apps]
        self.assertEqual([one.wait(60) for one in running], [0] * len(apps))
        self.assertEqual(len(list(self.records.glob("*.json"))), len(apps))
        self.ok("undo")
        self.assertFalse(self.config.exists())

    def test_a_full_disk_leaves_the_old_file(self):
        self.install()
        before, record = self.file.read_text(), tree(self.records)
        # ulimit -f counts blocks: the write ends with SIGXFSZ or EFBIG, as a full disk would
        result = run_program(["sh", "-c", f"trap '' XFSZ; ulimit -f 0; exec '{QWGUARD}' apply "
                              "--format environment.d --install " + " ".join(PLAN)],
                             {**self.box.env, NAME: "--other"})
        self.assertNotEqual(result.rc, 0)
        self.assertEqual(self.file.read_text(), before)
        self.assertEqual((tree(self.records), tree(self.file.parent)), (record, [self.file.name]))
        self.ok("undo")

    def test_what_is_written_says_when_it_is_in_force(self):
        self.assertIn("in force from the next login on", self.install().err)
        tool = self.box.write("bin/tool", "#!/bin/sh\n", 0o755)
        words = ("apply", "--app", "tool", "--install", *PLAN)
        wrapper = self.box.home / ".local/bin/tool"
        path = self.box.env["PATH"]
        behind = self.ok(*words, PATH=f"{tool.parent}:{wrapper.parent}:{path}")
        self.assertIn(f"{wrapper} is not started: $PATH leads to {tool} first", behind.err)
        self.assertNotIn("in force", behind.err)
        self.ok("undo", "--app", "tool")
        before = self.ok(*words, PATH=f"{wrapper.parent}:{tool.parent}:{path}")
        self.assertIn("in force when it is started by its name", before.err)
        self.assertNotIn("is not started", before.err)

    def full_disk(self, name):
        """A file system of 64 KiB below the sandbox."""
        folder = self.box.path / name
        folder.mkdir()
        done = run_program(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder])
        if done.rc:
            self.skipTest(f"no file system can be mounted here: {done.err.strip()}")
        self.addCleanup(run_program, ["umount", folder])
        return folder

    def fill(self, folder, free_pages):
        """Leave so many pages of 4 KiB."""
        with open(folder / "filler", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(4096))
            except OSError as full:
                self.assertEqual(full.errno, errno.ENOSPC)
            filler.truncate(filler.tell() - 4096 * free_pages)

    def test_a_disk_that_is_full_at_any_step_leaves_the_old_file_whole(self):
        long = {NAME: "--long=" + "x" * 9000}   # three pages, the record four more
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            disk = self.full_disk(name)
            ends = set()
            for free_pages in range(12):
                with self.subTest(disk=name, free_pages=free_pages):
                    self.install(**{name: disk})
                    conf = disk if name == "XDG_CONFIG_HOME" else self.config
                    file = conf / "environment.d/50-qwguard.conf"
                    records = disk / "qwguard/applied" if name == "XDG_STATE_HOME" \
                        else self.records
                    before, names = file.read_text(), tree(records)
                    self.fill(disk, free_pages)
                    result = self.box.run("apply", "--format", "environment.d", "--install", *PLAN,
                                          **{name: disk, **long})
                    self.assertEqual(tree(records), names, result)
                    self.assertEqual(tree(file.parent), [file.name])
                    if result.rc:
                        self.assertRegex(result.err, "No space left on device|cannot be written")
                        self.assertEqual(file.read_text(), before)
                    else:
                        self.assertIn(long[NAME], file.read_text())
                    ends.add(result.rc != 0)
                    (disk / "filler").unlink()
                    self.ok("undo", **{name: disk})
                    self.assertFalse(file.exists())
            self.assertEqual(ends, {True, False}, name)

    def test_a_desktop_entry_is_not_wrapped_twice(self):
        entry = "[Desktop Entry]\nType=Application\nName=K\nExec=\"/opt/my app/kiosk\" %U\n"
        self.box.write("share/applications/org.example.K.desktop", entry)
        dirs = f"{self.box.home}/.local/share:{self.box.path}/share"
        copy = self.box.home / ".local/share/applications/org.example.K.desktop"
        for _ in range(2):  # the second time its own copy is found first
            self.ok("apply", "--app", "kiosk", "--install", *PLAN, XDG_DATA_DIRS=dirs)
            self.assertEqual(copy.read_text().count(NAME), 1)

    def test_a_unit_that_sets_the_flags_itself_is_refused(self):
        self.box.write("home/.config/systemd/user/kiosk.service",
                       f"[Service]\nExecStart=/bin/true\nEnvironment=\"{NAME}=--mine\"\n")
        self.refused(65, r"kiosk\.service:3: the unit sets", "apply", "--format", "systemd",
                     "--app", "kiosk", "--install", *PLAN)


class System(unittest.TestCase):

    def setUp(self):
        self.box = self.enterContext(Sandbox())
        self.root = self.box.path / "image"
        for folder in ("etc/environment.d", "etc/profile.d", "var/lib"):
            (self.root / folder).mkdir(parents=True)
        self.before = tree(self.root)
        self.files = [self.root / "etc/environment.d/50-qwguard.conf",
                      self.root / "etc/profile.d/50-qwguard.sh"]

    def apply(self, *args, rung="webgl-off", **env):
        return self.box.run("apply", "--system", "--no-gl", "--engine", "6.4.2", "--root",
                            self.root, "--rung", rung, *args, **env)

    def test_for_all_users_below_a_root(self):
        result = self.apply()
        self.assertEqual((result.rc, result.err.count("wrote /etc/")), (0, 2), result)
        self.assertTrue(all(MINE in file.read_text() for file in self.files))
        records = list((self.root / "var/lib/qwguard/applied").glob("*.json"))
        self.assertEqual(sorted(json.loads(path.read_text())["path"] for path in records),
                         ["/etc/environment.d/50-qwguard.conf", "/etc/profile.d/50-qwguard.sh"])
        undo = self.box.run("undo", "--system", "--root", self.root)
        self.assertEqual(undo.rc, 0, undo)
        self.assertEqual([name for name in tree(self.root) if "qwguard" not in name], self.before)
        self.assertFalse(any(file.exists() for file in self.files))

    def test_written_again_only_when_something_changed(self):
        self.apply()
        first = [file.stat().st_ino for file in self.files]
        again = self.apply()
        self.assertEqual((again.rc, again.err.splitlines()[-1]),
                         (0, "qwguard: nothing has changed here since it was written"))
        self.assertEqual([file.stat().st_ino for file in self.files], first)
        self.assertIn("wrote", self.apply(rung="gpu-off").err)
        self.assertIn("--disable-gpu", self.files[0].read_text())
        self.files[0].unlink()  # gone: written again though nothing else has changed
        self.assertIn(f"wrote /{self.files[0].relative_to(self.root)}",
                      self.apply(rung="gpu-off").err)
        self.assertTrue(self.files[0].exists())

    def test_a_package_never_fails(self):
        self.files[0].write_text("admin's\n")
        result = self.apply()
        self.assertEqual(result.rc, 0, result)
        self.assertIn("was not written by qwguard", result.err)
        self.assertEqual(self.files[0].read_text(), "admin's\n")
        self.assertIn(MINE, self.files[1].read_text())
        unknown = self.box.run("apply", "--system", "--no-gl", "--root", self.root)
        self.assertEqual(unknown.rc, 0, unknown)
        config = self.box.write("bad.yaml", "version: 1\nguard: {grace: soon}\n")
        self.assertEqual(self.apply("--config", config).rc, 0)
        self.assertEqual(self.apply("--time-limit", "soon").rc, 64)
        (self.root / "var/lib/qwguard/applied").rename(self.root / "var/lib/qwguard/gone")
        (self.root / "var/lib/qwguard/applied").write_text("in the way")
        blocked = self.apply()
        self.assertEqual(blocked.rc, 0, blocked)
        self.assertIn("is no folder", blocked.err)

    def test_it_ends_by_itself_when_it_takes_too_long(self):
        self.apply()
        before = self.files[0].read_text()
        with open(self.root / "var/lib/qwguard/applied/lock", "rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            late = self.apply("--time-limit", "50ms", rung="gpu-off")
            self.assertEqual((late.rc, late.err), (0, "qwguard: it takes too long; nothing is "
                                                   "changed\n"))
            mine = self.box.run("apply", "--format", "environment.d", "--system", "--app", "x",
                                "--root", self.root, "--time-limit", "50ms", *PLAN)
            self.assertEqual(mine.rc, 69, mine)
        self.assertEqual(self.files[0].read_text(), before)

    def test_links_in_an_image_are_not_followed(self):
        outside = self.box.path / "outside"
        outside.mkdir()
        (self.root / "etc/environment.d").rmdir()
        (self.root / "etc/environment.d").symlink_to(outside)
        result = self.apply()
        self.assertEqual(result.rc, 0, result)
        self.assertIn("is a symbolic link; it is not followed", result.err)
        self.assertEqual(tree(outside), [])


if __name__ == "__main__":
    unittest.main()
