"""The profile commands: list, show, match and validate, with the built-in profiles and with files
written here, good and bad; and the schema for editors against the same files."""

import json
import unittest

import jsonschema
import yaml

from qwg import SRC_DIR, Sandbox

SCHEMA = json.loads((SRC_DIR / "docs/schema/profile-1.schema.json").read_text(encoding="utf-8"))

# The NVIDIA libraries were updated under the module.
MISMATCH = """
os: {name: linux, version: "5.15.0"}
session: {type: x11, remote: none}
gpus: [{vendor: 0x10de, device: 0x1c03, driver: nvidia, driver-version: "470.161.03",
        library-version: "470.182.03"}]
engine: {qt: "5.15.2"}
"""
HYPRLAND = """
os: {name: linux, version: "6.15.3"}
session: {type: wayland, desktop: Hyprland, remote: none}
gpus: [{vendor: 0x10de, device: 0x2684, driver: nvidia, driver-version: "575.64",
        library-version: "575.64"}]
engine: {qt: "6.9.1"}
"""
# A context of OpenGL 2.1: Qt 6.4 gives pages WebGL 1 and not WebGL 2.
NO_ES3 = """
os: {name: linux, version: "6.1.0"}
session: {type: x11, remote: none}
machine: {virtual: none, container: none, libpci: true}
gpus: [{vendor: 0x8086, device: 0x2a42, driver: i915}]
gl: {vendor: Intel Open Source Technology Center, renderer: Mesa DRI Mobile Intel(R) GM45,
     version: 2.1 Mesa 21.3.9, extensions: GL_ARB_a, direct-rendering: "2.3"}
engine: {qt: "6.4.2"}
"""
GOOD = """version: 1
profiles:
  - id: my-fix
    title: Mine
    evidence: [https://example.org/1]
    confidence: low
    match: {all: [os.name: linux, session.type: wayland]}
    ladder: [gpu-off]
    tests:
      - {identity: {os: {name: linux}, session: {type: wayland}}, expect: match}
      - {identity: {os: {name: macos}}, expect: no}
      - {expect: unknown}
"""

# What is changed in GOOD, and the whole line that validate must say of it (after "FILE:").
BAD = [
    ("session.type", "session.typ",
     "7:35: unknown condition 'session.typ' (did you mean 'session.type'?); profile 'my-fix' is "
     "skipped"),
    ("session.type: wayland]", "session.type: {like: wayland}]",
     "7:50: unknown operator 'like'; profile 'my-fix' is skipped"),
    ("[gpu-off]", "[gpu-of]",
     "8:14: unknown rung 'gpu-of' (did you mean 'gpu-off'?); a rung of your own needs flags or "
     "environment; profile 'my-fix' is skipped"),
    ("[gpu-off]", "[{rung: x, flags: [--no-sandbox], costs: []}]",
     "8:32: '--no-sandbox' is refused: it takes protection from the user; profile 'my-fix' is "
     "skipped"),
    ("[gpu-off]", "[software, {rung: x, flags: [--disable-gpu], costs: []}]",
     "3:5: rung 'x' of profile 'my-fix' can never be reached: 'software' before it does the same "
     "or more"),
    ("    evidence: [https://example.org/1]\n", "",
     "3:5: 'evidence' is missing; profile 'my-fix' is skipped"),
    ("title: Mine", "titel: Mine",
     "4:5: unknown key 'titel' (did you mean 'title'?); profile 'my-fix' is skipped"),
    ("expect: match", "expect: no",
     "10:9: the test expects 'no', profile 'my-fix' gives 'match'"),
    ("session.type: wayland]", "engine.qt: {at-least: '6.9'}]",
     "7:35: engine.qt has no upper end: add 'below', or 'expires' to the profile; profile "
     "'my-fix' is skipped"),
    ("version: 1", "version: 1\nversion: 1",
     "2:1: key 'version' stands here twice (first in line 1); the file is skipped"),
    ("    title", "\ttitle",
     "4:1: found a tab character that violates indentation; the file is skipped"),
]
SCHEMA_BAD = (0, 1, 2, 5, 6)    # those whose shape is wrong


