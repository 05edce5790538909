"""How fast the runs train that no paper's measured/runs.csv has yet: their first episodes, for a cluster's time limits."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from time import process_time

from envs.tasks import TASKS
from records.sources import ROOT
from workflow.jobs.resources import SAMPLED, measurements
from workflow.plan.plan import Run, make_plan
from workflow.training.job import train

COLUMNS = ("task", "method", "variant", "n", "agent_steps", "cpu_seconds")
_SEEDS = 4
_STEPS = 2_000  # of a seed, if every episode lasted until its time limit
_UPDATES = 20


def measure() -> Path:
    """Train the first episodes of every run without a measured whole, and write what they took; where that stands."""
    runs = make_plan(ROOT, {"scale": "extended"}).runs
    whole = {key for key, measured in measurements(ROOT).items() if measured.whole}
    path = ROOT / SAMPLED
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for key in sorted(runs.keys() - whole):
            writer.writerow([*key, _SEEDS, *_sample(runs[key])])
            stream.flush()
    return path


def _sample(run: Run) -> tuple[int, str]:
    """Agent steps over all seeds and core seconds of a short training that was done once before, to compile its kernels."""
    limit = TASKS[run.task].time_limit
    sample = replace(run, length=_UPDATES if limit is None else 1 + _STEPS // limit, stop=None, record_trajectories=())
    train(sample, range(_SEEDS))
    begin = process_time()
    training = train(sample, range(_SEEDS))
    return training.agent_steps, f"{process_time() - begin:.3f}"
