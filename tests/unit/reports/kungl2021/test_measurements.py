"""What the report of kungl2021 makes of its experiments' tables."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import reports.kungl2021 as PAPER  # noqa: N812
from experiments.kungl2021 import bandit, supervised_accuracy
from experiments.kungl2021.hill_climbing import DEPTHS, FORMS
from experiments.kungl2021.supervised_accuracy import CHECKS
from reports.claims.measured import measured_runs
from reports.figures.experiments import chosen
from reports.kungl2021 import TWIN, bandits, dynamics, figures, supervised
from reports.runs.load import ReportData
from tests.unit.reports.synthetic_kungl2021 import TABLES

EMPTY = pd.DataFrame()
MEASURED = (
    "accuracy",
    "angle_by_depth",
    "angle_by_presentation",
    "bandit_blocks",
    "bandit_delayed",
    "hill_climbing",
    "residual",
    "lagged",
)
"""The figures that rest on experiments alone."""


@pytest.fixture(scope="module")
def data() -> ReportData:
    return ReportData(EMPTY, EMPTY, EMPTY, [], {name: pd.DataFrame(rows()) for name, rows in TABLES.items()})


def test_claims_are_about_what_the_tables_hold(data: ReportData) -> None:
    found = measured_runs(data.theory, PAPER.MEASURED)
    assert set(zip(found["task"], found["method"], found["variant"], strict=True)) == set(PAPER.MEASURED)


def test_claims_are_about_what_the_experiments_measure() -> None:
    """The tables above are invented; these conditions are the experiments' own."""
    pictures = [{**keys, "presentations": shown} for keys in supervised_accuracy.settings_of("full") for shown in CHECKS["full"]]
    trials = [
        {"task": c.task, "condition": c.name, "network": c.network, "delay": c.delay, "trace": c.trace} for c in bandit.CONDITIONS
    ]
    for (task, experiment, _), condition in PAPER.MEASURED.items():
        if experiment == "supervised_accuracy":
            assert dict(condition.where) in pictures
        elif experiment == "bandit":
            assert {"task": task, **condition.where} in trials
        else:
            assert condition.where["nudge"] in FORMS[str(condition.where["form"])]
            assert condition.where["hidden"] in DEPTHS["full"]


def only(table: pd.DataFrame, **values: object) -> pd.Series:
    found = chosen(table, **values)
    assert len(found) == 1, values
    return found.iloc[0]


def test_a_condition_is_judged_by_its_last_block_and_by_all_its_runs(data: ReportData) -> None:
    table = bandits.bandits(data)
    full = only(table, condition="full", network="deep", delay="immediate")
    last = only(data.theory["bandit"], condition="full", network="deep", delay="immediate", block=20)
    assert (full["mean"], full["blocks"], full["runs"]) == (last["mean"], 20, last["n"])
    late = only(table, delay="scrambled", trace=40.0)
    assert late["blocks"] == 40
    lost = only(table, condition="released_beta")
    assert (lost["n"], lost["reached"], lost["diverged"], lost["diverged_at"]) == (0, 0, 1, 700)
    assert math.isnan(lost["mean"]), "its fourth block is not its last"


def test_the_sentence_on_the_bandit_holds_the_twin_s_last_block(data: ReportData) -> None:
    found = bandits.outcomes(data)
    assert (found["twin"], found["twin_block"]) == (1.0, 20)
    assert set(found["conditions"]) == set(bandits.CONDITIONS)


def test_the_twin_s_curve_stands_beside_the_deep_network_s(data: ReportData) -> None:
    deep = figures.bandit_blocks(data).axes[0]
    (twin,) = [line for line in deep.lines if line.get_label() == "released twin"]
    assert dict(np.asarray(twin.get_xydata()).tolist()) == TWIN
    assert {line.get_label() for line in deep.lines} == {"full model", "settled", "released twin"}


def test_accuracies_are_those_of_the_last_picture(data: ReportData) -> None:
    table = supervised.accuracies(data)
    assert set(table["presentations"]) == {1400}
    assert list(table["form"].drop_duplicates()) == list(supervised.FORMS)
    source = data.theory["supervised_accuracy"]
    keys = {"form": "exact", "presentation": 3.0, "feedback": "random"}
    for column, quantity in (("mean", "accuracy"), ("advantage", "advantage")):
        assert only(table, **keys)[column] == only(source, **keys, presentations=1400, quantity=quantity)["mean"]
    assert only(table, **keys)["path"] == only(source, **keys, presentations=1400, quantity="path_cosine", layer="1")["mean"]
    lost = chosen(table, form="without_look_ahead", presentation=1.0)
    assert (lost["diverged"] == 1).all()
    assert (lost["n"] == 0).all()
    assert lost["mean"].isna().all()


def test_gaps_by_depth_are_of_the_worst_layer(data: ReportData) -> None:
    table = supervised.cosines(data)
    assert len(table) == 2 * 4
    worst = only(data.theory["backprop_angle"], form="settled", hidden=4, beta=0.1, quantity="worst_cosine")
    assert only(table, form="settled", hidden=4)["gap_0.1"] == 1 - worst["mean"]
    panel = figures.angle_by_depth(data).axes[0]
    assert len(panel.lines) == 4
    assert np.asarray(panel.lines[0].get_ydata()).tolist() == pytest.approx([0.04e-6, 0.04e-4, 0.04e-2, 0.04], abs=1e-12)


def test_presentations_have_every_swept_time_and_count_what_diverged(data: ReportData) -> None:
    table = supervised.presentations(data)
    assert len(table) == 2 * 4 * 2
    lost = chosen(table, form="without_look_ahead", presentation=1.0)
    assert list(lost["diverged"]) == [1, 1]
    assert list(lost["n"]) == [0, 0]
    kept = only(table, form="exact", presentation=3.0, feedback="symmetric")
    assert kept["worst"] == only(
        data.theory["backprop_angle"], form="exact", presentation=3.0, hidden=2, beta=0.1, feedback="symmetric", layer="all",
        quantity="worst_cosine",
    )["mean"]  # fmt: skip


def test_climbing_and_decay_in_numbers(data: ReportData) -> None:
    climbing = dynamics.climbing(data)
    assert len(climbing) == 2 * 5 * 2 * 2
    noise = only(climbing, stage="trained", form="settled", nudge="noise", hidden=2, feedback="symmetric")
    assert (noise["uphill"], noise["flip"], noise["share_1"]) == (1, -1, 1 / 3)
    decay = only(dynamics.residuals(data), form="exact", stimulus="moving", step=0.01)
    assert decay["expected"] == pytest.approx(math.exp(-3))
    assert decay["excess"] == 1.1


@pytest.mark.parametrize("name", MEASURED)
def test_a_figure_says_what_was_not_measured(data: ReportData, name: str) -> None:
    without = ReportData(EMPTY, EMPTY, EMPTY, [], {})
    texts = [text.get_text() for panel in getattr(figures, name)(without).axes for text in panel.texts]
    assert "not measured" in texts
    assert not any(text.get_text() == "not measured" for panel in getattr(figures, name)(data).axes for text in panel.texts)


def test_tables_of_what_was_not_measured_are_empty() -> None:
    without = ReportData(EMPTY, EMPTY, EMPTY, [], {})
    made = (supervised.accuracies, supervised.cosines, supervised.presentations, bandits.bandits, dynamics.climbing)
    assert all(table(without).empty for table in (*made, dynamics.residuals))
    assert bandits.outcomes(without) == {}
