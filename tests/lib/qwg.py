"""qwg.py: what the Python tests share. Run qwguard in a private home, wait for events with a limit,
start a display, follow a process tree by pidfd. Started through tests/run.py, which sets QWGUARD,
QWGUARD_BUILD_DIR and QWGUARD_SRC_DIR; by hand, the usual places of the checkout are used."""

import json
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import uuid
from pathlib import Path

SRC_DIR = Path(os.environ.get("QWGUARD_SRC_DIR") or Path(__file__).resolve().parent.parent.parent)
BUILD_DIR = Path(os.environ.get("QWGUARD_BUILD_DIR") or SRC_DIR / "build")
QWGUARD = Path(os.environ.get("QWGUARD") or BUILD_DIR / "qwguard")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def build_path(name):
    """A file of the build: build_path("webapp/webapp-qt6"), build_path("tests/NAME")."""
    path = BUILD_DIR / name
    if not path.exists():
        raise FileNotFoundError(f"{path} is not built")
    return path


def bench_program(name, folder):
    """Make tests/bench/NAME.c, with the library of the build, in a folder; its path."""
    program = folder / name
    archive = next(BUILD_DIR.glob("obj*/libqwguard.a"))
    subprocess.run([*os.environ.get("CC", "cc").split(), "-std=c11", "-O2", "-D_GNU_SOURCE",
                    f"-I{SRC_DIR}/src", SRC_DIR / "tests" / "bench" / f"{name}.c", archive,
                    "-lyaml", "-ljansson", "-lz", "-ldl", "-lm", "-o", program], check=True)
    return program


def data_path(name):
    """A file of tests/data/."""
    return SRC_DIR / "tests" / "data" / name


class Result:
    """How a program ended: rc (-N for signal N, as subprocess counts), out and err as text."""

    def __init__(self, rc, out, err):
        self.rc, self.out, self.err = rc, out, err

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"rc={self.rc}\n--- out:\n{self.out}\n--- err:\n{self.err}"


def clean_env(**extra):
    """The environment that run.py made for this test, without a display; extra wins, and None
    takes a variable out."""
    env = {name: value for name, value in os.environ.items()
           if name.startswith("XDG_") or name in ("HOME", "TMPDIR", "LANG", "LC_ALL", "TZ")}
    env["PATH"] = PATH
    for name, value in extra.items():
        env[name] = str(value)
        if value is None:
            del env[name]
    return env


def run_program(argv, env=None, input=None, timeout=30, cwd=None):
    """Run a program to its end; past the limit its process group is killed and TimeoutExpired
    raised. input is text for standard input (None: /dev/null)."""
    with subprocess.Popen([str(word) for word in argv], cwd=cwd,
                          env=clean_env() if env is None else env,
                          stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
                          errors="replace", start_new_session=True) as child:
        try:
            out, err = child.communicate(input, timeout)
        except subprocess.TimeoutExpired as late:
            os.killpg(child.pid, signal.SIGKILL)
            out, err = child.communicate()
            raise AssertionError(f"{argv} ran into its limit of {timeout} s\n--- out:\n{out}\n"
                                 f"--- err:\n{err}") from late
        return Result(child.returncode, out, err)


def run_qwguard(args, env=None, input=None, timeout=30, cwd=None):
    """Run qwguard to its end: run_qwguard(["check", "--json"]).json()."""
    return run_program([QWGUARD, *args], env, input, timeout, cwd)


