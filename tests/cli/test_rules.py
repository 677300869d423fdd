"""The commands `rules list|show|extract|eval`, on a library that the compiler makes of
tests/data/lists/library.c and on the rules that are built in."""

import json
import os
import shlex
import unittest

from qwg import Sandbox, data_path, run_program

LAYOUT_C = ["-DPOINTER_FIRST=1", "-DSCHEMA=1", "-DINTEL=1", "-DREVISION=1", "-DD3D=0", "-DNEW=1"]
NAME = "libQt6WebEngineCore.so.6.11.2"
LLVMPIPE = {
    "version": 1,
    "os": {"name": "linux", "version": "6.1.0"},
    "session": {"type": "x11"},
    "gpus": [{"vendor": 0x8086, "device": 0x5916, "class": 0x0300}],
    "gl": {"vendor": "Mesa", "renderer": "llvmpipe (LLVM 15)", "version": "4.5 Mesa 22.3.6",
           "extensions": "GL_ARB_texture_storage"},
}
IVY_BRIDGE = {**LLVMPIPE,
              "gpus": [{"vendor": 0x8086, "device": 0x0156, "class": 0x0300}],
              "gl": {"vendor": "Intel", "renderer": "Mesa Intel(R) HD Graphics 4000 (IVB GT2)",
                     "version": "4.2 (Core Profile) Mesa 22.3.6", "extensions": ""}}


def library_make(box, *options):
    path = box.path / NAME
    compiler = shlex.split(os.environ.get("CC") or "cc")
    result = run_program([*compiler, "-O2", "-fPIC", "-shared", "-nostdlib", "-w",
                          "-Wl,-soname,libQt6WebEngineCore.so.6", "-Wl,--build-id",
                          *LAYOUT_C, *options, "-o", path, data_path("lists/library.c")])
    assert result.rc == 0, result
    return path


def active(result, name):
    return [entry["id"] for entry in result["entries"] if entry["active"] and entry["list"] == name]


class Extract(unittest.TestCase):
    def test_json_is_what_the_library_holds_and_is_read_back(self):
        with Sandbox() as box:
            library = library_make(box)
            result = box.run("rules", "extract", "--engine", library, "--json")
            self.assertEqual(result.rc, 0, result)
            lists = result.json()
            self.assertEqual(lists["schema"], "qwguard.lists/1")
            self.assertEqual((lists["qt"], lists["chromium"]), ("6.11.2", "140.0.7339.225"))
            self.assertEqual((lists["library"], lists["layout"]), (str(library), "C, 64 bits"))
            self.assertRegex(lists["build_id"], r"^[0-9a-f]{40}$")
            self.assertEqual(len(lists["software_rendering_list"]["entries"]), 18)
            self.assertEqual(len(lists["gpu_driver_bug_list"]["entries"]), 18)
            kept = box.write("lists.json", result.out)
            machine = box.write("machine.json", json.dumps(LLVMPIPE))
            direct = box.run("rules", "eval", "--json", "--engine", library, "--identity", machine)
            again = box.run("rules", "eval", "--json", "--list", kept, "--identity", machine)
            self.assertEqual(direct.json()["source"], "engine-library")
            self.assertEqual(again.json()["source"], "shipped-rules")
            self.assertEqual({**direct.json(), "source": ""}, {**again.json(), "source": ""})

    def test_lists_that_code_fills_and_nobody_understands_are_said_to_be_incomplete(self):
        with Sandbox() as box:
            library = library_make(box, "-DFILLED=1", "-DFOREIGN")
            result = box.run("rules", "extract", "--engine", library, "--json")
            self.assertEqual(result.rc, 0, result)
            self.assertIn("unknown instruction 0f a2", result.err)
            self.assertIn("the conditions are unknown", result.json()["incomplete"])
            machine = box.write("machine.json", json.dumps(LLVMPIPE))
            decided = box.run("rules", "eval", "--json", "--engine", library, "--identity", machine)
            self.assertEqual(decided.json()["source"], "shipped-rules", decided)
            self.assertIn("the built-in ones are", decided.err)
            kept = box.write("lists.json", result.out)
            refused = box.run("rules", "eval", "--json", "--list", kept, "--identity", machine)
            self.assertEqual(refused.rc, 65, refused)
            self.assertIn("unknown key 'incomplete'", refused.err)
            engine = {**LLVMPIPE, "engine": {"library": str(library)}}
            machine = box.write("engine.json", json.dumps(engine))
            verdict = box.run("check", "--json", "--engine", library, "--identity", machine,
                              "--explain")
            self.assertIn("the built-in ones are (Chromium 140.0.7339.225)", verdict.err)
            self.assertEqual(verdict.json()["verdict"]["source"], "shipped-rules")
            self.assertEqual(verdict.json()["verdict"]["confidence"], "low")

    def test_a_library_without_lists_is_refused_with_the_reason(self):
        with Sandbox() as box:
            library = library_make(box, "-DFILLED=2")
            result = box.run("rules", "extract", "--engine", library)
            self.assertEqual((result.rc, result.out), (65, ""), result)
            self.assertIn("no two tables like Chromium's GPU lists in it", result.err)

    def test_what_is_no_library_or_not_there(self):
        with Sandbox() as box:
            text = box.write("libQt6WebEngineCore.so.6", "no library at all\n" * 99)
            for what, status in ((text, 65), (box.path / "absent.so", 66)):
                result = box.run("rules", "extract", "--engine", what)
                self.assertEqual((result.rc, result.out), (status, ""), result)
                self.assertIn(what.name, result.err)


