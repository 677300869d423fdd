"""The incident commands on folders written here: list, show, html and rm, with whole, torn and
hostile records."""

import json
import re
import unittest

import jsonschema

from qwg import SRC_DIR, Sandbox

HOSTILE = "x\x1b]0;owned\x07\x1b[2J\r\n<script>alert(1)</script>\u009b31m"
ESCAPES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]")
SCHEMA = json.loads((SRC_DIR / "docs/schema/incident-1.schema.json").read_text(encoding="utf-8"))


def record(incident_id, **members):
    """A whole record as the guard writes one."""
    stamp = re.sub(r"(....)(..)(..)T(..)(..)(..)Z.*", r"\1-\2-\3T\4:\5:\6Z", incident_id)
    whole = {
        "schema": "qwguard.incident/1", "id": incident_id, "time": stamp,
        "reason": "process-limit",
        "app": {"name": "kiosk", "argv": ["/usr/bin/kiosk", "--url=a&b"], "pid": 4711},
        "limit_bytes": 4 << 30, "crossed_ns": 0, "acted_ns": 2100000, "tree_gone_ns": 4100000,
        "restarted_ns": 15000000, "bytes_at_crossing": (4 << 30) + 1, "bytes_peak": (4 << 30) + 9,
        "process": {"pid": 4711, "role": "browser", "rate_bytes_per_s": 38 << 20},
        "attribution": {"kind": "gpu-in-app", "evidence": ["renderers flat at 120 MiB"]},
        "processes": [
            {"pid": 4711, "parent": 1, "role": "browser", "name": "kiosk", "rss_bytes": 4 << 30,
             "pss_bytes": 4 << 30},
            {"pid": 4733, "parent": 4711, "role": "renderer", "name": "QtWebEngineProc",
             "rss_bytes": 118 << 20}],
        "timeline": [{"t_ns": (n - 99) * 10**9, "tree_bytes": (n * 43 + 200) << 20,
                      "largest_bytes": n * 43 << 20} for n in range(100)],
        "signatures": {"video-size-empty": 40},
        "actions": [{"t_ns": 1100000, "action": "stop", "pid": 4711, "result": "sent"},
                    {"t_ns": 2900000, "action": "kill", "pid": 4711, "result": "gone"}],
        "engine": {"qt": "6.8.2", "chromium": "122.0.6261.171"}, "gpu": "NVIDIA 550.78",
        "plan": {"rung": "none", "environment": {"QTWEBENGINE_CHROMIUM_FLAGS": "--user-flag"}},
        "log_marks": [{"name": "video-size-empty", "first_ns": -60 * 10**9, "last_ns": -10**9}],
        "preflight": {"summary": {"machine": "NVIDIA 550.78", "verdict": "WebGL 2 works"},
                      "identity": {"os": {"name": "linux"}}},
        "next_rung": "webgl-video-copy-off", "restart": 0,
        "survivors": 0,
    }
    return {**whole, **members}


def written(whole):
    """The text of a record's file in the form in which the guard writes it."""
    return "{\n" + ",\n".join(f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}"
                              for key, value in whole.items()) + "\n}\n"


def hostile_record(incident_id):
    """The same with a hostile string wherever one can stand."""
    whole = record(incident_id, reason=HOSTILE, gpu=HOSTILE, next_rung=HOSTILE,
                   app={"name": HOSTILE, "argv": [HOSTILE], "pid": 1},
                   attribution={"kind": "unknown", "evidence": [HOSTILE]},
                   signatures={HOSTILE: 3}, plan={"rung": HOSTILE},
                   engine={"qt": HOSTILE, "chromium": HOSTILE})
    for process in whole["processes"]:
        process["name"] = HOSTILE
    for action in whole["actions"]:
        action.update(action=HOSTILE, result=HOSTILE)
    return whole


def put(box, incident_id, text, log=b""):
    """A folder with this record (None: without one)."""
    folder = box.state_dir / "incidents" / incident_id
    folder.mkdir(parents=True, mode=0o700)
    if text is not None:
        (folder / "incident.json").write_text(text, encoding="utf-8")
    (folder / "app.log").write_bytes(log)
    return folder


OLD, NEW = "20261123T101502Z-4711", "20261123T101600Z-4802"


