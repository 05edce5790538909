"""Clocks that are wrong: results dated in the future would look newer than all that is made of them."""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path

_SECOND = 10**9
_NOTABLE = 60.0  # seconds by which a clock may drift without a word


class Clock:
    """Notices that the clock of the machine is set."""

    def __init__(self) -> None:
        self._start = time.time() - time.monotonic()

    def change(self) -> str | None:
        """What happened to the clock since this was made, in words; None where it only went on."""
        change = time.time() - time.monotonic() - self._start
        if abs(change) < _NOTABLE:
            return None
        if change > 0:
            return f"the clock was set forward by {change:.0f} s, or the machine slept"
        return f"the clock was set back by {-change:.0f} s"


def trust_dates(results: Path) -> str | None:
    """Date results from the future just before now. Returns a line for the user where there are any.

    Snakemake would make again what depends on them, and take what it made for older than they are.
    """
    now, ahead = time.time_ns(), []
    for path in (Path(parent) / name for parent, _, names in os.walk(results) for name in names):
        try:
            date = path.stat().st_mtime_ns
            if date > now:
                os.utime(path, ns=(now - _SECOND, now - _SECOND))  # all the same, as what depends on what is known
                ahead.append((path, date / _SECOND))
        except FileNotFoundError:  # gone meanwhile
            continue
    if not ahead:
        return None
    path, seconds = ahead[0]
    others = f" and {len(ahead) - 1} more files are" if ahead[1:] else " is"
    return (
        f"{path} ({datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M}){others} dated in the future: a clock is wrong, or was; "
        "dated now, nothing is made again unless contents have changed"
    )
