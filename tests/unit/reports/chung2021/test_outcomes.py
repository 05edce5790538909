"""The sentences that a report's answers are made of: the main claim, searched settings, the theory's outcomes."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from reports import pipeline
from reports.chung2021 import ANCHORS, TASKS, outcomes
from reports.chung2021.facts import facts
from reports.chung2021.theory import NETWORKS
from reports.claims.answers import tasks_by_verdict
from reports.claims.read import Claims, read_claims
from reports.figures.experiments import STAGES
from reports.runs.load import ReportData, read_report_data
from reports.tables.searches import resting_on_searches
from tests.unit.reports.made_reports import PAPER


@pytest.fixture(scope="module")
def claims() -> Claims:
    return read_claims(PAPER)


@pytest.fixture(scope="module")
def data(complete: SimpleNamespace) -> ReportData:
    return read_report_data(complete.data)


@pytest.fixture(scope="module")
def tables(complete: SimpleNamespace) -> dict[str, pd.DataFrame]:
    return {name: pd.read_csv(complete.tables / f"{name}.csv") for name in pipeline.table_names(PAPER)}


def test_tasks_stand_under_their_verdicts_as_often_as_there_are_claims(claims: Claims) -> None:
    table = pd.DataFrame(
        {"id": [claim.id for claim in claims.all], "verdict": ["AGREES", "AGREES", None, *["DIFFERS"] * (len(claims.all) - 3)]}
    )
    found = tasks_by_verdict(claims.all[:4], table, TASKS)
    assert found == {"AGREES": ["Acrobot", "Acrobot"], "": ["Acrobot"], "DIFFERS": ["Acrobot"]}


def test_the_main_claim_counts_every_comparison_once(complete: SimpleNamespace) -> None:
    found = complete.facts["main_claim"]
    # Two forms of REINFORCE on five tasks, backprop on four, and six statements of being alike.
    assert [sum(map(len, found[name].values())) for name in ("over_reinforce", "over_backprop", "like_backprop")] == [10, 4, 6]
    table = pd.read_csv(complete.tables / "table_1.csv")
    own = table[table["method"] == "map_propagation"]
    scores = [
        (mean - ANCHORS[task][0]) / (ANCHORS[task][1] - ANCHORS[task][0])
        for task, mean in zip(own["task"], own["mean"], strict=True)
    ]
    assert found["scores"]["MAP propagation"] == pytest.approx(sum(scores) / len(scores), rel=1e-4)


def test_a_score_over_all_tasks_needs_all_tasks(claims: Claims, tables: dict[str, pd.DataFrame]) -> None:
    table = tables["table_1"].copy()
    table.loc[(table["method"] == "reinforce") & (table["task"] == "Acrobot-v1"), "n"] = 0
    assert set(outcomes.main_claim(tables | {"table_1": table}, claims)["scores"]) == {
        "MAP propagation",
        "REINFORCE with Thomas",
        "Backprop",
    }


def test_claims_that_rest_on_searches_are_those_of_a_searched_rule(claims: Claims) -> None:
    searched = pd.DataFrame({"task": ["CartPole-v1"] * 2, "method": ["reinforce"] * 2})
    found = resting_on_searches(claims, searched)
    assert found["runs"] == ["CartPole-v1/reinforce"]
    assert "CartPole-v1/REINFORCE" in found["labels"]
    assert {"return-cartpole-reinforce", "cartpole-map-over-reinforce"} <= set(found["claims"])
    assert not {"return-cartpole-map", "return-acrobot-reinforce", "cartpole-map-over-thomas"} & set(found["claims"])
    assert resting_on_searches(claims, searched.iloc[:0]) == {"runs": [], "labels": [], "claims": []}


def test_where_the_theorems_hold_at_the_paper_s_steps(complete: SimpleNamespace, data: ReportData) -> None:
    found = complete.facts["theory"]
    assert [(row["name"], row["stage"]) for row in found["alignment"]] == [
        (f"{TASKS[task]}, {network}", stage) for task, network in NETWORKS for stage in STAGES
    ]
    # The synthetic ratio is 1 + 50 exp(-20 / 8) at 20 steps: far from 1.
    assert not any(row["holds"] for row in found["alignment"])
    assert {row["rule"]: row["unbiased"] for row in found["bias"]} == {
        "reinforce": True,
        "backprop": True,
        "map_propagation": False,
    }
    assert all(row["gone"] for row in found["variance"])


def test_an_outcome_depends_on_the_whole_interval(data: ReportData, tables: dict[str, pd.DataFrame]) -> None:
    table = tables["alignment_by_steps"].copy()
    close = {
        "mean_cosine": 0.99,
        "low_cosine": 0.95,
        "high_cosine": 1.0,
        "mean_ratio": 1.0,
        "low_ratio": 0.95,
        "high_ratio": 1.05,
    }
    table[list(close)] = list(close.values())
    table.loc[table["task"] == "Multiplexer-v0", "low_cosine"] = 0.85
    found = outcomes.theory_outcomes(data, tables | {"alignment_by_steps": table})["alignment"]
    assert {row["name"] for row in found if not row["holds"]} == {"Multiplexer, actor"}
    assert outcomes.theory_outcomes(data, tables | {"bias_by_rule": tables["bias_by_rule"].iloc[:0]}) == {}


def test_only_figures_with_something_to_show_are_set(data: ReportData, tables: dict[str, pd.DataFrame]) -> None:
    def pictured(kept: str) -> dict[str, bool]:
        chosen = replace(data, runs=[run for run in data.runs if run["variant"] in (PAPER, kept)])
        found: dict[str, bool] = facts(chosen, tables, "paper")["pictured"]
        return found

    assert {name for name, shown in pictured("chung2021-steps-5").items() if shown} == {"ablation_steps"}
    assert {name for name, shown in pictured("chung2021-map-rates").items() if shown} == {"follow_ups_reinforce"}


def test_rewards_and_targets_that_lie_the_other_way_round_are_noticed(
    data: ReportData, tables: dict[str, pd.DataFrame], complete: SimpleNamespace
) -> None:
    ends = tables["single_step"]
    of_team = (ends["task"] == "ScalarRegression-v0") & (ends["method"] == "map_propagation") & ends["last"]
    for (rl, sl), swapped in (((-0.1, -0.2), True), ((-0.2, -0.1), False)):
        table = ends.copy()
        table.loc[of_team & (table["variant"] == PAPER), "mean"] = rl
        table.loc[of_team & (table["variant"] != PAPER), "mean"] = sl
        found = facts(data, tables | {"single_step": table}, "paper")["regression"]
        assert (found["rl"], found["sl"], found["swapped"]) == (rl, sl, swapped)
    assert json.dumps(complete.facts)