class Running:
    """qwguard in the background. `with Running([...]) as q: q.wait_line("restart"); q.wait()`.
    Its lines are kept in q.out and q.err; what is left of it at the end is killed."""

    def __init__(self, args, env=None, cwd=None, program=None):
        self.argv = [str(word) for word in (program or QWGUARD, *args)]
        self.env, self.cwd = clean_env() if env is None else env, cwd
        self.out, self.err = [], []
        self._changed = threading.Condition()

    def __enter__(self):
        self.child = subprocess.Popen(self.argv, env=self.env, cwd=self.cwd,
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, encoding="utf-8", errors="replace",
                                      start_new_session=True)
        self.pid = self.child.pid
        self._threads = [threading.Thread(target=self._read, args=pair, daemon=True) for pair in
                         ((self.child.stdout, self.out), (self.child.stderr, self.err))]
        for thread in self._threads:
            thread.start()
        return self

    def _read(self, stream, lines):
        for line in stream:
            with self._changed:
                lines.append(line.rstrip("\n"))
                self._changed.notify_all()

    def wait_line(self, pattern, timeout=30, stream="err"):
        """The first line (regular expression) of standard error or "out"."""
        lines = getattr(self, stream)
        with self._changed:
            if not self._changed.wait_for(
                    lambda: any(re.search(pattern, line) for line in lines), timeout):
                raise AssertionError(f"no line like {pattern!r} in {timeout} s:\n"
                                     + "\n".join(lines))
        return next(line for line in lines if re.search(pattern, line))

    def wait(self, timeout=30):
        """Its exit status, with all lines read."""
        try:
            rc = self.child.wait(timeout)
        except subprocess.TimeoutExpired as late:
            raise AssertionError(f"still running after {timeout} s:\n"
                                 + "\n".join(self.err)) from late
        for thread in self._threads:
            thread.join(timeout)
        return rc

    def __exit__(self, *_):
        if self.child.poll() is None:
            with ProcessTree(self.pid) as tree:
                tree.refresh()
                tree.kill()
            self.child.wait()
        for thread in self._threads:
            thread.join(1)


class Sandbox:
    """A private home: `with Sandbox() as box: box.run("check", "--json")`. Nothing of the user's
    configuration, state or cache is seen, and a display only when given: Sandbox(DISPLAY=":9")."""

    def __init__(self, **env):
        self._extra = env

    def __enter__(self):
        self.path = Path(tempfile.mkdtemp(prefix="qwg-"))
        self.home = self.path / "home"
        self.config_dir = self.home / ".config" / "qwguard"
        self.state_dir = self.home / ".local" / "state" / "qwguard"
        self.cache_dir = self.home / ".cache" / "qwguard"
        self.tmp = self.path / "tmp"
        for folder in (self.home, self.tmp, self.path / "run"):
            folder.mkdir(mode=0o700)
        self.mark = uuid.uuid4().hex
        self.env = clean_env(
            HOME=self.home, TMPDIR=self.tmp, XDG_RUNTIME_DIR=self.path / "run",
            XDG_CONFIG_HOME=self.home / ".config", XDG_STATE_HOME=self.home / ".local" / "state",
            XDG_CACHE_HOME=self.home / ".cache", XDG_DATA_HOME=self.home / ".local" / "share",
            QWG_TEST_MARK=self.mark, **self._extra)
        return self

    def write(self, name, text, mode=0o644):
        """Write a file below the sandbox and return its path."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path

    def run(self, *args, input=None, timeout=30, cwd=None, **env):
        """Run qwguard here; env adds variables (None takes one out)."""
        return run_qwguard(args, self.env_with(env), input, timeout, cwd or self.path)

    def start(self, *args, cwd=None, **env):
        """qwguard in the background, to be used in a `with`."""
        return Running(args, self.env_with(env), cwd or self.path)

    def env_with(self, env):
        merged = {**self.env, **{name: str(value) for name, value in env.items()}}
        return {name: value for name, value in merged.items() if env.get(name, "") is not None}

    def incidents(self):
        """Every incident.json below the state folder, oldest first."""
        return [json.loads(path.read_text(encoding="utf-8")) for path in
                sorted((self.state_dir / "incidents").glob("*/incident.json"))]

    def processes(self):
        """Pids of all processes that were started from here, wherever they were moved to: they
        inherit the sandbox's mark."""
        return marked_processes(f"QWG_TEST_MARK={self.mark}")

    def __exit__(self, *_):
        for pid in self.processes():
            process_kill(pid)
        shutil.rmtree(self.path, ignore_errors=True)


