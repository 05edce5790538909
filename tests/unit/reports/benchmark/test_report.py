"""The benchmark as the pipeline runs it: what is planned, and its report and page on invented results."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from algorithms import decentralised_td
from algorithms.interface import methods
from envs.tasks import TASKS as ALL_TASKS
from records.sources import ROOT
from reports import pipeline
from reports.benchmark import GOALS, HIGHEST, OWN_VARIANTS, RANDOM, TASKS, THRESHOLDS
from reports.page.build import write_page
from reports.page.contents import contents
from tests.unit.reports.made_reports import make, row_of
from tests.unit.reports.synthetic_papers import write_planned
from tests.unit.reports.synthetic_results import hash_of
from workflow.plan.plan import Plan, Run, make_plan
from workflow.plan.stopping import StepBudget
from workflow.plan.sweep_file import read_searches
from workflow.training.outcome import run_to_outcome

SEEDS = range(2)
FAILED = ("ScalarRegression-v0", "decentralised_td", "benchmark")
"""The cell whose training ends with an error."""


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(ROOT, {"scale": "paper", "papers": "benchmark"})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The report on invented results of full size, but for one cell, whose method raises an error as it is trained."""
    root = tmp_path_factory.mktemp("benchmark")
    folders = write_planned(root / "results", "paper", "benchmark", SEEDS, log)
    (folder,) = (folder for folder in folders if folder.parts[-4:-1] == FAILED)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(decentralised_td.Reference, "learn", broken)
        run = make_plan(ROOT, {"scale": "paper", "papers": "benchmark", "engine": "reference"}).runs[FAILED]
        run_to_outcome(run, SEEDS, folder, ROOT)
    origins = {"/".join(key): origin._asdict() for key, origin in make_plan(ROOT, {"papers": "benchmark"}).origins.items()}
    return make(root, "full", folders, paper="benchmark", seeds=SEEDS, origins=origins)


@pytest.fixture(scope="module")
def shown(made: SimpleNamespace) -> dict[str, Any]:
    """The data of the page."""
    page = made.root / "benchmark.html"
    pipeline.build_page("benchmark", made.data, made.tables, page)
    (embedded,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page.read_text("utf-8"), re.DOTALL)
    found: dict[str, Any] = json.loads(embedded)
    return found


def broken(*given: object, **named: object) -> None:
    raise ZeroDivisionError("a fault of the method's")


