"""Bundles: what is in them, and what is not: no secret of the corpus, no name, no control bytes."""

import json
import tarfile
import unittest

from qwg import Sandbox, data_path, run_program
from test_incident import OLD, SCHEMA, hostile_record, put, record

import jsonschema

FILES = ["README.txt", "incident.json", "report.html", "summary.txt", "app.log", "doctor.json"]


def cases():
    lines = data_path("secrets/secrets.jsonl").read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if not row.get("here")]


def unpack(path):
    """{name: text} of a bundle, with everything that a careless reader could trip over checked."""
    files = {}
    with tarfile.open(path, "r:gz") as tar:
        for member in tar:
            folder, _, name = member.name.partition("/")
            if not member.isfile() or member.mode != 0o600 or member.uname or member.uid:
                raise AssertionError(f"{member.name}: {member.get_info()}")
            if not folder.startswith("qwguard-") or not name or "/" in name:
                raise AssertionError(member.name)
            files[name] = tar.extractfile(member).read()
    return files


class ExportTest(unittest.TestCase):
    """Each test has a state folder of its own."""

    def setUp(self):
        self.box = self.enterContext(Sandbox())

    def export(self, *args):
        path = self.box.path / "bundle.tar.gz"
        result = self.box.run("incident", "export", OLD, "-o", path, *args)
        self.assertEqual(result.rc, 0, result)
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        return unpack(path)

    def put_secrets(self):
        """An incident that holds the whole corpus; the home of this sandbox stands in it too."""
        rows = cases()
        # A key that is cut off swallows what follows it: last.
        texts = sorted((row["text"] for row in rows if "text" in row),
                       key=lambda text: "OPENSSH" in text)
        argv = ["kiosk"]
        for row in rows:
            argv += [*row.get("argv", []), "--next"]
        log = "\n".join([f"in {self.box.home}/x", *texts])
        put(self.box, OLD, json.dumps(record(
            OLD, app={"name": "kiosk", "argv": argv, "pid": 4711},
            attribution={"kind": "unknown", "evidence": texts[:20]},
            plan={"rung": "none", "environment": {"QTWEBENGINE_CHROMIUM_FLAGS":
                                                  "--proxy-server=http://u:pw9@h.example:1"}},
            preflight={"summary": {"machine": "at /home/alice/x"},
                       "identity": {"environment": {"TOKEN": "t-1"}}})), log.encode())
        return rows

    def test_export_when_full_of_secrets_then_none_leaves(self):
        rows = self.put_secrets()
        files = self.export()
        self.assertEqual(list(files), FILES)
        leaks = [(name, row["label"], secret) for name, data in files.items() for row in rows
                 for secret in row["secrets"] if secret.encode() in data]
        self.assertEqual(leaks, [])
        for data in files.values():
            self.assertNotIn(str(self.box.home).encode(), data)
            self.assertNotIn(b"u:pw9", data)
            self.assertNotIn(b'"t-1"', data)
        jsonschema.validate(json.loads(files["incident.json"]), SCHEMA)
        self.assertIn(b"[query]", files["app.log"])
        self.assertIn(b"Taken out", files["README.txt"])

    def test_export_when_raw_then_as_it_was(self):
        self.put_secrets()
        files = self.export("--raw")
        folder = self.box.state_dir / "incidents" / OLD
        self.assertEqual(files["app.log"], (folder / "app.log").read_bytes())
        self.assertEqual(json.loads(files["incident.json"]),
                         json.loads((folder / "incident.json").read_text(encoding="utf-8")))
        self.assertIn(b"nothing was taken out", files["README.txt"])

    def test_export_when_no_secret_then_the_log_is_readable(self):
        text = data_path("secrets/readable.txt").read_bytes()
        put(self.box, OLD, json.dumps(record(OLD)), text)
        files = self.export()
        self.assertEqual(files["app.log"], text)
        self.assertIn(b"<svg", files["report.html"])
        self.assertIn(b"process-limit", files["summary.txt"])
        self.assertEqual(json.loads(files["doctor.json"])["schema"], "qwguard.doctor/1")

    def test_export_when_hostile_then_no_control_bytes(self):
        put(self.box, OLD, json.dumps(hostile_record(OLD)), b"\x1b[2J\xff\x00<script>\x9b31m\n")
        for name, data in self.export().items():
            self.assertNotRegex(data, rb"[\x00-\x08\x0b-\x1f\x7f]", name)
            data.decode("utf-8")
            if name == "report.html":
                self.assertNotIn(b"<script", data)

    def test_export_when_nothing_is_said_then_a_file_here(self):
        put(self.box, OLD, json.dumps(record(OLD)))
        result = self.box.run("incident", "export")
        self.assertEqual(result.rc, 0, result)
        self.assertEqual(result.out, f"qwguard-incident-{OLD}.tar.gz\n")
        names = list(unpack(self.box.path / result.out.strip()))
        self.assertEqual(names, [name for name in FILES if name != "app.log"])
        listing = run_program(["tar", "-tzf", self.box.path / result.out.strip()])
        self.assertEqual(listing.rc, 0, listing)

    def test_export_when_wrong_then_the_right_status(self):
        put(self.box, "20250101T000000Z-1", "{")
        for args, status in ((["1999"], 66), (["2025"], 65)):
            self.assertEqual(self.box.run("incident", "export", *args).rc, status)
        put(self.box, OLD, json.dumps(record(OLD)))
        self.assertEqual(self.box.run("incident", "export", OLD, "-o", "/nonexistent/x").rc, 73)


