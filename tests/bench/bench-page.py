#!/usr/bin/python3
"""How long the page of an incident takes to open in headless Chromium: from the navigation to the
end of its load and to the first picture with text in it, as the page's own clock saw it, and the
time that the renderer worked for it (styles, layout, everything). Pages: one word (what the browser
itself needs), an ordinary record, one as full as a record gets, opened in turn so that a busy
machine slows all of them alike. Prints, judges nothing."""

import json
import os
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "lib"), str(ROOT / "tests" / "cli")]
os.environ.setdefault("QWGUARD_SRC_DIR", str(ROOT))

import browser                                                  # noqa: E402
from qwg import Sandbox                                         # noqa: E402
from test_incident import OLD, put, record, written             # noqa: E402
from test_report_page import LOG, many                          # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", 15))
GOAL_MS = 100
# Resolved when the picture is there: it is drawn after the load has ended.
TIMES = """new Promise(done => {
  const report = paint => done({
    loaded: performance.getEntriesByType("navigation")[0].loadEventEnd,
    painted: paint.startTime});
  new PerformanceObserver(list => {
    for (const entry of list.getEntries())
      if (entry.name === "first-contentful-paint") report(entry);
  }).observe({type: "paint", buffered: true});
})"""


WORK = {"TaskDuration": "renderer at work", "LayoutDuration": "of it layout",
        "RecalcStyleDuration": "of it styles"}


def opened(chromium, path):
    """Milliseconds by what they are."""
    page = chromium.page(path.as_uri())
    times = page.evaluate(TIMES)
    metrics = {one["name"]: one["value"] for one in page.call("Performance.getMetrics")["metrics"]}
    page.close()
    return {**times, **{text: metrics[name] * 1000 for name, text in WORK.items()}}


def pages_make(box):
    full = OLD[:-4] + "4712"
    put(box, OLD, written(record(OLD)), LOG)
    put(box, full, json.dumps(many(full)), b"<script>alert(2)</script>\n" * 9000)
    pages = {"one word": box.write("word.html", "<!doctype html><title>t</title><p>word")}
    for incident_id, what in ((OLD, "ordinary"), (full, "full")):
        pages[what] = box.path / f"{incident_id}.html"
        result = box.run("incident", "html", incident_id, "-o", pages[what])
        if result.rc:
            raise AssertionError(result)
    return pages


def main():
    with Sandbox() as box, browser.Browser() as chromium:
        pages = pages_make(box)
        for path in pages.values():     # the first pages of a browser are no measure of a page
            opened(chromium, path)
        times = {what: [] for what in pages}
        for _ in range(ROUNDS):
            for what, path in pages.items():
                times[what].append(opened(chromium, path))
        print(f"{'':40}{'median':>8}{'least':>8}{'most':>8}   ms, {ROUNDS} rounds "
              f"(budget: loaded {GOAL_MS} ms)")
        for what, path in pages.items():
            for key in times[what][0]:
                values = [one[key] for one in times[what]]
                label = f"{what}, {path.stat().st_size / 1024:.0f} KiB: {key}"
                print(f"{label:40}{statistics.median(values):8.1f}{min(values):8.1f}"
                      f"{max(values):8.1f}")


if __name__ == "__main__":
    main()
