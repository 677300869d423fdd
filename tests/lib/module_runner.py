"""module_runner.py FILE: runs the unittest module FILE and writes one JSON line a test to the file
that QWGUARD_TEST_REPORT names: {"name", "state": passed|failed|skipped, "text"}. Called by
tests/run.py; by hand, `QWGUARD=… python3 tests/cli/test_x.py` does when the module calls
unittest.main(). QWGUARD_TEST_ONLY picks tests whose name contains it. Processes that a test left
behind are ended when the module is done, and said."""

import ctypes
import importlib.util
import json
import os
import re
import signal
import sys
import unittest
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36     # prctl(2): orphans below us become our children


class Report(unittest.TestResult):
    """Writes each test as it ends, so that nothing is lost when the module dies."""

    def __init__(self, file):
        super().__init__()
        self.file = file
        self.said = {}

    def stopped(self):
        """The tests that run now will not end: say so."""
        for name in list(self.said):
            self.said[name] = ("failed", "did not end within the time limit")
            self._write(name)

    def startTest(self, test):
        super().startTest(test)
        self.said[test.id()] = ("passed", "")

    def _note(self, test, state, text):
        old_state, old_text = self.said.get(test.id(), ("passed", ""))
        if old_state == "failed" and state != "failed":
            return
        if old_state == state:
            text = old_text + "\n" + text
        self.said[test.id()] = (state, text)
        if not isinstance(test, unittest.TestCase):     # a class or module fixture: never stopped
            self._write(test.id())

    def _write(self, name):
        state, text = self.said.pop(name)
        short = re.sub(r"^\w+\.|(?<=\()\w+\.(?=\w+\)$)", "", name)
        self.file.write(json.dumps({"name": short, "state": state, "text": text}) + "\n")
        self.file.flush()

    def stopTest(self, test):
        super().stopTest(test)
        self._write(test.id())

    def addError(self, test, err):
        super().addError(test, err)
        self._note(test, "failed", self._exc_info_to_string(err, test))

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._note(test, "failed", self._exc_info_to_string(err, test))

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._note(test, "failed", f"{subtest._subDescription()}\n"
                                       + self._exc_info_to_string(err, test))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._note(test, "skipped", reason)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._note(test, "failed", "passed, but was expected to fail")


def tests_of(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from tests_of(test)
        else:
            yield test


def children():
    """Our children, adopted ones included."""
    try:
        return [int(pid) for pid in
                Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    except FileNotFoundError:       # a kernel without CONFIG_PROC_CHILDREN
        return []


def leftovers_end():
    """Kill what is left below us, generation after generation as it becomes ours."""
    while pids := children():
        for pid in pids:
            name = Path(f"/proc/{pid}/comm").read_text().strip()
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            if state != "Z":
                print(f"left behind and ended: {name} ({pid})")
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def main():
    path = Path(sys.argv[1]).resolve()
    sys.path[:0] = [str(Path(__file__).resolve().parent), str(path.parent)]
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with open(os.environ["QWGUARD_TEST_REPORT"], "a", encoding="utf-8") as file:
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        suite = unittest.defaultTestLoader.loadTestsFromModule(module)
        only = os.environ.get("QWGUARD_TEST_ONLY", "")
        suite = unittest.TestSuite(t for t in tests_of(suite) if only in t.id())
        result = Report(file)

        def asked_to_end(*_):       # an exception would only end the test of now
            result.stopped()
            leftovers_end()
            sys.stdout.flush()
            os._exit(128 + signal.SIGTERM)
        signal.signal(signal.SIGTERM, asked_to_end)
        try:
            suite.run(result)
        finally:
            leftovers_end()
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