class Show(unittest.TestCase):
    def test_an_entry_of_the_library_and_of_the_built_in_rules(self):
        with Sandbox() as box:
            library = library_make(box)
            for engine in (library, "5.15.2"):
                result = box.run("rules", "show", "--engine", engine, "3")
                self.assertEqual(result.rc, 0, result)
                self.assertIn("GL driver is software rendered", result.out)
                self.assertIn("gl_renderer: (?i).*", result.out)
                shown = box.run("rules", "show", "--engine", engine, "--json", "3").json()
                entries = shown["software_rendering_list"]["entries"]
                self.assertEqual([entry["id"] for entry in entries], [3])

    def test_wrong_ids(self):
        with Sandbox() as box:
            result = box.run("rules", "show", "--engine", "5.15.2", "9999")
            self.assertEqual((result.rc, result.out), (65, ""), result)
            self.assertIn("no entry with that id", result.err)
            result = box.run("rules", "show", "three")
            self.assertEqual(result.rc, 64, result)


class List(unittest.TestCase):
    def test_json_names_the_built_in_sets(self):
        with Sandbox() as box:
            sets = box.run("rules", "list", "--json").json()
            self.assertEqual(sets["schema"], "qwguard.rule-sets/1")
            chromium = {item["chromium"].split(".")[0] for item in sets["shipped"]}
            self.assertLessEqual({"83", "87", "102", "120", "122", "134", "140"}, chromium)
            for item in sets["installed"]:
                self.assertNotIn("problem", item)
                self.assertGreater(item["software_rendering_list"], 20)


class Eval(unittest.TestCase):
    def test_one_machine(self):
        with Sandbox() as box:
            library = library_make(box)
            machine = box.write("machine.json", json.dumps(LLVMPIPE))
            result = box.run("rules", "eval", "--json", "--engine", library,
                             "--identity", machine).json()
            self.assertEqual(result["schema"], "qwguard.rules/1")
            self.assertEqual(active(result, "software_rendering_list"), [3])
            self.assertIn("accelerated_webgl", result["blocked_features"])
            text = box.run("rules", "eval", "--engine", library, "--identity", machine)
            self.assertIn("* software_rendering_list 3: ", text.out)

    def test_a_library_of_the_working_folder_needs_no_slash(self):
        with Sandbox() as box:
            library = library_make(box)
            result = box.run("rules", "extract", "--json", "--engine", library.name,
                             cwd=library.parent)
            self.assertEqual(result.rc, 0, result)
            self.assertEqual(result.json()["library"], str(library))
            box.write("6.77", "no engine")
            result = box.run("rules", "extract", "--engine", "6.77", cwd=box.path)
            self.assertIn("no release 6.77", result.err)

    def test_switches_of_the_identity_count(self):
        with Sandbox() as box:
            library = library_make(box)
            flags = {"QTWEBENGINE_CHROMIUM_FLAGS": "--ignore-gpu-blocklist --workaround_07"}
            machine = box.write("machine.json", json.dumps({**LLVMPIPE, "environment": flags}))
            result = box.run("rules", "eval", "--json", "--engine", library,
                             "--identity", machine).json()
            self.assertEqual(result["blocked_features"], [])
            self.assertIn("workaround_07", result["workarounds"])

    def test_many_machines_give_one_line_each_in_their_order(self):
        with Sandbox() as box:
            library = library_make(box)
            lines = [json.dumps(LLVMPIPE), json.dumps({"id": "ivy", "identity": IVY_BRIDGE}),
                     '{"os": {"name": 7', json.dumps(LLVMPIPE),
                     '{"id": "odd", "identity": {"os": {"name": "beos"}}}']
            batch = box.write("batch.jsonl", "\n".join(lines) + "\n")
            result = box.run("rules", "eval", "--engine", library, "--batch", batch)
            self.assertEqual(result.rc, 65, result)
            rows = [json.loads(line) for line in result.out.splitlines()]
            self.assertEqual(len(rows), 5)
            self.assertEqual(rows[0], rows[3])
            self.assertEqual(active(rows[0], "software_rendering_list"), [3])
            self.assertEqual(rows[1]["id"], "ivy")
            self.assertEqual(active(rows[1], "gpu_driver_bug_list"), [59])
            self.assertIn("batch.jsonl:3:", rows[2]["error"])
            self.assertIn("batch.jsonl:3:", result.err)
            self.assertEqual(rows[4]["id"], "odd")
            self.assertIn("batch.jsonl:5:", rows[4]["error"])

    def test_options_that_do_not_go_together(self):
        with Sandbox() as box:
            for args in (("--list", "x", "--engine", "6.8"), ("--batch", "x", "--identity", "y")):
                result = box.run("rules", "eval", *args)
                self.assertEqual((result.rc, result.out), (64, ""), result)


