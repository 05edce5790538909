"""Runs with other papers' settings, of methods that no file names, and with budgets in steps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from algorithms.interface import hyperparameters_of, methods
from records.errors import Refusal
from tests.unit.workflow.settings_files import RUNS, edit
from workflow.plan.plan import Plan, Run, make_plan
from workflow.plan.stopping import StepBudget

MATRIX = "reports/matrix/runs.yaml"
OLDER = "reports/alder1999/runs.yaml"


@pytest.fixture
def matrix(house: Path) -> Path:
    """A folder with chung2021 and a paper that has every method, with others' settings, on two tasks."""
    tasks = {"CartPole-v1": {"env_steps": 5000}, "Multiplexer-v0": {"updates": 300, "batch_size": 4}}
    write(house, MATRIX, settings="first", methods={}, tasks=tasks, runs=[{"tasks": ["all"], "methods": ["all"]}])
    return house


def write(house: Path, file: str, **contents: Any) -> None:
    """A paper's file."""
    (house / file).parent.mkdir()
    (house / file).write_text(yaml.safe_dump({"title": "T", "seeds": 4, **contents}), encoding="utf-8")


def older(house: Path, **entry: Any) -> None:
    """A paper that comes before chung2021 by name and has REINFORCE on CartPole; its one run is `entry`."""
    task = {"episodes": 10, "hyperparameters": {"discount": 0.5, "temperature": 7}}
    run = {"tasks": ["CartPole-v1"], "methods": ["reinforce"], **entry}
    write(house, OLDER, methods={"reinforce": {"label": "Score"}}, tasks={"CartPole-v1": task}, runs=[run])


def planned(house: Path, **overrides: Any) -> Plan:
    """What the matrix alone asks for."""
    return make_plan(house, {"papers": "matrix", "scale": "paper", **overrides})


def settings(house: Path, method: str = "reinforce", task: str = "CartPole-v1") -> Any:
    """The hyperparameters of a cell of the matrix."""
    return planned(house).runs[task, method, "matrix"].hyperparameters


def test_every_method_runs_on_every_task_of_the_file(matrix: Path) -> None:
    keys = {(task, method) for task, method, _ in planned(matrix).runs}
    assert keys == {(task, method) for task in ("CartPole-v1", "Multiplexer-v0") for method in methods()}


def test_settings_are_the_first_papers_that_runs_the_method_on_the_task(matrix: Path) -> None:
    theirs = make_plan(matrix, {"papers": "chung2021"}).runs["CartPole-v1", "reinforce", "chung2021"].hyperparameters
    assert settings(matrix) == theirs
    older(matrix, hyperparameters={"temperature": 8})
    assert settings(matrix)["discount"] == 0.5
    assert settings(matrix)["temperature"] == 8, "what the run itself sets is the paper's as well"
    assert planned(matrix).runs["CartPole-v1", "reinforce", "matrix"].label == "Score"


def test_a_paper_that_runs_both_goes_before_one_that_only_has_both(matrix: Path) -> None:
    older(matrix, variant="alder1999-other")
    assert settings(matrix)["discount"] == 0.98
    edit(matrix / RUNS, lambda runs: runs.update(runs=[{"tasks": ["CartPole-v1"], "methods": ["map_propagation"]}]))
    assert settings(matrix)["discount"] == 0.5


def test_a_method_that_no_paper_has_has_its_defaults(matrix: Path) -> None:
    found = planned(matrix).runs["CartPole-v1", "ddpg", "matrix"]
    assert found.hyperparameters["minibatch_size"] == hyperparameters_of("ddpg")().minibatch_size
    assert found.label == "ddpg"


def test_a_run_may_choose_the_paper_and_set_more(matrix: Path) -> None:
    older(matrix)
    entry = {"tasks": ["CartPole-v1"], "methods": ["reinforce"], "settings": "chung2021", "hyperparameters": {"temperature": 3}}
    edit(matrix / MATRIX, lambda runs: runs.update(runs=[entry]))
    assert (settings(matrix)["discount"], settings(matrix)["temperature"]) == (0.98, 3)


def test_labels_of_its_own_go_before_the_papers(matrix: Path) -> None:
    edit(matrix / MATRIX, lambda runs: runs.update(methods={"reinforce": {"label": "Ours"}}))
    assert planned(matrix).runs["CartPole-v1", "reinforce", "matrix"].label == "Ours"


def test_it_changes_nothing_for_other_papers(house: Path) -> None:
    before = make_plan(house, {"scale": "ci", "papers": "chung2021"}).runs
    write(house, MATRIX, settings="first", methods={}, tasks={"CartPole-v1": {"env_steps": 5000}}, runs=[
        {"tasks": ["all"], "methods": ["all"]}
    ])  # fmt: skip
    assert make_plan(house, {"scale": "ci", "papers": "chung2021"}).runs == before


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"settings": "chung2022"}, "settings: unknown paper 'chung2022'; did you mean chung2021?"),
        ({"settings": "matrix"}, "settings: unknown paper 'matrix'"),
        ({"runs": [{"tasks": ["all"], "methods": ["ddgp"]}]}, "runs.0.methods: unknown method 'ddgp'; did you mean ddpg?"),
        ({"runs": [{"tasks": ["all"], "methods": ["ddpg"], "settings": "own"}]}, "runs.0.methods: unknown method 'ddpg'"),
        ({"tasks": {"Multiplexer-v0": {"env_steps": 5}}}, "Multiplexer-v0 is single-step and needs updates, not episodes"),
        ({"tasks": {"CartPole-v1": {"env_steps": 5, "episodes": 5}}}, "tasks.CartPole-v1.env_steps: needs an episodic task"),
        ({"tasks": {"CartPole-v1": {"env_steps": 0}}}, "tasks.CartPole-v1.env_steps: 0 should be greater than or equal to 1"),
    ],
)
def test_what_is_wrong_is_refused(matrix: Path, change: dict[str, Any], expected: str) -> None:
    edit(matrix / MATRIX, lambda runs: runs.update(change))
    with pytest.raises(Refusal) as caught:
        planned(matrix)
    assert str(caught.value).startswith(f"{MATRIX}: ")
    assert expected in str(caught.value)


@pytest.mark.parametrize(("scale", "steps"), [("ci", 50), ("quick", 500), ("paper", 5000)])
def test_a_budget_in_steps_is_the_scale_s_share(matrix: Path, scale: str, steps: int) -> None:
    run = planned(matrix, scale=scale).runs["CartPole-v1", "reinforce", "matrix"]
    assert run.budget == {"env_steps": steps}
    assert (run.stop, run.episodes, run.most) == (StepBudget(steps), None, steps)
    assert run.most_steps == steps + 500, "the last episode may go on to its time limit"
    assert Run.from_settings(json.loads(json.dumps(run.settings()))) == run
