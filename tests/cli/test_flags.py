"""The flags commands: the catalogue and the documents made from it, the lint in all its inputs, the
merge, and that every variable that decides is looked at."""

import importlib.util
import unittest

from qwg import SRC_DIR, Sandbox, run_qwguard

# (kind of file, text, what must be found: (line, kind, item))
FILES = (
    ("desktop", "[Desktop Entry]\nName=x\nExec=env QTWEBENGINE_CHROMIUM_FLAGS=--no-sandbox "
     "/usr/bin/app %U\n", [(3, "dangerous", "--no-sandbox")]),
    ("service", "[Service]\nEnvironment=\"QTWEBENGINE_CHROMIUM_FLAGS=--disable-gpu "
     "--use-gl=egl\"\nExecStart=/usr/bin/app\n", [(3, "breaks", "--use-gl=egl")]),
    ("conf", "QTWEBENGINE_DISABLE_SANDBOX=1\n",
     [(1, "dangerous", "QTWEBENGINE_DISABLE_SANDBOX=1")]),
    ("sh", "#!/bin/sh\nexport QT_OPENGL=software\nexec app --webEngineArgs --single-process\n",
     [(3, "dangerous", "--single-process")]),
    ("txt", "--disable-gpu\n", []),
)
# (arguments, exit status, part of standard error)
WRONG = (
    (["--file", "no-such"], 66, "no-such"),
    (["--file", "x", "--disable-gpu"], 64, "--file: a STRING is given too"),
    (["--for-profile"], 64, "--for-profile: it needs a STRING"),
    (["--a", "--b"], 64, "'--b' is one word too many"),
    (["--engine", "6.77", "--a"], 65, "no release 6.77"),
)


def catalogue(*arguments):
    return run_qwguard(["flags", "list", "--json", *arguments]).json()["flags"]


class List(unittest.TestCase):

    def test_the_document_is_what_the_catalogue_says(self):
        spec = importlib.util.spec_from_file_location("flags_doc",
                                                      SRC_DIR / "tests/tools/flags_doc.py")
        flags_doc = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(flags_doc)
        self.assertEqual(flags_doc.DOCUMENT.read_text(encoding="utf-8"),
                         flags_doc.document(catalogue()),
                         "run tests/tools/flags_doc.py --write")

    def test_an_engine_decides_what_is_honoured(self):
        rows = {(row["name"], row.get("values")): row for row in catalogue("--engine", "6.6")}
        self.assertEqual(rows["--disable-gpu", None]["honoured"], "yes")
        self.assertEqual(rows["--use-gl", "angle"]["honoured"], "no")
        self.assertEqual(rows["--use-angle", "gl|gl-egl|vulkan"]["breaks_engine"], "yes")
        later = {(row["name"], row.get("values")): row for row in catalogue("--engine", "6.10")}
        self.assertEqual(later["--use-gl", "angle"]["honoured"], "yes")
        self.assertEqual(later["--use-gl", "desktop"]["breaks_engine"], "yes")

    def test_the_table_holds_every_name(self):
        text = run_qwguard(["flags", "list"]).out
        for row in catalogue():
            self.assertIn(f"  {row['name']}", text)

    def test_every_variable_that_decides_is_looked_at(self):
        names = {row["name"] for row in catalogue() if row["class"] != "dangerous"
                 and not row["name"].startswith("-")} - {"QT_LOGGING_RULES"}
        self.assertGreater(len(names), 20)
        with Sandbox() as box:
            told = box.run("check", "--no-gl", "--json", **{name: "1" for name in names}).json()
        seen = told["identity"]["environment"]
        self.assertEqual(names - set(seen), set())


