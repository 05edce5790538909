"""Result folders of everything that any paper has run, with invented numbers: settings are those of its runs.yaml."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from algorithms.interface import describe, hyperparameters_of
from envs.tasks import TASKS
from records.sources import ROOT
from tests.unit.reports.synthetic_results import hash_of, run_record
from workflow.plan.plan import Run, make_plan
from workflow.process.provenance import describe_environment

SCALES = {"full": "paper", "tenth": "quick", "tiny": "ci"}


def invented(run: Run, seed: int) -> pd.DataFrame:
    """The log of a run that learns a little."""
    rng = np.random.default_rng(hash_of("/".join(run.key)) + seed)
    places = np.arange(1, run.length + 1, dtype="int32")
    values = 1 - np.exp(-places / run.length) + rng.normal(0, 0.1, run.length)
    if TASKS[run.task].kind == "single_step":
        return pd.DataFrame({"seed": np.int32(seed), "update": places, "mean_reward": values})
    table = pd.DataFrame({"seed": np.int32(seed), "episode": places, "env_steps": 3 * np.arange(1, run.length + 1)})
    table = table.assign(length=np.int32(3), **{"return": values}, ended="terminated")
    if run.record_trajectories:
        recorded = [[0.0] * (4 * TASKS[run.task].observation_size) if n in run.record_trajectories else None for n in places]
        table["trajectory"] = pd.Series(recorded, dtype=object)
    return table


def write_planned(
    root: Path, scale: str, paper: str, seeds: Sequence[int], log: Callable[[Run, int], pd.DataFrame] = invented
) -> list[Path]:
    """All run folders that a paper's report shows at a scale, under `root`; returns them."""
    plan = make_plan(ROOT, {"scale": scale, "papers": paper})
    folders = []
    for run in plan.reported_runs(paper):
        folder = root / plan.budget / "/".join(run.key) / f"seeds-{min(seeds):03d}-{max(seeds):03d}"
        folder.mkdir(parents=True)
        pd.concat([log(run, seed) for seed in seeds], ignore_index=True).to_parquet(folder / "episodes.parquet", index=False)
        info = run_record(run.task, run.method, run.variant, run.label, run.length, seeds) | {
            "budget": run.budget,
            "hyperparameters": run.hyperparameters,
            "hyperparameter_descriptions": describe(hyperparameters_of(run.method)),
            "environment": describe_environment(TASKS[run.task], "envpool"),
        }
        (folder / "run.json").write_text(json.dumps(info), encoding="utf-8")
        folders.append(folder)
    return folders
