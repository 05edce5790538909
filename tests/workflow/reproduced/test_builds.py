"""The same commit and packages, on the same kind of machine, make the same bytes: results, tables, figures and documents."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from records.sources import ROOT
from tests.workflow.outcome import built
from tests.workflow.pipeline import Clone, Workspace
from workflow.plan.plan import make_plan

pytestmark = [pytest.mark.proof, pytest.mark.pipeline, pytest.mark.slow]

ANEW = (
    ("CartPole-v1", "reinforce", "chung2021"),
    ("MountainCarContinuous-v0", "backprop_traces", "chung2021"),
    ("Multiplexer-v0", "reinforce_thomas", "chung2021"),
)
"""Trainings of several kinds that both builds make, compiled kernels and all. The others are copied, as tests of their own hold
them to the same bits in any block and after any interruption."""
ELSEWHERE = {"PYTHONHASHSEED": "4242", "TZ": "Asia/Kathmandu", "LC_ALL": "C", "LANG": "C"}


def compare(first: Path, second: Path) -> None:
    """Name what differs between two builds."""
    one, other = built(first), built(second)
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []


def test_two_builds_in_two_folders(
    reproduced: Workspace, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With another seed of Python's hashes, in another time zone and language, and with a copy of the code for a second one."""
    for name, value in ELSEWHERE.items():
        monkeypatch.setenv(name, value)
    plan = make_plan(ROOT, {"scale": "ci"})
    second = Clone(tmp_path_factory.mktemp("another") / "place" / "further down")
    shutil.copytree(reproduced.folder / "results" / plan.budget, second.folder / "results" / plan.budget)
    anew = plan.folders([plan.runs[key] for key in ANEW])
    for folder in anew:
        shutil.rmtree(second.folder / folder)
    assert second.planned("--config", "scale=ci").trained == set(anew)
    second.run("--config", "scale=ci")
    names = {path.suffix for path in (second.folder / "results" / "reports").rglob("*")}
    assert {".pdf", ".svg", ".png", ".csv", ".json", ".parquet"} <= names
    compare(reproduced.folder, second.folder)
