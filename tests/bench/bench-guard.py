#!/usr/bin/env python3
"""bench-guard.py: what the guard reaches and what it costs, on this machine. Prints medians and
maxima; each figure's goal stands in docs/guard.md. RUNS=N sets the number of runs a row."""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
from qwg import QWGUARD, Sandbox, bench_program, build_path, descendants, wait_for  # noqa: E402

MB = 1e6
MIB = 1 << 20
LIMIT_MIB = 256
RATES = (10, 50, 200, 1000, 2000)
RUNS = int(os.environ.get("RUNS", "15"))
IDLE_S, IDLE_RUNS = 20, 5
SETTLED_S = 32      # a new process is looked at closely until it is half a minute old
LEAK = build_path("tests/leak")


def args(limit, *words, restarts=0):
    return ["run", "--no-preflight", "--process-limit", limit, "--tree-limit", "off", "--grace",
            "0s", "--backoff", "0s", "--max-restarts", restarts, "--", LEAK, *words]


def line(name, values, unit, goal):
    if values:
        print(f"  {name:42} median {statistics.median(values):8.2f}  max {max(values):8.2f} "
              f"{unit:3}  goal {goal}", flush=True)


def last_rate(incident):
    """Growth over the last 20 ms before the crossing: what the machine really let it reach."""
    rows = [row for row in incident["timeline"] if -20e6 <= row["t_ns"] <= 0]
    if len(rows) < 2:
        return 0
    return (rows[-1]["largest_bytes"] - rows[0]["largest_bytes"]) \
        / (rows[-1]["t_ns"] - rows[0]["t_ns"]) * 1e9


def overshoot(rate_mb):
    """Bytes above the limit at the peak, and how long it took to stop."""
    over, stopped, reached = [], [], []
    start = (LIMIT_MIB << 20) - 30 * rate_mb * 1000 - 20 * 1000 * 1000
    for _ in range(RUNS):
        with Sandbox() as box:
            box.run(*args(f"{LIMIT_MIB}M", f"start={max(start, 0)}", f"rate={rate_mb}000000",
                          "children=3", "populate"), timeout=120)
            incident = box.incidents()[-1]
        over.append((incident["bytes_peak"] - incident["limit_bytes"]) / MB)
        stopped.append(incident["acted_ns"] / 1e6)
        reached.append(last_rate(incident) / MB)
    line(f"overshoot at {rate_mb} MB/s ({statistics.median(reached):.0f} reached)", over, "MB",
         "4 (8)")
    return stopped


def restart():
    """From the end of the last process to the next start, without a pause."""
    took = []
    with Sandbox() as box:
        box.run(*args("64M", "rate=1000000000", "children=5", restarts=RUNS), timeout=300)
        for incident in box.incidents():
            if "restarted_ns" in incident:
                took.append((incident["restarted_ns"] - incident["tree_gone_ns"]) / 1e6)
    line("last process gone, started again", took, "ms", "15")


def cpu_ms(pid):
    """Time on a processor; /proc/PID/schedstat counts nanoseconds."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


def pss_kib(pid):
    return int(re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(),
                         re.MULTILINE).group(1))


def system_calls(pid):
    """System calls a second, by strace over some seconds; None where it is not installed."""
    if not shutil.which("strace"):
        return None
    with subprocess.Popen(["strace", "-q", "-c", "-p", str(pid)], stderr=subprocess.PIPE,
                          text=True) as trace:
        time.sleep(IDLE_S / 2)
        trace.send_signal(2)
        said = trace.communicate()[1]
    total = next((row.split() for row in said.splitlines() if row.strip().endswith("total")), None)
    return int(total[3]) / (IDLE_S / 2) if total else None


def born():
    """Processes and threads that this machine ever started: each that is not the app's is looked at
    once, so a busy machine costs more."""
    said = Path("/proc/stat").read_text()
    return int(re.search(r"^processes (\d+)", said, re.MULTILINE).group(1))


def is_log_tap(pid):
    return Path(f"/proc/{pid}/comm").read_text().strip() == "qwguard-log"


def idle(processes, bare_look):
    """What it costs to watch an app that does nothing, limit 4 GiB; at the same time a bare program
    reads the memory of the same processes as often."""
    spent, bare = [], []
    with Sandbox() as box:
        with box.start(*args("4G", f"children={processes - 1}")) as q:
            wait_for(lambda: len(descendants(q.pid)) >= processes, 60, "the processes")
            time.sleep(SETTLED_S)
            app = [pid for pid in descendants(q.pid) if not is_log_tap(pid)]
            others, start = born(), time.monotonic()
            for _ in range(IDLE_RUNS):
                before, began = cpu_ms(q.pid), time.monotonic()
                said = subprocess.run([bare_look, str(IDLE_S), *map(str, app)], text=True,
                                      stdout=subprocess.PIPE, check=True).stdout
                spent.append((cpu_ms(q.pid) - before) / (time.monotonic() - began) * 60)
                bare.append(float(said))
            others = (born() - others) / (time.monotonic() - start)
            calls = system_calls(q.pid) if processes == 10 else None
            memory = pss_kib(q.pid) / 1024
            log_memory = sum(pss_kib(pid) for pid in descendants(q.pid) if is_log_tap(pid)) / 1024
    middle, least = statistics.median(spent), statistics.median(bare)
    print(f"  idle with {processes} processes{'':22} {middle:8.1f} ms CPU a minute "
          f"({min(spent):.1f} to {max(spent):.1f})  goal {10 if processes == 10 else 60}\n"
          f"    reading their memory alone{'':14} {least:8.1f}, ratio {middle / least:.2f}; "
          f"{others:.0f} processes a second born elsewhere")
    print(f"  memory of the guard, of its log tap (PSS){'':3} {memory:6.2f}, {log_memory:.2f} MiB  "
          f"goal 2 together")
    if calls is not None:
        print(f"  system calls a second{'':23} {calls:6.1f}  goal 15", flush=True)


def main():
    print(f"{QWGUARD.name}, limit {LIMIT_MIB} MiB, {RUNS} runs a row, "
          f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    stopped = []
    for rate in RATES:
        stopped += overshoot(rate)
    line("crossing seen, first process stopped", stopped, "ms", "3")
    restart()
    with tempfile.TemporaryDirectory() as folder:
        bare_look = bench_program("bare_look", Path(folder))
        idle(10, bare_look)
        idle(200, bare_look)


if __name__ == "__main__":
    main()
