"""What a training that ends with an error leaves behind: nothing, or, where the paper says so, that as its outcome."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from algorithms import reinforce
from records.errors import Refusal, TrainingError
from records.results import FILES, RUN, check_results
from reports.runs.load import load
from tests.unit.workflow.settings_files import edit
from workflow.cli.status import look
from workflow.plan.plan import Plan, Run, block_folder, make_plan
from workflow.plan.sweep_file import Candidate, Search
from workflow.playback.finished import Wanted, find
from workflow.process.progress import LOGGER
from workflow.training.outcome import last_line, run_to_outcome
from workflow.training.search import outcome, run_search

RUNS = "reports/matrix/runs.yaml"
TASK_NAMES = ("CartPole-v1", "Multiplexer-v0")
SEEDS = (100, 101)
LEARN = reinforce.Reference.learn


@pytest.fixture
def plan(house: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """A plan of a paper that counts failures as outcomes, in whose folder this process stands."""
    tasks = {"CartPole-v1": {"episodes": 20}, "Multiplexer-v0": {"updates": 20, "options": {"address_bits": 1}}}
    runs = {"title": "T", "seeds": 2, "failures": "outcome", "methods": {"reinforce": {"label": "R"}}, "tasks": tasks}
    (house / RUNS).parent.mkdir()
    (house / RUNS).write_text(yaml.safe_dump(runs | {"runs": [{"tasks": ["all"], "methods": ["all"]}]}), encoding="utf-8")
    monkeypatch.chdir(house)
    return make_plan(house, {"papers": "matrix", "scale": "paper", "engine": "reference"})


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Make learners raise an error in the middle of a training."""

    def break_with(error: BaseException) -> None:
        steps = iter(range(10))

        def learn(self: Any, *given: Any, **named: Any) -> None:
            if next(steps, None) is None:
                raise error
            LEARN(self, *given, **named)

        monkeypatch.setattr(reinforce.Reference, "learn", learn)

    yield break_with
    LOGGER.handlers = []


def run_of(plan: Plan, task: str) -> Run:
    return plan.runs[task, "reinforce", "matrix"]


def train(plan: Plan, task: str = "CartPole-v1") -> Path:
    folder = Path(block_folder(plan.budget, run_of(plan, task), SEEDS))
    run_to_outcome(run_of(plan, task), SEEDS, folder, Path())
    return folder


@pytest.mark.parametrize("task", TASK_NAMES)
def test_an_error_is_a_result_that_readers_take(plan: Plan, breaking: Any, task: str) -> None:
    breaking(ZeroDivisionError("first line\nthe last one\n"))
    folder = train(plan, task)
    assert {path.name for path in folder.iterdir() if not path.name.startswith(".")} == set(FILES)
    assert not check_results(folder), "it is sealed"
    record = json.loads((folder / RUN).read_text(encoding="utf-8"))
    assert record["failed"] == "ZeroDivisionError: the last one"
    (run,) = load([folder], SEEDS)
    assert (run.failed, len(run.log), run.episodic) == (record["failed"], 0, task == "CartPole-v1")


def test_status_says_failed_and_that_nothing_is_left_to_do(plan: Plan, breaking: Any) -> None:
    breaking(ZeroDivisionError("no"))
    folder = train(plan)
    (block,) = look(Path(), plan, run_of(plan, "CartPole-v1"))
    assert (block.state, block.left) == ("failed", 0.0)
    assert block.lines[-1] == "the report shows this as the outcome; to train again, delete the folder"
    breaking(KeyboardInterrupt())
    for path in folder.iterdir():
        path.unlink()
    with pytest.raises(KeyboardInterrupt):
        train(plan)
    assert not (folder / RUN).exists(), "an interruption is no outcome"


@pytest.mark.parametrize("error", [Refusal("no"), OSError(28, "disk full"), MemoryError(), KeyboardInterrupt(), SystemExit(1)])
def test_what_is_not_the_methods_fault_is_no_outcome(plan: Plan, breaking: Any, error: BaseException) -> None:
    breaking(error)
    with pytest.raises(type(error)):
        train(plan)
    assert not list(Path().rglob(RUN))


def test_of_other_papers_an_error_stays_one(plan: Plan, breaking: Any) -> None:
    edit(Path(RUNS), lambda runs: runs.pop("failures"))
    breaking(ZeroDivisionError("no"))
    with pytest.raises(ZeroDivisionError):
        train(plan)
    assert not list(Path().rglob(RUN))


def test_a_film_of_what_failed_is_refused(plan: Plan, breaking: Any) -> None:
    breaking(ZeroDivisionError("no"))
    train(plan)
    with pytest.raises(Refusal, match=r"its training failed \(ZeroDivisionError: no\)"):
        find(Path(), Wanted("reinforce", "CartPole-v1", 100), "here")


def test_the_last_line() -> None:
    assert last_line(TrainingError("seed 1: the return is nan")) == "seed 1: the return is nan"
    assert last_line(ValueError()) == "ValueError: no message"


def test_a_search_goes_on_without_what_breaks_down(plan: Plan, breaking: Any, tmp_path: Path) -> None:
    run = replace(run_of(plan, "Multiplexer-v0"), length=3)
    search = Search("a-b", 1000, 2, 0.0, (Candidate({"x": 1}, False, run), Candidate({"x": 2}, False, run)), may_fail=True)
    breaking(ZeroDivisionError("no"))  # in the eleventh update of all, so that the second candidate fails
    table = tmp_path / "a-b.csv"
    run_search(replace(search, candidates=tuple(replace(one, run=replace(run, length=7)) for one in search.candidates)), table)
    assert table.read_text(encoding="utf-8").count("False,True,False") == 1
    breaking(ZeroDivisionError("no"))
    with pytest.raises(ZeroDivisionError):
        run_search(
            replace(search, may_fail=False, candidates=(replace(search.candidates[0], run=replace(run, length=11)),)), table
        )
    assert not outcome(search, [None, None])["chosen"].any()
    assert np.isnan(outcome(search, [None, None])["mean"]).all()
