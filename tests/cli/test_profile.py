"""The profile commands: list, show, match and validate, with the built-in profiles and with files
written here, good and bad; and the schema for editors against the same files."""

import json
import os
import re
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
    ("session.type: wayland]", "log.egl-bad-contex: {at-least: 1}]",
     "7:35: there is no log signature 'egl-bad-contex' (did you mean 'egl-bad-context'?); profile "
     "'my-fix' is skipped"),
    ("{identity: {os: {name: macos}}, expect: no}",
     "{history: {signatures: {gbm-bo-import: 1}}, expect: no}",
     "11:33: there is no log signature 'gbm-bo-import' (did you mean 'gbm-bo-import-null'?); "
     "profile 'my-fix' is skipped"),
    ("    ladder: [gpu-off]", "    app: {handles-render-termination: true}",
     "8:11: unknown key 'handles-render-termination' (did you mean "
     "'handles-renderer-termination'?); profile 'my-fix' is skipped"),
    ("    ladder: [gpu-off]", "    app: {passes-flags: arguments}",
     "8:25: passes-flags 'arguments' is none of argument, environment, never (did you mean "
     "'argument'?); profile 'my-fix' is skipped"),
    ("    ladder: [gpu-off]", "    app: {memory: much}",
     "8:19: 'much' is no size (examples: 1GiB, 512M); profile 'my-fix' is skipped"),
    ("    ladder: [gpu-off]", "    app: {handles-renderer-termination: 1}",
     "8:41: 'handles-renderer-termination' wants true or false, not a number; profile 'my-fix' is "
     "skipped"),
    ("    ladder: [gpu-off]", "    app: {}",
     "8:10: 'app' wants a mapping, not an empty one; profile 'my-fix' is skipped"),
    ("    ladder: [gpu-off]\n", "",
     "3:5: neither 'ladder' nor 'advice' nor 'app' is there; profile 'my-fix' is skipped"),
    ("confidence: low", "confidence: sure",
     "6:17: confidence 'sure' is none of high, medium, low; profile 'my-fix' is skipped"),
    ("https://example.org/1", "example.org",
     "5:16: 'example.org' is no address of a public page (https://…); profile 'my-fix' is "
     "skipped"),
    ("id: my-fix", "id: My_Fix",
     "3:9: id 'My_Fix' wants small letters, digits and single dashes, at most 64; this profile is "
     "skipped"),
    ("[gpu-off]", "[{rung: x, environment: {LD_PRELOAD: a}, costs: []}]",
     "8:38: LD_PRELOAD is refused: it runs programs or loads libraries; profile 'my-fix' is "
     "skipped"),
    ("[gpu-off]", "[gpu-off]\n    advice: dance",
     "9:13: unknown advice 'dance'; profile 'my-fix' is skipped"),
    ("[gpu-off]", "[gpu-off]\n    expires: {engine.qt: '6.9', os.version: '7'}",
     "9:14: 'expires' wants one field and a version, {engine.qt: \"6.12\"}; profile 'my-fix' is "
     "skipped"),
    ("match: {all:", "match: {al:",
     "7:13: unknown condition 'al'; profile 'my-fix' is skipped"),
    ("version: 1", "version: &a 1",
     "1:10: anchors are not allowed here: write the value out; the file is skipped"),
    ("title: Mine", "title: *a",
     "4:12: aliases are not allowed here: write the value out; the file is skipped"),
    ("session.type: wayland]", "gl.renderer: {matches: 'a{64}{64}'}]",
     "7:58: 'a{64}{64}' cannot be used: a repetition of a repetition needs "
     "parentheses; profile 'my-fix' is skipped"),
    ("session.type: wayland]", "gl.renderer: {matches: '(a'}]",
     "7:58: '(a' cannot be used: '(' is not closed; profile 'my-fix' is skipped"),
]
# Those that a schema cannot see: they are YAML that its reader takes another way, or their fault is
# in the meaning and not in the shape.
SCHEMA_BLIND = ("'--no-sandbox' is refused", "can never be reached", "the test expects",
                "has no upper end", "stands here twice", "found a tab", "LD_PRELOAD",
                "anchors are", "aliases are", "cannot be used")

def changed(old, new):
    return GOOD.replace(old, new, 1)


