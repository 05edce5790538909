"""What trainings take, from those that were measured: time and memory to ask a cluster for, and what many seeds cost."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from envs.tasks import TASKS
from records.run_folder import FILES
from workflow.plan.plan import Plan, Run
from workflow.plan.room import estimated_bytes_of

MEASURED = ("reports/*/measured/runs.csv", "reports/*/measured/costs.csv")
"""What whole trainings of each paper that has been reproduced were, and what they took; once both stood in the former."""
SAMPLED = "benchmarks/rates.csv"
"""What the first episodes of all other runs took; written by `make rates`."""

_START = 120  # seconds: half a gigabyte of libraries from a network's disk, kernels compiled for the first time
_MARGIN = 3  # slower processors than those measured, caches shared with others, numbers that become denormal late
_REFERENCE = 30  # how much slower than the compiled engine PyTorch is: benchmarks/results.md
_MIB = 1500  # a job of ten seeds holds 600 to 1000
_SEEDS_WITHIN = 10
_MIB_PER_SEED = 2  # beyond these: of logs, three times over while they are written
_BYTES_PER_ROW, _BYTES_PER_POINT = 60, 600  # of a log and of a curve, in memory
_SECONDS_PER_ROW, _SECONDS_PER_SEED = 1e-6, 0.05
_PACKS = {1: "trainings_of_1_minute", 5: "trainings_of_5_minutes", 15: "trainings_of_15_minutes"}

Key = tuple[str, str, str]


class Measurement(NamedTuple):
    """What a seed of a run took on average."""

    steps: float
    """Agent steps; of a single-step task, updates."""
    seconds: float
    """Seconds of one core."""
    whole: bool
    """Whether it had its paper's whole budget."""


class Cost(NamedTuple):
    """What the trainings of a plan take."""

    runs: int
    seeds: int
    """Over all runs."""
    jobs: int
    """Blocks of seeds."""
    files: int
    """Files of results; Snakemake also keeps a record of each, and a log of each job."""
    gigabytes: float
    """Most gigabytes of results."""
    core_hours: float
    at_most: float
    """The part of `core_hours` that is an upper bound, for runs that have not been measured at this length."""


def measurements(root: Path) -> dict[Key, Measurement]:
    """By (task, method, variant); whole trainings go before samples."""
    return _read(root, False, SAMPLED) | _read(root, True, *MEASURED)


def _read(root: Path, whole: bool, *patterns: str) -> dict[Key, Measurement]:
    """What these tables say together of each run; one of which they do not say how long it took is left out."""
    rows: dict[Key, dict[str, str]] = {}
    for path in (path for pattern in patterns for path in sorted(root.glob(pattern))):
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                rows.setdefault((row["task"], row["method"], row["variant"]), {}).update(row)
    found = {}
    for key, row in rows.items():
        if {"n", "agent_steps", "cpu_seconds"} <= row.keys():
            seeds, steps, seconds = (float(row[name]) for name in ("n", "agent_steps", "cpu_seconds"))
            found[key] = Measurement(steps / seeds, seconds / seeds, whole)
    return found


