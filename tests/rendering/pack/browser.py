"""A headless Chromium for tests, driven over the DevTools protocol through two pipes: no driver and no package is needed."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MISSING = "there is no Chromium on this machine (apt-get install chromium)"
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --mute-audio --remote-debugging-pipe "
    "--autoplay-policy=no-user-gesture-required"
).split()


class Browser:
    """One browser; ``tab()`` opens a page of it."""

    def __init__(self, *flags: str):
        self.profile = tempfile.mkdtemp(prefix="chromium-test-")
        pipes = [os.pipe(), os.pipe()]
        # Chromium reads from 3 and writes to 4: our own ends must not be in the way of these numbers.
        mine = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 20) for pair in pipes for end in pair]
        for pair in pipes:
            for end in pair:
                os.close(end)
        read, self._write, self._read, write = mine

        def place() -> None:
            os.dup2(read, 3)
            os.dup2(write, 4)

        command = [str(CHROMIUM), *FLAGS, *flags, f"--user-data-dir={self.profile}", "about:blank"]
        self.process = subprocess.Popen(
            command, preexec_fn=place, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(read)
        os.close(write)
        self._number = 0
        self._left = b""
        self._events: list[dict[str, Any]] = []

    def send(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """One command; its answer."""
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        os.write(self._write, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + 60
        while time.monotonic() < end:
            answer = self._next(end - time.monotonic())
            if answer is None:
                break
            if answer.get("id") == number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            self._events.append(answer)
        raise TimeoutError(f"Chromium does not answer {method}")

    def events(self, session: str, wait: float = 0.0) -> list[dict[str, Any]]:
        """What one page has reported so far."""
        end = time.monotonic() + wait
        while (message := self._next(max(end - time.monotonic(), 0))) is not None:
            self._events.append(message)
        return [event for event in self._events if event.get("sessionId") == session]

    def _next(self, wait: float) -> dict[str, Any] | None:
        while b"\0" not in self._left:
            if not select.select([self._read], [], [], max(wait, 0))[0]:
                return None
            piece = os.read(self._read, 1 << 20)
            assert piece, "Chromium has ended"
            self._left += piece
        message, self._left = self._left.split(b"\0", 1)
        return json.loads(message)

    @contextmanager
    def tab(
        self, address: str | Path, size: tuple[int, int] = (1280, 800), dark: bool = True, still: bool = False,
        phone: bool = False, javascript: bool = True,
    ) -> Iterator[Tab]:  # fmt: skip
        """A page, open until the block ends."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = Tab(self, session)
        for domain in ("Page", "Runtime", "Network", "Log"):
            tab.send(f"{domain}.enable")
        tab.shape(*size, phone=phone)
        wishes = {"prefers-color-scheme": "dark" if dark else "light", "prefers-reduced-motion": "reduce" if still else ""}
        tab.send("Emulation.setEmulatedMedia", features=[{"name": name, "value": value} for name, value in wishes.items()])
        if not javascript:
            tab.send("Emulation.setScriptExecutionDisabled", value=True)
        tab.go(address)
        try:
            yield tab
        finally:
            self.send("Target.closeTarget", targetId=target)

    def close(self) -> None:
        """End it and forget its profile."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self._write)
        os.close(self._read)
        shutil.rmtree(self.profile, ignore_errors=True)


class Tab:
    """One open page."""

    def __init__(self, browser: Browser, session: str):
        self.browser, self.session = browser, session

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A command to this page."""
        return self.browser.send(method, self.session, **parameters)

    def go(self, address: str | Path) -> None:
        """Open an address (a file's, with its fragment) and wait until it is loaded."""
        if isinstance(address, Path):
            address = address.resolve().as_uri()
        before = len([e for e in self.browser.events(self.session) if e["method"] == "Page.loadEventFired"])
        self.address = address
        self.send("Page.navigate", url=address)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            events = self.browser.events(self.session, 0.05)
            if len([e for e in events if e["method"] == "Page.loadEventFired"]) > before:
                return
        raise TimeoutError(f"{address} is not loaded")

    def shape(self, width: int, height: int, phone: bool = False) -> None:
        """The size of the window."""
        dense = 2 if phone else 1
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=dense, mobile=phone)

    def run(self, code: str) -> Any:
        """The value of a JavaScript expression; awaited."""
        answer = self.send("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True, userGesture=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def until(self, code: str, seconds: float = 20.0) -> Any:
        """Wait until an expression is true."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if value := self.run(code):
                return value
            time.sleep(0.05)
        raise AssertionError(f"not within {seconds} s: {code}")

    def press(self, key: str) -> None:
        """A key of the keyboard."""
        codes = {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
        code = codes.get(key, ord(key[0].upper()))
        text = {"text": key} if len(key) == 1 else {}
        self.send("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def picture(self, path: Path, whole: bool = False) -> Path:
        """A screenshot, of the window or of the whole page."""
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", captureBeyondViewport=whole)["data"]))
        return path

    def pdf(self) -> bytes:
        """The page as it prints."""
        return base64.b64decode(self.send("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"])

    def requests(self) -> list[str]:
        """Every address that the page has asked for, but its own, and what is inside it or beside it."""
        events = self.browser.events(self.session, 0.2)
        seen = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
        return [url for url in seen if not url.startswith(("data:", "blob:", "file:"))]

    def complaints(self) -> list[str]:
        """What it wrote to the console as a warning or an error, and exceptions."""
        found = []
        for event in self.browser.events(self.session, 0.1):
            parameters = event.get("params", {})
            if event["method"] == "Runtime.exceptionThrown":
                found.append(str(parameters["exceptionDetails"]))
            elif event["method"] == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning"):
                found.append(str(parameters["args"]))
            elif event["method"] == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
                found.append(str(parameters["entry"]))
        return found
