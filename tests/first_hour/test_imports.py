"""What planning and a job's start import: each of these packages costs up to a second and a half of every job."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from records.sources import ROOT
from tests.workflow.pipeline import Workspace

HEAVY = {"matplotlib", "seaborn", "torch"}
TRAINING = """
import sys
from workflow.process.threads import prepare_process
prepare_process()
from dataclasses import replace
from pathlib import Path
from workflow.plan.plan import make_plan
from workflow.training.job import run_job
run = make_plan(Path("."), {"scale": "ci"}).runs["CartPole-v1", "backprop_traces", "chung2021"]
run_job(run, [0], Path(sys.argv[1]))
print(*sys.modules)
"""
EVERY_METHOD = """
import sys
from algorithms.interface import hyperparameters_of, methods
for method in methods():
    hyperparameters_of(method)
    __import__(f"algorithms.fused.{method}")
print(*sys.modules)
"""


def modules_after(code: str, *arguments: str) -> set[str]:
    """Names of all modules that a new process has imported at the end of this code."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


def test_no_compiled_learner_imports_pytorch() -> None:
    assert not modules_after(EVERY_METHOD) & {"torch"}


@pytest.mark.slow
def test_a_compiled_training_imports_little(tmp_path_factory: pytest.TempPathFactory) -> None:
    found = modules_after(TRAINING, str(tmp_path_factory.mktemp("training")))
    assert {"envpool.classic_control", "numba", "pyarrow"} <= found
    assert not found & (HEAVY | {"pandas", "scipy.linalg", "scipy.stats", "envpool.mujoco", "envpool.jumanji", "envpool.box2d"})


@pytest.mark.pipeline
def test_planning_draws_nothing_and_trains_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    said = Workspace(tmp_path).run("--dry-run", "--config", "scale=ci")
    imported = set(re.findall(r"^import time:.*\| +(\S+)$", said, re.MULTILINE))
    assert "workflow.plan.plan" in imported
    assert not imported & (HEAVY | {"numba", "envpool", "scipy.stats"})
