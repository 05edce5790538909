"""Dates that mislead: results from the future, and a clock that is set."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from workflow.jobs.dating import Clock, trust_dates

DAY = 86_400.0


def test_results_from_the_future_are_dated_now_and_nothing_is_newer_than_the_other(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    old, *ahead = (tmp_path / "old.json", tmp_path / "run.json", tmp_path / "deep" / ".snakemake_timestamp")
    now = time.time()
    for path, days in ((old, -1), (ahead[0], 1), (ahead[1], 2)):
        path.touch()
        os.utime(path, (now + days * DAY,) * 2)
    line = trust_dates(tmp_path)
    assert line is not None
    assert " and 1 more files are dated in the future: a clock is wrong, or was; dated now, nothing is made again" in line
    dates = {path.stat().st_mtime for path in ahead}
    assert len(dates) == 1
    assert max(dates) < time.time() - 0.5, "older than all that is made of them, however coarse the dates are"
    assert old.stat().st_mtime == pytest.approx(now - DAY)
    assert trust_dates(tmp_path) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (0, None),
        (30, None),
        (3600, "the clock was set forward by 3600 s, or the machine slept"),
        (-DAY, "the clock was set back by 86400 s"),
    ],
)
def test_a_clock_that_is_set(change: float, said: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    now = {"time": 1e9, "monotonic": 50.0}
    monkeypatch.setattr(time, "time", lambda: now["time"])
    monkeypatch.setattr(time, "monotonic", lambda: now["monotonic"])
    clock = Clock()
    now = {"time": 1e9 + 500 + change, "monotonic": 550.0}
    assert clock.change() == said
