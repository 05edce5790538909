"""Shares of runs that get somewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

import numpy as np
import pandas as pd
from annotated_types import Ge
from numpy.typing import NDArray
from pydantic import Field, model_validator

from reports.claims.claim import OneMethodClaim
from reports.claims.judgement import Effect, Judgement
from reports.claims.quantities import GOAL_SHARE, Event
from reports.statistics.decisions import Evidence
from reports.statistics.power import of_rates, of_share
from reports.statistics.rates import (
    difference_beyond,
    difference_within,
    rate_difference,
    rate_interval,
    share_beyond,
    share_within,
)

_Share = Annotated[float, Ge(0)]


class Rate(OneMethodClaim):
    """A share of runs: counted, or said in words.

    A count agrees where the 90 % Newcombe interval of the difference lies within ± margin, and differs where the 95 % interval
    lies wholly outside. A share in words agrees or differs likewise by exact binomial tests of its range, widened by the margin.
    """

    WORDS = "shares of runs"
    RANK = 3

    kind: Literal["rate"]
    event: Event | Literal["goal", "plateau", "last_quarter", "measured"]
    """goal: in the end the run reaches the goal in more than half of its episodes. plateau: the median return of some 100
    consecutive episodes is no less than `level`. last_quarter: the mean over the last quarter of them is no less than it.
    measured: what an experiment measured of a network is no less than it."""
    level: float | None = None
    """The return of a plateau, such as the highest that the task can give, the least mean of a last quarter, or the least of what
    was measured."""
    no_goal_before: Annotated[int, Ge(1)] | None = None
    """Only runs whose first so many episodes all missed the goal count; none: all runs do."""
    reached: Annotated[int, Ge(0)] | None = None
    """How many of the n runs succeeded, as published."""
    share: Annotated[tuple[_Share, _Share], Field(strict=False)] | None = None
    """In place of a count: the lowest and the highest share that the paper's words allow ("about half")."""
    margin: Annotated[float, Ge(0)]
    """Largest difference of shares that counts as agreement."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.reached is None) == (self.share is None):
            raise ValueError("it needs either reached or a share")
        if self.reached is not None and self.reached > self.n:
            raise ValueError(f"reached: {self.reached} of {self.n} runs")
        if self.share is not None and not self.share[0] <= self.share[1] <= 1:
            raise ValueError(f"share: {list(self.share)} is no range of shares")
        if (self.event in ("plateau", "last_quarter", "measured")) != (self.level is not None):
            raise ValueError("level: a plateau, a last quarter and what is measured have one, and nothing else has")
        return self

    @property
    def limited_by_paper(self) -> bool:
        return self.reached is not None

    @property
    def about_what(self) -> str:
        return f"share {self.event}"

    def published(self, event: str) -> Mapping[str, Any]:
        counted = self.event == event and self.reached is not None
        return {"paper_reached": self.reached, "paper_n": self.n} if counted else {}

    def judge(self, tables: Sequence[pd.DataFrame]) -> Judgement:
        (runs,) = tables
        if self.no_goal_before is not None:
            runs = runs[(runs["first_goal"] > self.no_goal_before).fillna(True).to_numpy(bool)]
        low, high = self.share or (0.0, 0.0)
        in_words = f"{100 * low:.0f} %" if low == high else f"{100 * low:.0f}–{100 * high:.0f} %"
        paper = in_words if self.share else f"{self.reached} of {self.n}"
        n = len(runs)
        if not n:
            return Judgement(paper)
        reached, margin = int(self._got_there(runs).sum()), self.margin
        ours = f"{reached} of {n}"
        if self.reached is None:
            low, high = max(low - margin, 0.0), min(high + margin, 1.0)
            evidence = Evidence(float(share_within(reached, n, low, high)), float(share_beyond(reached, n, low, high)))
            effect = Effect(rate_interval(reached, n), rate_interval(reached, n, 0.9), (low, high))
            return Judgement(paper, ours, n, evidence, of_share(reached / n, low, high), effect=effect)
        counts = (reached, n, self.reached, self.n)
        evidence = Evidence(difference_within(*counts, margin), difference_beyond(*counts, margin))
        effect = Effect(rate_difference(*counts), rate_difference(*counts, 0.9), (-margin, margin))
        return Judgement(paper, ours, n, evidence, of_rates(reached / n, self.reached, self.n, margin), effect=effect)

    def _got_there(self, runs: pd.DataFrame) -> NDArray[np.bool_]:
        """Which of our runs did."""
        if self.event == "plateau":
            reached = runs["best_median"] >= self.level
        elif self.event == "last_quarter":
            reached = runs["last_quarter_mean"] >= self.level
        elif self.event == "measured":
            reached = runs["measured"] >= self.level
        elif self.event == "goal":
            reached = runs["goal_rate"] > GOAL_SHARE
        else:
            reached = runs[self.event].notna()
        return reached.to_numpy(bool)
