"""The same commit and packages, on the same kind of machine, make the same bytes: results, tables, figures and documents."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from reports.run_folder import FILES, without_measured
from tests.workflow.pipeline import Clone, Workspace
from workflow.plan import make_plan
from workflow.sources import ROOT

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]

ANEW = (
    ("CartPole-v1", "reinforce", "chung2021"),
    ("MountainCarContinuous-v0", "backprop_traces", "chung2021"),
    ("Multiplexer-v0", "reinforce_thomas", "chung2021"),
)
"""Trainings of several kinds that both builds make, compiled kernels and all. The others are copied, as tests of their own hold
them to the same bits in any block and after any interruption."""
COSTS = "costs.csv"
"""What the runs took: the one file that is another each time. Of records, what was measured is."""
ELSEWHERE = {"PYTHONHASHSEED": "4242", "TZ": "Asia/Kathmandu", "LC_ALL": "C", "LANG": "C"}


def built(folder: Path) -> dict[str, Any]:
    """All that a build leaves in results/, by path; of the records of trainings and of the theory what was not measured."""
    found: dict[str, Any] = {}
    for path in sorted(path for path in (folder / "results").rglob("*") if path.is_file() and path.name != COSTS):
        name = path.relative_to(folder / "results")
        is_record = path.name == FILES[-1] or (name.parts[0] == "theory" and path.suffix == ".json")
        contents = path.read_bytes()
        found[name.as_posix()] = without_measured(json.loads(contents), path.name) if is_record else contents
    return found


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
