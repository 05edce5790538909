"""Means published with a deviation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

import pandas as pd
from annotated_types import Ge, Gt

from reports.claims.claim import OneMethodClaim
from reports.claims.judgement import Judgement, bounded_below, number, of_difference_from_paper
from reports.claims.quantities import EVENTS, Event, Level, values_and_censored
from reports.statistics.inference import Difference, Sample, standard_deviation
from reports.statistics.power import of_difference


class Mean(OneMethodClaim):
    """A mean over runs, published with its standard deviation.

    It agrees where the 90 % Welch interval of the difference from ours lies within ± margin, and differs where the 95 % interval
    lies wholly outside. The printed deviation counts as ours where ours is larger. A mean of episodes to an event is restricted
    to the length of our runs, and agrees only where that is beyond the margin.
    """

    WORDS = "means with a deviation"
    RANK = 1

    kind: Literal["mean"]
    quantity: Level | Event = "mean_return"
    mean: float
    sd: Annotated[float, Gt(0)]
    ddof: Literal[0, 1]
    """What the published standard deviation divides by: 0 for n, 1 for n - 1."""
    n: Annotated[int, Ge(2)]
    """Runs on the paper's side."""
    margin: Annotated[float, Gt(0)] | None = None
    """Largest difference that counts as agreement; none: one published standard deviation."""

    @property
    def tolerance(self) -> float:
        """The margin in force."""
        return self.sd if self.margin is None else self.margin

    @property
    def limited_by_paper(self) -> bool:
        return True

    def published(self, event: str) -> Mapping[str, Any]:
        return {"paper_n": self.n, "paper_mean": self.mean} if self.quantity == event else {}

    def judge(self, tables: Sequence[pd.DataFrame]) -> Judgement:
        (runs,) = tables
        decimals = 1 if self.quantity in EVENTS else 2
        paper = f"{number(self.mean, 2)} ± {self.sd:.2f}"
        if not len(runs):
            return Judgement(paper)
        values, times = values_and_censored(runs, self.quantity)
        ours, published = Sample.of(values), Sample.published(self.mean, self.sd, self.n, self.ddof)
        least = "≥ " if times and times.censored else ""
        text = f"{least}{number(ours.mean, decimals)} ± {standard_deviation(values, self.ddof):.{decimals}f}"
        margin = self.tolerance
        difference = Difference.from_published(ours, published)
        found = of_difference_from_paper((paper, text), ours.n, difference, (-margin, margin), times.note if times else "")
        if times and times.limit < self.mean + margin:
            return bounded_below(found, difference, margin)

        def at(n: int) -> Difference:
            return Difference.from_published(Sample(ours.mean, ours.sd, n), published)

        return replace(found, prospect=of_difference(at, -margin, margin, ours.sd))
