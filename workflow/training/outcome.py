"""A training that ends with an error: for some papers that is an outcome like others, which their report shows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from envs.tasks import TASKS
from records.errors import OneLineError, Refusal, ResultError, TrainingError
from records.results import write_results
from workflow.plan.plan import Run
from workflow.plan.runs_file import Paper
from workflow.process.locking import locked
from workflow.process.progress import LOGGER
from workflow.process.provenance import certificate
from workflow.training.checkpoint import CHECKPOINT
from workflow.training.episode_log import EpisodeLog
from workflow.training.job import identity, run_job

NOT_THE_METHODS = (Refusal, ResultError, OSError, MemoryError)
"""Errors of the settings, the results, the disk or the machine: another try may go well, so that they are no outcome."""


def run_to_outcome(run: Run, seeds: Sequence[int], folder: Path, root: Path) -> None:
    """Train as `run_job` does. Where the run's paper in `root` says `failures: outcome`, an error is written as a result.

    Such a result has no episodes and no policy, and in run.json `failed`, the error's last line. It stays until its settings or
    sources change, or somebody deletes its folder. Raises whatever is `NOT_THE_METHODS`, and for other papers every error.
    """
    born = certificate(run.method, TASKS[run.task], run.env_backend)  # before training: sources may be edited meanwhile
    try:
        run_job(run, seeds, folder)
    except NOT_THE_METHODS:
        raise
    except Exception as error:
        # Read only now: whether failures count decides no numbers, and so makes no result out of date.
        if Paper.read(root, run.paper).entries.failures != "outcome":
            raise
        if isinstance(error, TrainingError):
            LOGGER.error("error: %s", error)
        else:
            LOGGER.exception("error:")
        with locked(folder):
            (folder / CHECKPOINT).unlink(missing_ok=True)  # going on from it would only lead here again
            write_results(folder, no_log(run, seeds), {}, {**identity(run, seeds), **born, "failed": last_line(error)})


def last_line(error: Exception) -> str:
    """The last line of what an error says, with its kind where that is not a TrainingError's."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    said = lines[-1].strip() if lines else "no message"
    return str(OneLineError(said if isinstance(error, TrainingError) else f"{type(error).__name__}: {said}"))


def no_log(run: Run, seeds: Sequence[int]) -> dict[str, Any]:
    """The columns of episodes.parquet, without rows."""
    if TASKS[run.task].kind == "episodic":
        return EpisodeLog(seeds, 1).columns()
    return {"seed": np.zeros(0, np.int32), "update": np.zeros(0, np.int32), "mean_reward": np.zeros(0)}
