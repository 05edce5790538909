"""The report of chung2020 on synthetic results: runs that stop when they have solved their task."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from reports.chung2020 import FIGURES, TABLES, figures
from reports.runs.load import read_report_data
from tests.unit.reports.made_reports import log_of, row_of


def test_everything_announced_is_made(first_version: SimpleNamespace) -> None:
    assert {path.stem for path in first_version.figures.iterdir()} == set(FIGURES)
    assert {path.stem for path in first_version.tables.iterdir()} == {*TABLES, "facts"}
    assert first_version.pdf.read_bytes().startswith(b"%PDF")


def test_table_1_has_the_paper_s_eight_cells(first_version: SimpleNamespace) -> None:
    table = pd.read_csv(first_version.tables / "table_1.csv")
    assert len(table) == 8
    assert set(table["quantity"]) == {"first_perfect", "solved"}
    row = row_of(first_version, "table_1", task="LunarLander-v2", method="map_propagation", quantity="first_perfect")
    log = log_of(first_version, "LunarLander-v2", "map_propagation", "chung2020")
    first = [int(np.argmax(run.sort_values("episode")["return"].to_numpy() >= 200)) + 1 for _, run in log.groupby("seed")]
    assert row["ours"] == f"{np.mean(first):.1f} ± {np.std(first):.1f}"
    assert (row["paper"], row["reached"], row["n"], row["paper_n"]) == ("288.10 ± 71.47", 10, 10, 10)


def test_runs_that_did_not_solve_the_task_are_counted(first_version: SimpleNamespace) -> None:
    row = row_of(first_version, "table_1", task="CartPole-v1", method="backprop_traces", quantity="solved")
    solved = row_of(first_version, "solved", task="CartPole-v1", method="backprop_traces", variant="chung2020")
    assert row["reached"] == solved["reached"] < row["n"]
    assert row["ours"].startswith("≥ ")


def test_curves_end_with_the_shortest_run(first_version: SimpleNamespace) -> None:
    data = read_report_data(first_version.data)
    lengths = data.summary[data.summary["task"] == "CartPole-v1"]["steps"]
    assert (lengths.min(), lengths.max()) == (1000, 1014)
    ends = {panel.get_title(loc="left"): panel.get_xlim()[1] for panel in figures.figure_2(data).axes}
    assert ends == {"CartPole": 1000, "LunarLander": 3000}
    places = data.curves[data.curves["task"] == "CartPole-v1"].groupby("seed")["x"].agg(set)
    assert all(places[0] <= other for other in places)
    facts = json.loads((first_version.tables / "facts.json").read_text())
    cartpole = next(row for row in facts["environments"] if row["title"] == "CartPole")
    assert (cartpole["shortest"], cartpole["longest"]) == (1000, 1014)
    assert facts["most_episodes"] == {"CartPole-v1": 5000, "LunarLander-v2": 15000}


@pytest.mark.parametrize(
    ("name", "shown"),
    [("figure_2", ["MAP propagation", "Backprop"]), ("entropy", ["Backprop", "Backprop without entropy"])],
)
def test_runs_without_entropy_are_shown_where_they_belong(name: str, shown: list[str], first_version: SimpleNamespace) -> None:
    figure = getattr(figures, name)(read_report_data(first_version.data))
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == shown
