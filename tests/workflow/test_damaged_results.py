"""Damaged results, as a user meets them: one line, exit code 2, no traceback, and nothing is run."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from envs.tasks import TASKS
from records.results import write_results, write_with_record
from records.sources import ROOT
from tests.workflow.pipeline import Workspace, complaint
from workflow.plan.plan import block_folder, make_plan
from workflow.process.provenance import certificate
from workflow.training.job import identity

pytestmark = pytest.mark.pipeline
CI = ("--nolock", "--config", "scale=ci", "papers=chung2021")
KEY = ("CartPole-v1", "reinforce", "chung2021")
VOUCHES = "vouches for: damaged, edited or of another run"
AGAIN = "and run the same command again"


def test_each_is_refused_before_anything_is_run(workspace: Workspace) -> None:
    run = make_plan(ROOT, {"scale": "ci"}).runs[KEY]
    name = block_folder("tiny", run, (0, 1))
    folder = workspace.folder / name

    def write(parent: Path, reward: float) -> None:
        log = {"seed": np.array([0, 1], np.int32), "return": np.full(2, reward)}
        record = {**identity(run, [0, 1]), **certificate(run.method, TASKS[run.task], run.env_backend)}
        write_results(parent / name, log, {"weights": np.full(2, reward)}, record)

    def refused() -> str:
        code, output = workspace.snakemake(*CI)
        (line,) = complaint(output)
        assert code == 2, output
        return line

    write(workspace.folder, 1.0)
    write(workspace.folder / "other", 2.0)
    shutil.copy(workspace.folder / "other" / name / "episodes.parquet", folder)
    assert refused() == f"{name}/episodes.parquet is not the file that run.json {VOUCHES}; delete {name} {AGAIN}"

    (folder / "episodes.parquet").unlink()
    (folder / "episodes.parquet").mkdir()
    assert refused() == f"{name}/episodes.parquet is a folder, where a file should be; delete {name} {AGAIN}"

    shutil.rmtree(folder)
    table = "results/theory/tiny/alignment.parquet"
    (workspace.folder / table).parent.mkdir(parents=True)
    write_with_record(workspace.folder / table, b"as written", {})
    (workspace.folder / table).write_bytes(b"as edited.")
    assert refused() == f"{table} is not the file that alignment.json {VOUCHES}; delete {table} {AGAIN}"
    assert not workspace.files("results/reports")
    assert not workspace.files("logs")
