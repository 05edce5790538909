"""Exceptions to an ordering."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from annotated_types import MinLen
from pydantic import Field

from reports.claims.claim import OneMethodClaim, Runs
from reports.claims.judgement import Judgement, number
from reports.claims.quantities import STEADINESS, Level, compared, decimals, with_value
from reports.statistics.decisions import Evidence


class NotBest(OneMethodClaim):
    """A method does not do best: of several others one at least does better.

    Each other is compared by the two tests of an ordering. It agrees where one does better, its p times the number of all others,
    and differs where all do worse, by the largest p.
    """

    WORDS = "exceptions to an ordering"
    RANK = 6

    kind: Literal["not_best"]
    others: Annotated[tuple[Runs, ...], MinLen(1), Field(strict=False)]
    """Methods and variants."""
    quantity: Level

    @property
    def runs(self) -> Mapping[str, Sequence[Runs]]:
        return {**super().runs, "others": self.others}

    def subject(self, labels: Sequence[str]) -> str:
        return f"{labels[0]} among {len(labels)}"

    def judge(self, tables: Sequence[pd.DataFrame]) -> Judgement:
        runs, *others = (with_value(table, self.quantity) for table in tables)
        paper = f"not the {'steadiest' if self.quantity in STEADINESS else 'best'}"
        n = min(len(runs), *map(len, others))
        if not n:
            return Judgement(paper)
        found = [compared(table, runs, self.quantity)[0] for table in others]
        better = sum(comparison.difference.estimate > 0 for comparison in found)
        # One that does better was picked from several, which Bonferroni's adjustment pays for; that all do worse is as clear as
        # the least clear of them.
        evidence = Evidence(
            min(1.0, 2 * min(comparison.above(0.0) for comparison in found) * len(found)),
            min(1.0, 2 * max(comparison.below(0.0) for comparison in found)),
        )
        best = others[int(np.argmax([comparison.ours.mean() for comparison in found]))]
        means = " against ".join(number(float(table[self.quantity].mean()), decimals(table)) for table in (runs, best))
        return Judgement(paper, means, n, evidence, note=f"on average {better} of {len(found)} others do better")
