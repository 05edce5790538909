"""Experiments beside a paper's own runs: grouped, compared, drawn, and kept out of everything else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from records.errors import ResultError
from reports import chung2021
from reports.figures import ablations
from reports.figures.across_tasks import compared, normalised_scores
from reports.runs.load import ReportData, read_report_data
from reports.runs.variants import OTHER, Experiment, doses, experiments, merged, own_runs, settings_changed, standard_of
from reports.statistics.aggregates import Anchors
from reports.tables.searches import COLUMNS, searches
from tests.unit.reports.made_reports import row_of

STEPS = Experiment("Steps", "CartPole-v1", "map_propagation", "chung2021", ("chung2021-steps-5", "chung2021-steps-50"))
OF_PAPER = ("table_1", "orderings", "first_perfect", "solved", "goal", "single_step", "hyperparameters", "searches")


@pytest.fixture(scope="module")
def data(complete: SimpleNamespace) -> ReportData:
    return read_report_data(complete.data)


def means(data: ReportData, variant: str) -> pd.Series:
    summary = data.summary
    own = (summary["task"] == "CartPole-v1") & (summary["method"] == "map_propagation") & (summary["variant"] == variant)
    return summary.loc[own, "mean_return"]


def test_variants_are_grouped_in_the_declared_order_and_by_number(data: ReportData) -> None:
    found = experiments(data, chung2021.OWN_VARIANTS, {"Steps": ("steps",), "Order": ("sequential",)})
    assert [(group.group, group.task, group.method) for group in found] == [
        ("Steps", "CartPole-v1", "map_propagation"),
        ("Steps", "Multiplexer-v0", "map_propagation"),
        ("Order", "CartPole-v1", "map_propagation"),
        (OTHER, "MountainCarContinuous-v0", "backprop_traces"),
        (OTHER, "Acrobot-v1", "map_propagation"),
        (OTHER, "LunarLander-v2", "reinforce"),
    ]
    assert found[0] == STEPS


def test_a_variant_departs_from_the_longest_name_that_it_continues() -> None:
    own = ("chung2021", "chung2021-supervised")
    assert standard_of("chung2021-supervised-steps-5", own) == "chung2021-supervised"
    assert standard_of("chung2021-steps-5", own) == "chung2021"
    assert standard_of("chung2021b", own) is None


def test_a_variant_without_its_standard_is_left_out(data: ReportData) -> None:
    alone = replace(data, runs=[run for run in data.runs if run["variant"] == "chung2021-sequential"])
    assert experiments(alone, chung2021.OWN_VARIANTS, {}) == []


def test_what_a_variant_changes(data: ReportData) -> None:
    assert settings_changed(data, STEPS, "chung2021-steps-5") == {"ascent_steps": (20, 5)}
    assert doses(data, STEPS) == (
        "ascent_steps",
        {"chung2021-steps-5": 5.0, "chung2021": 20.0, "chung2021-steps-50": 50.0},
    )
    rates = Experiment("Rates", "LunarLander-v2", "reinforce", "chung2021", ("chung2021-map-rates",))
    assert ablations.setting_text(data, rates, "chung2021-map-rates") == "actor_learning_rates: 0.004; discount: 0.9"
    assert doses(data, rates) is None
    order = Experiment("Order", "CartPole-v1", "map_propagation", "chung2021", ("chung2021-sequential",))
    assert ablations.setting_text(data, order, "chung2021") == "ascent_order: parallel"
    assert doses(data, order) is None


def test_a_variants_task_and_environment_are_among_its_settings(data: ReportData) -> None:
    def changed(run: dict[str, Any]) -> dict[str, Any]:
        if run["variant"] != "chung2021-steps-5":
            return run
        return run | {"options": {"size": 3}, "environment": run["environment"] | {"id": "Other-v2"}}

    other = replace(data, runs=[changed(run) for run in data.runs])
    environment = next(run["environment"]["id"] for run in data.runs if run["task"] == "CartPole-v1")
    assert settings_changed(other, STEPS, "chung2021-steps-5") == {
        "ascent_steps": (20, 5),
        "size": (None, 3),
        "environment": (environment, "Other-v2"),
    }


def test_experiments_on_one_method_and_task_share_a_panel() -> None:
    order = replace(STEPS, group="Order", variants=("chung2021-sequential",))
    elsewhere = replace(STEPS, task="Multiplexer-v0")
    assert merged([STEPS, elsewhere, order]) == [replace(STEPS, variants=(*STEPS.variants, *order.variants)), elsewhere]


def test_ablations_are_what_scipy_says(complete: SimpleNamespace, data: ReportData) -> None:
    row = row_of(complete, "ablations", task="CartPole-v1", variant="chung2021-steps-5")
    values, standard = means(data, "chung2021-steps-5"), means(data, "chung2021")
    bounds = stats.ttest_ind(values, standard, equal_var=False).confidence_interval(0.95)
    assert (row["n"], row["mean"], row["sd"]) == pytest.approx((6, values.mean(), values.std(ddof=1)), rel=1e-5)
    assert (row["difference"], row["low"], row["high"]) == pytest.approx(
        (values.mean() - standard.mean(), bounds.low, bounds.high), rel=1e-4
    )
    table = pd.read_csv(complete.tables / "ablations.csv")
    assert table["standard"].sum() == 6
    assert table.loc[table["standard"], "difference"].isna().all()


def test_the_paper_s_own_figures_and_tables_ignore_variants(full: SimpleNamespace, complete: SimpleNamespace) -> None:
    for name in OF_PAPER:
        assert (complete.tables / f"{name}.csv").read_bytes() == (full.tables / f"{name}.csv").read_bytes(), name
    for name in ("figure_1", "figure_2", "across_tasks", "survival", "figure_4", "figure_5"):
        assert (complete.figures / f"{name}.svg").read_bytes() == (full.figures / f"{name}.svg").read_bytes(), name
    assert (complete.facts["trainings"], complete.facts["other_trainings"]) == (230, 42)
    assert set(own_runs(read_report_data(complete.data), ["chung2021"]).summary["variant"]) == {"chung2021"}


def test_every_experiment_has_its_panel(data: ReportData) -> None:
    found = experiments(data, chung2021.OWN_VARIANTS, chung2021.EXPERIMENTS)
    steps = ablations.dose_response(data, found, chung2021.TASKS)
    assert [title for panel in steps.axes if (title := panel.get_title(loc="left"))] == ["CartPole", "Multiplexer"]
    others = ablations.alternatives(data, found[2:], chung2021.TASKS)
    drawn = [panel for panel in others.axes if panel.get_visible()]
    assert [panel.get_title(loc="left") for panel in drawn] == ["CartPole", "MountainCar", "Acrobot", "LunarLander"]
    legends = [[text.get_text() for text in legend.get_texts()] for panel in drawn if (legend := panel.get_legend())]
    assert legends[0] == ["MAP propagation", "layer by layer"]
    assert legends[1] == ["Backprop", "without the slip of a sign"]
    nothing = ablations.dose_response(data, [], chung2021.TASKS)
    assert [text.get_text() for text in nothing.axes[0].texts] == ["no runs"]


def test_all_tasks_are_taken_together_however_many_runs_they_have() -> None:
    """At fifty seeds a task and ten on LunarLander nothing is left out, and every run of every task counts."""
    runs = {"A": 50, "B": 50, "C": 10}
    rows = [(task, "m", seed) for task, n in runs.items() for seed in range(n)]
    summary = pd.DataFrame(rows, columns=["task", "method", "seed"]).assign(variant="v", mean_return=0.5, label="M")
    curves = pd.concat([summary.assign(x=x, value=0.5 * x) for x in (1, 2)], ignore_index=True)
    records = [{"task": task, "method": "m", "variant": "v", "label": "M"} for task in runs]
    data = ReportData(summary, curves, pd.DataFrame(), records)
    anchors, keys = dict.fromkeys("ABCD", Anchors(0.0, 1.0)), [("m", "v")]
    assert compared(data, anchors, keys) == {"tasks": ["A", "B", "C"], "n": "10\u201350", "bootstrap": True}
    few = replace(data, summary=summary[summary["seed"] < 10])
    assert compared(few, anchors, keys) == {"tasks": ["A", "B", "C"], "n": "10", "bootstrap": False}
    assert compared(data, anchors, [("m", "other")]) == {"tasks": [], "n": "0", "bootstrap": False}
    for of in (data, few):
        left, right = normalised_scores(of, anchors, keys).axes
        curve, profile = (np.asarray(panel.lines[0].get_ydata()) for panel in (left, right))
        assert list(curve[[0, -1]]) == [0.5, 1.0]
        assert set(profile) == {0.0, 1.0}


def test_searches_show_each_candidate_as_it_is_printed(data: ReportData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    header = "sweep,task,method,candidate,first_seed,seeds,length,mean,sd,sem,failed,chosen,edge,margin_se"
    rows = [
        'a,CartPole-v1,reinforce,"{""discount"": 0.9, ""rates"": [1e-05, 0.1]}",1000,4,50,1.5,1,0.5,False,True,True,2',
        'a,CartPole-v1,reinforce,"{""discount"": 0.8, ""rates"": [0.1, 0.1]}",1000,4,50,0.5,1,0.5,False,False,False,-2',
    ]
    file = tmp_path / "paper" / "measured" / "sweep.csv"
    file.parent.mkdir(parents=True)
    file.write_text("\n".join([header, *rows]) + "\n")
    monkeypatch.setattr("reports.tables.searches.__file__", str(tmp_path / "tables" / "searches.py"))
    table = searches("paper", data)
    assert list(table.columns) == COLUMNS
    assert list(table["candidate"]) == ["0.9; 1e-5, 0.1", "0.8; 0.1, 0.1"]
    assert table[["label", "settings", "chosen", "edge"]].iloc[0].tolist() == ["REINFORCE", "discount, rates", True, True]
    assert searches("another", data).empty
    file.write_text("sweep,task\n")
    with pytest.raises(ResultError, match=r"sweep\.csv: not the table of a search \(no column method\); run `make sweep`"):
        searches("paper", data)
