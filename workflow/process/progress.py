"""Lines that say how far a training job is, at most one in a while: readable in a terminal, in a log and on a cluster."""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from pathlib import Path

LOGGER = logging.getLogger("workflow")

_SECONDS_BETWEEN_LINES = 10.0


class Progress:
    """Counts one job's finished episodes, updates or steps over all its seeds."""

    def __init__(
        self, name: str, unit: str, total: int, every: float = _SECONDS_BETWEEN_LINES, before: tuple[int, int] = (0, 0)
    ) -> None:
        """`name` is put first on each line, `unit` is what `total` counts, `every` the least time between lines in s.

        `before`: of the total, and of the agent steps, what was done before this process began.
        """
        self._name, self._unit, self._total, self._every, self._before = name, unit, total, every, before
        self._start = self._last = time.monotonic()

    def __call__(self, seeds: int, done: int, steps: int) -> None:
        """If it is time for a line: seeds still training, `done` of the total, agent steps a second over all seeds, time left."""
        now = time.monotonic()
        if now - self._last < self._every:
            return
        self._last = now
        elapsed = now - self._start
        here, steps_here = done - self._before[0], steps - self._before[1]
        left = format_seconds(elapsed / here * (self._total - done)) if here else "?"
        LOGGER.info(
            "%s: %d seeds, %d of %d %s (%.0f %%), %s steps/s, %s left",
            *(self._name, seeds, done, self._total, self._unit, 100 * done / self._total),
            *(f"{steps_here / max(elapsed, 1e-9):,.0f}", left),
        )


def format_seconds(seconds: float) -> str:
    """`45 s`, `12 min` or `3 h 20 min`."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


class _LogFile(logging.FileHandler):
    """All lines are on stderr as well: where they find no room in the file they are left out of it, without a word."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        pass

    def close(self) -> None:
        with contextlib.suppress(OSError):
            super().close()


def log_to(path: Path | None) -> None:
    """Send progress to stderr and, where a path is given, to that file as well, as far as its disk takes it."""
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handlers.append(_LogFile(path, mode="w", encoding="utf-8"))
        except OSError:  # a job that writes results will say so, and one that need not write any can do without
            pass
    for handler in handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    LOGGER.handlers = handlers
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False
