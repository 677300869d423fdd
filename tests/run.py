#!/usr/bin/env python3
"""Runs the tests and counts them: `make check` builds everything and then calls

    tests/run.py --build DIR [--only PATTERN] SUITE...

Suites: lint, layers (tests/tools), unit, sanitize (cmocka programs, plain and under ASan and
UBSan), cli, fault, e2e (Python unittest modules tests/SUITE/test_*.py). Each program or module
runs in a process of its own with a time limit, a cleared environment and its own temporary home.
Only what failed or was skipped is shown (V=1: everything); the last line of standard output is
always `N passed, N failed, N skipped`. Ends with 1 when something failed or nothing ran.

--only PATTERN: tests whose name (unit/base/test_err, cli/test_help, e2e/test_run:Class.test_x)
contains PATTERN, or matches it as a shell pattern. What stands after a colon picks single tests of
a Python module."""

import argparse
import fnmatch
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
PROGRAM_LIMIT_S = {"unit": 60, "sanitize": 180}
MODULE_LIMIT_S = 300
GRACE_S = 10
UNFINISHED = "did not end within the time limit"     # what module_runner.py says of a test
OUTPUT_LINES_MAX = 200
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Case:
    """One counted test: passed, failed or skipped, and what it said."""

    def __init__(self, name, state, text=""):
        self.name, self.state, self.text = name, state, text


class Job:
    """One process that runs tests."""

    def __init__(self, name, argv, limit_s, read, only=""):
        self.name, self.argv, self.limit_s = name, argv, limit_s
        self.read = read    # function(output, status, report) -> list of Case
        self.only = only    # part of the name of single tests; then finding none is no failure


RUNNING = set()     # children of now, to be ended when we are asked to end


