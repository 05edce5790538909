"""The theory's experiments in the report of kubo2022."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from reports.figures.experiments import chosen
from reports.kubo2022 import figures, theory
from reports.runs.load import ReportData, read_report_data
from tests.unit.reports.made_reports import row_of


@pytest.fixture(scope="module")
def data(actor_critic: SimpleNamespace) -> ReportData:
    return read_report_data(actor_critic.data)


def mean(data: ReportData, experiment: str, **values: object) -> float:
    table = chosen(data.theory[experiment], **values)
    assert len(table) == 1, values
    return float(table["mean"].iloc[0])


def test_distances_from_the_gradient_in_numbers(actor_critic: SimpleNamespace, data: ReportData) -> None:
    assert len(pd.read_csv(actor_critic.tables / "gradient_by_beta.csv")) == 3 * 2 * 2
    keys = {"task": "LunarLander-v2", "stage": "trained", "rule": "S5"}
    row = row_of(actor_critic, "gradient_by_beta", **keys)
    own = {**keys, "layer": "all", "phases": "settled"}
    for beta in theory.BETAS_SHOWN:
        wanted = mean(data, "equilibrium_gradient", **own, dtype="float64", beta=beta, quantity="relative_error")
        assert row[f"error_{beta:g}"] == pytest.approx(wanted, rel=1e-4)
    single = mean(data, "equilibrium_gradient", **own, dtype="float32", beta=1e-4, quantity="relative_error")
    assert row["error_single"] == pytest.approx(single, rel=1e-4)
    cosine = mean(data, "equilibrium_gradient", **own, dtype="float64", beta=0.02, quantity="cosine")
    assert row["cosine_gap"] == pytest.approx(1 - cosine, rel=1e-4)
    assert (row["trained_error"], row["trained_gap"], row["n"]) == pytest.approx((0.05, 0.002, 3))


def test_lengths_of_the_phases_in_numbers(actor_critic: SimpleNamespace) -> None:
    row = row_of(actor_critic, "phases_needed", task="Acrobot-v1", stage="untrained")
    assert row["distance_50"] == pytest.approx(0.8**50, rel=1e-4)
    assert row["truncated_25"] == pytest.approx(0.85**25, rel=1e-4)
    assert (row["still"], row["still_last"], row["n"]) == pytest.approx((99.4, 119.6, 8))


def test_what_the_section_says(actor_critic: SimpleNamespace) -> None:
    found = actor_critic.facts["theory"]
    assert (found["close"], found["small_beta"], found["papers_beta"], found["seeds"]) == (1e-3, 1e-4, 0.02, 8)
    assert len(found["gradient"]) == 12
    wide = [row for row in found["gradient"] if not row["close"]]
    assert {(row["name"], row["stage"], row["n"]) for row in wide} == {("LunarLander-v2", "trained", 3)}
    assert all(row["proportional"] for row in found["gradient"])
    assert all(row["best_beta"] == 1e-3 for row in found["gradient"] if row["close"])
    assert {(row["cosine"], row["error"]) for row in found["rules"]} == {(0.97, 0.2)}
    assert all(row["papers"] == pytest.approx(0.85**25) for row in found["nudged"])
    assert all(row["of_beta"] == pytest.approx(0.02) for row in found["nudged"])
    assert all(row["apart"] == pytest.approx(2e-4, rel=1e-3) for row in found["nudged"])
    assert [row["still_last"] is None for row in found["free"]] == [False, True] * 3
    assert found["settled"] == [0.8, 0.8]


def test_an_error_that_does_not_shrink_with_beta_is_seen(data: ReportData) -> None:
    table = data.theory["equilibrium_gradient"].copy()
    stuck = (table["task"] == "Acrobot-v1") & (table["rule"] == "S6") & (table["quantity"] == "relative_error")
    table.loc[stuck & (table["dtype"] == "float64"), "mean"] = 5e-4
    found = theory.outcomes(replace(data, theory={**data.theory, "equilibrium_gradient": table}))["gradient"]
    bent = {(row["name"], row["rule"]) for row in found if not row["proportional"]}
    assert bent == {("Acrobot-v1", "S6")}
    assert all(row["close"] for row in found if row["name"] == "Acrobot-v1")


def test_figures_show_every_task_stage_and_line(data: ReportData) -> None:
    for draw, panels, lines in (
        (figures.theory_gradient, 12, 2 * 2 + 1),
        (figures.theory_nudged, 6, 4 + 1),
        (figures.theory_free, 6, 2 * 2 + 1),
    ):
        figure = draw(data)
        assert len(figure.axes) == panels
        assert {len(panel.lines) for panel in figure.axes} == {lines}
        assert {panel.get_xscale() for panel in figure.axes} == {panel.get_yscale() for panel in figure.axes} == {"log"}


def test_figures_tables_and_facts_without_the_experiments(data: ReportData) -> None:
    without = replace(data, theory={})
    for draw in (figures.theory_gradient, figures.theory_nudged, figures.theory_free):
        assert {text.get_text() for panel in draw(without).axes for text in panel.texts} == {"not measured"}
    for table in (theory.gradient_table, theory.phases_table):
        assert list(table(without).columns) == list(table(data).columns)
        assert table(without).empty
    assert theory.outcomes(without) == {}
