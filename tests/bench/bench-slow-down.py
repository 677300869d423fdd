#!/usr/bin/env python3
"""bench-slow-down.py: what being guarded costs the app: a page of Qt WebEngine under Xvfb does the
same work (script, layout, drawing) many times, with and without the guard, in turns. A run's figure
is the fastest tenth of its rounds; printed are the ratios of neighbouring runs, guarded to bare,
and as the noise of this machine the ratios of bare to bare. RUNS=N sets the number of pairs."""

import os
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "e2e"))
from qwg import Sandbox, Xvfb, run_program  # noqa: E402
from webengine import Engine, events  # noqa: E402

RUNS = int(os.environ.get("RUNS", "5"))
RUN_S = 12
TIME_LIMIT_S = 120
ROUNDS_MIN = 50
PAGE = """<!doctype html>
<meta charset="utf-8">
<title>speed</title>
<canvas width="600" height="300"></canvas>
<div id="rows"></div>
<script>
const pen = document.querySelector('canvas').getContext('2d');
const rows = document.getElementById('rows'), took = [];
let sum = 0;

function work() {
    for (let i = 0; i < 300000; i++)
        sum = (sum * 31 + i) % 1000003;
    rows.innerHTML =
        Array.from({ length: 300 }, (_, i) => `<span>${i * sum % 97} </span>`).join('');
    sum += rows.offsetHeight;
    for (let i = 0; i < 300; i++) {
        pen.fillStyle = `hsl(${(i + sum) % 360} 50% 50%)`;
        pen.fillRect(i * 2, i % 100, 40, 40);
    }
}

function round() {
    const began = performance.now();
    work();
    took.push(performance.now() - began);
    requestAnimationFrame(round);
}
requestAnimationFrame(round);
setInterval(() => console.info('webapp ' + JSON.stringify({ event: 'speed', took })), 1000);
</script>
"""


def speed(box, engine, page, guarded):
    """Milliseconds of a round, the mean of the fastest tenth."""
    argv = engine.argv("--page", page, "--seconds", RUN_S)
    if guarded:
        result = box.run("run", "--no-preflight", "--process-limit", "4G", "--", *argv,
                         timeout=TIME_LIMIT_S)
    else:
        result = run_program(argv, box.env_with({}), timeout=TIME_LIMIT_S, cwd=box.path)
    took = [one["took"] for one in events(result.out) if one["event"] == "speed"]
    if not took or len(took[-1]) < ROUNDS_MIN:
        raise SystemExit(f"{len(took[-1]) if took else 0} rounds in {RUN_S} s are too few:\n"
                         f"{result.err[-2000:]}")
    return statistics.mean(sorted(took[-1])[:len(took[-1]) // 10])


def line(name, ratios):
    print(f"  {name:24} median {statistics.median(ratios):.3f}  least {min(ratios):.3f}  "
          f"most {max(ratios):.3f}", flush=True)


def main():
    engine = Engine(6)
    root = {"QTWEBENGINE_DISABLE_SANDBOX": "1"} if os.getuid() == 0 else {}
    guarded, noise, times = [], [], []
    with Xvfb() as screen, Sandbox(DISPLAY=screen.display, **root) as box, \
            tempfile.NamedTemporaryFile("w", suffix=".html") as page:
        page.write(PAGE)
        page.flush()
        os.chmod(page.name, 0o644)
        for _ in range(RUNS):
            first = speed(box, engine, page.name, False)
            with_guard = speed(box, engine, page.name, True)
            second = speed(box, engine, page.name, False)
            guarded.append(with_guard / ((first + second) / 2))
            noise.append(second / first)
            times.append(first)
    print(f"{engine.name}, {RUNS} pairs, {statistics.median(times):.1f} ms a round, load "
          f"{os.getloadavg()[0]:.1f}")
    line("guarded to bare", guarded)
    line("bare to bare (noise)", noise)


if __name__ == "__main__":
    main()