def clean_environment(home, build):
    """What a test sees: nothing of the user's, a home of its own, and where the build is."""
    kept = {name: os.environ[name] for name in ("CC", "V", "QWGUARD_TEST_ALL")
            if os.environ.get(name)}
    folders = {"HOME": "home", "TMPDIR": "tmp", "XDG_CONFIG_HOME": "home/.config",
               "XDG_STATE_HOME": "home/.local/state", "XDG_CACHE_HOME": "home/.cache",
               "XDG_DATA_HOME": "home/.local/share", "XDG_RUNTIME_DIR": "run"}
    for folder in folders.values():
        (home / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    return {**kept, **{name: str(home / folder) for name, folder in folders.items()},
            "PATH": PATH, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC",
            "CMOCKA_MESSAGE_OUTPUT": "TAP", "PYTHONDONTWRITEBYTECODE": "1",
            "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1",
            "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
            "QWGUARD": str(build / "qwguard"), "QWGUARD_BUILD_DIR": str(build),
            "QWGUARD_SRC_DIR": str(ROOT)}


def group_kill(pid):
    """End what a test left in its process group; most left nothing."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def child_wait(child, limit_s):
    """Exit status of a test, or None when it ran into its limit. It is asked to end first, so that
    a module can end what it started elsewhere."""
    RUNNING.add(child)
    try:
        status = child.wait(limit_s)
    except subprocess.TimeoutExpired:
        status = None
        child.terminate()
        try:
            child.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            pass
    RUNNING.discard(child)
    group_kill(child.pid)
    child.wait()
    return status


def ended(_signal, _frame):
    """Control-C, or an end from outside: the tests run in sessions of their own."""
    for child in list(RUNNING):
        child.terminate()
    os._exit(130)


def job_run(job, build):
    """Run one job; its cases, and how long it took."""
    began = time.monotonic()
    home = Path(tempfile.mkdtemp(prefix="qwguard-test-"))
    try:
        report = home / "report"
        report.touch()
        environment = {**clean_environment(home, build), "QWGUARD_TEST_REPORT": str(report),
                       "QWGUARD_TEST_ONLY": job.only}
        with open(home / "output", "w+b") as output:
            try:
                child = subprocess.Popen(job.argv, stdin=subprocess.DEVNULL, stdout=output,
                                         stderr=output, cwd=ROOT, env=environment,
                                         start_new_session=True)
            except OSError as error:
                return [Case(job.name, "failed", f"cannot be started: {error}")], 0.0
            status = child_wait(child, job.limit_s)
            output.seek(0)
            said = output.read().decode("utf-8", "replace")
        cases = job.read(said, status, report.read_text(encoding="utf-8"))
        if status is None and not any(case.text.startswith(UNFINISHED) for case in cases):
            cases.append(Case(job.name, "failed", f"ran into its limit of {job.limit_s} s\n{said}"))
        elif not cases and not (job.only and status == 0):
            cases.append(Case(job.name, "failed", f"no test ran (status {status})\n{said}"))
        elif status != 0 and all(case.state != "failed" for case in cases):
            cases.append(Case(job.name, "failed", f"ended with status {status}\n{said}"))
        return cases, time.monotonic() - began
    finally:
        shutil.rmtree(home, ignore_errors=True)


def tap_read(said, status, _report):
    """Cases from TAP: result lines, each after what the test printed and before its `# ` lines."""
    cases, planned, before = [], 0, []
    for line in said.splitlines():
        plan = re.match(r"1\.\.(\d+)", line)
        result = re.match(r"(not ok|ok) \d+ (?:- )?(# SKIP )?(.*)$", line)
        if plan:
            planned += int(plan.group(1))
        elif result:
            state = "skipped" if result.group(2) else \
                "passed" if result.group(1) == "ok" else "failed"
            cases.append(Case(result.group(3).strip(), state, "\n".join(before)))
            before = []
        elif re.match(r"# (not )?ok - ", line):     # cmocka's word on the whole group
            before = []
        elif line.startswith("# ") and cases and cases[-1].state == "failed" and not before:
            cases[-1].text = (cases[-1].text + "\n" + line).strip("\n")
        elif line.startswith("not ok - "):          # a fixture of the group failed
            cases.append(Case(line[9:], "failed", "\n".join(before)))
        else:
            before.append(line)
    if planned > len(cases) and status is not None:
        cases.append(Case("(the rest)", "failed", f"{planned} tests planned, {len(cases)} ran, "
                                                  f"status {status}\n{said}"))
    return cases


def report_read(said, _status, report):
    """Cases from the report of tests/lib/module_runner.py, one JSON object a line."""
    cases = []
    for line in report.splitlines():
        row = json.loads(line)
        cases.append(Case(row["name"], row["state"], row["text"]))
    if any(case.state == "failed" for case in cases) and said.strip():
        failed = next(case for case in reversed(cases) if case.state == "failed")
        failed.text += "\n--- output of the module:\n" + said
    return cases


def name_wanted(name, only):
    pattern = only.split(":")[0]
    return not pattern or pattern in name or fnmatch.fnmatchcase(name, pattern)


def tool_jobs(suite):
    tool = [sys.executable, str(TESTS / "tools" / f"{suite}.py"), "--tap"]
    return [Job(f"{suite}/tree", tool, MODULE_LIMIT_S, tap_read),
            Job(f"{suite}/self-test", [*tool, "--self-test"], MODULE_LIMIT_S, tap_read)]


def unit_jobs(suite, build):
    folder = build / "sanitize" / "unit" if suite == "sanitize" else build / "unit"
    jobs = []
    for source in sorted((TESTS / "unit").rglob("test_*.c")):
        name = source.relative_to(TESTS / "unit").with_suffix("")
        jobs.append(Job(f"{suite}/{name}", [str(folder / name)], PROGRAM_LIMIT_S[suite], tap_read))
    return jobs


def module_jobs(suite, only):
    jobs = []
    for module in sorted((TESTS / suite).glob("test_*.py")):
        limit = re.search(r"^TIME_LIMIT_S\s*=\s*(\d+)", module.read_text(encoding="utf-8"),
                          re.MULTILINE)
        jobs.append(Job(f"{suite}/{module.stem}",
                        [sys.executable, str(TESTS / "lib" / "module_runner.py"), str(module)],
                        int(limit.group(1)) if limit else MODULE_LIMIT_S, report_read,
                        only.partition(":")[2]))
    return jobs


def suite_jobs(suite, build, only):
    """(jobs, how many at a time). Faults and real engines need the machine for themselves."""
    processors = os.cpu_count() or 1
    if suite in ("lint", "layers"):
        return tool_jobs(suite), 1
    if suite in ("unit", "sanitize"):
        return unit_jobs(suite, build), processors
    return module_jobs(suite, only), 2 if suite == "cli" else 1


def show(case, job, verbose):
    """A failure with its output, a skip with its reason, a success only when asked. A table that a
    unit test prints (lines that begin with "| ") is always shown."""
    if case.state == "passed" and not verbose:
        for line in case.text.splitlines():
            if line.startswith("| ") and job.name.startswith("unit/"):
                print(line[2:])
        return
    text = [line for line in case.text.strip("\n").split("\n") if line]
    if case.state == "skipped" and not verbose:
        text = text[-1:]
    print(f"{case.state}: {job.name}: {case.name}" if case.name != job.name
          else f"{case.state}: {job.name}")
    if len(text) > OUTPUT_LINES_MAX:
        print(f"    … {len(text) - OUTPUT_LINES_MAX} lines left out")
    for line in text[-OUTPUT_LINES_MAX:]:
        print(f"    {line}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True, type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("suites", nargs="+")
    options = parser.parse_args()
    verbose = os.environ.get("V") == "1"
    signal.signal(signal.SIGINT, ended)
    signal.signal(signal.SIGTERM, ended)
    total = {"passed": 0, "failed": 0, "skipped": 0}
    for suite in options.suites:
        jobs, at_once = suite_jobs(suite, options.build, options.only)
        jobs = [job for job in jobs if name_wanted(job.name, options.only)]
        count = dict.fromkeys(total, 0)
        began = time.monotonic()
        with ThreadPoolExecutor(at_once) as pool:
            for job, (cases, took_s) in zip(jobs, pool.map(
                    lambda job: job_run(job, options.build), jobs)):
                for case in cases:
                    count[case.state] += 1
                    show(case, job, verbose)
                if verbose:
                    print(f"{job.name}: {len(cases)} tests in {took_s:.1f} s")
                sys.stdout.flush()
        if jobs:
            print(f"{suite:9}{count['passed']:5} passed, {count['failed']} failed, "
                  f"{count['skipped']} skipped   ({time.monotonic() - began:.1f} s)", flush=True)
        for state, number in count.items():
            total[state] += number
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped",
          flush=True)
    return 1 if total["failed"] or not sum(total.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
