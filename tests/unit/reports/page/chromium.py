"""A headless Chromium, driven by its own protocol over a pipe: no port, no driver, no network."""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars")
_SECONDS = 120
"""How long any answer may take, on a busy machine."""
_LOCAL = ("file:", "data:", "blob:", "about:")


def chromium() -> str | None:
    """The path of a Chromium, from the environment's CHROMIUM or by name; None: there is none."""
    return os.environ.get("CHROMIUM") or next((found for name in _NAMES if (found := shutil.which(name))), None)


class Browser:
    """One page of a browser, and all that it complained about and asked for."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers = commands, answers
        self._unread, self._sent, self._session = b"", 0, ""
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result. Raises RuntimeError for an error and TimeoutError without an answer."""
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != self._sent:
            self.events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def open(self, path: Path) -> None:
        """Open a file and wait until it is loaded."""
        self.call("Page.navigate", url=path.as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._read())

    def value(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited. Raises RuntimeError where it throws."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait until a JavaScript expression is true. Raises TimeoutError."""
        end = time.monotonic() + _SECONDS
        while not self.value(expression):
            if time.monotonic() > end:
                raise TimeoutError(expression)
            time.sleep(0.05)

    def click(self, element: str) -> None:
        """Press the mouse on the middle of the element that a JavaScript expression gives."""
        x, y = self.value(
            f"(() => {{ const e = {element}; e.scrollIntoView({{block: 'center'}}); const r = e.getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def problems(self) -> list[str]:
        """Errors on the console, exceptions, and requests for anything that is not within the file."""
        found = []
        for event in self.events:
            match event.get("method"), event.get("params", {}):
                case "Runtime.exceptionThrown", params:
                    found.append(f"exception: {params['exceptionDetails']}")
                case "Runtime.consoleAPICalled", {"type": "error" | "assert" as kind, "args": arguments}:
                    found.append(f"console.{kind}: {arguments}")
                case "Log.entryAdded", {"entry": {"level": "error", "text": text}}:
                    found.append(f"log: {text}")
                case "Network.requestWillBeSent", {"request": {"url": str(url)}} if not url.startswith(_LOCAL):
                    found.append(f"request: {url}")
        return found

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._unread:
            if not select.select([self._answers], [], [], _SECONDS)[0]:
                raise TimeoutError(f"Chromium said nothing for {_SECONDS} s")
            received = os.read(self._answers, 1 << 20)
            if not received:
                raise RuntimeError("Chromium ended")
            self._unread += received
        message, self._unread = self._unread.split(b"\0", 1)
        return json.loads(message)


@contextmanager
def browser(program: str, profile: Path) -> Iterator[Browser]:
    """A running browser with an empty profile, which is ended afterwards."""
    read, commands = os.pipe()
    answers, write = os.pipe()
    # It reads from descriptor 3 and writes to 4, so what they are made of must lie elsewhere.
    theirs = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10) for descriptor in (read, write)]
    actions: list[tuple[Any, ...]] = [(os.POSIX_SPAWN_DUP2, theirs[0], 3), (os.POSIX_SPAWN_DUP2, theirs[1], 4)]
    actions += [(os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
    arguments = [program, *_OPTIONS, f"--user-data-dir={profile}", "--remote-debugging-pipe"]
    process = os.posix_spawn(program, arguments, os.environ, file_actions=actions, setpgroup=0)
    for descriptor in (read, write, *theirs):
        os.close(descriptor)
    try:
        yield Browser(commands, answers)
    finally:
        os.killpg(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(commands)
        os.close(answers)
