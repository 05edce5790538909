"""Dates that mislead: in the future, or older than what a file was before."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from workflow.jobs.dating import SEEN, Clock, date_until_now, trust_dates, with_stamps

DAY = 86_400.0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a source, and a result that was made of it an hour ago."""
    monkeypatch.chdir(tmp_path)
    hour_ago = time.time() - 3600
    for name, date in (("algorithms/rule.py", hour_ago - 3600), ("results/full/run.json", hour_ago)):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(name)
        os.utime(path, (date, date))
    assert trust_dates(Path("results")) is None
    return tmp_path


def dates(folder: Path) -> tuple[float, float]:
    return (folder / "algorithms" / "rule.py").stat().st_mtime, (folder / "results" / "full" / "run.json").stat().st_mtime


def test_dates_that_are_right_stay(folder: Path) -> None:
    before = dates(folder)
    assert trust_dates(Path("results")) is None
    assert dates(folder) == before
    assert (folder / SEEN).is_file()


@pytest.mark.parametrize("date", [0.0, -2 * DAY])
def test_a_source_replaced_by_one_with_an_older_date_is_newer_than_all_results(folder: Path, date: float) -> None:
    source = folder / "algorithms" / "rule.py"
    source.write_text("another")
    date += source.stat().st_mtime if date else 0
    os.utime(source, (date, date))
    assert trust_dates(Path("results")) is None
    source_date, result_date = dates(folder)
    assert source_date > result_date
    assert trust_dates(Path("results")) is None
    assert dates(folder) == (source_date, result_date), "it is dated once"


def test_a_source_of_another_date_and_the_same_contents_keeps_it(folder: Path) -> None:
    os.utime(folder / "algorithms" / "rule.py", (1, 1))
    assert trust_dates(Path("results")) is None
    assert dates(folder)[0] == 1


def test_what_is_dated_in_the_future_is_dated_now_and_nothing_is_newer_than_the_other(folder: Path) -> None:
    source, result = folder / "algorithms" / "rule.py", folder / "results" / "full" / "run.json"
    os.utime(source, (time.time() + DAY, time.time() + DAY))
    os.utime(result, (time.time() + 2 * DAY, time.time() + 2 * DAY))
    before = time.time()
    line = trust_dates(Path("results"))
    assert line is not None
    assert line.startswith("algorithms/rule.py (20")
    assert " and 1 more files are dated in the future: a clock is wrong, or was; dated now, nothing is made again" in line
    assert dates(folder)[0] == dates(folder)[1] < before - 0.5, "older than any edit from now on, however coarse the dates are"
    assert trust_dates(Path("results")) is None


def test_an_edit_after_the_clock_was_set_back_is_noticed(folder: Path) -> None:
    """The result is from tomorrow, the edit from today."""
    os.utime(folder / "results" / "full" / "run.json", (time.time() + DAY, time.time() + DAY))
    (folder / "algorithms" / "rule.py").write_text("edited")
    line = trust_dates(Path("results"))
    assert line is not None
    assert line.startswith("results/full/run.json (")
    assert ") is dated in the future" in line
    source, result = dates(folder)
    assert source > result


def test_a_record_that_was_half_written_is_no_hindrance(folder: Path) -> None:
    (folder / SEEN).write_bytes((folder / SEEN).read_bytes()[:20])
    before = dates(folder)
    assert trust_dates(Path("results")) is None
    assert dates(folder) == before


def test_a_folder_is_dated_by_snakemakes_stamp(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    stamp = tmp_path / "tables" / ".snakemake_timestamp"
    stamp.touch()
    os.utime(stamp, (time.time() + DAY, time.time() + DAY))
    assert list(date_until_now(with_stamps([str(tmp_path / "tables"), str(tmp_path / "gone")]))) == [stamp]
    assert stamp.stat().st_mtime < time.time()


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
