"""The regression gate, on the ci scale that the other tests look at as well: nothing moved; and the gate would have said so."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from records.results import EPISODES, POLICY
from records.sources import ROOT
from tests.regression.artefacts import training
from tests.regression.comparison import moves, moves_on_equal_data
from tests.regression.expectations import EXPECTED, read_expectations
from tests.regression.files import file_digests
from tests.regression.gate import check
from tests.regression.rejudged import judged, rejudged
from tests.workflow.pipeline import Workspace
from workflow.plan.plan import make_plan

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]
KEY = "CartPole-v1/reinforce/chung2021"
RESULT = f"results/tiny/{KEY}/seeds-000-001"
NAME = f"chung2021/training/{KEY}"


def test_nothing_moved(reproduced: Workspace, say: Callable[[str], None]) -> None:
    outcome, _ = check(reproduced.folder, EXPECTED)
    say(outcome.text())
    assert outcome.artefacts > 200
    assert not outcome.moved, outcome.text()


def test_the_recorded_summaries_judged_anew_are_what_was_recorded(reproduced: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded, _ = read_expectations(EXPECTED)
    before = judged(recorded)
    assert len(before) > 40
    again = rejudged(recorded, reproduced.folder)
    assert again.keys() == before.keys()
    assert moves_on_equal_data(before, again) == []
    monkeypatch.setattr("reports.claims.verdicts.holm", lambda p: list(np.minimum(1.0, np.asarray(p) * len(p))))  # Bonferroni's
    assert moves_on_equal_data(before, rejudged(recorded, reproduced.folder))


def test_the_files_of_a_run_are_all_there(reproduced: Workspace) -> None:
    plan = make_plan(ROOT, {"scale": "ci"})
    for paper in plan.papers:
        files = {name: list(frame["file"]) for name, frame in file_digests(plan, paper, reproduced.folder)}
        assert len(files["trainings"]) == 2 * sum(run.paper == paper for run in plan.runs.values())
        assert f"{paper}.pdf, without commits" in files["report"]
        assert {name.rpartition(".")[2] for name in files["report"]} >= {"parquet", "csv", "json", "svg", "png"}


@pytest.fixture
def result(reproduced: Workspace, tmp_path: Path) -> Path:
    """A copy of one result."""
    return Path(shutil.copytree(reproduced.folder / RESULT, tmp_path / "result"))


def test_the_last_bit_of_a_parameter_would_be_noticed(reproduced: Workspace, result: Path) -> None:
    before = {NAME: training(reproduced.folder / RESULT)}
    with np.load(result / POLICY) as policy:
        arrays = {name: policy[name] for name in policy.files}
    weights = arrays["actor/weights_1"]
    weights[1, 0, 0] = np.nextafter(weights[1, 0, 0], np.float32(9))
    np.savez(result / POLICY, **arrays)
    (move,) = moves(before, {NAME: training(result)}, exact=True)
    assert "1 actor/weights_1" in move.largest


def test_an_episode_that_took_another_step_would_be_noticed(reproduced: Workspace, result: Path) -> None:
    before = {NAME: training(reproduced.folder / RESULT)}
    log = pd.read_parquet(result / EPISODES)
    log.assign(length=log["length"] + (log.index == 3)).to_parquet(result / EPISODES)
    (move,) = moves(before, {NAME: training(result)}, exact=True)
    assert move.largest.startswith("length of 0 episode 4")
