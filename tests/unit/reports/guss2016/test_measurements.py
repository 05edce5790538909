"""What the report of guss2016 makes of its experiments' tables."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import reports.guss2016 as PAPER  # noqa: N812
from experiments.guss2016 import divergence, one_dimensional_world, one_neuron, sub_critics, theorem
from reports.claims.measured import measured_runs
from reports.figures.experiments import chosen
from reports.guss2016 import critics, figures, small_networks
from reports.guss2016 import theorem as shown
from reports.runs.load import ReportData
from tests.unit.reports.synthetic_guss2016 import TABLES

EMPTY = pd.DataFrame()
MEASURED = ("readings", "sub_critic_values", "sub_critic_correlations", "world", "divergence")
"""The figures that rest on experiments alone."""


@pytest.fixture(scope="module")
def data() -> ReportData:
    return ReportData(EMPTY, EMPTY, EMPTY, [], {name: pd.DataFrame(rows()) for name, rows in TABLES.items()})


def only(table: pd.DataFrame, **values: object) -> pd.Series:
    found = chosen(table, **values)
    assert len(found) == 1, values
    return found.iloc[0]


def test_claims_are_about_what_the_tables_hold(data: ReportData) -> None:
    found = measured_runs(data.theory, PAPER.MEASURED)
    assert set(zip(found["task"], found["method"], found["variant"], strict=True)) == set(PAPER.MEASURED)


def test_claims_are_about_what_the_experiments_measure() -> None:
    """The tables above are invented; these conditions are the experiments' own."""
    tried = [vars(setting) for setting in divergence.settings_of("full")]
    for (task, experiment, _), condition in PAPER.MEASURED.items():
        where = dict(condition.where)
        if experiment == "divergence":
            assert {"task": task, **where} in tried
        elif experiment == "theorem":
            assert task in theorem.TASKS
            assert where["hidden"] in theorem.HIDDEN
        elif experiment == "sub_critics":
            assert task == sub_critics.TASK
            assert (where["form"], where["per"]) in sub_critics.KINDS
            assert where["block"] in (0, sub_critics.BLOCKS)
            assert (where["span"] == 0) == (where["block"] > 0)
        elif experiment == "one_neuron":
            assert where["form"] in one_neuron.FORMS
        else:
            assert where["hidden"] in one_dimensional_world.HIDDEN
            assert where["slope"] in one_dimensional_world.SLOPES


def test_seeds_of_verdicts_are_not_those_of_smaller_sizes() -> None:
    for experiment in (divergence, one_dimensional_world, one_neuron, sub_critics, theorem):
        assert not set(experiment.SEEDS["full"]) & {*experiment.SEEDS["tenth"], *experiment.SEEDS["tiny"]}


def test_gradients_stand_by_reading_and_depth(data: ReportData) -> None:
    table = shown.gradients(data)
    assert len(table) == 2 * len(shown.READINGS) * 2
    held = only(table, task="plant", reading="held", hidden=4)
    assert held["agreement"] == 0
    assert held["agreement_output"] == pytest.approx(1)
    assert math.isnan(held["cosine"]), "a gradient of 0 has no direction"
    linear = only(table, task="regulator", reading="linear", hidden=4)
    source = chosen(data.theory["theorem"], task="regulator", reading="linear", hidden=4, layer="1")
    assert linear["least"] == only(source, quantity="least_cosine")["mean"]
    assert linear["contradicted"] == only(source, quantity="contradicted")["mean"]


def test_sentences_on_gradients_leave_the_output_out(data: ReportData) -> None:
    found = shown.outcomes(data)
    assert found["distance"] < 1e-14
    assert found["held"] == 0, "the output layer's own gradient is right"
    assert found["linear"]["single"][0] < -0.9
    assert found["linear"]["contradicted"] == sorted(found["linear"]["contradicted"])
    assert found["best"] > found["left"] > 0
    assert (found["depth"], found["networks"]) == (4, 20)


