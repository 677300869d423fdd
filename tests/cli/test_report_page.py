"""The page of an incident in a real browser: light, dark, on a telephone, on paper; nothing is
asked of the network, no script runs, and axe-core finds nothing serious to say against it."""

import json
import re
import unittest

import browser
from qwg import BUILD_DIR, Sandbox
from test_incident import OLD, hostile_record, put, record

AXE = BUILD_DIR / "node" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")
LOG = b"js: started\n[WARNING] video visible size is empty\n" * 40
WIDE = {"light": {}, "dark": {"dark": True},
        "telephone": {"width": 360, "height": 800, "phone": True}}


def many(incident_id):
    """As full as an incident gets: 300 processes, 400 actions, long hostile strings."""
    whole = hostile_record(incident_id)
    nasty = "<img src=x onerror=alert(1)>\"'&" * 20
    whole["processes"] = [{"pid": n, "parent": 1, "role": "renderer", "name": nasty[:31],
                           "rss_bytes": n << 20} for n in range(1, 301)]
    whole["actions"] = [{"t_ns": n * 10**6, "action": f"{n}{nasty}", "pid": n, "result": nasty}
                        for n in range(400)]
    whole["attribution"]["evidence"] = [nasty] * 40
    whole["signatures"] = {f"{n}{nasty}": n for n in range(100)}
    whole["app"]["argv"] = [nasty] * 100
    whole["log_marks"] = [{"name": f"{n}{nasty}", "first_ns": -n * 10**9, "last_ns": 0}
                          for n in range(60)]
    whole["preflight"] = {"summary": {f"s{n}": nasty for n in range(20)},
                          "identity": {"x": nasty}}
    whole["plan"] = {"rung": nasty, "environment": {f"V{n}": nasty for n in range(40)}}
    return whole


class ReportPageTest(unittest.TestCase):
    """One browser and one state folder for all tests."""

    @classmethod
    def setUpClass(cls):
        if not browser.find():
            raise AssertionError("chromium is not installed; `make check` sees to it")
        cls.box = cls.enterClassContext(Sandbox())
        cls.browser = cls.enterClassContext(browser.Browser())
        put(cls.box, OLD, json.dumps(record(OLD)), LOG)
        cls.hostile = OLD[:-4] + "4712"
        put(cls.box, cls.hostile, json.dumps(many(cls.hostile)),
            b"<script>alert(2)</script>\n" * 9000)
        cls.pages = {}
        for incident_id in (OLD, cls.hostile):
            cls.pages[incident_id] = cls.box.path / f"{incident_id}.html"
            result = cls.box.run("incident", "html", incident_id, "-o", cls.pages[incident_id])
            if result.rc:
                raise AssertionError(result)

    def page(self, incident_id=OLD, **how):
        return self.browser.page(self.pages[incident_id].as_uri(), **how)

    def shoot(self, page, name):
        folder = BUILD_DIR / "screenshots"
        folder.mkdir(exist_ok=True)
        self.assertGreater(page.screenshot(folder / f"report-{name}.png").stat().st_size, 10000)

    def each_look(self):
        for incident_id, looks in ((OLD, WIDE), (self.hostile, ("telephone",))):
            for name in looks:
                with self.subTest(incident=incident_id, look=name):
                    yield incident_id, name, self.page(incident_id, **WIDE[name])

    def test_page_when_looked_at_then_nothing_wider_than_the_window(self):
        for incident_id, name, page in self.each_look():
            self.shoot(page, f"{incident_id[-4:]}-{name}")
            wide = page.evaluate("document.documentElement.scrollWidth")
            self.assertLessEqual(wide, WIDE[name].get("width", 1000))

    def test_page_when_axe_looks_at_it_then_nothing_serious(self):
        if not AXE.exists():
            reason = BUILD_DIR / "node" / "missing"
            if not reason.exists():
                raise AssertionError(f"{AXE} is not there; `make check` sees to it")
            self.skipTest(reason.read_text(encoding="utf-8").strip())
        axe = AXE.read_text(encoding="utf-8")
        for _, _, page in self.each_look():
            page.evaluate(axe + ";0")
            found = page.evaluate(
                "axe.run().then(r => r.violations.map(v => ({id: v.id, impact: v.impact,"
                " nodes: v.nodes.map(n => n.html.slice(0, 200)).slice(0, 3)})))")
            self.assertEqual([one for one in found if one["impact"] in SERIOUS], [])

    def test_page_when_loaded_then_asks_for_nothing_and_runs_nothing(self):
        for incident_id in (OLD, self.hostile):
            page = self.page(incident_id)
            self.assertEqual(page.requests(), [self.pages[incident_id].as_uri()])
            self.assertEqual(page.complaints(), [])
            self.assertEqual(page.evaluate("document.scripts.length + document.images.length"), 0)
            self.assertEqual(page.evaluate(
                "[...document.querySelectorAll('*')].filter(e => [...e.attributes].some("
                "a => a.name.startsWith('on'))).length"), 0)

    def test_page_when_dark_then_dark(self):
        for dark in (False, True):
            colour = self.page(dark=dark).evaluate(
                "getComputedStyle(document.body).backgroundColor")
            sum_of = sum(int(part) for part in re.findall(r"\d+", colour)[:3])
            self.assertEqual(sum_of < 200, dark, colour)

    def test_page_when_read_then_what_matters_is_there(self):
        text = self.page().evaluate("document.body.textContent")
        for part in ("process-limit", "NVIDIA 550.78", "WebGL 2 works", "--user-flag",
                     "video visible size is empty", "log: video-size-empty", "stop", "limit"):
            self.assertIn(part, text)

    def test_page_when_printed_then_few_pages_of_paper(self):
        pdf = self.page(dark=True).pdf()
        self.assertTrue(pdf.startswith(b"%PDF"))
        pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
        self.assertTrue(1 <= pages <= 6, pages)

    def test_page_when_full_of_long_strings_then_at_most_150_kib(self):
        for path in self.pages.values():
            self.assertLessEqual(path.stat().st_size, 150 * 1024)


if __name__ == "__main__":
    unittest.main()