def wait_for(condition, timeout=10, what="the condition"):
    """Wait until condition() is true and return its value; for what gives no event of its own."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout} s for {what}")
        time.sleep(0.01)
    return value


def process_kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def process_parents():
    """{pid: parent} of all processes, ended ones that nobody has waited for left out."""
    parents = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            fields = Path(f"/proc/{entry}/stat").read_text(errors="replace").rpartition(")")[2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, parent = fields.split()[:2]
        if state not in "ZX":
            parents[int(entry)] = int(parent)
    return parents


def descendants(pid):
    """Pids below pid, without itself."""
    parents = process_parents()
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def marked_processes(assignment):
    """Pids of the live processes whose environment holds NAME=VALUE, this one left out."""
    found = []
    for pid in process_parents():
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            continue
        if assignment.encode() in environment.split(b"\0") and pid != os.getpid():
            found.append(pid)
    return found


class ProcessTree:
    """A process and everything below it, each held by a pidfd, so that a pid used again cannot
    deceive. refresh() takes in what was born since; members stay held after they have ended."""

    def __init__(self, pid):
        self.pid, self._held = pid, {}

    def __enter__(self):
        self.refresh()
        return self

    def refresh(self):
        for pid in [self.pid, *descendants(self.pid)]:
            if pid not in self._held:
                try:
                    self._held[pid] = os.pidfd_open(pid)
                except ProcessLookupError:
                    pass
        return self

    def pids(self):
        """Everything ever held."""
        return list(self._held)

    def alive(self):
        """Those that have not ended: a pidfd reads as ready from the end of its process on."""
        poll = select.poll()
        for fd in self._held.values():
            poll.register(fd, select.POLLIN)
        ended = {fd for fd, _ in poll.poll(0)}
        return [pid for pid, fd in self._held.items() if fd not in ended]

    def wait_gone(self, timeout=10):
        """Wait until every one held has ended."""
        deadline = time.monotonic() + timeout
        for pid, fd in self._held.items():
            poll = select.poll()
            poll.register(fd, select.POLLIN)
            if not poll.poll(max(0, deadline - time.monotonic()) * 1000):
                raise AssertionError(f"still alive after {timeout} s: {self.alive()} (first {pid})")

    def kill(self):
        for fd in self._held.values():
            try:
                signal.pidfd_send_signal(fd, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def __exit__(self, *_):
        for fd in self._held.values():
            os.close(fd)
        self._held = {}


class Xvfb:
    """A display without a screen, on a number that is free: `with Xvfb() as x: … x.display`. The
    server says its number on a pipe when it is ready."""

    def __init__(self, screen="1280x720x24", *args, timeout=30):
        self.screen, self.args, self.timeout = screen, args, timeout

    def __enter__(self):
        ready, tell = os.pipe()
        self._log = tempfile.TemporaryFile("w+")
        try:
            self.child = subprocess.Popen(
                ["Xvfb", "-displayfd", str(tell), "-screen", "0", self.screen, "-nolisten", "tcp",
                 "-noreset", *self.args], stdin=subprocess.DEVNULL, stdout=self._log,
                stderr=self._log, pass_fds=[tell], env=clean_env(), start_new_session=True)
            os.close(tell)
            said = b""
            while not said.endswith(b"\n"):
                if not select.select([ready], [], [], self.timeout)[0]:
                    break
                more = os.read(ready, 64)
                if not more:
                    break
                said += more
        finally:
            os.close(ready)
        if not said.endswith(b"\n"):
            self.__exit__()
            raise AssertionError("Xvfb did not start; see the output of the module")
        self.display = f":{int(said)}"
        return self

    def __exit__(self, *_):
        self.child.terminate()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self._log.seek(0)
        said = self._log.read()
        if said and not hasattr(self, "display"):
            print(said)
        self._log.close()
