"""The report of chung2021 on synthetic results: all of it is made, at every scale and from incomplete results."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from records.errors import ResultError
from reports import pipeline
from tests.unit.reports.made_reports import PAPER, make, row_of
from tests.unit.reports.synthetic_results import write_results, write_run


@pytest.mark.parametrize("size", ["full", "tiny"])
def test_everything_announced_is_made(size: str, request: pytest.FixtureRequest) -> None:
    made = request.getfixturevalue(size)
    names = {f"{name}.{kind}" for name in pipeline.figure_names(PAPER) for kind in ("svg", "png")}
    assert {path.name for path in made.figures.iterdir()} == names
    tables = {f"{name}.csv" for name in pipeline.table_names(PAPER)}
    assert {path.name for path in made.tables.iterdir()} == {*tables, "facts.json"}
    assert {path.name for path in made.data.iterdir()} == set(pipeline.DATA_FILES)
    assert made.pdf.read_bytes().startswith(b"%PDF")


def test_everything_is_byte_identical_when_made_again(tiny: SimpleNamespace, tmp_path: Path) -> None:
    again = make(tmp_path, "tiny", tiny.folders)
    for path in sorted(tiny.root.rglob("*.*")):
        if "results" not in path.parts and path.suffix != ".parquet":
            assert path.read_bytes() == (again.root / path.relative_to(tiny.root)).read_bytes(), path.name


def test_figures_carry_neither_date_nor_font(tiny: SimpleNamespace) -> None:
    svg = (tiny.figures / "figure_2.svg").read_text()
    assert "<dc:date>" not in svg
    assert "font-family" not in svg


def test_small_scales_give_no_verdict(tiny: SimpleNamespace) -> None:
    for name in ("table_1", "orderings"):
        table = pd.read_csv(tiny.tables / f"{name}.csv")
        assert table["verdict"].isna().all()
        assert table["p"].isna().all()
    assert pd.read_csv(tiny.tables / "single_step.csv")["verdict"].isna().all()
    assert pd.read_csv(tiny.tables / "verdicts.csv")["verdict"].isna().all()
    assert tiny.facts["verdicts"]["given"] == 0
    assert (pd.read_csv(tiny.tables / "table_1.csv")["n"] == 2).all()


def test_a_single_seed_of_a_single_run_is_enough(tmp_path: Path) -> None:
    folders = write_results(tmp_path / "results", "tiny", [0], [("CartPole-v1", "map_propagation")])
    made = make(tmp_path, "tiny", folders, allow_partial=True)
    row = row_of(made, "table_1", task="CartPole-v1", method="map_propagation")
    assert row["n"] == 1
    assert np.isnan(row["sd"])
    assert row_of(made, "table_1", task="Acrobot-v1", method="reinforce")["n"] == 0
    assert made.facts["environments"] == [
        {
            "title": "CartPole",
            "environment": "CartPole-v1",
            "shortest": 10,
            "longest": 10,
            "unit": "episodes",
            "n": "1",
            "threshold": 500.0,
        }
    ]


def test_incomplete_seeds_are_refused_or_counted(tmp_path: Path) -> None:
    complete = write_results(tmp_path / "results", "tenth", range(3), [("CartPole-v1", "reinforce")])
    folder = tmp_path / "results/tenth/CartPole-v1/map_propagation/chung2021/seeds-000-001"
    folders = [*complete, write_run(folder, "CartPole-v1", "map_propagation", PAPER, "MAP propagation", 10, range(2))]
    with pytest.raises(ResultError, match=r"CartPole-v1/map_propagation/chung2021: no results for seed 2; run the same command"):
        make(tmp_path, "tenth", folders)
    made = make(tmp_path, "tenth", folders, allow_partial=True)
    assert made.facts["uneven"]
    assert made.facts["seeds"] == "2\u20133"
    assert row_of(made, "table_1", task="CartPole-v1", method="map_propagation")["n"] == 2
    assert row_of(made, "solved", task="CartPole-v1", method="reinforce")["n"] == 3


def test_gymnasium_backend_is_declared(tmp_path: Path) -> None:
    (folder,) = write_results(tmp_path / "results", "tiny", range(2), [("LunarLander-v2", "reinforce")])
    record = json.loads((folder / "run.json").read_text())
    record |= {"env_backend": "gymnasium", "environment": {**record["environment"], "id": "LunarLander-v3"}}
    (folder / "run.json").write_text(json.dumps(record))
    made = make(tmp_path, "tiny", [folder])
    assert made.facts["lunar_lander_v3"]
    assert made.facts["environments"][0]["environment"] == "LunarLander-v3"


def test_missing_inputs_of_the_report_are_named(tiny: SimpleNamespace, tmp_path: Path) -> None:
    figures = shutil.copytree(tiny.figures, tmp_path / "figures")
    (figures / "figure_4.svg").unlink()
    with pytest.raises(ResultError, match=r"figure_4\.svg is missing; run the same command"):
        pipeline.build_report(PAPER, figures, tiny.tables, tiny.provenance, tmp_path / "a.pdf", "ci")
    (figures / "figure_4.svg").write_text("no picture")
    with pytest.raises(ResultError, match=r"report\.typ: .*make its inputs anew"):
        pipeline.build_report(PAPER, figures, tiny.tables, tiny.provenance, tmp_path / "a.pdf", "ci")
    assert not (tmp_path / "a.pdf").exists()
    with pytest.raises(ResultError, match=r"summary\.parquet is missing"):
        pipeline.draw_figures(PAPER, tmp_path, tmp_path)