class Refused(unittest.TestCase):
    HEAD = 'version: 1\nchromium: "102.0.5005.177"\n'
    ROWS = (
        ("unknown key", HEAD + "bogus: 1\n", "3:1: unknown key 'bogus'"),
        ("bad pattern", HEAD + "software_rendering_list:\n  entries:\n"
         "    - {id: 1, features: [all], gl_renderer: '(x'}\n"
         "gpu_driver_bug_list: {entries: []}\n", "5:45: bad pattern"),
        ("bad version", HEAD + "software_rendering_list:\n  entries:\n"
         "    - {id: 1, features: [all], driver_version: {op: '<', value: 'x.y'}}\n"
         "gpu_driver_bug_list: {entries: []}\n", "5:"),
        ("ids twice", HEAD + "software_rendering_list:\n  entries:\n"
         "    - {id: 1, features: [all]}\n    - {id: 1, features: [all]}\n"
         "gpu_driver_bug_list: {entries: []}\n", "6:7: id 1 stands here twice"),
        ("no YAML", "a: [1\n", "bad.yaml:"),
    )

    def test_the_nearest_built_in_rules_decide_and_are_named(self):
        with Sandbox() as box:
            machine = box.write("machine.json", json.dumps(
                {**LLVMPIPE, "engine": {"qt": "6.4.2", "chromium": "102.0.5005.177"}}))
            for label, text, words in self.ROWS:
                with self.subTest(label):
                    bad = box.write("bad.yaml", text)
                    result = box.run("rules", "eval", "--json", "--list", bad,
                                     "--identity", machine)
                    self.assertEqual(result.rc, 65, result)
                    self.assertIn(words, result.err)
                    self.assertIn("is refused; the built-in rules of Chromium 102.0.5005.177",
                                  result.err)
                    decided = result.json()
                    self.assertEqual((decided["chromium"], decided["source"]),
                                     ("102.0.5005.177", "shipped-rules"))
                    self.assertIn(3, active(decided, "software_rendering_list"))
            absent = box.run("rules", "eval", "--list", "absent.yaml", "--identity", machine)
            self.assertEqual((absent.rc, absent.out), (66, ""), absent)


class Cache(unittest.TestCase):
    def test_a_rebuilt_library_is_read_again(self):
        with Sandbox() as box:
            library = library_make(box)
            first = box.run("rules", "extract", "--engine", library, "--json").json()
            kept = list(box.cache_dir.glob("lists-*"))
            self.assertEqual(len(kept), 1)
            self.assertEqual(kept[0].stat().st_mode & 0o777, 0o600)
            library_make(box, "-DBAD_TEXT=\"Nouveau\"")
            second = box.run("rules", "extract", "--engine", library, "--json").json()
            self.assertNotEqual(first["build_id"], second["build_id"])
            self.assertIn('"Nouveau"', json.dumps(second))

    def test_a_broken_cache_is_made_anew(self):
        with Sandbox() as box:
            library = library_make(box)
            first = box.run("rules", "extract", "--engine", library, "--json").out
            kept = next(box.cache_dir.glob("lists-*"))
            kept.write_bytes(kept.read_bytes()[:1000])
            self.assertEqual(box.run("rules", "extract", "--engine", library, "--json").out, first)
            self.assertGreater(kept.stat().st_size, 1000)


if __name__ == "__main__":
    unittest.main()
