"""What `python -m workflow new` writes passes the tests that everything of its kind must pass."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from records.sources import ROOT
from tests.workflow.pipeline import Clone

METHOD = "new_rule"
TASK, TASK_MODULE = "NewGame-v0", "new_game"
tasks_are_modules = pytest.mark.skipif(not (ROOT / "envs" / "tasks").is_dir(), reason="tasks are rows of envs/tasks.py here")


def python(clone: Clone, *arguments: str) -> str:
    """What a command that must succeed prints."""
    done = subprocess.run([sys.executable, *arguments], cwd=clone.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def passed(clone: Clone, *arguments: str) -> int:
    """How many tests pass; all must."""
    said = python(clone, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *arguments)
    return int(said.splitlines()[-1].split(" passed")[0].split()[-1])


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """The repository with a new method."""
    clone = Clone(tmp_path_factory.mktemp("clone"))
    python(clone, "-m", "workflow", "new", "method", METHOD)
    return clone


@pytest.mark.pipeline
def test_a_new_method_is_held_to_the_contract_of_learners(clone: Clone) -> None:
    tests = ["tests/conformance/test_learners.py", "tests/property/test_seed_isolation.py"]
    tests += ["tests/unit/workflow/playback/test_player.py"]
    assert passed(clone, "-k", METHOD, *tests) >= 16


@pytest.mark.pipeline
@pytest.mark.parametrize("task", ["CartPole-v1", "MountainCarContinuous-v0", "Multiplexer-v0", "ScalarRegression-v0"])
def test_a_new_method_trains_on_tasks_of_every_kind(clone: Clone, task: str) -> None:
    run = ("-m", "workflow", "run", METHOD, task, "--episodes", "3", "--seeds", "0:2", "--paper", "none")
    assert python(clone, *run).startswith(f"{task}, {METHOD} (custom): mean re")


@pytest.mark.pipeline
def test_a_new_method_learns(clone: Clone) -> None:
    run = ("-m", "workflow", "run", METHOD, "CartPole-v1", "--episodes", "300", "--seeds", "0:4", "--paper", "none")
    said = python(clone, *run)
    assert float(said.split(" over the last ")[0].split()[-1]) > 35, f"chance gets some 22: {said}"


@pytest.mark.pipeline
@tasks_are_modules
def test_a_new_task_passes_the_tests_of_tasks(clone: Clone) -> None:
    python(clone, "-m", "workflow", "new", "task", TASK_MODULE)
    assert passed(clone, "-k", TASK, "tests/unit/envs") >= 2
    run = (
        "-m",
        "workflow",
        "run",
        "reinforce",
        TASK,
        "--updates",
        "3",
        "--seeds",
        "0:2",
        "--paper",
        "none",
        "--engine",
        "reference",
    )
    python(clone, *run)
    folder = Path("results/single") / TASK / "reinforce" / "custom" / "seeds-000-001"
    record = json.loads((clone.folder / folder / "run.json").read_text(encoding="utf-8"))
    assert f"envs/tasks/{TASK_MODULE}.py" in record["sources"]