class ProfileList(unittest.TestCase):
    def test_list_names_every_profile(self):
        with Sandbox() as box:
            result = box.run("profile", "list", "--json")
            self.assertEqual(result.rc, 0, result)
            found = {row["id"]: row for row in result.json()["profiles"]}
            self.assertEqual(result.json()["schema"], "qwguard.profiles/1")
            self.assertEqual(found["webgl-es3-blocked"]["rungs"],
                             ["webgl-video-copy-off", "webgl-off", "gpu-off"])
            self.assertEqual(found["webgl-texture-leak"]["when"], "incident")
            self.assertEqual(found["nvidia-driver-mismatch"]["advice"], ["reboot"])
            table = box.run("profile", "list")
            self.assertEqual(table.rc, 0, table)
            self.assertEqual([line.split()[0] for line in table.out.splitlines()], list(found))

    def test_matching_leaves_the_others_out(self):
        with Sandbox() as box:
            identity = box.write("id.yaml", MISMATCH)
            result = box.run("profile", "list", "--matching", "--identity", identity, "--json")
            ids = [row["id"] for row in result.json()["profiles"]]
            self.assertIn("nvidia-driver-mismatch", ids)
            self.assertNotIn("nvidia-hyprland-no-gpu", ids)

    def test_override_folders_replace_and_mask(self):
        with Sandbox() as box:
            box.write("home/.config/qwguard/profiles/90-mine.yaml", "version: 1\nprofiles:\n"
                      "  - {id: webgl-es3-blocked, disabled: true}\n"
                      + GOOD.split("profiles:\n")[1])
            box.write("more/10.yaml", GOOD.replace("Mine", "Later"))
            box.write("more/20-broken.yaml", "version: 2\nprofiles: []\n")
            result = box.run("profile", "list", "--json", "--profiles", box.path / "more")
            found = {row["id"]: row for row in result.json()["profiles"]}
            self.assertNotIn("webgl-es3-blocked", found)
            self.assertEqual(found["my-fix"]["title"], "Later")
            self.assertIn("webgl-texture-leak", found)
            self.assertIn("20-broken.yaml:1:10: only version 1 is known; the file is skipped",
                          result.err)


class ProfileShow(unittest.TestCase):
    def test_show_holds_everything(self):
        with Sandbox() as box:
            result = box.run("profile", "show", "nvidia-wayland-egl-context")
            self.assertEqual(result.rc, 0, result)
            for text in ("https://github.com/jellyfin/jellyfin-desktop/issues/308",
                         'engine.qt: {at-least: "5.15", below: "6.10"}', "QT_QPA_PLATFORM=xcb",
                         "native-wayland", "expect: match"):
                self.assertIn(text, result.out)
            profile = box.run("profile", "show", "nvidia-wayland-egl-context", "--json").json()
            self.assertEqual(profile["schema"], "qwguard.profile/1")
            self.assertEqual(profile["profile"]["ladder"][0]["environment"],
                             {"QT_QPA_PLATFORM": "xcb"})
            self.assertEqual(profile["profile"]["expires"], {"engine.qt": "6.10"})

    def test_unknown_id_is_wrong_usage(self):
        with Sandbox() as box:
            result = box.run("profile", "show", "webgl-es3-blockd")
            self.assertEqual((result.rc, result.out), (64, ""))
            self.assertEqual(result.err, "qwguard: profile show: there is no profile "
                             "'webgl-es3-blockd' (did you mean 'webgl-es3-blocked'?)\n"
                             "Try 'qwguard profile show --help'.\n")
            self.assertEqual(box.run("profile", "show").rc, 64)


class ProfileMatch(unittest.TestCase):
    def match(self, box, identity, *args):
        path = box.write("id.yaml", identity)
        result = box.run("profile", "match", "--identity", path, "--json", *args)
        self.assertEqual(result.rc, 0, result)
        return {row["id"]: row for row in result.json()["matches"]}

    def test_match_says_yes_and_unknown_and_hides_no(self):
        with Sandbox() as box:
            found = self.match(box, HYPRLAND)
            self.assertEqual(found["nvidia-hyprland-no-gpu"]["match"], "yes")
            self.assertEqual(found["nvidia-wayland-egl-context"]["match"], "unknown")
            self.assertEqual(found["nvidia-wayland-egl-context"]["needs"], "log.egl-bad-context")
            self.assertNotIn("nvidia-driver-mismatch", found)

    def test_explain_shows_each_condition(self):
        with Sandbox() as box:
            found = self.match(box, HYPRLAND, "--explain")
            self.assertEqual(found["nvidia-driver-mismatch"]["match"], "no")
            self.assertEqual(found["nvidia-driver-mismatch"]["trace"][2],
                             {"depth": 0, "text": "gpu.version-mismatch is true: found false",
                              "result": "no"})
            path = box.write("id.yaml", HYPRLAND)
            result = box.run("profile", "match", "nvidia-hyprland-no-gpu", "--explain",
                             "--identity", path)
            self.assertEqual(result.out.splitlines(), [
                "nvidia-hyprland-no-gpu             match    xwayland",
                "  ✓ gpu.vendor is nvidia: found 0x10de nvidia",
                "  ✓ gpu.driver is nvidia: found nvidia",
                "  ✓ session.type is wayland: found wayland",
                "  ✓ session.desktop matches (?i)hyprland: found Hyprland",
                "  ✓ engine.qt is at least 6.9 and is below 6.10: found 6.9.1",
                "  ✓ not expired: engine.qt is below 6.10: found 6.9.1"])

    def test_no_webgl2_is_the_heart(self):
        with Sandbox() as box:
            self.assertEqual(self.match(box, NO_ES3)["webgl-es3-blocked"]["match"], "yes")
            plan = box.run("check", "--identity", box.path / "id.yaml", "--json")
            self.assertEqual(plan.rc, 10, plan)
            plan = plan.json()["plan"]
            self.assertEqual(plan["rung"], "webgl-video-copy-off")
            self.assertEqual(plan["flags"], ["--disable-accelerated-video-decode",
                                             "--disable-gpu-memory-buffer-video-frames"])
            self.assertEqual([step["rung"] for step in plan["ladder"]], ["webgl-off", "gpu-off"])

    def test_history_gives_the_ladder_after_an_incident(self):
        with Sandbox() as box:
            history = box.write("history.json", '{"attribution": "gpu-in-app"}')
            identity = box.write("id.yaml", HYPRLAND.replace("6.9.1", "6.8.2"))
            plan = box.run("check", "--identity", identity, "--history", history,
                           "--json").json()["plan"]
            self.assertEqual((plan["rung"], plan["flags"]), ("none", []))
            self.assertEqual([step["rung"] for step in plan["ladder"]],
                             ["webgl-video-copy-off", "webgl-off", "gpu-off"])

    def test_mismatch_is_12_with_advice(self):
        with Sandbox() as box:
            identity = box.write("id.yaml", MISMATCH)
            result = box.run("check", "--identity", identity, "--json")
            self.assertEqual(result.rc, 12, result)
            self.assertEqual(result.json()["plan"]["advice"], ["reboot"])
            self.assertEqual(result.json()["plan"]["flags"], [])


