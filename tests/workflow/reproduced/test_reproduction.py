"""The whole pipeline at the ci scale: what it leaves behind, and what it does when it is called again."""

from __future__ import annotations

import json

import numpy as np
import pytest

from envs.tasks import TASKS
from records.results import FILES
from records.sources import ROOT
from reports.pipeline import figure_names, table_names
from tests.workflow.pipeline import Workspace, complaint
from workflow.plan.configuration import available_papers
from workflow.plan.plan import make_plan
from workflow.plan.sources import has_fused_twin

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]
CI = ("--config", "scale=ci")


def test_a_dry_run_schedules_everything(workspace: Workspace) -> None:
    """Where the default rule is not the one that asks for everything, little or nothing is scheduled, silently."""
    planned = workspace.planned(*CI).jobs
    plan = make_plan(ROOT, {"scale": "ci"})
    assert planned["train"] == len(plan.runs) >= 4 * len(TASKS)
    assert planned["figure"] == sum(len(figure_names(paper)) for paper in plan.papers)
    assert all(planned[rule] == len(plan.papers) for rule in ("summarise", "tables", "provenance", "report"))
    extended = make_plan(ROOT, {"scale": "extended"})
    blocks = sum(len(extended.blocks(run)) for run in extended.runs.values())
    assert workspace.planned("--config", "scale=extended").jobs["train"] == blocks > 100


@pytest.mark.parametrize("paper", available_papers(ROOT))
def test_the_report_and_all_its_parts_are_there(reproduced: Workspace, paper: str) -> None:
    reports = reproduced.folder / "results" / "reports"
    pdf = (reports / f"{paper}.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-")
    assert len(pdf) > 50_000
    assert {path.name for path in (reports / paper / "figures").iterdir()} == {
        f"{name}.{kind}" for name in figure_names(paper) for kind in ("svg", "png")
    }
    assert {f"{name}.csv" for name in table_names(paper)} <= reproduced.files(f"results/reports/{paper}/tables")


def test_every_run_has_its_three_files_and_nothing_else(reproduced: Workspace) -> None:
    plan = make_plan(ROOT, {"scale": "ci"})
    for folder in plan.folders(list(plan.runs.values())):
        assert reproduced.files(folder) == set(FILES), folder


def test_run_json_is_a_birth_certificate(reproduced: Workspace) -> None:
    plan = make_plan(ROOT, {"scale": "ci"})
    for key, run in plan.runs.items():
        folder = reproduced.folder / plan.folders([run])[0]
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        assert (record["task"], record["method"], record["variant"]) == key
        assert record["hyperparameters"] == json.loads(json.dumps(run.hyperparameters))
        assert all(record["hyperparameter_descriptions"][name] for name in run.hyperparameters), (
            "a hyperparameter without docstring"
        )
        assert record["seeds"] == [0, 1]
        assert record["budget"] == run.budget
        assert record["engine"] == ("fused" if has_fused_twin(run.method) else "reference")
        assert record["threads"] == 1
        assert set(record["versions"]) >= {"torch", "numba", "numpy", "envpool", "gymnasium"}
        assert f"algorithms/{run.method}.py" in record["sources"]
        assert len(record["source_fingerprint"]) == 64
        assert set(record["git"]) == {"commit", "dirty"}
        assert 50 < record["peak_memory_mib"] < 1536, "a job's peak memory"
        assert record["cpu_seconds"] > 0
        assert record["agent_steps"] > 0
        assert set(record["clocks"]) == {"learner", "environment", "loop"}
        with np.load(folder / "policy.npz") as policy:
            assert all(len(policy[name]) == 2 and np.isfinite(policy[name]).all() for name in policy.files)


def test_a_second_call_does_nothing(reproduced: Workspace) -> None:
    assert "Nothing to be done" in reproduced.run(*CI)


def _with_a_comment(source: bytes) -> bytes:
    return source + b"\n# An edit.\n"


@pytest.mark.parametrize("method", ["reinforce", "map_propagation"])
def test_editing_a_methods_file_concerns_that_method_alone(reproduced: Workspace, method: str) -> None:
    with reproduced.edited(f"algorithms/{method}.py", _with_a_comment):
        again = reproduced.planned(*CI).trained
    plan = make_plan(ROOT, {"scale": "ci"})
    assert again == set(plan.folders([run for run in plan.runs.values() if run.method == method]))


def test_editing_a_task_concerns_that_task_alone(reproduced: Workspace) -> None:
    with reproduced.edited("envs/tasks/multiplexer.py", _with_a_comment):
        again = reproduced.planned(*CI).trained
    plan = make_plan(ROOT, {"scale": "ci"})
    assert again == set(plan.folders([run for run in plan.runs.values() if run.task == "Multiplexer-v0"]))


def test_editing_a_figure_trains_nothing(reproduced: Workspace) -> None:
    with reproduced.edited("reports/chung2021/figures.py", _with_a_comment):
        jobs = reproduced.planned(*CI).jobs
    # The report's facts, which come with the tables, say which figures have anything to show.
    assert set(jobs) == {"figure", "tables", "provenance", "report", "default"}


def test_changing_a_hyperparameter_concerns_what_has_it(reproduced: Workspace) -> None:
    with reproduced.changed("reports/chung2021/runs.yaml", lambda text: text.replace(b"ascent_steps: 20", b"ascent_steps: 19")):
        again = reproduced.planned(*CI).trained
        changed = make_plan(reproduced.folder, {"scale": "ci"}).runs
    plan = make_plan(ROOT, {"scale": "ci"})
    own = {key for key, run in plan.runs.items() if (run.method, run.paper) == ("map_propagation", "chung2021")}
    lent = {key for key, run in plan.runs.items() if run.paper != "chung2021" and run != changed[key]}
    assert {method for _, method, _ in lent} == {"map_propagation"}, "the benchmark has some of these settings"
    assert again == set(plan.folders([plan.runs[key] for key in (*own, *lent)]))


@pytest.mark.parametrize("name", FILES)
def test_a_result_that_was_deleted_is_made_again_and_nothing_else(reproduced: Workspace, name: str) -> None:
    folder = "results/tiny/CartPole-v1/reinforce/chung2021/seeds-000-001"
    file, aside = reproduced.folder / folder / name, reproduced.folder / name
    file.rename(aside)
    try:
        assert reproduced.planned(*CI).trained == {folder}
    finally:
        aside.rename(file)


def test_a_truncated_result_is_named_before_anything_is_run(reproduced: Workspace) -> None:
    folder = "results/tiny/CartPole-v1/reinforce/chung2021/seeds-000-001"
    with reproduced.changed(f"{folder}/episodes.parquet", lambda whole: whole[:-20]):
        code, output = reproduced.snakemake(*CI)
    assert code == 2
    assert complaint(output) == [
        f"{folder}/episodes.parquet is not the file that run.json vouches for: damaged, edited or of another run; "
        f"delete {folder} and run the same command again"
    ]


def test_snakemakes_own_report(reproduced: Workspace) -> None:
    reproduced.run("--report", "report.html", *CI)
    page = (reproduced.folder / "report.html").read_text(encoding="utf-8")
    assert "figure_2" in page
    assert "chung2021.pdf" in page
