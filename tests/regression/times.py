"""How long a step of each method takes, in units of a calibration loop that is timed in the same breath.

A loaded machine slows both down, so that their ratio is fairly steady where microseconds are not; and both are timed on the
thread's own clock, which stands still while others have the processor. Even so a time only ever warns.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from time import thread_time
from typing import Any

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from algorithms.interface import methods
from benchmarks.learners import ACROBOT, fill_memory, make, microseconds
from workflow.plan.sources import has_fused_twin
from workflow.process.threads import limit_threads

SLOWER = 0.25
"""A method that takes this much longer than expected, relative to the calibration, is flagged."""
_SEEDS = 4
_ROUNDS, _ROUNDS_AGAIN = 4, 12
_STEPS = {"equilibrium_propagation": 40, "backprop_through_time": 10, "backprop_replay": 200}
"""Agent steps of one timing, so that it takes some tens of milliseconds; of other methods `_MANY_STEPS`."""
_MANY_STEPS = 500
_MEMORY = 200
"""Steps of the episode that a memory is filled with beforehand."""
_ROWS, _COLUMNS, _PRODUCTS = 64, 32, 2000


def measure(names: Iterable[str] | None = None, rounds: int = _ROUNDS) -> pd.DataFrame:
    """Timings of the compiled methods, all or those named, at Acrobot's shapes: method, microseconds, calibration, relative.

    microseconds of one agent step of one seed, calibration of one product of the calibration loop: the fastest of several each,
    taken alternately; relative is their ratio.
    """
    limit_threads()
    names = [name for name in names or methods() if has_fused_twin(name)]
    fastest = {name: [float("inf"), float("inf")] for name in names}
    for _ in range(rounds):
        for name in names:
            learner = fill_memory(make(name, _SEEDS, "fused", ACROBOT), _MEMORY)
            calibration = _calibration()
            taken = microseconds(learner, _STEPS.get(name, _MANY_STEPS), 1, thread_time)
            fastest[name] = [min(fastest[name][0], taken), min(fastest[name][1], calibration, _calibration())]
    rows = [(name, taken, calibration, taken / calibration) for name, (taken, calibration) in fastest.items()]
    return pd.DataFrame(rows, columns=["method", "microseconds", "calibration", "relative"])


def compare(expected: pd.DataFrame, present: pd.DataFrame) -> pd.DataFrame:
    """`present` with the columns expected (relative; missing where there is none), change and flagged; see `SLOWER`."""
    before = present["method"].map(expected.set_index("method")["relative"]).astype(float)
    change = present["relative"] / before - 1
    return present.assign(expected=before, change=change, flagged=change > SLOWER)


def measure_against(expected: pd.DataFrame) -> pd.DataFrame:
    """As `compare`, of timings taken now; what would be flagged is measured again, for longer, and the lesser time counts."""
    present = measure()
    doubtful = compare(expected, present)
    names = list(doubtful.loc[doubtful["flagged"], "method"])
    if names:
        both = pd.concat([present, measure(names, _ROUNDS_AGAIN)])
        present = both.sort_values("relative").drop_duplicates("method").sort_values("method", ignore_index=True)
    return compare(expected, present)


def read_times(path: Path) -> pd.DataFrame:
    """Expected times, as `write_times` left them; none where there is no such file."""
    return pd.read_csv(path) if path.is_file() else pd.DataFrame({"method": pd.Series(dtype=str), "relative": []})


def write_times(path: Path, compared: pd.DataFrame) -> None:
    """Expect what `compared` says was measured, but of methods that changed by no more than `SLOWER` what is expected already."""
    kept = compared["change"].abs() <= SLOWER
    relative = compared["relative"].where(~kept, compared["expected"])
    path.parent.mkdir(parents=True, exist_ok=True)
    table = compared.assign(relative=relative)[["method", "relative"]]
    table.to_csv(path, index=False, float_format="%.4g", lineterminator="\n")


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _products(matrix: NDArray[Any], x: NDArray[Any], y: NDArray[Any], count: int) -> None:
    """So many products of a small matrix with a vector, each from the result of the last, as the kernels' inner loops are."""
    rows, columns = len(x), len(y)
    for product in range(count):
        for j in range(columns):
            y[j] = 0
        for i in range(rows):
            weight = x[i]
            for j in range(columns):
                y[j] += weight * matrix[i * columns + j]
        for i in range(rows):
            x[i] = min(max(x[i] + y[(i + product) % columns], matrix.dtype.type(-1)), matrix.dtype.type(1))


def _calibration() -> float:
    """Microseconds of one product, the fastest of several timings."""
    generator = np.random.default_rng(0)
    matrix = generator.standard_normal(_ROWS * _COLUMNS).astype(np.float32)
    x, y = generator.standard_normal(_ROWS).astype(np.float32), np.zeros(_COLUMNS, np.float32)
    _products(matrix, x, y, 1)
    fastest = float("inf")
    for _ in range(5):
        begin = thread_time()
        _products(matrix, x, y, _PRODUCTS)
        fastest = min(fastest, thread_time() - begin)
    return 1e6 * fastest / _PRODUCTS
