"""Likeness of two rules."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self

import pandas as pd
from annotated_types import Gt
from pydantic import model_validator

from reports.claims.claim import OneMethodClaim, Runs
from reports.claims.judgement import Judgement, number
from reports.claims.quantities import STEADINESS, Level, decimals, with_value
from reports.statistics.inference import Difference, Sample, within
from reports.statistics.power import seeds_to_settle


class Equivalence(OneMethodClaim):
    """One method does about as well as another ("comparable to").

    It agrees where the 90 % Welch interval of the difference of the two means lies within ± margin. It can differ by Welch's
    test, which is one-sided where being better is alike.
    """

    WORDS = "likeness of two rules"
    RANK = 5

    kind: Literal["equivalence"]
    like: Runs
    """Method and variant that it is compared to."""
    quantity: Level
    or_better: bool = False
    """Whether being better is covered by the paper's words ("similar or higher")."""
    margin: Annotated[float, Gt(0)]
    """Largest difference that counts as being alike."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.or_better and self.quantity in STEADINESS:
            raise ValueError(f"or_better: of {self.quantity} less is better, which is not provided for; claim an ordering")
        return self

    @property
    def runs(self) -> Mapping[str, Sequence[Runs]]:
        return {**super().runs, "like": [self.like]}

    def subject(self, labels: Sequence[str]) -> str:
        return " like ".join(labels)

    def judge(self, tables: Sequence[pd.DataFrame]) -> Judgement:
        runs, other_runs = (with_value(table, self.quantity) for table in tables)
        paper = f"difference ≥ −{self.margin:g} (one-sided)" if self.or_better else f"difference within ± {self.margin:g}"
        if not (len(runs) and len(other_runs)):
            return Judgement(paper)
        ours, other = (Sample.of(table[self.quantity]) for table in (runs, other_runs))
        difference = Difference.between(ours, other)
        bounds = difference.interval(0.9)
        low, high = -self.margin, math.inf if self.or_better else self.margin
        estimate, least, most = (number(value, decimals(runs)) for value in (bounds.estimate, bounds.low, bounds.high))

        def at(n: int) -> Difference:
            return Difference.between(Sample(ours.mean, ours.sd, n), Sample(other.mean, other.sd, n))

        return Judgement(
            paper,
            f"difference {estimate} [{least}, {most}]",
            min(ours.n, other.n),
            within(bounds, low, high),
            difference.p_value("less" if self.or_better else "two-sided"),
            seeds=lambda tests: seeds_to_settle(at, low, high, tests),
            effect=bounds,
        )
