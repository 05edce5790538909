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
from reports.claims.quantities import STEADINESS, Level, decimals, more_is_better, with_value
from reports.statistics.inference import Difference, Sample


class NotBest(OneMethodClaim):
    """A method does not do best: of several others one at least does better.

    It is tested by two-sided Welch tests against each other. Its p is the least of those that do better on average, times the
    number of all others; if none does, the largest p. Where that is small enough it agrees if some do better, else it differs.
    """

    WORDS = "exceptions to an ordering"
    RANK = 6
    DIRECTED = True

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
        own, *samples = (Sample.of(more_is_better(table, self.quantity)) for table in (runs, *others))
        ahead = [Difference.between(sample, own) for sample in samples]
        better = [difference.p_value() for difference in ahead if difference.estimate > 0]
        # One that does better was picked from several, which Bonferroni's adjustment pays for; that all do worse is as clear as
        # the least clear of them.
        p = min(1.0, min(better) * len(ahead)) if better else max(difference.p_value() for difference in ahead)
        best = others[int(np.argmax([sample.mean for sample in samples]))]
        means = " against ".join(number(float(table[self.quantity].mean()), decimals(table)) for table in (runs, best))
        return Judgement(paper, means, n, bool(better), p, note=f"on average {len(better)} of {len(ahead)} others do better")
