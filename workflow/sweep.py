"""The open search for settings that a paper does not record: a declared grid, on seeds that no result uses."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt
from pydantic import BaseModel, ConfigDict, Field

from algorithms.interface import methods
from envs.tasks import TASKS
from workflow.configuration import PAPERS_FOLDER, read_configuration
from workflow.errors import TrainingError
from workflow.job import train
from workflow.paper_runs import Paper
from workflow.plan import Run, make_run
from workflow.refusal import check_name, read_yaml, validate

_STRICT = ConfigDict(extra="forbid", use_attribute_docstrings=True)
LARGEST_REPORTED_SEED = 999
COLUMNS = ("task", "method", "candidate", "first_seed", "seeds", "length", "mean", "sd", "failed", "chosen")


class SweepEntry(BaseModel):
    """One search: candidates for some settings of a method on a task."""

    model_config = _STRICT
    task: str
    """A task in envs/tasks.py."""
    method: str
    """A file in algorithms/, without .py."""
    length: Annotated[int, Gt(0)]
    """Episodes or updates of each training."""
    variant: dict[str, Any] = {}
    """Settings common to all candidates, on top of the paper's."""
    candidates: Annotated[list[dict[str, Any]], Field(min_length=2)]
    """What is tried."""


class Sweeps(BaseModel):
    """reports/<paper>/sweep.yaml."""

    model_config = _STRICT
    first_seed: Annotated[int, Ge(LARGEST_REPORTED_SEED + 1)]
    """The search's seeds begin here, beyond all that results use."""
    seeds: Annotated[int, Gt(1)]
    """Seeds for each candidate."""
    sweeps: list[SweepEntry]
    """All searches."""


def sweep(root: Path, paper: str, processes: int) -> Path:
    """Train every candidate of reports/<paper>/sweep.yaml; returns the table written. Refuses unknown names and settings."""
    file = PAPERS_FOLDER / paper / "sweep.yaml"
    declared = validate(Sweeps, read_yaml(root / file), str(file))
    for index, entry in enumerate(declared.sweeps):
        check_name(entry.task, TASKS, "task", f"{file}: sweeps.{index}.task")
        check_name(entry.method, methods(), "method", f"{file}: sweeps.{index}.method")
    seeds = range(declared.first_seed, declared.first_seed + declared.seeds)
    runs = list(_runs(root, paper, declared))
    # Fresh processes: a fork of one that has started compiled code's threads may hang.
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        results = list(pool.map(_mean_returns, runs, [seeds] * len(runs)))
    rows: list[dict[str, Any]] = []
    for entry in declared.sweeps:
        tried = [results.pop(0) for _ in entry.candidates]
        # A candidate that broke down in training is out.
        best = int(np.argmax([-np.inf if means is None else means.mean() for means in tried]))
        for index, (candidate, means) in enumerate(zip(entry.candidates, tried, strict=True)):
            rows.append(_row(entry, candidate, declared, means, index == best))
    table = root / PAPERS_FOLDER / paper / "measured" / "sweep.csv"
    table.parent.mkdir(exist_ok=True)
    with table.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return table


def _runs(root: Path, name: str, declared: Sweeps) -> Iterator[Run]:
    paper = Paper.read(root, name)
    configuration = read_configuration(root, {"scale": "paper"})
    for index, entry in enumerate(declared.sweeps):
        for number, candidate in enumerate(entry.candidates):
            where = f"{PAPERS_FOLDER / name / 'sweep.yaml'}: sweeps.{index}.candidates.{number}"
            hyperparameters = paper.hyperparameters(entry.method, entry.task, {**entry.variant, **candidate}, where)
            label = paper.label(entry.method)
            yield make_run(
                paper, entry.task, entry.method, hyperparameters, configuration, variant="sweep", label=label, length=entry.length
            )


def _mean_returns(run: Run, seeds: range) -> Any:
    """Each seed's mean over all its episodes or updates; None where the training broke down."""
    try:
        log = train(run, seeds).log
    except TrainingError:
        return None
    values = log["return"] if "return" in log else log["mean_reward"]
    return np.asarray(values).reshape(len(seeds), -1).mean(axis=1)


def _row(entry: SweepEntry, candidate: Mapping[str, Any], declared: Sweeps, means: Any, chosen: bool) -> dict[str, Any]:
    failed = means is None
    return {
        "task": entry.task,
        "method": entry.method,
        "candidate": json.dumps(candidate),
        "first_seed": declared.first_seed,
        "seeds": declared.seeds,
        "length": entry.length,
        "mean": "" if failed else f"{means.mean():.4f}",
        "sd": "" if failed else f"{means.std(ddof=1):.4f}",
        "failed": failed,
        "chosen": chosen,
    }
