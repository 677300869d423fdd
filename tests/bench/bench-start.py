#!/usr/bin/env python3
"""bench-start.py: what `qwguard run` adds to the start of an application; how long `check` takes.

The rows are started in turn, so that a busy machine slows all of them alike; the figures are
medians with the lowest value beside, since only the lowest is free of what else runs. "added" is
the time until /bin/true has ended, less that of /bin/true itself: it contains the start and the end
of the guard. "until start" is the time until the application's first instruction. Ratios are to
what stands beside: /bin/true, the bare application, or `qwguard --version`, which is the start of
the program and nothing else."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "lib"), str(TESTS / "cli")]
from qwg import QWGUARD, Sandbox, bench_program     # noqa: E402
from test_incident import record, written               # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", 40))
INCIDENTS = 10_000
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


def lists_forget(box):
    for path in box.cache_dir.glob("lists-*"):
        path.unlink()


def forgetful_ms(argv, box):
    lists_forget(box)
    return elapsed_ms(argv, box)


def incidents_make(state):
    """As many records as a kiosk could ever keep, written as the guard writes them."""
    for number in range(INCIDENTS):
        name = f"20260101T{number // 3600:02}{number // 60 % 60:02}{number % 60:02}Z-{number + 1}"
        folder = state / "incidents" / name
        folder.mkdir(parents=True, mode=0o700)
        path = folder / "incident.json"
        path.write_text(written(record(name)), encoding="utf-8")
        path.chmod(0o600)
    for folder in (state, state / "incidents"):
        folder.chmod(0o700)


def profiles_rows(box):
    """bench/profiles.c, which measures inside of one process."""
    program = bench_program("profiles", box.path)
    return subprocess.run([program, str(ROUNDS), QWGUARD], check=True, env=box.env,
                          stdout=subprocess.PIPE, encoding="utf-8").stdout


def measure_all(rows, box):
    for measure, argv in rows.values():     # fills the cache
        measure(argv, box)
    times = {label: [] for label in rows}
    for _ in range(ROUNDS):
        for label, (measure, argv) in rows.items():
            times[label].append(measure(argv, box))
    return times


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
        "--version": (elapsed_ms, ("sh", "-c", '"$0" --version >/dev/null', QWGUARD)),
        "check from the cache": (elapsed_ms, check),
        "check --no-gl, lists kept": (elapsed_ms, (*check, "--no-gl")),
        "check --no-gl, lists read anew": (forgetful_ms, (*check, "--no-gl")),
        f"incident list of {INCIDENTS}":
            (elapsed_ms, (QWGUARD, "incident", "list", "--state", "many")),
    }
    with Sandbox(**{name: os.environ[name] for name in ("DISPLAY",) if name in os.environ}) as box:
        incidents_make(box.path / "many")
        times = measure_all(rows, box)
        profiles = profiles_rows(box)
    median = {label: statistics.median(values) for label, values in times.items()}
    print(f"{'':44}{'median':>9}{'lowest':>9}   ms, {ROUNDS} rounds")
    for label, values in times.items():
        print(f"{label:44}{median[label]:9.2f}{min(values):9.2f}")
    print(profiles)
    for what, label, beside, goal in (
            ("added until the start, warm cache", "until start, run", "until start, bare",
             GOAL_ADDED_MS),
            ("added to /bin/true as a whole", "run", "/bin/true", None),
            ("verdict from the cache", "check from the cache", "--version", 3),
            ("static verdict, lists kept", "check --no-gl, lists kept", "--version", 3),
            ("static verdict, lists read anew", "check --no-gl, lists read anew", "--version", 8),
            (f"list of {INCIDENTS} incidents", f"incident list of {INCIDENTS}", "--version", 200)):
        lowest = min(times[label]) - min(times[beside])
        print(f"{what:36}{median[label] - median[beside]:7.2f} ms (lowest {lowest:.2f}"
              f"{f'; goal {goal:g}' if goal else ''}), ratio to {beside} "
              f"{median[label] / median[beside]:.2f}")


if __name__ == "__main__":
    main()
