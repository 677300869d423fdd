#!/usr/bin/env python3
"""bench-start.py: what `qwguard run` adds to the start of an application; how long `check` takes.

The rows are started in turn, so that a busy machine slows all of them alike; the figures are
medians with the lowest value beside, since only the lowest is free of what else runs. "added" is
the time until /bin/true has ended, less that of /bin/true itself: it contains the start and the end
of the guard. "until start" is the time until the application's first instruction."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
from qwg import QWGUARD, Sandbox    # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", 40))
GOAL_ADDED_MS = 3.0
STAMP = ("python3", "-S", "-c", "import time; print(time.clock_gettime_ns(time.CLOCK_MONOTONIC))")


def elapsed_ms(argv, box):
    began = time.monotonic_ns()
    subprocess.run([str(word) for word in argv], env=box.env, cwd=box.path, check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return (time.monotonic_ns() - began) / 1e6


def until_start_ms(argv, box):
    began = time.monotonic_ns()
    out = subprocess.run([str(word) for word in argv], env=box.env, cwd=box.path, check=True,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL).stdout
    return (int(out) - began) / 1e6


def main():
    # check ends with 10, 11 or 12 on some machines: the shell takes that away.
    check = ("sh", "-c", '"$0" check "$@" >/dev/null || [ $? -le 12 ]', QWGUARD)
    run = (QWGUARD, "run")
    rows = {
        "/bin/true": (elapsed_ms, ("/bin/true",)),
        "run": (elapsed_ms, (*run, "--", "/bin/true")),
        "run --no-preflight": (elapsed_ms, (*run, "--no-preflight", "--", "/bin/true")),
        "run --no-preflight --no-log-tap":
            (elapsed_ms, (*run, "--no-preflight", "--no-log-tap", "--", "/bin/true")),
        "until start, bare": (until_start_ms, STAMP),
        "until start, run": (until_start_ms, (*run, "--", *STAMP)),
        "until start, run --no-preflight":
            (until_start_ms, (*run, "--no-preflight", "--", *STAMP)),
        "sh": (elapsed_ms, ("sh", "-c", ":")),
        "check from the cache": (elapsed_ms, check),
        "check --no-gl": (elapsed_ms, (*check, "--no-gl")),
    }
    with Sandbox(**{name: os.environ[name] for name in ("DISPLAY",) if name in os.environ}) as box:
        for measure, argv in rows.values():     # fills the cache
            measure(argv, box)
        times = {label: [] for label in rows}
        for _ in range(ROUNDS):
            for label, (measure, argv) in rows.items():
                times[label].append(measure(argv, box))
    median = {label: statistics.median(values) for label, values in times.items()}
    print(f"{'':34}{'median':>9}{'lowest':>9}   ms, {ROUNDS} rounds")
    for label, values in times.items():
        print(f"{label:34}{median[label]:9.2f}{min(values):9.2f}")
    added = median["until start, run"] - median["until start, bare"]
    lowest = min(times["until start, run"]) - min(times["until start, bare"])
    print(f"\nadded until the start, warm cache: {added:.2f} ms (lowest {lowest:.2f}; "
          f"goal {GOAL_ADDED_MS:g}), ratio to bare "
          f"{median['until start, run'] / median['until start, bare']:.2f}")
    print(f"added to /bin/true as a whole:     {median['run'] - median['/bin/true']:.2f} ms, ratio "
          f"{median['run'] / median['/bin/true']:.2f}")
    print(f"check from the cache:              {median['check from the cache'] - median['sh']:.2f}"
          " ms")


if __name__ == "__main__":
    main()
