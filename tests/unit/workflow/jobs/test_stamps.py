"""A stamp is as new as the last change of what it stands for, and no newer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workflow.jobs.stamps import stamp_of, write_stamps

STAMP = stamp_of("rule", "Task-v0")
SOURCES = {STAMP: ["rule.py", "task.py"], stamp_of("other", "Task-v0"): ["task.py"]}
_LONG_AGO = 1_600_000_000


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where two sources are that were last changed long ago, one ten seconds after the other."""
    monkeypatch.chdir(tmp_path)
    for second, name in enumerate(("rule.py", "task.py")):
        (tmp_path / name).write_text(f"# {name}\n", encoding="utf-8")
        os.utime(tmp_path / name, (_LONG_AGO + 10 * second,) * 2)
    return tmp_path


def date(stamp: str) -> float:
    return Path(stamp).stat().st_mtime


def test_a_new_one_is_as_old_as_the_newest_of_its_sources(place: Path) -> None:
    write_stamps(SOURCES)
    assert [date(stamp) for stamp in SOURCES] == [_LONG_AGO + 10] * 2
    assert [line.split("  ")[1] for line in Path(STAMP).read_text(encoding="utf-8").splitlines()] == ["rule.py", "task.py"]


def test_only_those_of_an_edited_source_become_newer(place: Path) -> None:
    write_stamps(SOURCES)
    (place / "rule.py").write_text("# edited\n", encoding="utf-8")
    os.utime(place / "rule.py", (_LONG_AGO - 10,) * 2)  # an edit, whatever its date says
    write_stamps(SOURCES)
    assert date(STAMP) > _LONG_AGO + 1000
    assert date(stamp_of("other", "Task-v0")) == _LONG_AGO + 10


def test_a_source_that_was_touched_is_none_that_was_edited(place: Path) -> None:
    write_stamps(SOURCES)
    (place / "rule.py").touch()
    write_stamps(SOURCES)
    assert date(STAMP) == _LONG_AGO + 10
