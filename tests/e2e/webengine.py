"""webengine.py: what the real-engine tests share: a display, the web application of this folder in
Qt 6 and Qt 5, and what it says."""

import json
import os
import sys
import unittest

from qwg import Sandbox, Xvfb, build_path, run_program

START_S = 60    # for a first paint on a machine that does much else


class Engine:
    """One version of the application, and how it takes switches of its own."""

    def __init__(self, qt):
        self.program = build_path(f"webapp/webapp-qt{qt}")
        self.name = self.program.name
        self._before_switches = ["--webEngineArgs"] if qt == 6 else []

    def argv(self, *options, switches=("--ignore-gpu-blocklist",)):
        return [self.program, *options, *(self._before_switches if switches else []), *switches]


def events(text):
    """The events of the application, in order: one JSON object a line."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def event(text, kind):
    found = [one for one in events(text) if one["event"] == kind]
    if not found:
        raise AssertionError(f"no event '{kind}' in:\n{text}")
    return found[0]


class RealEngine:
    """Base of the test classes, which each_engine() makes: one display for the class, one sandbox
    for each test, the application in self.engine."""

    QT = None

    @classmethod
    def setUpClass(cls):
        cls.display = cls.enterClassContext(Xvfb()).display
        cls.engine = Engine(cls.QT)

    def setUp(self):
        # Chromium refuses its sandbox to root; an ordinary user keeps it.
        root = {"QTWEBENGINE_DISABLE_SANDBOX": "1"} if os.getuid() == 0 else {}
        self.box = self.enterContext(Sandbox(DISPLAY=self.display, **root))

    def bare(self, *options, switches=("--ignore-gpu-blocklist",), **env):
        """The application without qwguard."""
        return run_program(self.engine.argv(*options, switches=switches), self.box.env_with(env),
                           timeout=START_S, cwd=self.box.path)

    def guarded(self, *options, run=(), switches=("--ignore-gpu-blocklist",), timeout=START_S,
                **env):
        """The application under `qwguard run`."""
        return self.box.run("run", *run, "--", *self.engine.argv(*options, switches=switches),
                            timeout=timeout, **env)


def each_engine(tests):
    """Decorator: the tests of a class once with Qt 6 and once with Qt 5, as NAMEQt6 and NAMEQt5 of
    its module."""
    module = sys.modules[tests.__module__]
    for qt in (6, 5):
        name = f"{tests.__name__}Qt{qt}"
        setattr(module, name, type(name, (tests, unittest.TestCase),
                                   {"QT": qt, "__module__": tests.__module__}))
    return tests
