"""Where things are kept (contract, files): whose folders are used, their modes, and what happens
when they are not to be had or not to be read."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from qwg import QWGUARD, Sandbox

AT_ONCE = ("run", "--no-preflight", "--process-limit", "4K", "--max-restarts", "0")
IDENTITY = "gl: {vendor: Intel, renderer: Mesa Intel, version: 4.6 Mesa 24}\nengine: {qt: 6.4.2}\n"


class Files(unittest.TestCase):

    def setUp(self):
        self.box = self.enterContext(Sandbox())

    def modes(self, folder):
        return {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_dir()}, \
               {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()}

    def test_state_is_for_this_user_alone(self):
        state = self.box.path / "state"
        for folder in (state, state / "incidents"):
            folder.mkdir(mode=0o755)
        result = self.box.run(*AT_ONCE, "--state", state, "--", "sleep", "20")
        self.assertEqual(result.rc, 124, result)
        self.assertEqual(self.modes(state), ({0o700}, {0o600}))

    def test_a_state_folder_behind_a_link_or_of_another_user_is_not_used(self):
        real = self.box.path / "real"
        real.mkdir()
        link = self.box.path / "link"
        link.symlink_to(real)
        rows = [(str(link), "is a symbolic link"), (f"{link}/", "is a symbolic link")]
        if os.geteuid() == 0:
            foreign = self.box.path / "foreign"
            foreign.mkdir()
            os.chown(foreign, 65534, 65534)
            rows.append((str(foreign), "belongs to another user"))
        for state, words in rows:
            with self.subTest(state=state):
                result = self.box.run(*AT_ONCE, "--state", state, "--", "sleep", "20")
                self.assertEqual(result.rc, 124, result)
                self.assertIn(f"qwguard: '{state.rstrip('/')}' {words}; it is not used", result.err)
                self.assertIn('"schema":"qwguard.incident/1"', result.err)
                self.assertEqual(os.listdir(state), [])
                self.assertEqual(self.box.run("incident", "list", "--state", state).rc, 69)

    def test_a_pipe_below_the_root_where_a_file_is_looked_for_is_not_waited_for(self):
        root = self.box.path / "root"
        for name in ("sys/bus/pci/devices/0000:01:00.0/vendor", "sys/module/amdgpu/version",
                     "etc/ld.so.cache", "etc/os-release"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            os.mkfifo(root / name)
        (root / "sys/bus/pci/devices/0000:01:00.0/class").write_text("0x030000\n")
        result = self.box.run("check", "--json", "--root", root)
        self.assertEqual(result.rc, 11, result)
        self.assertEqual(result.json()["identity"]["gpus"], [{"class": "0x0300"}])

    def test_a_cache_behind_a_link_is_not_used(self):
        real = self.box.path / "real"
        real.mkdir()
        self.box.cache_dir.parent.mkdir(parents=True)
        self.box.cache_dir.symlink_to(real)
        self.assertEqual(self.box.run("check", "--no-gl", "-q").rc, 11)
        self.assertEqual(os.listdir(real), [])

    def test_an_engine_that_cannot_be_read_is_named_and_the_app_runs(self):
        library = self.box.path / "root/usr/lib64/libQt6WebEngineCore.so.6"
        library.parent.mkdir(parents=True)
        for content, words in ((b"\x7fELF", "no ELF file"), (b"no library" * 100, "no ELF file"),
                               (QWGUARD.read_bytes()[:100], "truncated ELF file: "),
                               (QWGUARD.read_bytes(), "no Qt WebEngine library")):
            with self.subTest(words=words):
                library.write_bytes(content)
                said = "qwguard: an engine is left out: '/usr/lib64/libQt6WebEngineCore.so.6': "
                result = self.box.run("check", "--root", self.box.path / "root")
                self.assertEqual(result.rc, 11, result)
                self.assertIn(said + words, result.err)
                result = self.box.run("run", "--root", self.box.path / "root", "--", "sh", "-c",
                                      "exit 3")
                self.assertEqual(result.rc, 3, result)
                self.assertIn(said + words, result.err)

    def test_a_file_that_may_not_be_read_is_no_input(self):
        place = Path(tempfile.mkdtemp(prefix="qwg-open-", dir="/tmp"))  # reached by every user
        self.addCleanup(shutil.rmtree, place)
        place.chmod(0o755)
        program = shutil.copy(QWGUARD, place / "qwguard")
        name = place / "closed.yaml"
        name.write_text(IDENTITY, encoding="utf-8")
        name.chmod(0)
        user = {"user": 65534} if os.geteuid() == 0 else {}
        for words in (["check", "--identity"], ["run", "--config"]):
            with self.subTest(words=words):
                done = subprocess.run([program, *words, name, *(["true"] * (words[0] == "run"))],
                                      env=self.box.env, capture_output=True, encoding="utf-8",
                                      **user)
                self.assertEqual((done.returncode, done.stderr.splitlines()[-1]),
                                 (66, f"qwguard: cannot read '{name}': Permission denied"))


if __name__ == "__main__":
    unittest.main()
