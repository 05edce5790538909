"""The open search: it refuses what is wrong, picks the best, and what it picked is what the paper's runs use."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from records.errors import Refusal, ResultError, TrainingError
from records.scales import SCALES
from records.sources import ROOT
from workflow.plan.configuration import read_configuration
from workflow.plan.plan import make_plan
from workflow.plan.runs_file import Paper
from workflow.plan.sweep_file import Search, read_searches, sweep_file
from workflow.plan.validation import MOST_SEEDS, SEARCH_SEEDS
from workflow.training.search import COLUMNS, gather, outcome, run_search

SEARCHED = sorted(path.parent.name for path in ROOT.glob("reports/*/sweep.yaml"))
MEASURED = [paper for paper in SEARCHED if (ROOT / "reports" / paper / "measured" / "sweep.csv").is_file()]


@pytest.mark.parametrize("paper", SEARCHED)
def test_seeds_are_none_that_results_use(paper: str) -> None:
    most = max(Paper.read(ROOT, paper).entries.seeds, *(scale.seeds or 0 for scale in SCALES.values()))
    assert most <= MOST_SEEDS
    for search in declared(ROOT, paper).values():
        assert search.first_seed >= SEARCH_SEEDS >= MOST_SEEDS + max(scale.first_seed for scale in SCALES.values())


@pytest.mark.parametrize("paper", MEASURED)
def test_the_measured_table_is_of_the_declared_grid(paper: str) -> None:
    table = pd.read_csv(ROOT / "reports" / paper / "measured" / "sweep.csv")
    expected = [
        (
            search.name,
            run.task,
            run.method,
            json.dumps(candidate.settings),
            search.first_seed,
            search.seeds,
            run.most,
            candidate.edge,
        )
        for search in declared(ROOT, paper).values()
        for candidate in search.candidates
        for run in [candidate.run]
    ]
    columns = ["sweep", "task", "method", "candidate", "first_seed", "seeds", "length", "edge"]
    assert list(table.columns) == list(COLUMNS)
    assert list(table[columns].itertuples(index=False, name=None)) == expected, f"run `make sweep PAPER={paper}` again"


@pytest.mark.parametrize("paper", MEASURED)
def test_the_runs_use_what_the_search_chose(paper: str) -> None:
    table = pd.read_csv(ROOT / "reports" / paper / "measured" / "sweep.csv")
    file = yaml.safe_load((ROOT / sweep_file(paper)).read_text(encoding="utf-8"))
    entries = {entry["name"]: entry for entry in file.get("sweeps", [])}
    runs = make_plan(ROOT, {"scale": "paper", "papers": paper}).runs.values()
    for name, rows in table.groupby("sweep"):
        if "cells" in file and rows["failed"].all():
            continue
        assert rows["chosen"].sum() == 1, name
        best = rows[rows["chosen"]].iloc[0]
        ahead = rows["mean"].max() - best["mean"]
        leader = rows.iloc[int(rows["mean"].to_numpy().argmax())]
        assert ahead <= entries.get(str(name), {}).get("lead", 0) * np.hypot(best["sem"], leader["sem"]), name
        wanted = entries.get(str(name), {}).get("variant", {}) | json.loads(best["candidate"])
        searched = [run.hyperparameters for run in runs if (run.task, run.method) == (best["task"], best["method"])]
        assert any({key: used[key] for key in wanted} == wanted for used in searched), f"{name}: {wanted}"


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """A root with a small paper and the configuration."""
    (tmp_path / "config").mkdir()
    shutil.copy(ROOT / "config" / "config.yaml", tmp_path / "config")
    folder = tmp_path / "reports" / "small"
    folder.mkdir(parents=True)
    runs = {
        "title": "Small",
        "seeds": 2,
        "methods": {"reinforce_thomas": {"label": "R"}},
        "tasks": {"Multiplexer-v0": {"updates": 10, "batch_size": 16, "options": {"address_bits": 1}}},
        "runs": [{"tasks": ["Multiplexer-v0"], "methods": ["reinforce_thomas"]}],
    }
    (folder / "runs.yaml").write_text(yaml.safe_dump(runs), encoding="utf-8")
    return tmp_path


def declared(root: Path, paper: str) -> dict[str, Search]:
    return read_searches(root, paper, read_configuration(root, {}))


def entry(**changes: Any) -> dict[str, Any]:
    """An entry of sweep.yaml; a key changed to None is left out."""
    common: dict[str, Any] = {"name": "multiplexer-thomas", "task": "Multiplexer-v0", "method": "reinforce_thomas", "length": 600}
    common["candidates"] = [{"actor_learning_rates": [0.0, 0.0, 0.0]}, {"actor_learning_rates": [0.02, 0.002, 0.002]}]
    return {key: value for key, value in {**common, **changes}.items() if value is not None}


def declare(root: Path, *entries: dict[str, Any], **top: Any) -> None:
    contents = {"first_seed": 1000, "seeds": 3, "sweeps": list(entries), **top}
    (root / sweep_file("small")).write_text(yaml.safe_dump(contents), encoding="utf-8")


def searched(root: Path, **changes: Any) -> Search:
    """The one search of a file with one entry, as a job gets it."""
    declare(root, entry(**changes))
    (search,) = declared(root, "small").values()
    assert Search.from_settings(search.settings()) == search
    return search


def test_axes_are_combined(workplace: Path) -> None:
    rates = [{"actor_learning_rates": [rate, rate, rate]} for rate in (0.01, 0.02, 0.04)]
    probabilities = [{"explore_probability": 0.1}, {"explore_probability": 0.5}]
    search = searched(workplace, candidates=None, axes=[rates, probabilities], variant={"discount": 0.5}, reason="as an example")
    assert [candidate.settings for candidate in search.candidates] == [
        {**rate, **probability} for rate in rates for probability in probabilities
    ]
    assert [candidate.edge for candidate in search.candidates] == [True, True, False, False, True, True]
    used = search.candidates[3].run
    assert used.hyperparameters["actor_learning_rates"] == [0.02, 0.02, 0.02]
    assert used.hyperparameters["explore_probability"] == 0.5
    assert used.hyperparameters["discount"] == 0.5
    assert used.length == 600
    assert used.batch_size == 16
    assert used.options == {"address_bits": 1}


@pytest.mark.parametrize(
    ("values", "edges"),
    [
        ([{"discount": 0.1}, {"discount": 0.5}, {"discount": 0.9}], [True, False, True]),
        ([{"discount": 0.9}, {"discount": 0.5}, {"discount": 0.1}], [True, False, True]),
        ([{"discount": 0.1}, {"discount": 0.9}, {"discount": 0.5}], [False, False, False]),
        ([{"discount": 0.1}, {"discount": 0.9}], [False, False]),
        ([{"discount": 0.1}, {"discount": 0.5}, {"explore_probability": 0.9}], [False, False, False]),
        ([{"actor_learning_rates": [rate, 1e-3, rate / 2]} for rate in (0.1, 0.2, 0.4)], [True, False, True]),
        ([{"actor_learning_rates": [0.1, rate, rate]} for rate in (0.1, 0.4, 0.2)], [False, False, False]),
    ],
)
def test_only_an_axis_with_an_order_has_edges(workplace: Path, values: list[dict[str, Any]], edges: list[bool]) -> None:
    assert [candidate.edge for candidate in searched(workplace, candidates=values).candidates] == edges


def test_the_best_candidate_is_chosen(workplace: Path) -> None:
    table, record = workplace / "multiplexer-thomas.csv", workplace / "multiplexer-thomas.json"
    run_search(searched(workplace), table)
    written = pd.read_csv(table)
    assert list(written.columns) == list(COLUMNS)
    assert list(written["chosen"]) == [False, True]
    assert written["mean"][1] > written["mean"][0] + 0.05
    assert not written["failed"].any()
    np.testing.assert_allclose(written["sem"], written["sd"] / np.sqrt(3), rtol=1e-6)

    whole, provenance = workplace / "sweep.csv", workplace / "sweep_provenance.json"
    file = workplace / sweep_file("small")
    gather([table], [record], file, whole, provenance)
    assert whole.read_bytes() == table.read_bytes()
    origin = json.loads(provenance.read_text(encoding="utf-8"))
    assert origin["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert origin["table_sha256"] == hashlib.sha256(whole.read_bytes()).hexdigest()
    assert {"git", "versions", "source_fingerprint", "wall_seconds"} <= origin["sweeps"]["multiplexer-thomas"].keys()

    table.write_text(table.read_text(encoding="utf-8").replace("True", "False"), encoding="utf-8")
    with pytest.raises(ResultError, match=r"multiplexer-thomas\.csv is not the file that multiplexer-thomas\.json vouches for"):
        gather([table], [record], file, whole, provenance)


def test_outcome(workplace: Path) -> None:
    """Margins by hand: means 2, 4 and 3 with deviations of 1 over three seeds have a standard error of sqrt(2 / 3) apart."""
    search = searched(workplace, candidates=[{"discount": value} for value in (0.1, 0.2, 0.3, 0.4)])
    spread = np.array([-1.0, 0.0, 1.0])
    table = outcome(search, [spread + 2, spread + 4, None, spread + 3])
    assert list(table["chosen"]) == [False, True, False, False]
    assert list(table["failed"]) == [False, False, True, False]
    assert list(table["edge"]) == [True, False, False, True]
    apart = np.sqrt(2 / 3)
    np.testing.assert_allclose(table["margin_se"], [-2 / apart, 1 / apart, np.nan, -1 / apart])
    np.testing.assert_allclose(table["sem"], [np.sqrt(1 / 3), np.sqrt(1 / 3), np.nan, np.sqrt(1 / 3)])


def test_of_equally_good_ones_the_first_is_chosen(workplace: Path) -> None:
    same = np.array([1.0, 1.0, 1.0])
    table = outcome(searched(workplace), [same, same])
    assert list(table["chosen"]) == [True, False]
    assert table["margin_se"].isna().all()


@pytest.mark.parametrize(("lead", "chosen"), [(0.0, 1), (2.4, 1), (2.5, 0)])
def test_the_first_stays_unless_the_best_leads_clearly(workplace: Path, lead: float, chosen: int) -> None:
    """Means 2 and 4 with deviations of 1 over three seeds are 2 / sqrt(2 / 3) = 2.449 standard errors apart."""
    spread = np.array([-1.0, 0.0, 1.0])
    search = searched(workplace, candidates=[{"discount": value} for value in (0.1, 0.2, 0.3)], lead=lead)
    assert list(outcome(search, [spread + 2, spread + 4, spread + 3])["chosen"]) == [number == chosen for number in range(3)]
    assert list(outcome(search, [None, spread + 4, spread + 3])["chosen"]) == [False, True, False]


def test_nothing_is_chosen_where_all_break_down(workplace: Path) -> None:
    with pytest.raises(TrainingError, match="multiplexer-thomas: the training of every candidate broke down"):
        outcome(searched(workplace), [None, None])


TWO = [{"discount": 0.5}, {"discount": 0.6}]
FILE = "reports/small/sweep.yaml: "


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "reinforse"}, "sweeps.0.method: unknown method 'reinforse'; did you mean reinforce"),
        ({"task": "Multiplexer-v1"}, "sweeps.0.task: unknown task 'Multiplexer-v1'; did you mean Multiplexer-v0"),
        ({"candidates": [{"discount": 2.0}, {"discount": 0.5}]}, "sweeps.0.candidates.0.discount: 2.0 should be"),
        (
            {"candidates": [*TWO, {"discuont": 0.5}]},
            "sweeps.0.candidates.2: unknown hyperparameter of reinforce_thomas 'discuont'",
        ),
        (
            {"candidates": None, "axes": [TWO, [{"discount": 0.5}, {"entropy": 0.5}]]},
            "sweeps.0.axes.1.0.discount: it is on another",
        ),
        (
            {"candidates": None, "axes": [[{"explore_probability": 0.1}, {"explore_probability": -1}]]},
            "sweeps.0.axes.0.1.explore",
        ),
        ({"candidates": [*TWO, {"discount": 0.5}]}, "sweeps.0.candidates.2: {'discount': 0.5} is there twice"),
        ({"candidates": [{"discount": 0.5}]}, "sweeps.0.candidates: "),
        ({"variant": {"discount": 2.0}}, "sweeps.0.variant.discount: "),
        ({"axes": [TWO]}, "sweeps.0: it needs either candidates or axes"),
        ({"candidates": None}, "sweeps.0: it needs either candidates or axes"),
        ({"lead": -1}, "sweeps.0.lead: -1 should be"),
        ({"name": "sweep"}, "sweeps.0.name: "),
        ({"name": "Multiplexer-thomas"}, "sweeps.0.name: "),
        ({"lenght": 3}, "unknown key 'sweeps.0.lenght'; did you mean length?"),
    ],
)
def test_what_is_wrong_is_refused_by_file_and_key(workplace: Path, changes: dict[str, Any], message: str) -> None:
    declare(workplace, entry(**changes))
    with pytest.raises(Refusal) as refusal:
        declared(workplace, "small")
    assert str(refusal.value).startswith(FILE + message)


def test_a_name_taken_twice_is_refused(workplace: Path) -> None:
    declare(workplace, entry(), entry())
    with pytest.raises(Refusal, match=r"small/sweep.yaml: sweeps.1.name: 'multiplexer-thomas' is taken"):
        declared(workplace, "small")


def test_seeds_that_results_use_are_refused(workplace: Path) -> None:
    declare(workplace, entry(), first_seed=999)
    with pytest.raises(Refusal, match=r"small/sweep.yaml: first_seed: 999"):
        declared(workplace, "small")
