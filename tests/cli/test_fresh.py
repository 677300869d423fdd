"""Nothing that is kept answers for something that has changed: each part that the plan depends on
is changed between two runs with a warm cache, and the next run must see it at once."""

import glob
import os
import unittest

from qwg import Sandbox

IDENTITY = "version: 1\nos: {name: %s}\nengine: {qt: \"6.4.2\"}\n"
PROFILE = """version: 1
profiles:
  - id: fresh
    title: A profile of a test
    evidence: [https://example.org/fresh]
    confidence: low
    match: {all: [{os.name: linux}]}
    ladder: [{rung: %s, costs: [webgl]}, {rung: software, costs: [gpu]}]
"""
TELL = ("sh", "-c", "echo \"$QWGUARD_RUNG|$QTWEBENGINE_CHROMIUM_FLAGS\"")


class Fresh(unittest.TestCase):

    def setUp(self):
        self.box = self.enterContext(Sandbox())
        self.identity = self.box.write("identity.yaml", IDENTITY % "linux")
        self.profile("webgl-off")
        self.assertEqual(self.rung(), "webgl-off")      # fills what is kept

    def profile(self, rung):
        return self.box.write("home/.config/qwguard/profiles/fresh.yaml", PROFILE % rung)

    def told(self, *options, **env):
        result = self.box.run("run", *options, "--", *TELL, **env)
        self.assertEqual(result.rc, 0, result)
        return result.out.strip().split("|")

    def rung(self, *options):
        return self.told("--identity", self.identity, *options)[0]

    def test_a_profile_that_is_changed_and_removed(self):
        path = self.profile("gpu-off")
        self.assertEqual(self.rung(), "gpu-off")
        stamp = os.stat(path)
        self.profile("no-such")                         # as long, and as old
        os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        self.assertEqual(self.rung(), "none")
        path.unlink()
        self.assertEqual(self.rung(), "none")

    def test_another_folder_of_profiles(self):
        text = (PROFILE % "gpu-off").encode()
        self.box.write("more/late.yaml", text.decode())
        self.assertEqual(self.rung("--profiles", self.box.path / "more"), "gpu-off")
        self.assertEqual(self.rung(), "webgl-off")

    def test_another_identity_in_the_same_file(self):
        self.identity.write_text(IDENTITY % "macos", encoding="utf-8")
        self.assertEqual(self.rung(), "none")

    def test_the_environment(self):
        for flags in ("--first", "--other"):
            rung, got = self.told("--no-gl", QTWEBENGINE_CHROMIUM_FLAGS=flags)
            self.assertEqual(rung, "webgl-off")
            self.assertEqual(got.split()[0], flags)

    def test_the_options(self):
        self.assertEqual(self.rung("--rung", "gpu-off"), "gpu-off")
        self.assertEqual(self.rung(), "webgl-off")

    def test_the_history(self):
        for text, rung in (('{"rung": "software"}', "software"), ("{}", "webgl-off")):
            path = self.box.write("history.json", text)
            self.assertEqual(self.rung("--history", path), rung)

    def test_the_version_of_the_program(self):
        """What the crashes of one version led to is not for the next one."""
        crashes = '#!/bin/sh\n[ "$QWGUARD_RUNG" = software ] || kill -11 $$\necho "$QWGUARD_RUNG"\n'
        path = self.box.write("program", crashes, 0o755)

        def run():
            return self.box.run("run", "--identity", self.identity, "--backoff", "0s", "--", path)
        self.assertEqual(run().out.split(), ["software"])   # after two crashes
        again = run()
        self.assertEqual((again.out, again.err), ("software\n", ""), again)
        self.box.write("program", '#!/bin/sh\necho "$QWGUARD_RUNG"\n', 0o755)
        self.assertEqual(run().out, "webgl-off\n")

    def test_the_configuration(self):
        for limit in ("3GiB", "2GiB"):
            self.box.write("home/.config/qwguard/config.yaml",
                           f"guard: {{process-limit: {limit}}}\n")
            result = self.box.run("run", "--dry-run", "--identity", self.identity, "--", "true")
            self.assertRegex(result.out, rf"guard\.process-limit +{limit}")

    def test_an_engine_that_is_replaced(self):
        link = self.box.path / "libengine.so"
        for major in ("5", "6", "5"):
            library = glob.glob(f"/usr/lib/*/libQt{major}WebEngineCore.so.{major}")[0]
            link.unlink(missing_ok=True)
            link.symlink_to(library)
            result = self.box.run("check", "--json", "--no-gl", "--engine", link)
            self.assertEqual(result.json()["identity"]["engine"]["qt"][0], major, result)


if __name__ == "__main__":
    unittest.main()
