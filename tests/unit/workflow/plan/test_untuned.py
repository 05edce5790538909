"""Runs whose settings no paper made for their task: which they are, how they are searched, and what the search decides."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from records.errors import Refusal
from records.sources import ROOT
from tests.unit.workflow.settings_files import edit
from workflow.plan.configuration import read_configuration
from workflow.plan.plan import Plan, make_plan
from workflow.plan.sweep_file import Search, read_searches
from workflow.plan.untuned import learning_rates, scaled
from workflow.training.search import outcome, run_search

RUNS, SWEEP = "reports/matrix/runs.yaml", "reports/matrix/sweep.yaml"
TABLE = "reports/matrix/measured/sweep.csv"
CELL = ("CartPole-v1", "backprop_replay", "matrix")
NAME = "cartpole-v1-backprop-replay"
FACTORS = [1.0, 0.1, 10.0]


@pytest.fixture
def matrix(house: Path) -> Path:
    """A folder with chung2021 and a paper that has three methods on two tasks with others' settings, and searches."""
    tasks = {
        "CartPole-v1": {"env_steps": 900},
        "Multiplexer-v0": {"updates": 300, "batch_size": 4, "options": {"address_bits": 1}},
    }
    runs = [{"tasks": ["all"], "methods": ["reinforce", "backprop_replay", "random"]}]
    (house / RUNS).parent.mkdir()
    contents = {"title": "T", "seeds": 4, "settings": "first", "methods": {}, "tasks": tasks, "runs": runs}
    (house / RUNS).write_text(yaml.safe_dump(contents), encoding="utf-8")
    declared = {"first_seed": 1000, "seeds": 2, "cells": {"divisor": 3, "factors": FACTORS}}
    (house / SWEEP).write_text(yaml.safe_dump(declared), encoding="utf-8")
    return house


def planned(house: Path) -> Plan:
    return make_plan(house, {"papers": "matrix", "scale": "paper"})


def searches(house: Path, paper: str = "matrix") -> dict[str, Search]:
    return read_searches(house, paper, read_configuration(house, {"scale": "ci"}))


def commit(house: Path, *best: float | None) -> None:
    """The outcome of the search of `CELL`, in which each candidate has this mean; None: it broke down."""
    means = [None if mean is None else np.array([mean - 1, mean + 1]) for mean in best]
    file = house / TABLE
    file.parent.mkdir(exist_ok=True)
    outcome(searches(house)[NAME], means).to_csv(file, index=False, float_format="%.8g")


def rates(house: Path) -> Mapping[str, Any]:
    return learning_rates(planned(house).runs[CELL].hyperparameters)


def test_the_benchmark_searches_just_what_no_paper_runs_as_its_own() -> None:
    """By the papers' files as they stand; methods without learning rates have nothing to search."""
    files = [path for path in sorted(ROOT.glob("reports/*/runs.yaml")) if path.parent.name != "benchmark"]
    entries = [
        (path.parent.name, entry)
        for path in files
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["runs"]
        if "variant" not in entry and not entry.get("extended_only")
    ]
    plan = make_plan(ROOT, {"papers": "benchmark", "scale": "paper"})
    expected = set()
    for (task, method, variant), run in plan.runs.items():
        allowed = {"chung2021"} if variant == "benchmark-2021" else {paper for paper, _ in entries}
        owned = any(paper in allowed and task in entry["tasks"] and method in entry["methods"] for paper, entry in entries)
        if not owned and any("learning_rate" in name for name in run.hyperparameters):
            expected.add((task, method))
    found = searches(ROOT, "benchmark")
    assert {(search.candidates[0].run.task, search.candidates[0].run.method) for search in found.values()} == expected
    assert all(len(search.candidates) == 6 and search.seeds == 2 and search.first_seed >= 1000 for search in found.values())
    searched = {key for key, origin in plan.origins.items() if origin.search not in ("", "no learning rates")}
    assert len(searched) == len(found), "one search for each of them"
    assert plan.origins.keys() == plan.runs.keys()


def test_a_candidate_scales_all_learning_rates_and_trains_a_part_of_the_budget(matrix: Path) -> None:
    found = searches(matrix)
    assert list(found) == [NAME, "multiplexer-v0-backprop-replay"], "reinforce is chung2021's own, and random has no rates"
    before = planned(matrix).runs[CELL].hyperparameters
    for candidate, factor in zip(found[NAME].candidates, FACTORS, strict=True):
        changed = {name: value for name, value in candidate.run.hyperparameters.items() if value != before[name]}
        assert changed == ({} if factor == 1 else candidate.settings)
        assert candidate.settings["critic_learning_rate"] == pytest.approx(factor * before["critic_learning_rate"])
        assert candidate.settings["actor_learning_rates"] == pytest.approx([factor * x for x in before["actor_learning_rates"]])
        assert candidate.run.budget == {"env_steps": 300}
        assert candidate.edge == (factor != 1)
    assert found["multiplexer-v0-backprop-replay"].candidates[0].run.length == 100
    for search in found.values():
        assert Search.from_settings(json.loads(json.dumps(search.settings()))) == search