class IncidentTest(unittest.TestCase):
    """Each test has a state folder of its own."""

    def setUp(self):
        self.box = self.enterContext(Sandbox())

    def put(self, incident_id, log=b"", **members):
        return put(self.box, incident_id, json.dumps(record(incident_id, **members)), log)

    def ok(self, *args):
        result = self.box.run("incident", *args)
        self.assertEqual(result.rc, 0, result)
        return result

    def test_list_when_empty_then_says_so(self):
        self.assertEqual(self.ok("list").out, "no incidents\n")
        self.assertEqual(self.ok("list", "--json").json(),
                         {"schema": "qwguard.incidents/1", "incidents": []})

    def test_list_when_several_then_newest_first(self):
        self.put(OLD)
        self.put(NEW, reason="startup-crash")
        self.assertEqual(self.ok("list", "--json").json()["incidents"], [
            {"id": NEW, "time": "2026-11-23T10:16:00Z", "app": "kiosk",
             "reason": "startup-crash"},
            {"id": OLD, "time": "2026-11-23T10:15:02Z", "app": "kiosk",
             "reason": "process-limit"}])
        table = self.ok("list").out.splitlines()
        self.assertEqual([line.split()[0] for line in table], ["ID", NEW, OLD])

    def test_list_when_torn_then_left_out_and_named(self):
        whole = json.dumps(record(OLD))
        self.put(OLD)
        put(self.box, "20261123T101700Z-1", whole[:len(whole) // 2])
        put(self.box, "20261123T101701Z-1", None)
        put(self.box, "20261123T101702Z-1", "")
        put(self.box, "20261123T101703Z-1", whole)
        put(self.box, "strange\x1b[31m", "{}")
        result = self.ok("list", "--json")
        self.assertEqual([row["id"] for row in result.json()["incidents"]], [OLD])
        self.assertEqual(len(result.err.splitlines()), 5, result.err)
        self.assertNotRegex(result.err, ESCAPES)
        self.assertIn("incidents/20261123T101703Z-1 is left out", result.err)

    def test_show_when_whole_then_the_screen(self):
        self.put(OLD)
        self.put(NEW)
        out = self.ok("show", OLD).out
        for piece in (f"Incident  {OLD}", "one process over 4.00 GiB (process-limit)",
                      "GPU memory that a page owns", "renderers flat at 120 MiB", "█",
                      "4733    renderer", "webgl-video-copy-off"):
            self.assertIn(piece, out)
        self.assertLessEqual(max(map(len, out.splitlines())), 80)
        self.assertNotIn("\x1b", out)
        self.assertIn(NEW, self.ok("show").out)
        self.assertIn(NEW, self.ok("show", "last").out)
        self.assertIn(OLD, self.ok("show", "20261123T1015").out)

    def test_show_when_ascii_then_ascii(self):
        self.put(OLD, gpu="Radeon™ 780M")
        self.assertTrue(self.ok("show", "--ascii").out.isascii())

    def test_show_json_when_whole_then_the_same_record_and_the_schema(self):
        self.put(OLD)
        shown = self.ok("show", "--json").json()
        self.assertEqual(shown, record(OLD))
        jsonschema.validate(shown, SCHEMA)
        shown["survivors"] = "none"
        with self.assertRaises(jsonschema.ValidationError):
            jsonschema.validate(shown, SCHEMA)

    def test_show_when_not_there_then_the_right_status(self):
        self.put(OLD)
        self.put(NEW)
        put(self.box, "20250101T000000Z-1", "{")
        for args, status, text in ((["show", "1999"], 66, "there is no incident '1999'"),
                                   (["show", "2026"], 64, "is the beginning of 2 incidents"),
                                   (["show", "2025"], 65, "incident.json:1:"),
                                   (["show", OLD, NEW], 64, "one word too many"),
                                   (["html", "../../x"], 66, "there is no incident"),
                                   (["rm"], 64, "is missing")):
            result = self.box.run("incident", *args)
            self.assertEqual(result.rc, status, result)
            self.assertIn(text, result.err)
            self.assertEqual(result.out, "")

    def test_show_when_hostile_then_nothing_reaches_the_terminal(self):
        put(self.box, OLD, json.dumps(hostile_record(OLD)), b"\x1b[31m\xff")
        for args in (["show", OLD], ["list"], ["show", "--ascii"]):
            out = self.ok(*args).out
            self.assertNotRegex(out, ESCAPES)
            self.assertIn("x?]0;owned??[2J", out)
        self.assertEqual(self.ok("show", "--json").json()["app"]["name"], HOSTILE)

    def test_html_when_hostile_then_escaped(self):
        put(self.box, OLD, json.dumps(hostile_record(OLD)),
            b"line one\n<script>alert(2)</script>\x1b[31m\xff</pre>\n")
        page = self.ok("html").out
        self.assertNotIn("<script", page)
        self.assertNotRegex(page, ESCAPES)
        self.assertEqual(page.count("</title>"), 1)
        self.assertIn("&lt;script&gt;alert(2)&lt;/script&gt;?[31m\ufffd&lt;/pre&gt;", page)
        self.assertLess(len(page.encode()), 150 * 1024)

    def test_html_when_a_file_is_named_then_written_there(self):
        self.put(OLD, b"the log\n")
        path = self.box.path / "page.html"
        self.assertEqual(self.ok("html", OLD, "-o", path).out, "")
        page = path.read_text(encoding="utf-8")
        self.assertEqual(page, self.ok("html", OLD).out)
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        self.assertIn("the log", page)
        self.assertIn("<svg", page)
        result = self.box.run("incident", "html", OLD, "-o", "/nonexistent/page.html")
        self.assertEqual(result.rc, 73, result)

    def test_rm_when_named_then_gone_and_others_stay(self):
        old, new = self.put(OLD), self.put(NEW)
        torn = put(self.box, "20250101T000000Z-1", "{")
        result = self.box.run("incident", "rm", OLD, "1999")
        self.assertEqual(result.rc, 66, result)
        self.assertTrue(old.exists())
        self.ok("rm", OLD, "2025", OLD)
        self.assertFalse(old.exists())
        self.assertFalse(torn.exists())
        self.assertTrue(new.exists())

    def test_all_when_the_folder_is_a_link_then_refused(self):
        self.put(OLD)
        incidents = self.box.state_dir / "incidents"
        incidents.rename(self.box.path / "elsewhere")
        incidents.symlink_to(self.box.path / "elsewhere")
        for args in (["list"], ["show", OLD], ["html"], ["rm", OLD]):
            result = self.box.run("incident", *args)
            self.assertEqual(result.rc, 77, result)
            self.assertIn("is a symbolic link", result.err)
        self.assertTrue((self.box.path / "elsewhere" / OLD).exists())


if __name__ == "__main__":
    unittest.main()
