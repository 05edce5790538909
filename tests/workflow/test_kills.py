"""A process that trains, or snakemake and its job, killed by the system: the same command goes on, to the same bytes."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from records.results import RUN
from records.sources import ROOT
from tests.workflow.pipeline import Workspace, complaint, contents, training_process, wait_for
from workflow.training.checkpoint import CHECKPOINT, SECONDS_VARIABLE


@pytest.mark.slow
@pytest.mark.parametrize("task", ["CartPole-v1", "Multiplexer-v0"])
def test_kill_9_at_random_moments(task: str, tmp_path: Path) -> None:
    """A checkpoint after every step, so that most kills fall into the writing of one; at last it is left alone."""
    length = "60" if task == "CartPole-v1" else "250"  # not to be done within the kills
    command = [sys.executable, "-m", "workflow", "run", "reinforce_thomas", task, "--paper", "none", "--engine", "reference"]
    command += ["--seeds", "0:3", "--episodes", length, "--output"]
    subprocess.run([*command, str(tmp_path / "undisturbed")], check=True, cwd=ROOT, capture_output=True)
    (folder,) = (file.parent for file in (tmp_path / "undisturbed").rglob(RUN))
    killed = tmp_path / "killed" / folder.relative_to(tmp_path / "undisturbed")
    generator, environment = random.Random(task), {**os.environ, SECONDS_VARIABLE: "0"}

    def start() -> subprocess.Popen[str]:
        arguments = [*command, str(tmp_path / "killed")]
        return subprocess.Popen(
            arguments, cwd=ROOT, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )

    for _ in range(6):
        process = start()
        _wait_for_another(killed / CHECKPOINT, process)
        time.sleep(generator.uniform(0, 0.2))
        process.kill()
        process.communicate()
        if process.returncode == 0:
            break
        assert (killed / CHECKPOINT).is_file()
    process = start()
    _, errors = process.communicate()
    assert process.returncode == 0, errors
    assert "going on from its checkpoint" in errors
    assert contents(killed) == contents(folder)


def _wait_for_another(path: Path, process: subprocess.Popen[str]) -> None:
    """Wait until a file has been written anew, or the process that does so has ended."""

    def written() -> int:
        return path.stat().st_mtime_ns if path.is_file() else 0

    before = written()
    wait_for(lambda: written() != before or process.poll() is not None)


@pytest.mark.pipeline
@pytest.mark.slow
def test_the_pipeline_goes_on_or_refuses_in_one_line(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECONDS_VARIABLE, "0.02")
    folder = "results/tiny/Multiplexer-v0/map_propagation/chung2021/seeds-000-001"
    arguments = (f"{folder}/run.json", "--config", "scale=ci", "engine=reference")
    file = workspace.folder / folder / CHECKPOINT
    process = workspace.start(*arguments)
    job = training_process(process)
    wait_for(file.is_file)
    job.kill()
    process.communicate(timeout=120)
    assert process.returncode == 1
    assert file.is_file(), "Snakemake deletes only what it has been told of"

    # With another setting it is refused before any job is started.
    with workspace.changed("reports/chung2021/runs.yaml", lambda text: text.replace(b"batch_size: 128", b"batch_size: 64")):
        code, output = workspace.snakemake(*arguments)
    (line,) = complaint(output)
    what = "another configuration (batch_size was 128, is 64)"
    remedy = "delete it to train anew, or undo the change to go on from it"
    assert (code, line) == (2, f"{folder}/{CHECKPOINT}: a checkpoint of {what}; {remedy}")

    # Now snakemake is killed, and takes its job along.
    process = workspace.start(*arguments)
    job = training_process(process)
    _wait_for_another(file, process)
    process.kill()
    process.wait()
    job.wait(timeout=120)
    workspace.run(*arguments)
    resumed = contents(workspace.folder / folder)
    assert json.loads((workspace.folder / folder / RUN).read_text())["resumed"] == 2
    monkeypatch.delenv(SECONDS_VARIABLE)
    (workspace.folder / folder / RUN).unlink()
    workspace.run(*arguments)
    assert contents(workspace.folder / folder) == resumed
