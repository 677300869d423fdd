"""`qwguard reset`: forget the history of one app, or of all."""

import json
import unittest

from qwg import Sandbox


class Reset(unittest.TestCase):
    def setUp(self):
        self.box = self.enterContext(Sandbox())
        self.folder = self.box.state_dir / "history"
        self.folder.mkdir(parents=True, mode=0o700)

    def history(self, app, name=None, schema="qwguard.history/1"):
        path = self.folder / (name or f"{app}-0.json")
        path.write_text(json.dumps({"schema": schema, "app": app, "rung": "webgl-off"}))
        return path

    def test_forgets_one_app_on_every_machine(self):
        gone = [self.history("anki"), self.history("anki", "anki-1.json")]
        stays = [self.history("ankit"), self.history("anki", "other", schema="another/1")]
        result = self.box.run("reset", "--app", "anki")
        self.assertEqual((result.rc, result.out), (0, "forgot 2 histories of anki\n"), result)
        self.assertEqual([path.exists() for path in gone + stays], [False, False, True, True])

    def test_forgets_all_but_what_is_not_ours(self):
        self.history("anki"), self.history("kiosk")
        (self.folder / "note").write_text("mine")
        self.assertEqual(self.box.run("reset").out, "forgot 2 histories\n")
        self.assertEqual([path.name for path in self.folder.iterdir()], ["note"])

    def test_without_any_history_says_so(self):
        result = self.box.run("reset", "--app", "anki")
        self.assertEqual(result.out, "there is no history of anki\n")
        self.folder.rmdir()
        self.assertEqual(self.box.run("reset").out, "there is no history\n")

    def test_a_link_instead_of_the_folder_is_refused(self):
        elsewhere = self.box.path / "elsewhere"
        self.folder.rename(elsewhere)
        self.folder.symlink_to(elsewhere)
        self.folder = elsewhere
        kept = self.history("anki")
        result = self.box.run("reset")
        self.assertEqual(result.rc, 77, result)
        self.assertTrue(kept.exists())

    def test_an_empty_name_is_refused(self):
        self.assertEqual(self.box.run("reset", "--app", "").rc, 64)


if __name__ == "__main__":
    unittest.main()
