"""Means published with a deviation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import pandas as pd
from annotated_types import Ge, Gt

from reports.claims.claim import OneMethodClaim
from reports.claims.judgement import Judgement, lower_bound, number
from reports.claims.quantities import EVENTS, Event, Level, values_and_censored
from reports.statistics.inference import Difference, Sample, equivalent, standard_deviation
from reports.statistics.power import seeds_to_settle


class Mean(OneMethodClaim):
    """A mean over runs, published with its standard deviation.

    It agrees where the 90 % Welch interval of the difference from ours lies within ± margin. It can differ by Welch's test.
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
        values, censored = values_and_censored(runs, self.quantity)
        ours, published = Sample.of(values), Sample.published(self.mean, self.sd, self.n, self.ddof)
        text = f"{number(ours.mean, decimals)} ± {standard_deviation(values, self.ddof):.{decimals}f}"
        difference, margin = Difference.between(ours, published), self.tolerance
        if censored:
            return lower_bound(paper, text, difference, len(values), censored)

        def at(n: int) -> Difference:
            return Difference.between(Sample(ours.mean, ours.sd, n), published)

        return Judgement(
            paper,
            text,
            ours.n,
            equivalent(difference, margin),
            difference.p_value(),
            seeds=lambda tests: seeds_to_settle(at, -margin, margin, tests),
            effect=difference.interval(0.9),
        )
