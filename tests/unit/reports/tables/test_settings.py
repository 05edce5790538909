"""Names, colours, settings and provenance in the report of chung2021."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import yaml

from reports import pipeline
from reports.chung2021 import METHODS, OWN_VARIANTS
from reports.document.provenance import drawn_by
from reports.figures.theme import line_styles
from reports.runs.load import load, read_report_data
from reports.runs.lookup import variants_of
from reports.tables.settings import value_text
from tests.unit.reports.made_reports import PAPER, expected, row_of
from tests.unit.reports.synthetic_results import all_runs, write_results


def test_runs_and_claims_mean_the_same_runs() -> None:
    """Beside variants, runs.yaml trains exactly what the synthetic results and the figures are about."""
    entries = yaml.safe_load((Path(pipeline.__file__).parent / PAPER / "runs.yaml").read_text(encoding="utf-8"))["runs"]
    planned = {
        (task, method, entry.get("variant", PAPER)) for entry in entries for task in entry["tasks"] for method in entry["methods"]
    }
    assert {run for run in planned if run[2] in OWN_VARIANTS} == {run[:3] for run in all_runs()}


def test_a_method_has_one_colour_everywhere() -> None:
    together = line_styles((method, PAPER) for method in METHODS)
    colours = {style["color"] for style in together.values()}
    assert len(colours) == len(METHODS)
    assert len({style["linestyle"] for style in together.values()}) == len(METHODS)
    for method in METHODS:
        assert line_styles([(method, PAPER)]) == {(method, PAPER): together[method, PAPER]}
    twice = line_styles([("map_propagation", PAPER), ("map_propagation", f"{PAPER}-supervised")])
    assert len({style["color"] for style in twice.values()}) == 2


def test_labels_come_from_the_records(full: SimpleNamespace) -> None:
    data = read_report_data(full.data)
    regression = data.summary[data.summary["task"] == "ScalarRegression-v0"]
    assert set(regression["label"]) == {"MAP propagation (RL)", "MAP propagation (SL)", "Backprop"}
    assert len(variants_of(regression)) == 3


def test_provenance_names_function_file_and_commit(full: SimpleNamespace) -> None:
    record = json.loads(full.provenance.read_text())
    assert set(record["figures"]) == set(pipeline.figure_names(PAPER))
    figure = record["figures"]["figure_2"]
    assert (figure["function"], figure["file"]) == ("figure_2", "reports/chung2021/figures.py")
    assert set(figure) == {"function", "file", "commit", "changed"}
    assert record["packages"]["numpy"] == ["2.4.6"]
    assert len(record["commits"]) == 1
    assert drawn_by(load)["file"] == "reports/runs/load.py"


def test_values_are_printed_briefly() -> None:
    values = [None, True, 0.98, [0.02, 2e-5, 2e-6], 1e-9, 50_000, 20, "divide", 0.0, 1.0, []]
    printed = ["none", "yes", "0.98", "0.02, 2e-5, 2e-6", "1e-9", "50\u2009000", "20", "divide", "0", "1", "none"]
    assert [value_text(value) for value in values] == printed


def test_hyperparameters_show_what_varies_and_who_agrees(full: SimpleNamespace, tmp_path: Path) -> None:
    assert row_of(full, "hyperparameters", name="discount")[["rules", "common"]].astype(str).tolist() == ["all", "0.98"]
    varying = row_of(full, "hyperparameters", name="anneal_steps")
    assert pd.isna(varying["common"])
    assert (varying["CartPole"], varying["Acrobot"]) == ("50\u2009000", "none")
    folders = write_results(tmp_path / "results", "tiny", range(2), [("CartPole-v1", m) for m in METHODS])
    _edit_hyperparameter(folders[1], "discount", 0.5)
    _edit_hyperparameter(folders[3], "discount", 0.5)
    pipeline.summarise_to_files(PAPER, folders, expected(folders, range(2)), tmp_path / "data")
    pipeline.write_tables(PAPER, tmp_path / "data", tmp_path / "tables", "ci")
    table = pd.read_csv(tmp_path / "tables" / "hyperparameters.csv")
    rows = table.loc[table["name"] == "discount", ["rules", "common"]].astype(str)
    assert rows.to_numpy().tolist() == [["MAP propagation, REINFORCE with Thomas", "0.98"], ["REINFORCE, Backprop", "0.5"]]


def _edit_hyperparameter(folder: Path, name: str, value: Any) -> None:
    record = json.loads((folder / "run.json").read_text())
    record["hyperparameters"][name] = value
    (folder / "run.json").write_text(json.dumps(record))
