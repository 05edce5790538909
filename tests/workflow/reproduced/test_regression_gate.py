"""The regression gate, on the ci scale that the other tests look at as well: nothing moved; and the gate would have said so."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.regression.artefacts import training
from tests.regression.comparison import moves
from tests.regression.expectations import EXPECTED
from tests.regression.gate import check
from tests.workflow.pipeline import Workspace
from workflow.results import EPISODES, POLICY

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]
KEY = "CartPole-v1/reinforce/chung2021"
RESULT = f"results/tiny/{KEY}/seeds-000-001"
NAME = f"chung2021/training/{KEY}"


def test_nothing_moved(reproduced: Workspace, say: Callable[[str], None]) -> None:
    outcome, _ = check(reproduced.folder, EXPECTED)
    say(outcome.text())
    assert outcome.artefacts > 200
    assert not outcome.moved, outcome.text()


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
