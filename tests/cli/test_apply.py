"""apply, read back: each format goes through its real reader, and what arrives in a child's
environment is byte for byte what was planned, however hostile the user's own flags are. The readers
that cannot be had here (cmd.exe, PowerShell) have rows in tests/unit/plan/test_emit.c."""

import json
import os
import re
import subprocess
import unittest
from pathlib import Path

from qwg import QWGUARD, Sandbox, run_program, wait_for

NAME = "QTWEBENGINE_CHROMIUM_FLAGS"
ADDED = " --disable-webgl --disable-3d-apis"
# Written as qwguard itself would write it, so that the merge changes nothing of it.
HOSTILE = {
    "plain": "--mine=1",
    "quotes": "\"--a=it's a \" --b=it's'' --c='$HOME'",
    "dollar": "--a=$HOME${HOME}$(id)$$ --b=\\$HOME $1 --c=$",
    "backtick": "--a=`id` --b=\\`id\\`",
    "percent": "--a=%h%%u100% --b=%PATH% --c=%F%i%",
    "backslash": "--a=\\ --b=\\\\n\\t\\s\\x41 --c=C:\\new\\",
    "spaces": "\"--a=x  y \" \"--b= \"",
    "not ASCII": "--a=ä日本 --b=🙂",
    "typographic quotes": "--a=‘x’‚y‛ --b=“z”",
    "signs": "--a=;&|<>()[]{}*?~#!^ --b=~ --c=#x --d=a=b=c",
    "long": "--long=" + "x'$\\%`" * 1366,
}
UNIT = "[Service]\nExecStart=/bin/true\n"
ENTRY = ("[Desktop Entry]\nType=Application\nName=Kiosk\nDBusActivatable=false\n"
         "Exec={child} {out} 50%% \"a b\" %F\nActions=new;\n\n"
         "[Desktop Action new]\nName=New\nExec={child} {out} --new\n")
CHILD = """#!/bin/sh
out=$1
shift
printf '%s\\0' "$@" > "$out.args"
env -0 > "$out.part"
mv "$out.part" "$out"
"""
GENERATOR = "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator"


def value_in(environment):
    """The variable in the output of `env -0`."""
    for entry in environment.split(b"\0"):
        name, _, value = entry.partition(b"=")
        if name == NAME.encode():
            return value.decode("utf-8", "surrogateescape")
    return None


