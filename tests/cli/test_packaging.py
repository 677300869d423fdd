"""What `make install` brings along for packages and the boot: units that systemd accepts, scripts
that never fail a package."""

import os
import re
import subprocess
import unittest
from pathlib import Path

from qwg import QWGUARD, SRC_DIR, Sandbox, run_program

SCRIPTS = SRC_DIR / "packaging" / "debian"
CALLS = {("postinst", "configure"): "apply --system --no-gl\n",
         ("postinst", "triggered"): "apply --system --no-gl\n",
         ("postinst", "abort-upgrade"): "", ("prerm", "remove"): "undo --system\n",
         ("prerm", "upgrade"): "", ("postrm", "remove"): ""}


class Packaging(unittest.TestCase):

    def setUp(self):
        self.box = self.enterContext(Sandbox())

    def units(self):
        """The two units as they are installed, with this qwguard as their program."""
        prefix = self.box.path / "usr"
        (prefix / "bin").mkdir(parents=True)
        (prefix / "bin/qwguard").symlink_to(QWGUARD)
        doc = self.box.write("usr/share/doc/qwguard/docs/apply.md", "")
        for name in ("qwguard-apply", "qwguard-apply-user"):
            text = (SRC_DIR / f"packaging/{name}.service.in").read_text(encoding="utf-8")
            self.assertIn("@PREFIX@/share/doc/qwguard/docs/" + doc.name, text)
            yield self.box.write(f"units/{name}.service", text.replace("@PREFIX@", str(prefix)))

    def test_systemd_takes_the_units(self):
        for unit in self.units():
            with self.subTest(unit=unit.name):
                done = run_program(["systemd-analyze", "verify", "--man=no", unit], self.box.env)
                self.assertEqual((done.rc, done.out, done.err), (0, "", ""))

    def test_their_command_lines_are_ones_that_apply_takes(self):
        root = self.box.path / "image"
        (root / "etc").mkdir(parents=True)
        (root / "var/lib").mkdir(parents=True)
        for unit in self.units():
            line = next(line for line in unit.read_text().splitlines()
                        if line.startswith("ExecStart="))
            words = line.partition("=")[2].split()
            self.assertTrue(os.access(words[0], os.X_OK))
            done = run_program([*words, "--root", root, "--rung", "webgl-off"], self.box.env)
            self.assertEqual(done.rc, 0, done)
        self.assertTrue((root / "etc/environment.d/50-qwguard.conf").exists())
        self.assertTrue((self.box.home / ".config/environment.d/50-qwguard.conf").exists())

    def test_scripts_call_it_and_never_fail(self):
        log = self.box.path / "calls"
        fake = self.box.write("bin/qwguard", f"#!/bin/sh\necho \"$@\" >> '{log}'\nexit 70\n", 0o755)
        for path in (fake.parent, self.box.path / "without"):
            env = {**self.box.env, "PATH": f"{path}:/usr/bin:/bin"}
            for (script, word), called in CALLS.items():
                with self.subTest(script=script, word=word, path=path.name):
                    log.write_text("")
                    done = subprocess.run(["sh", SCRIPTS / script, word], env=env, timeout=30,
                                          capture_output=True)
                    self.assertEqual(done.returncode, 0, done)
                    if path == fake.parent:
                        self.assertEqual(log.read_text(), called)

    def test_triggers_name_folders_without_waiting(self):
        lines = [line.split() for line in (SCRIPTS / "triggers").read_text().splitlines()
                 if line and not line.startswith("#")]
        self.assertGreater(len(lines), 1)
        for word, path in lines:
            self.assertEqual((word, Path(path).is_absolute()), ("interest-noawait", True))

    def test_make_install_puts_them_there(self):
        dest = self.box.path / "dest"
        plain = {"PATH": self.box.env["PATH"], "HOME": self.box.env["HOME"]}
        done = run_program(["make", "-C", SRC_DIR, "-n", "install", f"DESTDIR={dest}",
                            "PREFIX=/usr"], plain, timeout=120)
        self.assertEqual(done.rc, 0, done)
        for name in ("lib/systemd/system/qwguard-apply.service",
                     "lib/systemd/user/qwguard-apply.service", "share/doc/qwguard/debian"):
            self.assertIn(f"{dest}/usr/{name}", done.out)
        readme = (SRC_DIR / "README.md").read_text(encoding="utf-8")
        linked = set(re.findall(r"\]\(((?:docs|tests)/[^)#]+)", readme))
        self.assertIn("docs/apply.md", linked)
        for link in sorted(linked):
            with self.subTest(link=link):
                self.assertTrue((SRC_DIR / link).exists())
                if link.startswith("docs/"):
                    self.assertRegex(done.out, rf"for f in [^;]*\b{re.escape(link)}\b")


if __name__ == "__main__":
    unittest.main()
