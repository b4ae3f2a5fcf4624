"""A headless Chromium, started once for all tests and driven by its DevTools protocol over a pair of pipes."""

from __future__ import annotations

import atexit
import base64
import fcntl
import itertools
import json
import os
import select
import shutil
import signal
import tempfile
from functools import cache
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
    *("--disable-dev-shm-usage", "--remote-debugging-pipe"),
)
PATIENCE = 60
DOMAINS = ("Page", "Runtime", "Log", "Network")


def found() -> str | None:
    """Return the path of Chromium, or None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def _high(descriptor: int) -> int:
    """Move a descriptor above those that the browser's own take the place of."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved


class Browser:
    """One process with one tab; an answer is read when it is asked for, an event is kept until then."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp()
        to_browser, self._out = map(_high, os.pipe())
        self._in, from_browser = map(_high, os.pipe())
        pipes = [(os.POSIX_SPAWN_DUP2, to_browser, 3), (os.POSIX_SPAWN_DUP2, from_browser, 4)]
        silent = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
        command = [str(found()), *OPTIONS, f"--user-data-dir={self._folder}", "about:blank"]
        self._process = os.posix_spawn(command[0], command, os.environ, file_actions=[*silent, *pipes])
        os.close(to_browser)
        os.close(from_browser)
        self._ids, self._session, self._read, self._events = itertools.count(1), None, b"", []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in DOMAINS:
            self.call(f"{domain}.enable")

    def close(self) -> None:
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
        os.close(self._in)
        os.close(self._out)
        shutil.rmtree(self._folder, ignore_errors=True)

    def call(self, method: str, **parameters: object) -> dict:
        """Call a method of the protocol and return its result."""
        number = next(self._ids)
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == number:
                break
            self._events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def wait_for(self, event: str) -> None:
        """Wait until an event has come, since the last time that events were taken."""
        while not any(one.get("method") == event for one in self._events):
            self._events.append(self._next())

    def events(self) -> list[dict]:
        """Take the events that came so far."""
        taken, self._events = self._events, []
        return taken

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._out, data) :]

    def _next(self) -> dict:
        while b"\0" not in self._read:
            if not select.select([self._in], [], [], PATIENCE)[0]:
                raise TimeoutError("Chromium did not answer.")
            part = os.read(self._in, 1 << 20)
            if not part:
                raise RuntimeError("Chromium ended.")
            self._read += part
        message, _, self._read = self._read.partition(b"\0")
        return json.loads(message)

    def open(self, page: Path) -> None:
        """Open a file; return when it is loaded."""
        self.events()
        self.call("Page.navigate", url=page.as_uri())
        self.wait_for("Page.loadEventFired")

    def evaluate(self, script: str) -> object:
        """Return the value of an expression in the page; a promise is waited for."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"].get("exception", {}).get("description", "a script failed"))
        return answer["result"].get("value")

    def look(self, *, width: int = 1280, height: int = 900, dark: bool = False, media: str = "") -> None:
        """Set the size of the window, light or dark; `media` "print" shows what would be printed."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=media, features=[scheme])

    def scripts(self, run: bool) -> None:
        """Let the scripts of the pages that are opened from now on run, or not."""
        self.call("Emulation.setScriptExecutionDisabled", value=not run)

    def screenshot(self, target: Path, *, whole: bool = False) -> None:
        """Write a picture of the window, or of the whole page."""
        picture = self.call("Page.captureScreenshot", captureBeyondViewport=whole, **({} if not whole else _clip(self)))
        target.write_bytes(base64.b64decode(picture["data"]))

    def paper(self, target: Path) -> None:
        """Print the page on A4."""
        sheet = self.call("Page.printToPDF", paperWidth=8.27, paperHeight=11.69, preferCSSPageSize=True)
        target.write_bytes(base64.b64decode(sheet["data"]))


def _clip(browser: Browser) -> dict:
    size = browser.call("Page.getLayoutMetrics")["cssContentSize"]
    return {"clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}}


def said(events: list[dict]) -> list[str]:
    """What the console says in these events: messages, exceptions, refusals of the policy."""
    return [json.dumps(one["params"]) for one in events if one["method"] in SAID]


SAID = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")


def requested(events: list[dict], page: Path) -> list[str]:
    """The addresses that were asked for in these events, besides the page and what it holds itself."""
    asked = [one["params"]["request"]["url"] for one in events if one["method"] == "Network.requestWillBeSent"]
    return [url for url in asked if url.partition("#")[0] != page.as_uri() and not url.startswith("data:")]


@cache
def browser() -> Browser:
    """Return the browser of this process, started when it is first asked for."""
    one = Browser()
    atexit.register(one.close)
    return one
