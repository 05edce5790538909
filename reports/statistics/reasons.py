"""Why verdicts are decided as they are: `python -m reports.statistics.reasons` writes reasons.csv.

Each number says what would happen by another rule. All are simulated, but for those that are computed or read from the committed
tables, as the column `how` says.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import scipy  # whose parts are imported as they are used
from numpy.typing import NDArray

TRIALS = 10_000
TABLE = Path(__file__).with_suffix(".csv")
Floats = NDArray[np.float64]
Row = tuple[str, str, float, str]
"""The rule, the case, the number, and how it was found."""


def welch(ours: Floats, other: Floats) -> Floats:
    """Two-sided p of equal means, for each row of runs."""
    return np.asarray(scipy.stats.ttest_ind(ours, other, axis=1, equal_var=False).pvalue)


def failing(rng: np.random.Generator, n: int, share: float, depth: float) -> Floats:
    """Returns of n runs, of which a share fails and lies `depth` deviations below the others: [TRIALS, n]."""
    return rng.normal(0, 1, (TRIALS, n)) - depth * (rng.uniform(size=(TRIALS, n)) < share)


def one_family() -> Iterator[Row]:
    """Chance to find a mean that is off by one deviation, from 50 runs of ours and ten of the paper's."""
    rng = np.random.default_rng(1)
    p = welch(rng.normal(1, 1, (TRIALS, 50)), rng.normal(0, 1, (TRIALS, 10)))
    for tests in (1, 79):
        yield (
            "chance to find an error of one deviation",
            f"Holm over {tests} tests",
            float((p < 0.05 / tests).mean()),
            "simulated",
        )


def floors() -> Iterator[Row]:
    """How often a mean of the same returns is off zero significantly, as printed and with our deviation as a floor."""
    rng = np.random.default_rng(2)
    for depth in (10.0, 100.0):
        for n in (10, 50, 200, 1000):
            ours, paper = failing(rng, n, 0.1, depth), failing(rng, 10, 0.1, depth)
            sd, printed = ours.std(axis=1, ddof=1), paper.std(axis=1, ddof=1)
            as_printed = welch(ours, paper)
            se = sd * math.sqrt(1 / n + 1 / 10)
            floored = 2 * scipy.stats.t.sf(np.abs(ours.mean(axis=1) - paper.mean(axis=1)) / se, n - 1)
            case = f"a tenth fails {depth:.0f} deviations below, {n} of ours"
            yield "equal returns found different, deviation as printed", case, float((as_printed < 0.05).mean()), "simulated"
            p = np.where(sd > printed, floored, as_printed)
            yield "equal returns found different, deviation floored", case, float((p < 0.05).mean()), "simulated"


def few_failures() -> Iterator[Row]:
    """How often equal means are found different if one rule fails now and then and the other never does."""
    rng = np.random.default_rng(3)
    for n in (8, 20, 32, 50):
        for share, depth in ((0.1, 10.0), (0.1, 30.0), (0.05, 30.0)):
            p = welch(failing(rng, n, share, depth) + share * depth, rng.normal(0, 1, (TRIALS, n)))
            case = f"{share:.0%} of one rule's fail {depth:.0f} deviations below, n = {n}"
            yield "equal means found different by Welch's test", case, float((p < 0.05).mean()), "simulated"
    for n in (8, 20, 32, 50):
        yield "chance that no failure is seen", f"10% fail, n = {n}", 0.9**n, "computed"


def censored() -> Iterator[Row]:
    """Chance that no run is censored, without which a mean time could never agree."""
    for n in (10, 50, 1000):
        yield "chance that no run is censored", f"2 % never get there, n = {n}", 0.98**n, "computed"


def unpaired() -> Iterator[Row]:
    """Standard error of BP at a low temperature against BP where their common luck is left in, from the committed tables."""
    for path in sorted(Path(__file__).parents[1].glob("*/measured/last_quarter.csv")):
        table = pd.read_csv(path)
        for task, own in table[table["method"] == "backprop_replay"].groupby("task"):
            errors = own.set_index("label")["mean_sem"]
            if {"BP", "BP (low temp)"} <= set(errors.index):
                se = math.hypot(errors["BP"], errors["BP (low temp)"])
                yield "standard error of BP (low temp) − BP, unpaired", f"{task}, n = {own['n'].iloc[0]}", se, "committed tables"


def main() -> int:
    """Write the table."""
    rows = [row for part in (one_family, floors, few_failures, censored, unpaired) for row in part()]
    pd.DataFrame(rows, columns=["rule", "case", "value", "how"]).round(3).to_csv(TABLE, index=False)
    print(f"Wrote {TABLE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
