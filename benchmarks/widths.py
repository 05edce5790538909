"""Samples per second of an update by width, of DDPG and of the decentralised rule, on one core and on two (guss2016)."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

import pandas as pd

from benchmarks import off_policy
from reports.guss2016.speed import FILE
from workflow.process.instructions import instructions_in_force
from workflow.process.provenance import cpu_name, git_state
from workflow.process.threads import limit_threads

METHODS = ("ddpg", "decentralised_ddpg")
WIDTHS = (10, 32, 64, 128, 256, 400)
"""Units of each of two hidden layers."""
SAMPLES = 64
CORES = (1, 2)
_SECONDS = 4.0
_LEAST_UPDATES = 3


def measure() -> Path:
    """Time both methods at every width, and write the table that the report shows.

    Columns: width, method, cores, samples_per_second (of all seeds, the best of several timings; two cores run a process
    each, with as many seeds), operations (additions and multiplications a sample), cpu, instructions, commit.
    """
    rows = []
    here = {"cpu": cpu_name(), "instructions": instructions_in_force(), "commit": git_state()["commit"]}
    for width in WIDTHS:
        for method in METHODS:
            for cores in CORES:
                taken = _together(method, width, cores)
                count = off_policy.ddpg_operations if method == "ddpg" else off_policy.decentralised_operations
                operations = count((width, width), SAMPLES) / SAMPLES
                rows.append({"width": width, "method": method, "cores": cores, "samples_per_second": round(taken)})
                rows[-1] |= {"operations": round(operations), **here}
                print(f"{method} {width}-{width}, {cores} cores: {taken:,.0f} samples/s", flush=True)
    pd.DataFrame(rows).to_csv(FILE, index=False)
    return FILE


def _together(method: str, width: int, cores: int) -> float:
    """Samples per second of so many processes at the same time."""
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        return sum(pool.map(samples_per_second, [method] * cores, [width] * cores))


def samples_per_second(method: str, width: int) -> float:
    """Those that a process alone learns from, of `off_policy.SEEDS` seeds."""
    limit_threads()
    updates, taken, begin = max(_LEAST_UPDATES, 6000 // width), float("inf"), perf_counter()
    while perf_counter() - begin < _SECONDS:
        taken = min(taken, off_policy.batched_microseconds(method, (width, width), SAMPLES, updates))
    return 1e6 * SAMPLES / taken