# Files that nobody writes by chance: what stands in them, and what must be said of each after
# "FILE:" (None = nothing: they are fine).
HOSTILE = {
    "10-deep.yaml": ("version: 1\nprofiles: " + "[" * 100000 + "]" * 100000 + "\n",
                     "2:51: nested deeper than 40 levels; the file is skipped"),
    "11-deep-maps.yaml": ("version: 1\nprofiles: " + "{a: " * 5000 + "1" + "}" * 5000 + "\n",
                          "2:171: nested deeper than 40 levels; the file is skipped"),
    "12-deep-json.yaml": ('{"version": 1, "profiles": ' + "[" * 100000 + "]" * 100000 + "}",
                          "1:68: nested deeper than 40 levels; the file is skipped"),
    "13-laughs.yaml": ('a: &a ["lol", "lol"]\n' + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20)),
                       "1:4: anchors are not allowed here: write the value out; the file is "
                       "skipped"),
    "14-merge.yaml": ("version: 1\nprofiles:\n  - <<: *x\n",
                      "3:9: aliases are not allowed here: write the value out; the file is "
                      "skipped"),
    "15-large.yaml": ("version: 1\n" + "# 1234567890\n" * 800000,
                      "1:1: larger than 4 MiB; the file is skipped"),
    "16-twice.yaml": (changed("title: Mine", "title: Mine\n    title: Yours"),
                      "5:5: key 'title' stands here twice (first in line 4); the file is skipped"),
    "17-tab.yaml": (changed("    title", "\ttitle"),
                    "4:1: found a tab character that violates indentation; the file is skipped"),
    "18-utf16.yaml": (GOOD.encode("utf-16"), "1:1: this is no UTF-8 text: invalid leading UTF-8 "
                      "octet; the file is skipped"),
    "19-latin1.yaml": (changed("Mine", "gr\xf6\xdfer").encode("latin-1"),
                       "4:15: this is no UTF-8 text: invalid trailing UTF-8 octet; the file is "
                       "skipped"),
    "20-nul.yaml": (changed("Mine", "Mi\0ne"), "4:14: this is no UTF-8 text: control characters "
                    "are not allowed; the file is skipped"),
    "21-marked.yaml": (b"\xef\xbb\xbf" + changed("my-fix", "marked-fix").encode(), None),
    "22-windows.yaml": (changed("my-fix", "windows-fix").replace("\n", "\r\n"), None),
    "23-escape.yaml": (changed("title: Mine", '"ti\\e[31m\\ntle": Mine'),
                       "4:5: unknown key 'ti?[31m tle'; profile 'my-fix' is skipped"),
    "24-explodes.yaml": (changed("session.type: wayland",
                                 'gl.renderer: {matches: "(((a{64}){64}){64}){64}"}'),
                         "7:58: '(((a{64}){64}){64}){64}' cannot be used: the expression is too "
                         "large; profile 'my-fix' is skipped"),
    "25-slow.yaml": (changed("session.type: wayland",
                             'gl.renderer: {matches: "(a*)*(a*)*(a*)*(a*)*b"}')
                     .split("    tests:")[0].replace("my-fix", "slow-fix"), None),
    "26-many.yaml": ("version: 1\nprofiles:\n" + "  - 1\n" * 100000,
                     "53:5: 1951 more faults in this file"),
    "27-keys.yaml": ("version: 1\nprofiles: []\n" + "".join(f"k{i}: 1\n" for i in range(5000)),
                     "4097:1: more than 4096 keys in one mapping; the file is skipped"),
    "28-long.yaml": (changed("Mine", "M" * 3000000),
                     "4:12: 'title' wants one line of at most 200 bytes without control "
                     "characters; profile 'my-fix' is skipped"),
    "29-two.yaml": (GOOD + "---\n" + GOOD,
                    "13:1: a second document is not allowed here; the file is skipped"),
    "30-empty.yaml": ("", "1:1: 'version: 1' is missing; the file is skipped"),
}
GOOD_CHANGES = [
    ("[gpu-off]", "[webgl-video-copy-off, {rung: webgl-off, costs: [webgl]}, gpu-off]"),
    ("[gpu-off]", "[{rung: x, flags: [--disable-gpu], environment: {QT_QUICK_BACKEND: software}, "
                  "costs: []}]"),
    ("    ladder: [gpu-off]", "    advice: [reboot, 'install:libegl1', 'clear-cache:webengine', "
                              "'remove-flags:--use-gl']"),
    ("    ladder: [gpu-off]", "    app: {handles-renderer-termination: true, passes-flags: never, "
                              "reacts-to-variable: it warns, memory: 1.5GiB}"),
    ("    ladder: [gpu-off]", "    app: {memory: 512M}"),
    ("    ladder: [gpu-off]", "    ladder: [gpu-off]\n    when: incident"),
    ("title: Mine", "title: \"Schwarzes Fenster, größer\""),
    ("os.name: linux, session.type: wayland", "os.name: linux, session.type: wayland, "
     "any: [session.type: wayland, "
     "none: [gpu.count: {between: [2, 4]}], log.gbm-not-supported: {at-least: 1}], "
     "none: [environment.A: {exists: true}, files./etc/a: b]"),
]


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
                "nvidia-hyprland-no-gpu             match    egl-wayland",
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

    def test_check_names_three_that_may_apply_and_counts_the_others(self):
        one = GOOD.split("profiles:\n")[1].split("    tests:")[0].replace(
            "session.type: wayland", "gl.renderer: x, gpu.boot: true, gl.vendor: y")
        with Sandbox() as box:
            identity = box.write("id.yaml", "os: {name: linux}\ngpus: [{vendor: 0x1af4}]\n"
                                 "session: {type: wayland, remote: none}\n"
                                 "machine: {container: none, virtual: kvm, libpci: true}\n"
                                 'engine: {qt: "6.8.2"}\n')
            base = len(self.may_apply(box, identity, "version: 1\nprofiles: []\n"))
            for count in (1, 5):
                text = "version: 1\nprofiles:\n" + "".join(
                    one.replace("my-fix", f"my-fix-{number}") for number in range(count))
                lines = self.may_apply(box, identity, text)
                self.assertEqual(len(lines), min(base + count, 3) + (base + count > 3), lines)
                if base + count > 3:
                    more = base + count - 3
                    self.assertIn(f"{more} more profile{'s' if more > 1 else ''} may apply: "
                                  "qwguard profile match", lines)
            mine = box.run("profile", "match", "--identity", identity, "--profiles",
                           box.path / "many").out
            self.assertIn("my-fix-4", mine)

    def test_check_says_what_is_not_known_in_good_grammar(self):
        with Sandbox() as box:
            box.write("home/.config/qwguard/profiles/00.yaml", "version: 1\nprofiles:\n" + "".join(
                f"  - {{id: {name}, disabled: true}}\n" for name in self.shipped(box)))
            identity = box.write("id.yaml", "os: {name: linux}\n")
            rows = (("gl.renderer: x", "gl.renderer is not known"),
                    ("gl.renderer: x, gl.vendor: y", "gl.renderer and gl.vendor are not known"),
                    ("gl.renderer: x, gl.vendor: y, session.type: x11",
                     "gl.renderer, gl.vendor and session.type are not known"))
            for conditions, want in rows:
                text = GOOD.replace("session.type: wayland", conditions).split("    tests:")[0]
                self.assertEqual(self.may_apply(box, identity, text),
                                 [f"profile 'my-fix' may apply: {want}"])

    def shipped(self, box):
        return [row["id"] for row in box.run("profile", "list", "--json").json()["profiles"]]

    def may_apply(self, box, identity, text):
        """What `check` says of profiles that may apply, each in one line."""
        box.write("many/10.yaml", text)
        result = box.run("check", "--identity", identity, "--profiles", box.path / "many")
        joined = re.sub(r"\n {10}(?! *(?:profile|\d+ more|more:))", " ", result.out)
        return [line.strip() for line in joined.splitlines() if " may apply" in line]


