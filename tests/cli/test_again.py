"""A plan that was applied is no wish of the user: in a session that has what apply wrote, every
command decides as it did without it, and apply writes the same again."""

import unittest

from qwg import QWGUARD, Sandbox, run_program

NAME = "QTWEBENGINE_CHROMIUM_FLAGS"
ENGINE = ("--no-gl", "--engine", "6.4.2")
RUNGS = ("webgl1-only", "webgl-off", "software")
# The user's own variables
OWN = {
    "nothing": {},
    "empty": {NAME: ""},
    "plain": {NAME: "--mine --js-flags=--x"},
    "same switch": {NAME: "--disable-gpu"},
    "quotes": {NAME: "\"--a=it's $HOME `id` \\ \" --b=50%"},
    "a variable": {"QT_QUICK_BACKEND": "rhi"},
}
ENVIRONMENT_D = ("--format", "environment.d", "--install")


class Again(unittest.TestCase):

    def setUp(self):
        self.box = self.enterContext(Sandbox())
        self.box.write("home/bin/kiosk", "#!/bin/sh\nexec env -0\n", 0o755)
        self.box.env["PATH"] += f":{self.box.home}/bin"

    def ok(self, *args, **env):
        result = self.box.run(*args, **env)
        self.assertEqual(result.rc, 0, result)
        return result

    def check(self, rung, env):
        result = self.box.run("check", "--json", *ENGINE, "--rung", rung, **env)
        self.assertIn(result.rc, (0, 10, 11, 12), result)
        return result.json()

    def environment(self, argv, env):
        """The variables that a program ends with which prints them (env -0)."""
        result = run_program(argv, self.box.env_with(env))
        self.assertEqual(result.rc, 0, result)
        pairs = (entry.partition("=") for entry in result.out.split("\0") if entry)
        return {name: value for name, _, value in pairs if name.startswith("QT")}

    def written(self, *args, env):
        """Apply into a shell's file, and what a shell has that reads it."""
        self.ok("apply", "--format", "sh", "-o", "vars", *ENGINE, *args, **env)
        return self.environment(["sh", "-c", f". '{self.box.path}/vars'; exec env -0"], env)

    def test_check_decides_as_before_and_apply_writes_the_same(self):
        for label, own in OWN.items():
            for rung in RUNGS:
                with self.subTest(own=label, rung=rung):
                    before = self.check(rung, own)
                    session = self.written("--rung", rung, env=own)
                    after = self.check(rung, session)
                    self.assertEqual(after["identity"].get("environment", {}), own)
                    self.assertEqual(after["plan"], before["plan"])
                    text = (self.box.path / "vars").read_text(encoding="utf-8")
                    self.assertEqual(self.written("--rung", rung, env=session), session)
                    self.assertEqual((self.box.path / "vars").read_text(encoding="utf-8"), text)
                    self.ok("undo")

    def test_a_wrapper_is_seen_through(self):
        own = OWN["plain"]
        self.ok("apply", "--app", "kiosk", "--install", *ENGINE, "--rung", "webgl-off", **own)
        session = self.environment([self.box.home / ".local/bin/kiosk"], own)
        self.assertEqual(session[NAME], f"{own[NAME]} --disable-webgl --disable-3d-apis")
        self.assertEqual(self.check("none", session)["identity"]["environment"], own)

    def test_an_older_session_keeps_an_older_plan(self):
        own = OWN["plain"]
        sessions = []
        for rung in ("gpu-off", "webgl-off", "compositing-off", "webgl-off"):
            self.ok("apply", *ENVIRONMENT_D, *ENGINE, "--rung", rung, **(sessions or [own])[-1])
            sessions.append({NAME: self.check(rung, own)["plan"]["chromium_flags"]})
        for session in sessions:
            self.assertEqual(self.check("none", session)["identity"]["environment"], own)

    def test_what_the_user_set_since_is_the_users_own(self):
        session = self.written("--rung", "webgl-off", env={})
        mine = {NAME: session[NAME] + " --more"}
        self.assertEqual(self.check("none", mine)["identity"]["environment"], mine)

    def test_run_starts_with_the_users_own_and_the_plan_of_now(self):
        own = OWN["plain"]
        session = self.written("--rung", "software", env=own)
        self.assertEqual(session["QT_QUICK_BACKEND"], "software")

        def started(*options):
            return self.environment([QWGUARD, "run", "-q", *options, "--", "env", "-0"],
                                    session)
        self.assertEqual(started(*ENGINE, "--rung", "none"), own)
        self.assertEqual(started(*ENGINE, "--rung", "gpu-off"),
                         {NAME: f"{own[NAME]} --disable-gpu"})
        self.assertEqual(started("--no-preflight"), session)
        shown = self.ok("run", "--dry-run", *ENGINE, "--rung", "gpu-off", "--", "env", **session)
        self.assertIn(f"{NAME}='{own[NAME]} --disable-gpu'", shown.out)
        self.assertNotIn("QT_QUICK_BACKEND", shown.out)

    def test_what_was_applied_for_all_users(self):
        root = self.box.path / "image"
        for folder in ("etc", "var/lib"):
            (root / folder).mkdir(parents=True)
        self.ok("apply", "--system", "--root", root, *ENGINE, "--rung", "software")
        session = {"QT_QUICK_BACKEND": "software", NAME: "--disable-gpu"}
        for records in ("to be read", "root's alone"):
            with self.subTest(records=records):
                result = self.box.run("check", "--json", "--root", root, *ENGINE, **session)
                self.assertEqual(result.json()["identity"].get("environment", {}), {})
            for path in (root / "var/lib/qwguard/applied").glob("*.json"):
                path.unlink()


if __name__ == "__main__":
    unittest.main()
