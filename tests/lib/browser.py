"""browser.py: headless Chromium for tests of pages, spoken to over its debugging pipe: messages of
JSON, each ended by a zero byte, on descriptors 3 (in) and 4 (out). No network, no profile kept."""

import base64
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "google-chrome")
LIMIT_S = 60


def find():
    """The browser's program, or None."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Browser:
    """`with Browser() as browser: page = browser.page("file:///…", width=400)`."""

    def __enter__(self):
        self._folder = tempfile.mkdtemp(prefix="qwg-browser-")
        to_read, self._write = os.pipe()
        self._read, from_write = os.pipe()
        # A shell moves the ends to where the browser wants them.
        line = f'exec "$@" 3<&{to_read} 4>&{from_write}'
        self._child = subprocess.Popen(
            ["/bin/bash", "-c", line, "sh", find(), "--headless", "--no-sandbox", "--disable-gpu",
             "--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage",
             "--remote-debugging-pipe", f"--user-data-dir={self._folder}", "about:blank"],
            pass_fds=(to_read, from_write), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
            env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": self._folder,
                 "LANG": "C.UTF-8"})
        os.close(to_read)
        os.close(from_write)
        self._number, self._bytes, self.events = 0, b"", []
        return self

    def call(self, method, session=None, **params):
        """One command; its result. Events that come meanwhile are kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("id") != self._number:
                self.events.append(answer)
            elif "error" in answer:
                raise AssertionError(f"{method}: {answer['error']}")
            else:
                return answer["result"]

    def wait_event(self, method, session):
        while True:
            for event in self.events:
                if event.get("method") == method and event.get("sessionId") == session:
                    self.events.remove(event)
                    return event["params"]
            self.events.append(self._message())

    def _message(self):
        deadline = time.monotonic() + LIMIT_S
        while b"\0" not in self._bytes:
            ready = select.select([self._read], [], [], max(0, deadline - time.monotonic()))[0]
            piece = os.read(self._read, 1 << 20) if ready else b""
            if not piece:
                raise AssertionError("the browser does not answer")
            self._bytes += piece
        first, _, self._bytes = self._bytes.partition(b"\0")
        return json.loads(first)

    def page(self, url, width=1000, height=1400, dark=False, phone=False):
        return Page(self, url, width, height, dark, phone)

    def __exit__(self, *_):
        os.close(self._write)
        os.close(self._read)
        try:
            os.killpg(self._child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._child.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


class Page:
    """One loaded page. requests: every address that it asked for."""

    def __init__(self, browser, url, width, height, dark, phone):
        self._browser = browser
        self._target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = browser.call("Target.attachToTarget", targetId=self._target,
                                     flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "Performance"):
            self.call(f"{domain}.enable")
        self._width, self._phone = width, phone
        self._window(height)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.call("Page.navigate", url=url)
        browser.wait_event("Page.loadEventFired", self._session)

    def call(self, method, **params):
        return self._browser.call(method, self._session, **params)

    def _window(self, height):
        self.call("Emulation.setDeviceMetricsOverride", width=self._width, height=height,
                  deviceScaleFactor=1, mobile=self._phone)

    def close(self):
        self._browser.call("Target.closeTarget", targetId=self._target)

    def requests(self):
        return [event["params"]["request"]["url"] for event in self._browser.events
                if event.get("method") == "Network.requestWillBeSent"
                and event.get("sessionId") == self._session]

    def complaints(self):
        """What the browser wrote to its console about the page."""
        return [event["params"] for event in self._browser.events
                if event.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown")
                and event.get("sessionId") == self._session]

    def evaluate(self, expression):
        """A value of the page's script context, promises waited for."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def screenshot(self, path):
        """The whole page, with what is laid out only when it comes into the window."""
        for _ in range(2):
            height = self.evaluate("new Promise(done => requestAnimationFrame(() =>"
                                   " done(document.documentElement.scrollHeight)))")
            self._window(min(16000, height))
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))
        return path

    def pdf(self):
        return base64.b64decode(self.call("Page.printToPDF", printBackground=False)["data"])
