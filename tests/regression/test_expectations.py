"""Expectations on disk: the same come back, edits by hand are noticed, and git says since when each stands."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pandas as pd
import pytest

from tests.regression.artefacts import Artefacts, as_text
from tests.regression.comparison import moves
from tests.regression.expectations import read_expectations, standing_since, write_expectations

PLATFORM = {"python": "3.11", "processor": "any"}


def made(value: float) -> Artefacts:
    """Two trainings, which share a file, a table and a text that a CSV must quote."""
    frame = pd.DataFrame({"what": ["episode 1", ""], "value": [value, None]}, dtype=object)
    table = as_text(pd.DataFrame({"label": ['MAP, "released"', "−1"], "value": [1e-300, float("inf")]}, dtype=object))
    return {
        "chung2021/training/CartPole-v1/reinforce/chung2021": as_text(frame),
        "chung2021/training/CartPole-v1/map_propagation/chung2021": as_text(frame.iloc[:1]),
        "chung2021/judged/table_1": table,
    }


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_what_was_written_comes_back(tmp_path: Path) -> None:
    write_expectations(tmp_path, made(0.1), PLATFORM)
    artefacts, platform = read_expectations(tmp_path)
    assert moves(made(0.1), artefacts, exact=True) == []
    assert moves(made(0.2), artefacts, exact=True) != []
    assert platform == PLATFORM


def test_nothing_is_expected_before_anything_was_accepted(tmp_path: Path) -> None:
    assert read_expectations(tmp_path) == ({}, {})


def test_what_is_no_longer_there_is_no_longer_expected(tmp_path: Path) -> None:
    write_expectations(tmp_path, made(0.1), PLATFORM)
    kept = {name: frame for name, frame in made(0.1).items() if "judged" in name}
    write_expectations(tmp_path, kept, PLATFORM)
    assert set(read_expectations(tmp_path)[0]) == set(kept)
    assert not list(tmp_path.rglob("training.csv"))


def test_an_edit_by_hand_is_noticed(tmp_path: Path) -> None:
    write_expectations(tmp_path, made(0.1), PLATFORM)
    path = tmp_path / "chung2021" / "training.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("0.1", "0.2", 1), encoding="utf-8")
    with pytest.raises(ValueError, match=r"training.csv: .* is not what index.csv says; restore both"):
        read_expectations(tmp_path)


def test_only_what_moved_stands_since_the_last_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    write_expectations(tmp_path, made(0.1), PLATFORM)
    assert set(standing_since(tmp_path).values()) <= {"not committed"}
    commits = []
    for value in (0.1, 0.2):
        write_expectations(tmp_path, made(value), PLATFORM)
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "--quiet", "--message", str(value))
        commits.append(git(tmp_path, "rev-parse", "HEAD")[:10])
    since = standing_since(tmp_path)
    assert {name.split("/")[1]: commit for name, commit in since.items()} == {"training": commits[1], "judged": commits[0]}
    write_expectations(tmp_path, made(0.3), PLATFORM)
    assert set(standing_since(tmp_path).values()) == {"not committed", commits[0]}


def test_without_a_repository_nothing_is_said_of_commits(tmp_path: Path) -> None:
    write_expectations(tmp_path, made(0.1), PLATFORM)
    assert standing_since(tmp_path) == {}