def test_only_learning_rates_are_scaled() -> None:
    settings = {"actor_learning_rates": (0.2, 0.0), "critic_learning_rates_end": None, "ascent_rate": 0.5, "baseline_rate": 0.1}
    assert learning_rates(settings | {"learning_rate": 1e-3}) == {"actor_learning_rates": [0.2, 0.0], "learning_rate": 1e-3}
    assert scaled({"a": [0.003, 0.0], "b": 1 / 3}, 0.03) == {"a": [9e-5, 0.0], "b": 0.01}
    assert scaled({"b": 1 / 3}, 1.0) == {"b": 1 / 3}


def test_what_is_committed_decides(matrix: Path) -> None:
    before = rates(matrix)
    assert planned(matrix).origins[CELL] == ("the method's defaults", "not searched")
    commit(matrix, 20, 30, 25)
    assert rates(matrix) == scaled(before, 0.1) != before
    assert planned(matrix).origins[CELL] == ("the method's defaults", "searched: learning rates × 0.1")
    assert planned(matrix).origins["CartPole-v1", "reinforce", "matrix"] == ("chung2021", "")
    assert planned(matrix).origins["CartPole-v1", "random", "matrix"] == ("the method's defaults", "no learning rates")
    assert searches(matrix)[NAME].candidates[0].settings == before, "what is searched does not depend on what was found"


@pytest.mark.parametrize(
    ("means", "said"),
    [
        ((20, 20, 20), "searched: learning rates × 1"),
        ((None, 20, None), "searched: learning rates × 0.1"),
        ((None, None, None), "searched: every candidate broke down"),
    ],
)
def test_ties_and_breakdowns(matrix: Path, means: tuple[float | None, ...], said: str) -> None:
    before = rates(matrix)
    commit(matrix, *means)
    assert rates(matrix) == scaled(before, 0.1 if "0.1" in said else 1)
    assert planned(matrix).origins[CELL].search == said


def test_a_search_that_began_elsewhere_does_not_count(matrix: Path) -> None:
    commit(matrix, 20, 30, 25)
    other = {"tasks": ["all"], "methods": ["backprop_replay"], "hyperparameters": {"critic_learning_rate": 0.5}}
    edit(matrix / RUNS, lambda runs: runs.update(runs=[other]))
    assert rates(matrix)["critic_learning_rate"] == 0.5
    assert planned(matrix).origins[CELL].search.startswith("not searched: the search that is committed began from other rates")


def test_a_search_with_a_budget_in_steps_is_run(matrix: Path, tmp_path: Path) -> None:
    edit(matrix / RUNS, lambda runs: runs["tasks"].update({"CartPole-v1": {"env_steps": 60}}))
    table = tmp_path / f"{NAME}.csv"
    run_search(searches(matrix)[NAME], table)
    (matrix / TABLE).parent.mkdir()
    table.rename(matrix / TABLE)
    assert planned(matrix).origins[CELL].search.startswith("searched: learning rates × ")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"first_seed": 100}, "first_seed: 100 should be greater than or equal to 1000"),
        ({"cells": {"divisor": 3, "factors": [0.1, 1.0]}}, "cells.factors.0: 0.1 should be 1, for the rates as they are"),
        ({"cells": {"divisor": 3, "factors": [1.0, 3.0, 3.0]}}, "cells.factors.2: 3.0 is there twice"),
        ({"cells": {"divisor": 0, "factors": FACTORS}}, "cells.divisor: 0 should be greater"),
        ({"cells": {"divisor": 3, "factors": [1.0, -1.0]}}, "cells.factors.1: -1.0 should be greater"),
        ({"cells": None}, "it needs either sweeps or cells"),
    ],
)
def test_what_is_wrong_is_refused(matrix: Path, change: dict[str, Any], expected: str) -> None:
    edit(matrix / SWEEP, lambda sweep: sweep.update(change))
    with pytest.raises(Refusal) as caught:
        searches(matrix)
    assert str(caught.value).startswith(f"{SWEEP}: {expected}")


@pytest.mark.parametrize(
    "text", ["sweep,chosen\na,True\n", "sweep,candidate,chosen\na,{,True\n", "sweep,candidate,chosen\na,3,True\n"]
)
def test_a_table_that_is_none_is_refused(matrix: Path, text: str) -> None:
    (matrix / TABLE).parent.mkdir()
    (matrix / TABLE).write_text(text, encoding="utf-8")
    with pytest.raises(Refusal, match=r"matrix/measured/sweep\.csv: not the table of a search .*make sweep PAPER=matrix"):
        planned(matrix)