class Lint(unittest.TestCase):

    def setUp(self):
        self.box = self.enterContext(Sandbox())

    def found(self, result):
        self.assertEqual(result.rc, 10 if result.json()["findings"] else 0, result)
        self.assertEqual(result.json()["exit"], result.rc)
        return [(one.get("line"), one["kind"], one["item"]) for one in result.json()["findings"]]

    def test_files_of_every_kind(self):
        for suffix, text, wanted in FILES:
            with self.subTest(file=suffix):
                path = self.box.write(f"file.{suffix}", text)
                result = self.box.run("flags", "lint", "--json", "--engine", "6.8", "--file", path)
                self.assertEqual(self.found(result), wanted)
        result = self.box.run("flags", "lint", "--file", "-", input=FILES[0][1])
        self.assertEqual(result.rc, 10)
        self.assertIn("line 3: dangerous: --no-sandbox: ", result.out)

    def test_a_unit_with_its_drop_ins_and_environment_files(self):
        unit = self.box.write("home/.config/systemd/user/kiosk.service",
                              "[Service]\nExecStart=/usr/bin/app\nEnvironmentFile=%h/kiosk.env\n")
        lint = ("flags", "lint", "--json", "--engine", "6.8", "--file", unit)
        missing = self.box.run(*lint)
        self.assertEqual((missing.rc, missing.out), (65, ""), missing)
        self.assertIn(f"kiosk.service:3: '{self.box.home}/kiosk.env' does not exist", missing.err)
        self.box.write("home/.config/systemd/user/kiosk.service.d/10-x.conf",
                       "[Service]\nEnvironment=QTWEBENGINE_DISABLE_SANDBOX=1 LANG=%l\n")
        env = self.box.write("home/kiosk.env", "# x\nQTWEBENGINE_CHROMIUM_FLAGS=--no-sandbox\n")
        result = self.box.run(*lint)
        self.assertEqual(self.found(result), [(2, "dangerous", "--no-sandbox"),
                                              (2, "dangerous", "QTWEBENGINE_DISABLE_SANDBOX=1")])
        self.assertIn(f"QTWEBENGINE_CHROMIUM_FLAGS comes from {env}:2", result.err)
        self.assertIn("10-x.conf:2: %l is not known here and stays", result.err)

    def test_a_unit_that_is_named_from_its_folder(self):
        unit = self.box.write("home/.config/systemd/user/kiosk@.service",
                              "[Service]\nExecStart=/bin/true\n")
        self.box.write("home/.config/systemd/user/kiosk@.service.d/10.conf",
                       "[Service]\nEnvironment=QTWEBENGINE_CHROMIUM_FLAGS=--no-sandbox\n")
        for name in (unit.name, f"./{unit.name}", f"../user/{unit.name}", unit):
            with self.subTest(name=name):
                result = self.box.run("flags", "lint", "--file", name, cwd=unit.parent)
                self.assertEqual(result.rc, 10, result)
                self.assertRegex(result.out, "dangerous: --no-sandbox")

    def test_the_environment_is_the_default(self):
        result = self.box.run("flags", "lint", "--json", "--engine", "6.4",
                              QTWEBENGINE_CHROMIUM_FLAGS="--use-gl=angle",
                              QT_PLUGIN_PATH="/x", QT_OPENGL="software")
        self.assertEqual(self.found(result), [(None, "ignored", "--use-gl=angle"),
                                              (None, "dangerous", "QT_PLUGIN_PATH=/x")])
        result = self.box.run("flags", "lint", "--engine", "6.4.2")
        self.assertEqual((result.rc, result.out),
                         (0, "0 findings in the environment, judged for Qt WebEngine 6.4.2\n"))

    def test_a_string_with_its_better_way_and_source(self):
        result = self.box.run("flags", "lint", "-v", "--engine", "6.8", "--disable-webgl2 '--x'")
        self.assertEqual(result.rc, 10)
        self.assertIn("column 18: quoting: '--x': a single quote is an ordinary character for Qt",
                      result.out)
        self.assertIn("stale: --disable-webgl2: Qt overwrites it with its own setting", result.out)
        self.assertIn("  better: --disable_es3_gl_context turns WebGL 2 off\n", result.out)
        self.assertIn("  source: qtwebengine src/core/web_engine_settings.cpp\n", result.out)

    def test_what_a_profile_may_write(self):
        allowed = self.box.run("flags", "lint", "--for-profile",
                               "--disable-gpu --js-flags=--predictable-gc-schedule "
                               "EGL_PLATFORM=wayland")
        self.assertEqual(allowed.rc, 0, allowed)
        for row in catalogue():
            if row["class"] != "dangerous":
                continue
            name = row["name"].replace("*", "x")
            value = row.get("values", "1").split("|")[0]
            result = self.box.run("flags", "lint", "--for-profile", f"{name}={value}")
            self.assertEqual(result.rc, 65, result)
            self.assertIn(f"refused: {name}={value}", result.out)

    def test_wrong_input(self):
        for arguments, status, said in WRONG:
            with self.subTest(arguments=arguments):
                result = self.box.run("flags", "lint", *arguments)
                self.assertEqual((result.rc, result.out), (status, ""), result)
                self.assertIn(said, result.err)

    def test_files_that_cannot_be_read(self):
        for text, said in (("[Desktop Entry]\nExec=\"a\n", ":2: a quotation mark (\") is not clo"),
                           ("[Desktop Entry]\nName=x\n", "has no Exec line"),
                           ("[Service]\nType=simple\n", "starts and sets nothing"),
                           ("A=" + "x" * 1100000, "larger than"),
                           ("QTWEBENGINE_CHROMIUM_FLAGS=--a=" + "x" * 140000, "128 KiB")):
            with self.subTest(said=said):
                path = self.box.write("file", text)
                result = self.box.run("flags", "lint", "--file", path)
                self.assertEqual((result.rc, result.out), (65, ""), result.err)
                self.assertIn(said, result.err)


class Merge(unittest.TestCase):

    def test_rows(self):
        for arguments, rc, value, kept in (
                (["--a", "--b --c=1"], 0, "--a --b --c=1", []),
                (["", "--a"], 0, "--a", []),
                (["--use-gl=egl --enable-features=A", "--use-gl=angle --enable-features=B"], 10,
                 "--use-gl=egl --enable-features=A,B", ["--use-gl=angle: the user has "
                                                        "--use-gl=egl"]),
                (["--js-flags=--x", "--js-flags=--y"], 0, '"--js-flags=--x --y"', []),
                (["--engine", "6.3", "--arguments", "f --a --b", "--c"], 0, "--a --b --c", []),
                (["--engine", "6.4", "--arguments", "--a --webEngineArgs --b", "--c"], 0,
                 "--b --c", []),
                (["--engine", "6.4", "--arguments", "--webEngineArgs --b", ""], 0, None, []),
                (["--", "--a", "--b"], 0, "--a --b", [])):
            with self.subTest(arguments=arguments):
                result = run_qwguard(["flags", "merge", "--json", *arguments])
                self.assertEqual(result.rc, rc, result)
                self.assertEqual((result.json()["value"], result.json()["kept"]), (value, kept))

    def test_what_is_left_out_is_said(self):
        result = run_qwguard(["flags", "merge", "--use-gl=egl", "--use-gl=angle"])
        self.assertEqual((result.rc, result.out, result.err),
                         (10, "--use-gl=egl\n",
                          "qwguard: left out: --use-gl=angle: the user has --use-gl=egl\n"))

    def test_what_cannot_be_written_is_refused(self):
        result = run_qwguard(["flags", "merge", "--a=x\ny", "--b"])
        self.assertEqual((result.rc, result.out), (65, ""))
        self.assertIn("a switch holds a line break", result.err)
        self.assertEqual(run_qwguard(["flags", "merge"]).rc, 64)


if __name__ == "__main__":
    unittest.main()
