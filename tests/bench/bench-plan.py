#!/usr/bin/env python3
"""bench-plan.py: what `qwguard apply` costs, and how long a plan takes with 500 profiles.

The rows of processes are their own time (user and system), so that a busy machine does not add to
it; they are started in turn, and only the lowest value is free of what else runs. The goals are for
the lowest: apply with the built-in profiles in 5 ms more than `qwguard --version`, which is the
start of the program and nothing else; the plan from the verdict in 1 ms."""

import os
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
from qwg import QWGUARD, Sandbox, bench_program     # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", 40))
PROFILES = 500
GOAL_APPLY_MS, GOAL_PLAN_MS = 5.0, 1.0
PROFILE = """  - id: bench-{n}
    title: number {n}
    evidence: [https://example.org/]
    confidence: low
    match: {{all: [{{gpu.vendor: {n}}}, {{os.name: linux}}]}}
    ladder:
      - {{rung: webgl-off, costs: [webgl]}}
    tests:
      - {{identity: {{os: {{name: linux}}, gpus: [{{vendor: {n}}}]}}, expect: match}}
      - {{identity: {{os: {{name: windows}}}}, expect: no}}
      - {{expect: unknown}}
"""


def own_ms(argv, box):
    """User and system time of a process, from its start to its end."""
    with open(os.devnull, "r+b") as null:
        child = subprocess.Popen(list(map(str, argv)), env=box.env, cwd=box.path, stdin=null,
                                 stdout=null, stderr=null)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{argv} ended with {child.returncode}")
    return (usage.ru_utime + usage.ru_stime) * 1e3


def plan_rows(box):
    """bench/plan.c, which measures inside of one process: label → (median, lowest)."""
    program = bench_program("plan", box.path)
    lines = subprocess.run([program, str(ROUNDS)], check=True, env=box.env,
                           stdout=subprocess.PIPE, encoding="utf-8").stdout.splitlines()
    return {line[:44].strip(): tuple(map(float, line[44:].split())) for line in lines}


def main():
    apply = (QWGUARD, "apply", "--no-gl", "--rung", "webgl-off")
    rows = {
        "--version": (QWGUARD, "--version"),
        "apply --format sh": (*apply, "--format", "sh"),
        "apply --install, nothing changed": (*apply, "--format", "environment.d", "--install"),
        f"apply, {PROFILES} profiles in a folder": (*apply, "--format", "sh", "--profiles", "more"),
    }
    with Sandbox() as box:
        box.write("more/90-bench.yaml", "version: 1\nprofiles:\n"
                  + "".join(PROFILE.format(n=n) for n in range(1, PROFILES + 1)))
        for argv in rows.values():      # fills the cache
            own_ms(argv, box)
        times = {label: [] for label in rows}
        for _ in range(ROUNDS):
            for label, argv in rows.items():
                times[label].append(own_ms(argv, box))
        plans = plan_rows(box)
    print(f"{'':44}{'median':>9}{'lowest':>9}   ms, {ROUNDS} rounds")
    for label, values in times.items():
        print(f"{label:44}{statistics.median(values):9.2f}{min(values):9.2f}")
    for label, (median, lowest) in plans.items():
        print(f"{label:44}{median:9.3f}{lowest:9.3f}")
    start = min(times["--version"])
    for what, lowest, goal in (
            ("apply, printed", min(times["apply --format sh"]) - start, GOAL_APPLY_MS),
            ("apply, installed", min(times["apply --install, nothing changed"]) - start,
             GOAL_APPLY_MS),
            *((f"plan from verdict: {label}", lowest, GOAL_PLAN_MS)
              for label, (_, lowest) in plans.items())):
        print(f"{what:60}{lowest:7.3f} ms (goal {goal:g}){'' if lowest <= goal else ' MISSED'}")


if __name__ == "__main__":
    main()
