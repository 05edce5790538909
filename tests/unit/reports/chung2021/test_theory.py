"""The theory's experiments in the report of chung2021."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from reports.chung2021 import figures, theory
from reports.runs.load import ReportData, read_report_data
from tests.unit.reports.made_reports import row_of


@pytest.fixture(scope="module")
def data(complete: SimpleNamespace) -> ReportData:
    return read_report_data(complete.data)


def measured(data: ReportData, experiment: str, **values: object) -> pd.Series:
    table = data.theory[experiment]
    for column, value in values.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_alignment_in_numbers(complete: SimpleNamespace, data: ReportData) -> None:
    table = pd.read_csv(complete.tables / "alignment_by_steps.csv")
    assert len(table) == 3 * 2 * len(theory.STEPS_SHOWN)
    keys = {"task": "CartPole-v1", "network": "critic", "stage": "trained", "steps": 20}
    row = row_of(complete, "alignment_by_steps", **keys)
    for name, suffix in (("pooled_cosine", "cosine"), ("pooled_norm_ratio", "ratio")):
        own = measured(data, "alignment", **keys, layer="all", reference="stationary", quantity=name)
        assert [row[f"{end}_{suffix}"] for end in ("mean", "low", "high")] == pytest.approx(
            list(own[["mean", "low", "high"]]), rel=1e-4
        )


def test_how_far_a_cosine_is_from_one_is_not_lost_in_rounding(complete: SimpleNamespace, data: ReportData) -> None:
    keys = {"task": "CartPole-v1", "network": "critic", "stage": "trained", "steps": 1000}
    row = row_of(complete, "alignment_by_steps", **keys)
    own = measured(data, "alignment", **keys, layer="all", reference="stationary", quantity="pooled_cosine")
    assert row["mean_cosine"] == 1
    assert [row[f"{end}_gap"] for end in ("mean", "low", "high")] == pytest.approx([1 - own[e] for e in ("mean", "high", "low")])
    assert 0 < row["mean_gap"] < 1e-9


def test_bias_in_numbers(complete: SimpleNamespace, data: ReportData) -> None:
    assert len(pd.read_csv(complete.tables / "bias_by_rule.csv")) == 2 * len(theory.RULES)
    row = row_of(complete, "bias_by_rule", rule="map_propagation", stage="trained")
    own = measured(data, "unbiasedness", rule="map_propagation", stage="trained", layer="all", quantity="bias_along")
    assert (row["label"], row["n"], row["covered"]) == ("MAP propagation", 32, 0.2)
    assert [row["bias_along"], row["bias_along_low"], row["bias_along_high"]] == pytest.approx(list(own[["mean", "low", "high"]]))


def test_variance_in_numbers(complete: SimpleNamespace, data: ReportData) -> None:
    assert len(pd.read_csv(complete.tables / "variance_by_layer.csv")) == 2 * 2 * 4
    row = row_of(complete, "variance_by_layer", task="Multiplexer-v0", stage="untrained", layer="1")
    assert (row["total"], row["reinforce_hidden"], row["n"]) == (1000, 0.99, 10)
    assert (row["backprop_ratio"], row["backprop_hidden"]) == (0.002, 0.2)


def test_figures_show_every_network_stage_and_layer(data: ReportData) -> None:
    alignment = figures.theory_alignment(data)
    assert len(alignment.axes) == 4 * len(theory.NETWORKS)
    assert {len(panel.lines) for panel in alignment.axes} == {6}  # three layers, all, all at sampled values, and the line at 1
    assert [panel.get_yscale() for panel in alignment.axes] == ["linear"] * 6 + ["log"] * 6
    for figure in (figures.theory_unbiasedness(data), figures.theory_variance(data)):
        assert len(figure.axes) == 4
        assert {len(panel.containers) for panel in figure.axes} == {len(theory.RULES)}
        assert [label.get_text() for label in figure.axes[-1].get_xticklabels()] == ["1", "2", "3", "all"]


def test_figures_and_tables_without_the_experiments(data: ReportData) -> None:
    without = replace(data, theory={})
    for draw in (figures.theory_alignment, figures.theory_unbiasedness, figures.theory_variance):
        assert {text.get_text() for panel in draw(without).axes for text in panel.texts} == {"not measured"}
    for table in (theory.alignment_table, theory.bias_table, theory.variance_table):
        assert list(table(without).columns) == list(table(data).columns)
        assert table(without).empty