def log(run: Run, seed: int) -> pd.DataFrame:
    """The log of a run that learns, but for the random policy's: its values end at the task's goal, or near it."""
    rng = np.random.default_rng(hash_of("/".join(run.key)) + seed)
    goal = GOALS[run.task]
    count = 150 if isinstance(run.stop, StepBudget) else run.length
    learned = 0 if run.method == RANDOM else np.linspace(0, 2, count).clip(max=1)
    values = goal - 100.0 + 100.0 * learned + rng.normal(0, 0.01, count)
    places = np.arange(1, count + 1, dtype="int32")
    if not isinstance(run.stop, StepBudget):
        return pd.DataFrame({"seed": np.int32(seed), "update": places, "mean_reward": values})
    each = -(-run.stop.env_steps // count)
    table = pd.DataFrame({"seed": np.int32(seed), "episode": places, "env_steps": each * np.arange(1, count + 1)})
    table = table[table["env_steps"] - each < run.stop.env_steps]
    return table.assign(length=np.int32(each), **{"return": values[: len(table)]}, ended="terminated")


def test_every_method_is_planned_on_every_task(plan: Plan) -> None:
    cells = {(task, method) for task, method, variant in plan.runs if variant == "benchmark"}
    assert cells == {(task, method) for task in TASKS for method in methods()}
    assert {variant for _, _, variant in plan.runs} == set(OWN_VARIANTS), "what the package declares, and no more"


def test_all_have_equally_many_steps_and_the_same_seeds(plan: Plan) -> None:
    budgets = {task: {json.dumps(run.budget) for run in plan.runs.values() if run.task == task} for task in TASKS}
    assert all(len(own) == 1 for own in budgets.values())
    steps = {task: json.loads(own.pop()).get("env_steps") for task, own in budgets.items()}
    assert [steps[task] for task in THRESHOLDS] == [150_000, 100_000, 400_000, 200_000]
    assert {task for task, amount in steps.items() if amount is None} == set(HIGHEST)
    assert len({plan.seeds[key] for key in plan.runs}) == 1


def test_goals_are_gymnasium_s(plan: Plan) -> None:
    import gymnasium

    for task, threshold in THRESHOLDS.items():
        assert gymnasium.registry[ALL_TASKS[task].gymnasium_id].reward_threshold == threshold


def test_the_report_has_every_part(made: SimpleNamespace) -> None:
    assert made.pdf.read_bytes().startswith(b"%PDF")
    rules = {(run.method, run.variant) for run in make_plan(ROOT, {"papers": "benchmark"}).runs.values()}
    board = pd.read_csv(made.tables / "leaderboard.csv")
    assert set(zip(board["method"], board["variant"], strict=True)) == rules
    assert board.iloc[-1]["rank"] != board.iloc[-1]["rank"], "a form without runs on some task has no rank"
    random = board[(board["method"] == RANDOM) & (board["variant"] == "benchmark")].iloc[0]
    assert random["score"] == pytest.approx(0, abs=1e-9)
    assert random["rank"] == board["rank"].max()
    assert made.facts["rules"] == len(rules)
    assert made.facts["said"][0].startswith("Over 6 tasks, ")
    assert {row["task"] for row in made.facts["anchors"]} == set(TASKS.values())


def test_there_are_no_claims_and_no_verdicts(made: SimpleNamespace) -> None:
    assert pd.read_csv(made.tables / "verdicts.csv").empty
    assert made.facts["verdicts"]["claims"] == 0


def test_solving_is_also_in_steps(made: SimpleNamespace) -> None:
    row = row_of(made, "solving", task="CartPole-v1", method="reinforce", variant="benchmark")
    assert row["reached"] == 0, "the mean over the last 100 of 150 episodes lies below what half of them reach"
    assert row["median_steps"] == np.inf


def test_a_cell_that_failed_is_marked_and_the_rest_is_whole(made: SimpleNamespace, shown: dict[str, Any]) -> None:
    names = dict(zip(("task", "method", "variant"), FAILED, strict=True))
    why = "ZeroDivisionError: a fault of the method's"
    for table in ("returns", "leaderboards"):
        row = row_of(made, table, **names)
        assert list(row[["n", "failed"]]) == [0, 2]
        rest = pd.read_csv(made.tables / f"{table}.csv")
        assert (rest["n"] == 2).sum() == len(rest) - 1
        assert rest["failed"].sum() == 2
    assert list(row_of(made, "outcomes", **names)[["n", "done", "failed", "reason"]]) == [2, 0, 2, why]
    label = row_of(made, "outcomes", **names)["label"]
    trainings = 2 * len(make_plan(ROOT, {"papers": "benchmark"}).runs)
    assert made.facts["said"][-1] == (
        f"2 of {trainings} runs ended with an error, and have no numbers: {label} on ScalarRegression-v0."
    )
    assert shown["cells"]["/".join(FAILED)]["outcome"] == [["Seeds 0, 1", f"failed: {why}"]]
    assert shown["cells"]["CartPole-v1/reinforce/benchmark"]["outcome"] == [["Seeds 0, 1", "done"]]
    assert "/".join(FAILED[1:]) not in shown["curves"][FAILED[0]]


def test_every_cell_says_whose_its_settings_are(made: SimpleNamespace) -> None:
    table = pd.read_csv(made.tables / "origins.csv", keep_default_na=False)
    plan = make_plan(ROOT, {"papers": "benchmark"})
    assert {tuple(row) for row in table[["task", "method", "variant"]].itertuples(index=False)} == set(plan.runs)
    for row in table.to_dict("records"):
        assert (row["whose"], row["search"]) == plan.origins[row["task"], row["method"], row["variant"]]
    counts = made.facts["settings"]
    assert counts["papers"] == (table["search"] == "").sum() > 0
    assert counts["searched"] + counts["not_searched"] == len(read_searches(ROOT, "benchmark", plan.configuration))


def test_the_page_shows_steps_settings_and_costs(shown: dict[str, Any]) -> None:
    assert {task["name"]: task["unit"] for task in shown["tasks"]} == {
        task: "Step" if task in THRESHOLDS else "Update" for task in TASKS
    }
    assert "What it costs" in {table["title"] for table in shown["tables"]}
    settings = shown["cells"]["CartPole-v1/reinforce/benchmark"]["settings"]
    assert ["env_steps", "150\u2009000", ""] in settings
    assert ["settings from", "chung2021", ""] in settings


def test_a_page_without_results_is_refused(made: SimpleNamespace, tmp_path: Path) -> None:
    from dataclasses import replace

    from records.errors import ResultError
    from reports.runs.load import read_report_data

    data = read_report_data(made.data)
    nothing = contents("T", replace(data, curves=data.curves.iloc[:0], runs=[]), {})
    with pytest.raises(ResultError, match="no results to show"):
        write_page(tmp_path / "page.html", nothing)
