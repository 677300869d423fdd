#!/usr/bin/env python3
"""Guard one misbehaving app after the other, chosen at random, with faults of its surroundings:
`make soak`. SOAK_S is how long (600 seconds), SOAK_SEED repeats a run. Ends with 1 when a process
outlived its app, a bystander was ended, an incident was lost or a status was wrong."""

import os
import random
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
from guarded import child_named, leaks                       # noqa: E402
from qwg import (Sandbox, build_path, descendants, process_kill,  # noqa: E402
                 wait_for)

SECONDS = float(os.environ.get("SOAK_S", "600"))
SEED = int(os.environ.get("SOAK_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
LEAK = str(build_path("tests/leak"))
WAYS = ("twice", "session", "ignore", "stop", "shared", "zombies=20", "again", "renderer")


def fault_none(q, chance):
    pass


def fault_stopped(q, chance):
    """The guard gets no turn for a while."""
    os.kill(q.pid, signal.SIGSTOP)
    time.sleep(chance.uniform(0, 0.3))
    os.kill(q.pid, signal.SIGCONT)


def fault_tap(q, chance):
    """Somebody ends the log tap."""
    tap = child_named(q.pid, "qwguard-log")
    if tap:
        process_kill(tap)


def fault_signals(q, chance):
    """Signals that mean nothing to a guard."""
    for _ in range(20):
        os.kill(q.pid, chance.choice((signal.SIGCHLD, signal.SIGWINCH, signal.SIGCONT)))


def fault_writer(q, chance):
    """Somebody ends the first incident's writer, which is there when the first app is not."""
    before = set(descendants(q.pid))
    until = time.monotonic() + 5
    while q.child.poll() is None and time.monotonic() < until:
        for pid in set(descendants(q.pid)) - before:
            try:
                text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
            except OSError:
                continue
            rows = dict(line.split(":\t", 1) for line in text.splitlines())
            ignores = int(rows["SigIgn"], 16) >> (signal.SIGTERM - 1) & 1  # as helpers do
            if rows["Name"] == "qwguard" and ignores:
                process_kill(pid)
                return


FAULTS = (fault_none, fault_stopped, fault_tap, fault_signals, fault_writer)
LOGS = ((), ("--log-file", "/dev/full"), ("--log-file", "/nowhere/log"))


def one_life(chance):
    """One guarded app to its end; what was wrong, "" = nothing."""
    ways = chance.sample(WAYS, chance.randrange(4))
    children, restarts = chance.randrange(6), chance.randrange(3)
    words = [f"rate={chance.choice((20, 100, 400))}000000", f"children={children}", *ways]
    if children and "stop" not in ways and chance.random() < 0.5:
        words.append("leaking=1")  # one that stops itself does so before it leaks
    if chance.random() < 0.25:
        words.append("lines=20000")  # a flood on standard error
    fault, log = chance.choice(FAULTS), chance.choice(LOGS)
    told = f"{' '.join(words)}, {restarts} restarts, {fault.__name__} {' '.join(log)}"
    with Sandbox() as box:
        gate = box.path / "gate"
        with box.start("run", "--no-preflight", "--process-limit", "60M", "--tree-limit", "off",
                       "--grace", "0s", "--backoff", "0s", "--max-restarts", restarts, *log, "--",
                       LEAK, f"gate={gate}", *words) as q:
            wait_for(lambda: leaks(box, LEAK), 20, "the app")
            gate.touch()
            fault(q, chance)
            try:
                rc = q.wait(60)
            except AssertionError as late:
                return f"{told}: {late}"
            left = leaks(box, LEAK)
        incidents = box.incidents()
    if rc != 124:
        return f"{told}: status {rc}\n" + "\n".join(q.err)
    if left or any(incident["survivors"] for incident in incidents):
        return f"{told}: {len(left)} processes left"
    printed = sum(line.startswith('{"schema":"qwguard.incident') for line in q.err)
    if len(incidents) + printed != restarts + 1:
        return f"{told}: {len(incidents)} incidents\n" + "\n".join(q.err)
    return ""


def main():
    chance = random.Random(SEED)
    until, lives, wrong = time.monotonic() + SECONDS, 0, []
    print(f"{SECONDS:.0f} s, SOAK_SEED={SEED}", flush=True)
    bystander = os.posix_spawn(LEAK, [LEAK, "start=100000000"], {"PATH": "/usr/bin:/bin"})
    try:
        while time.monotonic() < until:
            try:
                problem = one_life(chance)
            except AssertionError as late:
                problem = str(late)
            lives += 1
            if problem:
                wrong.append(problem)
                print(problem, flush=True)
            if os.waitpid(bystander, os.WNOHANG) != (0, 0):
                wrong.append("a program that was not guarded has ended")
                print(wrong[-1], flush=True)
                return 1
    finally:
        process_kill(bystander)
    print(f"{lives} apps guarded, {len(wrong)} of them wrongly")
    return 1 if wrong or not lives else 0


if __name__ == "__main__":
    sys.exit(main())