UPDATED = """os: {name: linux}
session: {type: wayland, remote: none}
gpus: [{vendor: 0x8086, device: 0x5917, driver: i915}]
engine: {qt: "6.8.2"}
app: {name: whatsie}
"""


class CacheAfterUpdate(unittest.TestCase):
    """The application started well before a driver, and crashes since."""

    def advice(self, box, *args):
        identity = box.write("id.yaml", UPDATED)
        result = box.run("check", "--identity", identity, "--json", *args)
        return result.json()["plan"].get("advice", [])

    def test_advice_when_the_history_says_so(self):
        with Sandbox() as box:
            for crashes, updated, want in ((1, True, True), (1, False, False), (0, True, False)):
                with self.subTest(crashes=crashes, updated=updated):
                    history = box.write("h.json", json.dumps(
                        {"startup_crashes": crashes, "updated": updated}))
                    self.assertEqual("clear-cache:webengine" in
                                     self.advice(box, "--history", history), want)

    def test_state_folder_tells_whether_it_ran_before_the_update(self):
        name = "whatsie-0123456789abcdef.json"
        before = {"schema": "qwguard.history/1", "app": "whatsie", "fingerprint": "old",
                  "engine": "6.8.2", "starts": 4, "startup_crashes": 0}
        with Sandbox() as box:
            for saved, want in ((None, "false"), (before, "true"),
                                ({**before, "startup_crashes": 4}, "false"),
                                ({**before, "app": "whatsit"}, "false"), ("{", "false")):
                with self.subTest(saved):
                    path = box.write(f"home/.local/state/qwguard/history/{name}",
                                     saved if isinstance(saved, str) else json.dumps(saved or {}))
                    for folder in (path.parent, path.parent.parent):
                        folder.chmod(0o700)
                    if saved is None:
                        path.unlink()
                    result = box.run("profile", "match", "stale-cache-after-update", "--explain",
                                     "--identity", box.write("id.yaml", UPDATED))
                    self.assertIn(f"history.updated is true: found {want}", result.out)


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

    def test_hostile_files_are_named_and_the_rest_is_loaded(self):
        with Sandbox() as box:
            for name, (text, _) in HOSTILE.items():
                path = box.path / "bad" / name
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(text if isinstance(text, bytes) else text.encode())
            box.write("bad/00-first.yaml", GOOD.replace("my-fix", "first-fix"))
            box.write("bad/99-last.yaml", GOOD.replace("my-fix", "last-fix"))
            (box.path / "bad/50-folder.yaml").mkdir()
            (box.path / "bad/51-nowhere.yaml").symlink_to("nowhere")
            os.mkfifo(box.path / "bad/52-pipe.yaml")
            result = box.run("profile", "list", "--json", "--profiles", box.path / "bad")
            self.assertEqual(result.rc, 0, result)
            found = {row["id"] for row in result.json()["profiles"]}
            self.assertLessEqual({"first-fix", "last-fix", "marked-fix", "windows-fix",
                                  "slow-fix", "webgl-es3-blocked"}, found)
            lines = result.err.splitlines()
            for name, (_, want) in HOSTILE.items():
                with self.subTest(name):
                    mine = [line for line in lines if f"/bad/{name}:" in line]
                    if want is None:
                        self.assertEqual(mine, [])
                    else:
                        self.assertIn(f"qwguard: {box.path}/bad/{name}:{want}", mine)
            for name, want in (("50-folder", "this is no file"), ("52-pipe", "this is no file"),
                               ("51-nowhere", "nothing is there")):
                self.assertIn(f"qwguard: {box.path}/bad/{name}.yaml: {want}; the file is skipped",
                              lines)
            self.assertTrue(all(len(line) < 400 and line.isprintable() for line in lines), lines)


