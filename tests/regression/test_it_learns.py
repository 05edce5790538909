"""It learns: a short training here and now, and what the committed tables of the full reproduction say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from records.sources import ROOT
from workflow.plan.plan import make_plan
from workflow.training.job import train

PAPER = "chung2021"
MEASURED = ROOT / "reports" / PAPER / "measured"


def trained(method: str, task: str, length: int, seeds: int) -> dict[str, np.ndarray]:
    """The log of a training with the paper's settings, shortened, as arrays [seeds, length]."""
    run = make_plan(ROOT, {"scale": "paper", "papers": PAPER}).runs[task, method, PAPER]
    log = train(replace(run, length=length), range(2000, 2000 + seeds)).log
    return {name: np.asarray(log[name]).reshape(seeds, length) for name in ("return", "mean_reward") if name in log}


@pytest.mark.parametrize("method", ["map_propagation", "backprop_traces"])
def test_cartpole_is_held_up_after_a_hundred_episodes(method: str) -> None:
    returns = trained(method, "CartPole-v1", 120, 4)["return"]
    # Chance keeps the pole up for some 22 steps.
    assert returns[:, :5].mean() < 60
    assert returns[:, -20:].mean() > 150


def test_the_multiplexer_is_learned_by_map_propagation_and_not_by_reinforce() -> None:
    ours, theirs = (trained(method, "Multiplexer-v0", 1500, 2)["mean_reward"] for method in ("map_propagation", "reinforce"))
    assert abs(ours[:, :20].mean()) < 0.1
    assert ours[:, -100:].mean() > 0.3
    assert theirs[:, -100:].mean() < 0.2


def test_map_propagation_reproduces_cartpole_at_the_papers_scale() -> None:
    table = pd.read_csv(MEASURED / "table_1.csv")
    row = table[(table["task"] == "CartPole-v1") & (table["method"] == "map_propagation")].iloc[0]
    assert row["n"] >= 10
    assert 440 <= row["mean"] <= 480


def test_map_propagation_reproduces_the_multiplexer_at_the_papers_scale() -> None:
    table = pd.read_csv(MEASURED / "single_step.csv")
    rows = table[(table["task"] == "Multiplexer-v0") & (table["method"] == "map_propagation")]
    last = rows.sort_values("update").iloc[-1]
    assert last["update"] == 31_250
    assert last["n"] >= 10
    assert last["mean"] > 0.95