class Estimates:
    """What jobs take, by what was measured of runs like theirs."""

    def __init__(self, known: Mapping[Key, Measurement]) -> None:
        """`known`: see `measurements`."""
        self._known = known
        self._rates: dict[tuple[Key, str], float] = {}

    def step_seconds(self, run: Run) -> float:
        """Core seconds for an agent step of one seed, of the run itself or else of the slowest that is like it.

        Like it are runs of its method on its task, then of its method on tasks of that kind, then all on tasks of that kind.
        """
        if (run.key, run.engine) not in self._rates:
            self._rates[run.key, run.engine] = self._slowest(run) * (_REFERENCE if run.engine == "reference" else 1)
        return self._rates[run.key, run.engine]

    def most_seconds(self, run: Run) -> float:
        """Core seconds of a seed whose episodes all last until their time limit."""
        return self.step_seconds(run) * run.most_steps

    def seconds(self, run: Run, full_length: bool) -> tuple[float, bool]:
        """Core seconds of a seed, and whether they were measured or are `most_seconds`."""
        measured = self._known.get(run.key)
        if measured is not None and measured.whole and full_length and run.engine == "fused":
            return measured.seconds, True
        return self.most_seconds(run), False

    def minutes(self, seconds: float, attempt: int = 1) -> int:
        """The time limit to set for a job that takes so many core seconds here; more for each further attempt."""
        return math.ceil((_START + _MARGIN * seconds) / 60) * attempt

    def pack(self, seconds: float) -> str | None:
        """The group of jobs, small ones that go together, to which one of so many core seconds belongs; None: it goes alone."""
        return next((name for minutes, name in _PACKS.items() if seconds <= 60 * minutes), None)

    def _slowest(self, run: Run) -> float:
        kind = TASKS[run.task].kind
        alike: list[Callable[[Key], bool]] = [
            lambda key: key == run.key,
            lambda key: key[:2] == run.key[:2],
            lambda key: key[1] == run.method and TASKS[key[0]].kind == kind,
            lambda key: TASKS[key[0]].kind == kind,
        ]
        rates = ([item.seconds / item.steps for key, item in self._known.items() if is_alike(key)] for is_alike in alike)
        return max(next(found for found in rates if found))


def mebibytes(seeds: int, attempt: int = 1) -> int:
    """Memory to ask for, for a job that trains so many seeds; more for each further attempt."""
    return (_MIB + _MIB_PER_SEED * max(0, seeds - _SEEDS_WITHIN)) * attempt


class Summary(NamedTuple):
    """What reducing a paper's results to a few tables takes."""

    read_mebibytes: int
    """Memory that holds all logs."""
    shown_mebibytes: int
    """Memory that holds what is made of the logs."""
    minutes: int
    """At most."""


def summary(plan: Plan, paper: str) -> Summary:
    """What the logs of the runs that a paper's report shows take when they are reduced to one row a seed and to curves."""
    from reports.runs.summarise import CURVE_POINTS  # which imports pandas: `cost` and `status` need none of it

    runs = [(run, len(plan.seeds[run.key])) for run in plan.reported_runs(paper)]
    rows = sum(run.longest * seeds for run, seeds in runs)
    points = sum(min(run.longest, CURVE_POINTS) * seeds for run, seeds in runs)
    read = _MIB + (rows * _BYTES_PER_ROW + points * _BYTES_PER_POINT) // 2**20
    shown = _MIB + points * _BYTES_PER_POINT // 2**20
    seconds = rows * _SECONDS_PER_ROW + sum(seeds for _, seeds in runs) * _SECONDS_PER_SEED
    return Summary(read, shown, math.ceil((_START + _MARGIN * seconds) / 60))


def cost(plan: Plan, paper: str, estimates: Estimates) -> Cost:
    """What the trainings of one of the plan's papers take."""
    runs = [run for run in plan.runs.values() if run.paper == paper]
    jobs = sum(len(plan.blocks(run)) for run in runs)
    hours = bound = total_bytes = 0.0
    for run in runs:
        count = len(plan.seeds[run.key])
        seconds, measured = estimates.seconds(run, plan.budget == "full")
        hours += count * seconds / 3600
        bound += 0 if measured else count * seconds / 3600
        total_bytes += estimated_bytes_of(run, count)
    seeds = sum(len(plan.seeds[run.key]) for run in runs)
    return Cost(len(runs), seeds, jobs, len(FILES) * jobs, total_bytes / 1e9, hours, bound)


def table(plan: Plan, estimates: Estimates) -> str:
    """What every paper's trainings take, and all together, in Markdown."""
    costs = {paper: cost(plan, paper, estimates) for paper in plan.papers}
    if len(costs) > 1:
        costs["all"] = Cost(*(sum(column) for column in zip(*costs.values(), strict=True)))
    lines = [
        "| paper | runs | seeds | jobs | files | GB, at most | core hours | of these at most |",
        "|:--|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, of in costs.items():
        numbers = (f"{value:,}" for value in (of.runs, of.seeds, of.jobs, of.files))
        lines.append(f"| {' | '.join([name, *numbers])} | {of.gigabytes:.1f} | {of.core_hours:,.1f} | {of.at_most:,.1f} |")
    return "\n".join(lines)
