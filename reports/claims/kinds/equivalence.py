"""Likeness of two rules."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self

import pandas as pd
from annotated_types import Gt
from pydantic import model_validator

from reports.claims.claim import OneMethodClaim, Runs
from reports.claims.judgement import Effect, Judgement, number
from reports.claims.quantities import STEADINESS, Level, compared, decimals, with_value
from reports.statistics.comparison import Comparison
from reports.statistics.decisions import Evidence
from reports.statistics.power import of_difference


class Equivalence(OneMethodClaim):
    """One method does about as well as another ("comparable to").

    It agrees where the 90 % interval of the difference of the two means lies within ± margin, or above its lower end where being
    better is alike. It differs where the 95 % interval lies wholly outside, and the exact rank test says so too. Runs of one
    method that share their seeds are pairs.
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
        comparison, _ = compared(runs, other_runs, self.quantity)
        # What is alike is a level itself, not how good it is.
        sign = -1.0 if self.quantity in STEADINESS else 1.0
        comparison = Comparison.of(sign * comparison.ours, sign * comparison.other, comparison.paired)
        difference, bounds = comparison.difference, (-self.margin, math.inf if self.or_better else self.margin)
        effect = Effect(difference.interval(0.95), difference.interval(0.9), bounds)
        shown = (number(value, decimals(runs)) for value in (difference.estimate, effect.narrow.low, effect.narrow.high))
        return Judgement(
            paper,
            "difference {} [{}, {}]".format(*shown),
            min(len(runs), len(other_runs)),
            Evidence(difference.p_within(*bounds), comparison.p_beyond(*bounds)),
            of_difference(comparison.at, *bounds),
            "runs of equal seeds compared in pairs" if comparison.paired else "",
            effect,
        )