class ProfileValidate(unittest.TestCase):
    def test_built_in_profiles_are_without_a_finding(self):
        with Sandbox() as box:
            result = box.run("profile", "validate")
            self.assertEqual((result.rc, result.err), (0, ""), result)
            self.assertRegex(result.out, r"^\d+ profiles, \d+ tests: 0 errors, 0 warnings\n$")

    def test_good_file_says_nothing_wrong(self):
        with Sandbox() as box:
            path = box.write("good.yaml", GOOD)
            result = box.run("profile", "validate", path)
            self.assertEqual((result.rc, result.err), (0, ""), result)
            self.assertEqual(result.out, "1 profiles, 3 tests: 0 errors, 0 warnings\n")

    def test_bad_files_are_named_with_their_place(self):
        with Sandbox() as box:
            for number, (old, new, want) in enumerate(BAD):
                with self.subTest(want):
                    self.assertIn(old, GOOD)
                    path = box.write(f"bad{number}.yaml", GOOD.replace(old, new, 1))
                    result = box.run("profile", "validate", path)
                    self.assertEqual(result.rc, 65, result)
                    self.assertIn(f"qwguard: {path}:{want}\n", result.err)
                    found = box.run("profile", "validate", "--json", path)
                    self.assertEqual(found.rc, 65)
                    self.assertEqual(found.err, "")
                    self.assertIn(want, [f"{row['line']}:{row['column']}: {row['text']}"
                                         for row in found.json()["findings"]])

    def test_conflict_with_another_profile_is_said(self):
        with Sandbox() as box:
            box.write("others/10.yaml", GOOD)
            path = box.write("mine.yaml", GOOD.replace("my-fix", "other-fix")
                             .replace("[gpu-off]", "[webgl-off]"))
            result = box.run("profile", "validate", "--profiles", box.path / "others", path)
            self.assertEqual(result.rc, 65, result)
            self.assertIn(f"{path}:3:5: profiles 'other-fix' and 'my-fix' both match the machine "
                          "of the test in line 10 and disagree ('webgl-off' or 'gpu-off'): give "
                          "one of them one more condition\n", result.err)

    def test_missing_tests_are_a_warning(self):
        with Sandbox() as box:
            path = box.write("few.yaml", GOOD.split("    tests:")[0])
            result = box.run("profile", "validate", path)
            self.assertEqual(result.rc, 0, result)
            self.assertIn("has no test that expects 'match'\n", result.err)

    def test_absent_file_is_66(self):
        with Sandbox() as box:
            result = box.run("profile", "validate", box.path / "none.yaml")
            self.assertEqual((result.rc, result.out), (66, ""), result)


class ProfileSchema(unittest.TestCase):
    def test_schema_takes_what_validate_takes(self):
        checker = jsonschema.Draft202012Validator(SCHEMA)
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        files = [path for path in sorted((SRC_DIR / "profiles").rglob("*.yaml"))
                 if "rules" not in path.parts]
        self.assertGreater(len(files), 8)
        for path in files:
            with self.subTest(path.name):
                text = path.read_text(encoding="utf-8")
                self.assertEqual([error.message for error in
                                  checker.iter_errors(yaml.safe_load(text))], [])

    def test_schema_refuses_wrong_shapes(self):
        checker = jsonschema.Draft202012Validator(SCHEMA)
        self.assertTrue(checker.is_valid(yaml.safe_load(GOOD)))
        for number in SCHEMA_BAD:
            old, new, want = BAD[number]
            with self.subTest(want):
                self.assertFalse(checker.is_valid(yaml.safe_load(GOOD.replace(old, new, 1))))


if __name__ == "__main__":
    unittest.main()
