"""What the page shows, and the one file that it is."""

from __future__ import annotations

import base64
import json
import math
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from records.errors import ResultError
from reports.page import build
from reports.page.build import page, write_page
from reports.page.contents import contents, rounded
from reports.page.room import MOST_BYTES, MOST_PLACES, room_for_films
from tests.unit.reports.page.shown import GIF, METHODS, TASKS, report_data, shown


def test_curves_have_every_run_and_their_mean_where_all_have_one() -> None:
    curve = shown()["curves"]["CartPole-v1"]["map_propagation/v"]
    assert [run["seed"] for run in curve["runs"]] == [0, 1, 2]
    assert [run["x"][-1] for run in curve["runs"]] == [400, 410, 420]
    assert len(curve["runs"][0]["x"]) == MOST_PLACES
    mean = curve["mean"]
    assert (mean["n"], mean["x"][0], mean["x"][-1]) == (3, 1, 400)
    assert (mean["y"][-1], mean["sem"][-1]) == (pytest.approx(2.1 * 400), pytest.approx(40 / math.sqrt(3), rel=1e-3))


def test_runs_without_common_places_have_a_mean() -> None:
    """Runs of equally many steps have differently many episodes, and so their own places."""
    frames = [
        pd.DataFrame({"x": x, "value": [10.0 * at for at in x], "seed": seed}) for seed, x in ((0, [1, 3, 5]), (1, [2, 4, 8]))
    ]
    data = report_data()
    curves = pd.concat(frames).assign(task="T", method="map_propagation", variant="v", label="L", kind="episodic")
    runs = [data.runs[0] | {"task": "T"}]
    mean = contents("T", replace(data, curves=curves, runs=runs), {})["curves"]["T"]["map_propagation/v"]["mean"]
    assert mean == {"x": [2, 3, 4, 5], "y": [20, 30, 40, 50], "sem": [0, 0, 0, 0], "n": 2}


def test_methods_are_told_apart_without_colour() -> None:
    methods = shown()["methods"]
    assert {method["label"] for method in methods} == set(METHODS.values())
    assert len({method["marker"] for method in methods}) == len({method["sign"] for method in methods}) == len(METHODS)


def test_tables_lead_to_cells() -> None:
    found = shown()
    (table,) = found["tables"]
    assert set(table["cells"]) == set(found["cells"]) == {f"{task}/{method}/v" for task in TASKS for method in METHODS}
    assert [row[-1] for row in table["rows"]] == ["∞", 7.0, None, 8.0]
    cell = found["cells"]["CartPole-v1/backprop_traces/v"]
    assert ["discount", "0.98", "Discount of a step."] in cell["settings"]
    assert ["Seeds", "0, 1"] in cell["provenance"]
    assert ["Commit", "0123abc with changes"] in cell["provenance"]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (1.23456, 1.235),
        (-1e-17, 0.0),
        (-math.inf, "−∞"),
        (math.nan, None),
        (pd.NA, None),
        (None, None),
        (12345678, 12345678),
        (True, True),
    ],
)
def test_numbers_have_four_digits(value: object, kept: object) -> None:
    assert rounded(value) == kept


def test_page_holds_its_data_whatever_is_in_them() -> None:
    data = shown()
    text = page(data, ['const end = "</script>";'])
    assert text == page(data, ['const end = "</script>";'])
    (embedded,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert json.loads(embedded) == data
    assert text.count("</script>") == 3
    assert not re.search(r"(src|href)=.?https?:", text)


def test_page_without_results_or_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ResultError, match="no results"):
        write_page(tmp_path / "page.html", shown() | {"curves": {}})
    monkeypatch.setattr(build, "library", lambda: ["x" * MOST_BYTES])
    with pytest.raises(ResultError, match="MB"):
        write_page(tmp_path / "page.html", shown())
    assert not list(tmp_path.iterdir())


def test_bokeh_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "find_spec", lambda name: None)
    with pytest.raises(ResultError, match="pip install bokeh"):
        build.library()


def test_a_cell_shows_its_films_or_says_why_there_are_none() -> None:
    cells = shown()["cells"]
    ((caption, source),) = cells["CartPole-v1/map_propagation/v"]["gifs"]
    assert caption == "the best seed"
    assert base64.b64decode(source.removeprefix("data:image/gif;base64,")) == GIF
    assert "watch backprop_traces CartPole-v1 --seed K" in cells["CartPole-v1/backprop_traces/v"]["no_film"]
    data = report_data()
    single = [run | {"budget": {"updates": 400}} for run in data.runs]
    found = contents("T", replace(data, runs=single), {})["cells"]["Multiplexer-v0/map_propagation/v"]
    assert (found["gifs"], found["no_film"]) == ([], "its episodes have one step, so there is nothing to watch")


def test_films_and_curves_together_fill_a_page_and_no_more() -> None:
    """At the benchmark's size some hundred films have room; with more seeds there is less, and in the end none."""
    room = room_for_films([10] * 101)
    assert room / 136 > 10_000
    assert room * 4 / 3 < MOST_BYTES
    assert room > room_for_films([12] * 101) > 0
    assert room_for_films([50] * 101) == 0