STRANGE = r"""
os: {name: linux, version: "6.1.0"}
session: {type: wayland, desktop: "K: \"DE\" # größer"}
gpus: [{vendor: 0x10de, device: 0x2684, driver: "nvidia", active: true},
       {vendor: 0x1234, device: 0x1111}]
gl: {renderer: "a: [b] {c}, 'd' \\", extensions: GL_ARB_a GL_ARB_b}
app: {name: "an: app", arguments: [--secret=1]}
environment: {QT_QPA_PLATFORM: "xcb;wayland"}
files: {/etc/secret: word}
"""


class ProfileNew(unittest.TestCase):
    def fill(self, text):
        marks = (("    title:  # fill in", "    title: What is wrong  # fill in"),
                 ("      -  # fill in: the address", "      - https://example.org/1  # "),
                 ("      -  # fill in: what helps", "      - gpu-off  # "))
        for old, new in marks:
            self.assertEqual(text.count(old), 1, text)
            text = text.replace(old, new)
        return text

    def test_skeleton_is_valid_when_it_is_filled_in(self):
        checker = jsonschema.Draft202012Validator(SCHEMA)
        identities = {"mismatch": MISMATCH, "hyprland": HYPRLAND, "no ES3": NO_ES3,
                      "strange": STRANGE, "nothing known": "{}", "windows":
                      'os: {name: windows}\ngpus: [{vendor: 0x8086, device: 0x3e92}]\n'
                      'engine: {qt: "6.10.1"}\n'}
        with Sandbox() as box:
            for name, identity in identities.items():
                with self.subTest(name):
                    path = box.write("id.yaml", identity)
                    result = box.run("profile", "new", "my-fix", "--identity", path)
                    self.assertEqual(result.rc, 0, result)
                    filled = self.fill(result.out)
                    new = box.write("new.yaml", filled)
                    checked = box.run("profile", "validate", new)
                    self.assertEqual((checked.rc, checked.err), (0, ""), f"{filled}\n{checked}")
                    self.assertRegex(checked.out,
                                     r"^1 profiles, [35] tests: 0 errors, 0 warnings\n$")
                    self.assertEqual([error.message for error in
                                      checker.iter_errors(yaml.safe_load(filled))], [])

    def test_skeleton_as_printed_names_what_is_to_be_filled_in(self):
        with Sandbox() as box:
            identity = box.write("id.yaml", HYPRLAND)
            result = box.run("profile", "new", "--identity", identity)
            new = box.write("new.yaml", result.out)
            checked = box.run("profile", "validate", new)
            self.assertEqual(checked.rc, 65, checked)
            lines = result.out.splitlines()
            for finding in checked.err.splitlines():
                number = int(finding.split(":")[2])
                self.assertIn("fill in", lines[number - 1], finding)
            self.assertEqual(len(checked.err.splitlines()), 3)

    def test_skeleton_holds_this_machine(self):
        with Sandbox() as box:
            result = box.run("profile", "new", "--no-gl")
            self.assertEqual(result.rc, 0, result)
            test = yaml.safe_load(self.fill(result.out))["profiles"][0]["tests"][0]
            self.assertEqual((test["expect"], test["identity"]["os"]["name"]), ("match", "linux"))

    def test_nothing_private_is_in_it(self):
        with Sandbox() as box:
            result = box.run("profile", "new", "--identity", box.write("id.yaml", STRANGE))
            self.assertNotIn("secret", result.out)
            self.assertNotIn("GL_ARB_a", result.out)

    def test_wrong_id_is_wrong_usage(self):
        with Sandbox() as box:
            result = box.run("profile", "new", "My_Fix")
            self.assertEqual((result.rc, result.out), (64, ""))
            self.assertIn("'My_Fix' is no id: small letters, digits and single dashes, at most 64",
                          result.err)


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

    def test_schema_refuses_what_validate_refuses(self):
        checker = jsonschema.Draft202012Validator(SCHEMA)
        self.assertTrue(checker.is_valid(yaml.safe_load(GOOD)))
        for old, new, want in BAD:
            with self.subTest(want):
                if any(text in want for text in SCHEMA_BLIND):
                    continue
                self.assertFalse(checker.is_valid(yaml.safe_load(GOOD.replace(old, new, 1))))

    def test_schema_and_validate_take_the_same_good_files(self):
        checker = jsonschema.Draft202012Validator(SCHEMA)
        with Sandbox() as box:
            for number, (old, new) in enumerate(GOOD_CHANGES):
                with self.subTest(new):
                    self.assertIn(old, GOOD)
                    text = GOOD.replace(old, new, 1)
                    path = box.write(f"good{number}.yaml", text)
                    result = box.run("profile", "validate", path)
                    # A bound that has no test on either side is a warning, and none of the format.
                    said = [line for line in result.err.splitlines()
                            if " has no test for which " not in line]
                    self.assertEqual((result.rc, said), (0, []), result)
                    self.assertEqual([error.message for error in
                                      checker.iter_errors(yaml.safe_load(text))], [])

    def test_schema_knows_the_log_signatures(self):
        source = (SRC_DIR / "src/engine/signatures.c").read_text(encoding="utf-8")
        names = set(re.findall(r'\.name = "([a-z0-9-]+)"', source))
        self.assertGreater(len(names), 20)
        history = SCHEMA["$defs"]["test"]["properties"]["history"]["properties"]
        self.assertEqual(set(history["signatures"]["propertyNames"]["enum"]), names)
        [pattern] = [row["pattern"] for row in SCHEMA["$defs"]["field"]["anyOf"]
                     if row.get("pattern", "").startswith("^log")]
        self.assertEqual({name for name in names if re.search(pattern, f"log.{name}")}, names)
        self.assertIsNone(re.search(pattern, "log.no-such-line"))


if __name__ == "__main__":
    unittest.main()
