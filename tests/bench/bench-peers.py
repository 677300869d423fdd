#!/usr/bin/env python3
"""bench-peers.py: the overshoot of qwguard beside what else is there: a loop of one second over the
main process, monit where it is installed, and the kernel's own limit where a control group (v1) can
be made. The same leaking program, limit and rates; a peer's overshoot is the peak that the kernel
counted. Peers run in turns, so that each meets the same machine. RUNS=N sets the runs a row."""

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
from qwg import Sandbox, build_path, wait_for  # noqa: E402

MB = 1e6
LIMIT_MIB = 256
LIMIT = LIMIT_MIB << 20
UNTIL = int(os.environ.get("UNTIL", str(6 << 30)))   # a peer that never fires stops here
RATES = (200, 1000, 2000)
RUNS = int(os.environ.get("RUNS", "5"))
LEAK = build_path("tests/leak")
GROUP = Path("/sys/fs/cgroup/memory/qwguard-bench")


def start_bytes(rate_mb):
    """So much below the limit that the rate is reached before it."""
    return LIMIT - min(rate_mb * 50000, LIMIT // 3)


class Leak:
    """The leaking program as a child of ours; it grows when the gate is opened."""

    def __init__(self, folder, rate_mb, before=None):
        self.gate = Path(folder) / "gate"
        self.child = subprocess.Popen(
            [LEAK, f"start={start_bytes(rate_mb)}", f"rate={rate_mb}000000", "populate",
             f"until={UNTIL}", f"gate={self.gate}"], preexec_fn=before)
        wait_for(lambda: self.resident() > start_bytes(rate_mb) * 0.9, 20,
                 "the start of the program")

    def resident(self):
        return int(Path(f"/proc/{self.child.pid}/statm").read_text().split()[1]) * 4096

    def over(self, timeout=30):
        """Open the gate; bytes above the limit at the peak, and whether it was ended."""
        self.gate.touch()
        ended = time.monotonic() + timeout
        while time.monotonic() < ended:
            pid, status, used = os.wait4(self.child.pid, os.WNOHANG)
            if pid:
                self.child.returncode = os.waitstatus_to_exitcode(status)
                return (used.ru_maxrss * 1024 - LIMIT) / MB, True
            if self.resident() >= UNTIL - (64 << 20):
                break
            time.sleep(0.01)
        peak = (self.resident() - LIMIT) / MB
        self.child.kill()
        self.child.wait()
        return peak, False


def qwguard(rate_mb):
    with Sandbox() as box:
        box.run("run", "--no-preflight", "--process-limit", f"{LIMIT_MIB}M", "--tree-limit", "off",
                "--grace", "0s", "--max-restarts", 0, "--", LEAK,
                f"start={start_bytes(rate_mb)}", f"rate={rate_mb}000000", "populate", timeout=60)
        incident = box.incidents()[-1]
    return (incident["bytes_peak"] - incident["limit_bytes"]) / MB, True


def loop(rate_mb):
    """What people write by hand: ps once a second."""
    with tempfile.TemporaryDirectory() as folder:
        leak = Leak(folder, rate_mb)
        script = (f"while sleep 1; do set -- $(ps -o rss= -p {leak.child.pid}) || exit; "
                  f"[ ${{1:-0}} -gt {LIMIT // 1024} ] && kill -9 {leak.child.pid}; done")
        with subprocess.Popen(["/bin/sh", "-c", script], stderr=subprocess.DEVNULL,
                              start_new_session=True) as peer:
            time.sleep(0.2 + time.monotonic() % 1)   # anywhere within its second
            try:
                return leak.over()
            finally:
                os.killpg(peer.pid, signal.SIGKILL)


def monit(rate_mb):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        leak = Leak(folder, rate_mb)
        (folder / "pid").write_text(str(leak.child.pid))
        rules = folder / "monitrc"
        rules.write_text(
            f"set daemon 1\nset pidfile {name}/monit.pid\nset statefile {name}/state\n"
            f"set idfile {name}/id\nset logfile {name}/log\n"
            f"check process leak with pidfile {name}/pid\n"
            f"  if memory > {LIMIT_MIB} MB then exec \"/bin/kill -9 {leak.child.pid}\"\n")
        rules.chmod(0o600)
        with subprocess.Popen(["monit", "-I", "-c", rules], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as peer:
            wait_for(lambda: (folder / "log").exists()
                     and "started" in (folder / "log").read_text(), 20, "monit")
            time.sleep(1 + time.monotonic() % 1)
            try:
                return leak.over()
            finally:
                peer.terminate()
                peer.wait(10)


def kernel(rate_mb):
    GROUP.mkdir()
    try:
        (GROUP / "memory.limit_in_bytes").write_text(str(LIMIT))
        with tempfile.TemporaryDirectory() as folder:
            return Leak(folder, rate_mb,
                        lambda: (GROUP / "cgroup.procs").write_text(str(os.getpid()))).over()
    finally:
        wait_for(lambda: not (GROUP / "cgroup.procs").read_text(), 10, "the end of the group")
        GROUP.rmdir()


def group_can_be_made():
    try:
        GROUP.mkdir()
        GROUP.rmdir()
    except OSError:
        return False
    return True


def main():
    peers = {"qwguard": qwguard, "loop of 1 s": loop}
    if shutil.which("monit"):
        peers["monit at 1 s"] = monit
    if group_can_be_made():
        peers["kernel, group v1"] = kernel
    missing = [name for name, there in (("monit", "monit at 1 s" in peers),
                                        ("control group v1", "kernel, group v1" in peers))
               if not there]
    print(f"limit {LIMIT_MIB} MiB, {RUNS} runs a row, stopped at {UNTIL / MB:.0f} MB, load "
          f"{os.getloadavg()[0]:.1f}" + (f", not here: {', '.join(missing)}" if missing else ""))
    found = {}
    for rate in RATES:
        rows = {name: [] for name in peers}
        for _ in range(RUNS):
            for name, measure in peers.items():
                rows[name].append(measure(rate))
        for name, values in rows.items():
            over = [value for value, _ in values]
            never = sum(not fired for _, fired in values)
            print(f"  overshoot at {rate:4} MB/s  {name:18} median {statistics.median(over):8.2f}  "
                  f"max {max(over):8.2f} MB" + (f"  {never} times never" if never else ""),
                  flush=True)
            found[f"{name} {rate}"] = over
    if os.environ.get("JSON"):
        Path(os.environ["JSON"]).write_text(json.dumps(found))


if __name__ == "__main__":
    main()
