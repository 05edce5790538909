"""Seed blocks as the pipeline would write them, without training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from envs.tasks import TASKS
from records.results import write_results
from workflow.plan.plan import Run, block_folder, read_plan
from workflow.process.provenance import certificate
from workflow.training.job import identity

KEY = ("CartPole-v1", "map_propagation", "chung2021")
CLEAN = {"git": {"commit": "0123456789abcdef", "dirty": False}}


def planned(house: Path) -> Run:
    return read_plan(house, {"scale": "ci"}).runs[KEY]


def expected(run: Run, seeds: list[int]) -> dict[str, Any]:
    """What the record of a run would say now."""
    return {**identity(run, seeds), **certificate(run.method, TASKS[run.task], run.env_backend)}


def make(house: Path, seeds: tuple[int, ...] = (0, 1), parent: str = "", **changes: Any) -> Path:
    """A seed block of `KEY` at the ci scale, as it would be made now, but for `changes` of its record."""
    run = planned(house)
    record = {**expected(run, list(seeds)), **CLEAN, **changes}
    place = block_folder("tiny", run, seeds) if not parent else f"{parent}/{'/'.join(run.key)}/seeds-000-001"
    log = {"seed": np.repeat(np.asarray(seeds, np.int32), 2), "return": np.arange(2.0 * len(seeds))}
    write_results(house / place, log, {"actor/weights_1": np.zeros((len(seeds), 2), np.float32)}, record)
    return house / place
