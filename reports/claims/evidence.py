"""What is found on one claim: ours beside the paper's, and the tests that decide between them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from reports.statistics.inference import Interval


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


def number(value: float, decimals: int | None = None) -> str:
    """A number with a minus sign, as it stands in claims.yaml or with so many decimals."""
    text = f"{value:g}" if decimals is None else f"{round(value, decimals) + 0.0:.{decimals}f}"  # + 0.0: no minus before 0
    return text.replace("-", "−")
