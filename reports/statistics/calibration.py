"""How often verdicts are wrong where the truth is known: `python -m reports.statistics.calibration` writes calibration.csv.

Three kinds of returns are drawn: normal ones; lognormal ones (of a normal with deviation 1); and normal ones of which a tenth are
of runs that failed, ten deviations below the others. The truth is put where a verdict is most easily wrong: at the margin or,
for orderings, at no difference.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports.statistics.comparison import Comparison
from reports.statistics.inference import Difference, Sample, mean_interval

REPETITIONS = 2500
RUNS = (8, 10, 50)
PAPER_RUNS = 10
FAILING, DEPTH = 0.1, 10.0
"""Share of runs that fail, and how far below the others they lie, in deviations."""
TABLE = Path(__file__).with_suffix(".csv")
LEVEL = 0.05

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], Floats]


def failing(rng: np.random.Generator, n: int) -> Floats:
    """Returns of n runs, a tenth of which fail on average."""
    return rng.normal(0, 1, n) - DEPTH * (rng.uniform(size=n) < FAILING)


SHAPES: Mapping[str, tuple[Draw, float, float]] = {
    "normal": (lambda rng, n: rng.normal(0, 1, n), 0.0, 1.0),
    "lognormal": (
        lambda rng, n: rng.lognormal(0, 1, n),
        math.exp(0.5),
        math.sqrt((math.e - 1) * math.e),
    ),
    "10 % failing": (failing, -DEPTH * FAILING, math.sqrt(1 + DEPTH**2 * FAILING * (1 - FAILING))),
}
"""How to draw returns, their true mean and their true deviation."""

Outcome = tuple[bool, bool, bool]
"""Whether the verdict was AGREES, or DIFFERS, and whether the 95 % interval covers the truth."""
Trial = Callable[[np.random.Generator, str, int, float], Outcome]
"""One trial with the returns of a shape, n runs of ours, and ours lying on this side of the other: 1 or −1."""


def printed_mean(rng: np.random.Generator, shape: str, n: int, side: float) -> Outcome:
    """Hold ours against a mean that ten runs of the paper gave, printed with its deviation, which is the margin and the truth."""
    draw = SHAPES[shape][0]
    printed = Sample.of(draw(rng, PAPER_RUNS))
    margin = printed.sd
    difference = Difference.from_published(Sample.of(draw(rng, n) + side * margin), printed)
    return _equality(difference, margin, side * margin)


def printed_mean_alone(rng: np.random.Generator, shape: str, n: int, side: float) -> Outcome:
    """Hold ours against a mean that was printed without a deviation; the margin is the true one."""
    draw, _, sd = SHAPES[shape]
    ours = Sample.of(draw(rng, n) + side * sd)
    difference = Difference.from_further_mean(ours, float(draw(rng, PAPER_RUNS).mean()), PAPER_RUNS, sd)
    return _equality(difference, sd, side * sd)


def likeness(rng: np.random.Generator, shape: str, n: int, side: float) -> Outcome:
    """Hold two rules of ours against each other that differ by the margin, which is the true deviation."""
    draw, _, sd = SHAPES[shape]
    comparison = Comparison.of(draw(rng, n) + side * sd, draw(rng, n))
    agrees, _, covered = _equality(comparison.difference, sd, side * sd)
    return agrees, comparison.p_beyond(-sd, sd) < LEVEL, covered


def ordering(rng: np.random.Generator, shape: str, n: int, side: float) -> Outcome:
    """Ask which of two rules is better that are alike."""
    draw = SHAPES[shape][0]
    return _order(Comparison.of(draw(rng, n), draw(rng, n)))


def ordering_of_pairs(rng: np.random.Generator, shape: str, n: int, side: float) -> Outcome:
    """Ask which of two rules is better that are alike, and whose runs share much of their luck."""
    draw = SHAPES[shape][0]
    shared = draw(rng, n)
    return _order(Comparison.of(shared + draw(rng, n) / 2, shared + draw(rng, n) / 2, paired=True))


def single_mean(rng: np.random.Generator, shape: str, n: int, side: float) -> Outcome:
    """Interval of one mean: nothing is judged by it."""
    draw, mean, _ = SHAPES[shape]
    bounds = mean_interval(draw(rng, n))
    return False, False, bounds.low <= mean <= bounds.high


TRIALS: Mapping[str, Trial] = {
    "printed mean with a deviation": printed_mean,
    "printed mean alone": printed_mean_alone,
    "likeness of rules": likeness,
    "ordering": ordering,
    "ordering of pairs": ordering_of_pairs,
    "interval of a single mean": single_mean,
}


def calibrated(trial: str, shape: str, n: int, repetitions: int, seed: int = 0) -> dict[str, float]:
    """Shares of false verdicts and of intervals that cover the truth, on the worse of the two sides each."""
    sides = []
    for side in (1.0, -1.0):
        rng = np.random.default_rng([seed, n, len(shape), len(trial)])
        sides.append(np.mean([TRIALS[trial](rng, shape, n, side) for _ in range(repetitions)], axis=0))
    found = np.array(sides)
    covered = found[:, 2][np.argmax(np.abs(found[:, 2] - 0.95))]
    return {"false_agrees": found[:, 0].max(), "false_differs": found[:, 1].max(), "covered": float(covered)}


def table(repetitions: int) -> Iterator[dict[str, object]]:
    """Every cell: claim, returns, n; false_agrees, false_differs and covered, as shares; trials."""
    for trial in TRIALS:
        for shape in SHAPES:
            for n in RUNS:
                yield (
                    {"claim": trial, "returns": shape, "n": n}
                    | calibrated(trial, shape, n, repetitions)
                    | {"trials": repetitions}
                )


def _equality(difference: Difference, margin: float, truth: float) -> Outcome:
    bounds = difference.interval(0.95)
    agrees, differs = difference.p_within(-margin, margin) < LEVEL, difference.p_beyond(-margin, margin) < LEVEL
    return agrees, differs, bounds.low <= truth <= bounds.high


def _order(comparison: Comparison) -> Outcome:
    bounds = comparison.difference.interval(0.95)
    return 2 * comparison.above(0.0) < LEVEL, 2 * comparison.below(0.0) < LEVEL, bounds.low <= 0 <= bounds.high


def main() -> int:
    """Write the table."""
    pd.DataFrame(table(REPETITIONS)).round(4).to_csv(TABLE, index=False)
    print(f"Wrote {TABLE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