def test_slopes_have_a_row_for_each_depth_and_fit(data: ReportData) -> None:
    table = shown.slopes(data)
    assert len(table) == 3 * 2
    shallow = only(table, hidden=0, slope="constant")
    assert shallow["layer_1"] == 0.5
    assert math.isnan(shallow["layer_2"])


def test_correlations_are_from_step_to_step_over_all_layers(data: ReportData) -> None:
    table = critics.correlations(data)
    assert len(table) == 2 * 4
    own = only(table, phase="second", form="linear", per="neuron")
    where = {"phase": "second", "form": "linear", "per": "neuron", "layer": "all"}
    source = only(data.theory["sub_critics"], **where, span=1, quantity="value_rate_r")
    assert (own["rate_r"], own["rate_r_low"]) == (source["mean"], source["low"])
    assert own["end_agent"] == only(data.theory["sub_critics"], **where, block=10, quantity="agent_value")["mean"]
    assert own["end_value"] != own["end_agent"]


def test_the_later_draft_s_r_stands_beside_the_changes_of_values_alone(data: ReportData) -> None:
    panels = figures.sub_critic_correlations(data).axes
    shown_in = [[line for line in panel.lines if line.get_label() == "later draft"] for panel in panels]
    assert [len(lines) for lines in shown_in] == [0, 1, 0, 0]
    assert set(np.asarray(shown_in[1][0].get_ydata())) == {PAPER.CORRELATION}


def test_the_second_phase_follows_the_first(data: ReportData) -> None:
    panel = figures.sub_critic_values(data).axes[0]
    places = np.concatenate([np.asarray(line.get_xdata()) for line in panel.lines if len(np.asarray(line.get_xdata())) > 2])
    assert sorted(set(places)) == list(range(1, 21))


def test_divergence_is_counted_over_tasks_and_decays(data: ReportData) -> None:
    table = critics.divergences(data)
    assert len(table) == 2 * 3 * 2 * 2
    released = only(table, slope="constant", hidden=3, activation="tanh", optimiser="adam")
    assert (released["n"], released["released"]) == (80, 0)
    assert math.isnan(released["smallest_rate"])
    assert math.isnan(released["episode"])
    plain = only(table, slope="constant", hidden=3, activation="relu", optimiser="gradient")
    assert (plain["largest"], plain["smallest_rate"]) == (1, 0.3)
    found = critics.outcomes(data)
    assert (found["released"], found["released_lost"]) == (2 * 3 * 20, 0)
    assert found["lost"] == round(
        sum(line["mean"] * line["n"] for line in TABLES["divergence"]() if line["quantity"] == "diverged")
    )


def test_worlds_and_neurons_in_numbers(data: ReportData) -> None:
    table = small_networks.worlds(data)
    assert len(table) == 2 * 4
    two_layers = only(table, slope="constant", hidden=1)
    assert (two_layers["trained"], two_layers["untrained"], two_layers["diverged"]) == (0.94, 0.45, 0)
    found = small_networks.outcomes(data)
    assert found["world"]["constant"]["trained"] == pytest.approx([0.9, 0.96])
    assert found["neuron"]["noise"] == {"last_return": 20, "reached": 0.3, "diverged": 0, "n": 20}


@pytest.mark.parametrize("name", MEASURED)
def test_a_figure_says_what_was_not_measured(data: ReportData, name: str) -> None:
    without = ReportData(EMPTY, EMPTY, EMPTY, [], {})
    texts = [text.get_text() for panel in getattr(figures, name)(without).axes for text in panel.texts]
    assert "not measured" in texts
    assert not any(text.get_text() == "not measured" for panel in getattr(figures, name)(data).axes for text in panel.texts)


def test_tables_of_what_was_not_measured_are_empty() -> None:
    without = ReportData(EMPTY, EMPTY, EMPTY, [], {})
    made = (shown.gradients, shown.slopes, critics.correlations, critics.divergences, small_networks.worlds)
    assert all(table(without).empty for table in made)
    assert all(module.outcomes(without) == {} for module in (shown, critics, small_networks))