class DoctorTest(unittest.TestCase):
    """What it says about a machine that lacks something."""

    def setUp(self):
        self.box = self.enterContext(Sandbox())

    def checks(self, *args, **env):
        result = self.box.run("doctor", "--json", *args, **env)
        rows = {row["check"]: row for row in result.json()["checks"]}
        self.assertEqual(len(rows), 12)
        return result, rows

    def test_doctor_when_asked_then_every_check_answers(self):
        result, rows = self.checks()
        self.assertEqual(rows["processes"]["result"], "ok")
        self.assertEqual(rows["handles"]["result"], "ok")
        self.assertEqual(rows["state"]["result"], "ok")
        self.assertEqual(rows["profiles"]["result"], "ok")
        self.assertIn("Qt WebEngine 6", rows["engines"]["text"])
        self.assertEqual(rows["display"]["result"], "warning")
        self.assertEqual(result.rc, 10, result)
        text = self.box.run("doctor")
        for name in rows:
            self.assertRegex(text.out, rf"(?m)^{name} ")
        self.assertFalse(list(self.box.state_dir.iterdir()))

    def test_doctor_when_state_cannot_be_written_then_said(self):
        self.box.write("file", "")
        _, rows = self.checks("--state", self.box.path / "file" / "state")
        self.assertEqual(rows["state"]["result"], "warning")
        self.assertIn("standard error", rows["state"]["advice"])

    def test_doctor_when_configuration_is_wrong_then_a_problem_with_its_place(self):
        self.box.write("home/.config/qwguard/config.yaml", "version: 1\nguard: {grace: banana}\n")
        result, rows = self.checks()
        self.assertEqual(rows["settings"]["result"], "problem")
        self.assertIn("config.yaml:2:", rows["settings"]["text"])
        self.assertEqual(result.rc, 69)

    def test_doctor_when_a_profile_is_wrong_then_said(self):
        self.box.write("home/.config/qwguard/profiles/50-x.yaml", "version: 1\nprofiles: 3\n")
        _, rows = self.checks()
        self.assertEqual(rows["profiles"]["result"], "warning")
        self.assertIn("50-x.yaml:2:", rows["profiles"]["text"])

    def test_report_when_written_then_redacted_or_raw(self):
        state = self.box.home / "state"
        for args, seen in (([], False), (["--raw"], True)):
            path = self.box.path / "report.tar.gz"
            result = self.box.run("doctor", "--report", "--state", state, "-o", path, *args)
            self.assertEqual(result.rc, 0, result)
            files = unpack(path)
            self.assertEqual(list(files), ["README.txt", "doctor.json"])
            self.assertEqual(str(self.box.home).encode() in files["doctor.json"], seen)

    def test_report_when_options_do_not_belong_then_usage(self):
        for args in (["--raw"], ["-o", "x"]):
            self.assertEqual(self.box.run("doctor", *args).rc, 64)


if __name__ == "__main__":
    unittest.main()