class ReadBack(unittest.TestCase):

    def setUp(self):
        self.box = self.enterContext(Sandbox())
        self.child = self.box.write("bin/kiosk", CHILD, 0o755)
        self.out = self.box.path / "seen"

    def apply(self, flags, *args, status=0):
        """qwguard apply with a fixed rung and the user's flags; its standard output, raw."""
        env = {**self.box.env, NAME: flags}
        done = subprocess.run([QWGUARD, "apply", "--no-gl", "--engine", "6.4.2", "--rung",
                               "webgl-off", *map(str, args)], env=env, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=60, cwd=self.box.path)
        self.assertEqual(done.returncode, status, done.stderr.decode())
        return done.stdout

    def raw(self, argv, env=None, input=None):
        done = subprocess.run(list(map(str, argv)), env=env or self.box.env, input=input,
                              capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout

    def each(self, read):
        """read(flags) gives the value that the format's reader ended with."""
        for label, flags in HOSTILE.items():
            with self.subTest(flags=label):
                self.assertEqual(read(flags), flags + ADDED)

    def test_shells(self):
        file = self.box.path / "vars"
        for shell, format in (("dash", "sh"), ("bash", "sh"), ("fish", "fish")):
            for locale in ("C", "C.UTF-8"):
                def read(flags):
                    file.write_bytes(self.apply(flags, "--format", format))
                    return value_in(self.raw([shell, "-c", f". '{file}'; env -0"],
                                             {**self.box.env, "LC_ALL": locale}))
                with self.subTest(shell=shell, locale=locale):
                    self.each(read)

    def test_shells_take_what_is_not_utf8(self):
        file = self.box.path / "vars"
        for shell, format in (("dash", "sh"), ("bash", "sh"), ("fish", "fish")):
            with self.subTest(shell=shell):
                file.write_bytes(self.apply(b"--a=\xff\xc3", "--format", format))
                self.assertEqual(value_in(self.raw([shell, "-c", f". '{file}'; env -0"])),
                                 os.fsdecode(b"--a=\xff\xc3") + ADDED)

    def test_eval_in_a_shell_as_the_help_says(self):
        words = "apply --no-gl --engine 6.4.2 --rung webgl-off --format sh"
        done = self.raw(["sh", "-c", f'eval "$(\'{QWGUARD}\' {words})"; env -0'],
                        {**self.box.env, NAME: HOSTILE["quotes"]})
        self.assertEqual(value_in(done), HOSTILE["quotes"] + ADDED)

    def test_wrapper_sets_the_variables_and_hands_on_the_arguments(self):
        path = f"{self.child.parent}:{self.box.env['PATH']}"
        self.box.env["PATH"] = path

        def read(flags):
            file = self.box.path / "wrapper"
            self.apply(flags, "--format", "wrapper", "--app", "kiosk", "-o", file)
            self.raw([file, self.out, "a b", "", "$x"])
            self.assertEqual(Path(f"{self.out}.args").read_bytes(), b"a b\0\0$x\0")
            self.box.run("undo")
            return value_in(self.out.read_bytes())
        self.each(read)

    def test_command_lines_of_flatpak_and_snap(self):
        # both show what they were given: snap its environment, flatpak its arguments
        self.box.write("bin/flatpak", f"#!/bin/sh\nprintf '%s\\0' \"$@\" > '{self.out}'\n", 0o755)
        self.box.write("bin/snap", f"#!/bin/sh\nprintf '%s\\0' \"$@\" > '{self.out}'\n"
                       f"env -0 > '{self.out}.env'\n", 0o755)
        env = {**self.box.env, "PATH": f"{self.child.parent}:{self.box.env['PATH']}"}

        def flatpak(flags):
            line = self.apply(flags, "--format", "flatpak", "--app", "org.example.Kiosk")
            self.raw(["sh"], env, line)
            words = self.out.read_bytes().decode().split("\0")
            self.assertEqual((words[:2], words[3:]), (["override", "--user"],
                                                      ["org.example.Kiosk", ""]))
            self.assertTrue(words[2].startswith(f"--env={NAME}="), words[2])
            return words[2].partition("=")[2].partition("=")[2]

        def snap(flags):
            self.raw(["sh"], env, self.apply(flags, "--format", "snap", "--app", "kiosk"))
            self.assertEqual(self.out.read_bytes(), b"run\0kiosk\0")
            return value_in(Path(f"{self.out}.env").read_bytes())
        self.each(flatpak)
        self.each(snap)

    def test_drop_in_of_a_unit(self):
        unit = self.box.write("home/.config/systemd/user/kiosk.service", UNIT)
        # with its debug messages it prints the unit as it is understood
        env = {**self.box.env, "SYSTEMD_LOG_LEVEL": "debug"}

        def read(flags):
            self.apply(flags, "--format", "systemd", "--app", "kiosk", "--install")
            self.assertEqual([path.name for path in unit.parent.iterdir()
                              if path.is_dir()], ["kiosk.service.d"])
            said = self.raw(["systemd-analyze", "verify", "--man=no", unit], env).decode()
            self.box.run("undo")
            return re.search(rf"^\s+Environment: {NAME}=(.*)$", said, re.MULTILINE).group(1)
        self.each(read)
        self.assertEqual([path.name for path in unit.parent.iterdir()], ["kiosk.service"])
        self.apply(HOSTILE["percent"], "--format", "systemd", "--app", "kiosk", "--install")
        done = run_program(["systemd-analyze", "verify", "--man=no", unit], self.box.env)
        self.assertEqual((done.rc, done.out, done.err), (0, "", ""))

    def test_environment_d(self):
        def read(flags):
            self.apply(flags, "--format", "environment.d", "--install")
            said = self.raw([GENERATOR])
            self.box.run("undo")
            # what it prints is in turn for readers of the shell's kind
            return value_in(self.raw(["env", "-i", "sh", "-c",
                                      "set -a; . /dev/stdin; exec /usr/bin/env -0"], None, said))
        self.each(read)

    def test_desktop_entry(self):
        self.box.write("share/applications/kiosk.desktop",
                       ENTRY.format(child=self.child, out=self.out))
        self.box.env["XDG_DATA_DIRS"] = str(self.box.path / "share")
        copy = self.box.home / ".local/share/applications/kiosk.desktop"

        def read(flags):
            self.apply(flags, "--app", "kiosk", "--install")
            valid = run_program(["desktop-file-validate", copy])
            self.assertEqual((valid.rc, valid.out, valid.err), (0, "", ""))
            self.out.unlink(missing_ok=True)
            done = run_program(["gio", "launch", copy, copy], self.box.env)
            self.assertEqual(done.rc, 0, done)
            wait_for(self.out.exists, 30, "the program, which gio does not wait for")
            self.assertEqual(Path(f"{self.out}.args").read_bytes().decode(),
                             f"50%\0a b\0{copy}\0")
            self.box.run("undo")
            return value_in(self.out.read_bytes())
        self.each(read)

    def test_json_is_the_plan_of_check(self):
        flags = HOSTILE["not ASCII"]
        options = ["--no-gl", "--engine", "6.4.2", "--rung", "webgl-off"]
        check = self.box.run("check", "--json", *options, **{NAME: flags}).json()
        plan = json.loads(self.apply(flags, "--format", "json"))
        self.assertEqual(plan, check["plan"])
        self.assertEqual(plan["chromium_flags"], flags + ADDED)
        self.apply(flags, "--format", "json", "-o", "plan.json")
        file = self.box.path / "plan.json"
        self.assertEqual(json.loads(file.read_text(encoding="utf-8")), plan)
        self.assertEqual(self.box.run("undo").rc, 0)
        self.assertFalse(file.exists())

    def test_control_characters_and_what_is_not_utf8_are_refused(self):
        self.box.write("share/applications/kiosk.desktop",
                       ENTRY.format(child=self.child, out=self.out))
        self.box.env["XDG_DATA_DIRS"] = str(self.box.path / "share")
        self.box.env["PATH"] = f"{self.child.parent}:{self.box.env['PATH']}"
        for format in ("sh fish systemd environment.d desktop wrapper flatpak snap bat ps1"
                       .split()):
            for flags in ("--a=\x01", "--a=\x7f", "--a=\t", "--a=\x1b[2J", "--a=x\ny"):
                with self.subTest(format=format, flags=flags):
                    out = self.apply(flags, "--format", format, "--app", "kiosk", status=65)
                    self.assertEqual(out, b"")
        for format in "systemd environment.d desktop flatpak bat ps1".split():
            with self.subTest(format=format):
                self.apply(b"--a=\xff", "--format", format, "--app", "kiosk", status=65)


if __name__ == "__main__":
    unittest.main()
