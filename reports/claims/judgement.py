"""What is found on one claim: ours beside the paper's, and the tests that decide between them.

Each kind of claim is tested as its class in `reports.claims.kinds` says; `reports.claims.verdicts` makes verdicts of it.

A number may be published without a deviation. That of the paper's runs is then taken to be the claim's assumed one, or ours if
that is larger. So neither verdict rests on our runs being alike.

Episodes to an event are censored at a run's last episode. Where the paper averages over the runs that got there and says how
many did, both sides are compared by the mean restricted to the length of a run, to which the others contribute that length.
Where it says nothing of such runs and some of ours did not get there, ours is known to be no less than that restricted mean: then
the claim can be contradicted, if that is already larger than the paper's, but never agreed with.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from reports.statistics.inference import Difference, Interval


@dataclass(frozen=True)
class Judgement:
    """Ours beside the paper's, and the tests that decide between them."""

    paper: str
    ours: str = "–"
    n: int = 0
    """Our runs; of two methods, those of the one that has fewer."""
    agrees: bool = False
    """Whether agreement was shown; of an ordering, whether the difference has the sign that was claimed."""
    p: float = math.nan
    """Unadjusted; nan where there is nothing to test."""
    seeds: Callable[[int], float] | None = None
    """From the number of tests of the paper to how many seeds would settle the claim; none: not known."""
    note: str = ""
    effect: Interval | None = None
    """What is compared, with its interval: the difference from the paper's mean or share, or of two of ours (90 %); our share,
    where the paper's is in words (90 %); of an ordering the probability that a run of the better wins (95 %)."""


def lower_bound(paper: str, text: str, difference: Difference, n: int, censored: int, further: str = "") -> Judgement:
    """Judge a mean time where some of our runs did not get there: it is at least what it is with their last episodes."""
    note = f"{censored} of our {n} runs did not get there and count at their last episode, so ours is a lower bound"
    return Judgement(paper, f"≥ {text}", n, p=difference.p_value("greater"), note=note + further)


def number(value: float, decimals: int | None = None) -> str:
    """A number with a minus sign, as it stands in claims.yaml or with so many decimals."""
    text = f"{value:g}" if decimals is None else f"{round(value, decimals) + 0.0:.{decimals}f}"  # + 0.0: no minus before 0
    return text.replace("-", "−")
