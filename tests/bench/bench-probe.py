#!/usr/bin/env python3
"""bench-probe.py: what the probe of GL costs, against a bare program that makes the same context on
the same X server (bare_gl.c). In turns, RUNS of each; wall-clock and processor time."""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
import qwg  # noqa: E402

RUNS = 21
HERE = Path(__file__).resolve().parent


def measure(argv, env, answer):
    """Milliseconds by the clock and of the processor of one run; descriptor 3 leads to the file
    that the probe answers to."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(argv, env=env, stdout=subprocess.DEVNULL, check=True, pass_fds=(3,),
                   preexec_fn=lambda: os.dup2(answer.fileno(), 3))
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * wall, 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main():
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as answer, \
            qwg.Xvfb() as display:
        bare = str(Path(folder) / "bare_gl")
        subprocess.run(["cc", "-O2", "-o", bare, str(HERE / "bare_gl.c"), "-lGL", "-lX11"],
                       check=True)
        env = {**os.environ, "DISPLAY": display.display, "QWGUARD_PROBE": "desktop"}
        times = {"bare": [], "probe": []}
        for _ in range(RUNS):
            times["bare"].append(measure([bare], env, answer))
            times["probe"].append(measure([qwg.QWGUARD, "--qwguard-probe"], env, answer))
    for index, kind in enumerate(("by the clock", "of the processor")):
        middle = {name: statistics.median(run[index] for run in runs)
                  for name, runs in times.items()}
        print(f"context of GL, {kind}: bare program {middle['bare']:.1f} ms, "
              f"probe {middle['probe']:.1f} ms, ratio {middle['probe'] / middle['bare']:.2f} "
              f"(goal 1.1)")


if __name__ == "__main__":
    main()
