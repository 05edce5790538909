"""Orderings of two rules."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal, Self

import pandas as pd
from annotated_types import Gt

from reports.claims.claim import Claim, Key, Runs
from reports.claims.judgement import Effect, Judgement, number
from reports.claims.quantities import EVENTS, GOAL_SHARE, STEADINESS, Event, Level, Times, compared, decimals, with_value
from reports.runs.lookup import event_times
from reports.statistics.comparison import Comparison
from reports.statistics.decisions import Evidence
from reports.statistics.inference import Interval
from reports.statistics.power import of_ordering
from reports.statistics.ranks import probability_of_improvement
from reports.statistics.times import probability_of_earlier


class Ordering(Claim):
    """One method does better than another: higher in a level, or earlier in an event.

    It agrees where the 95 % interval of the difference of the means lies above 0, and differs where it lies below 0, or below
    − margin where one is declared; the exact rank test must say so too. It is of no relevant difference where the 90 % interval
    lies within ± margin. Runs of one method that share their seeds are pairs. Episodes to an event are restricted to the length
    that every run was watched for.

    The probability that a run of one rule beats one of the other is shown beside it. Where a few runs are stuck the two can point
    in opposite directions, which is then noted, and no verdict is given.
    """

    WORDS = "orderings of two rules"
    RANK = 4

    kind: Literal["ordering"]
    better: Runs
    """Method and variant."""
    worse: Runs
    """Method and variant."""
    quantity: Level | Event
    margin: Annotated[float, Gt(0)] | None = None
    """Largest difference that does not matter; none: any difference does."""
    among: Literal["goal"] | None = None
    """Only runs of both that in the end reach the goal count, as for a share of runs; none: all do."""

    @property
    def runs(self) -> Mapping[str, Sequence[Runs]]:
        return {"better": [self.better], "worse": [self.worse]}

    def subject(self, labels: Sequence[str]) -> str:
        return " over ".join(labels)

    def about(self, id: str, key: Key) -> Self:
        task, method, variant = key
        side = "worse" if self.worse[0] == method and self.better[0] != method else "better"
        return self.model_copy(update={"id": id, "task": task, side: (method, variant)})

    def judge(self, tables: Sequence[pd.DataFrame]) -> Judgement:
        better, worse = (with_value(self._counted(table), self.quantity) for table in tables)
        paper = "earlier" if self.quantity in EVENTS else "steadier" if self.quantity in STEADINESS else "better"
        n = min(len(better), len(worse))
        if not n:
            return Judgement(paper)
        comparison, times = compared(better, worse, self.quantity)
        if times:
            wins = probability_of_earlier(*event_times(better, self.quantity), *event_times(worse, self.quantity))
            means = [f"{'≥ ' if side.censored else ''}{number(float(side.values.mean()), 1)}" for side in times]
        else:
            wins = probability_of_improvement(comparison.ours, comparison.other)
            means = [number(float(table[self.quantity].mean()), decimals(table)) for table in (better, worse)]
        difference, least = comparison.difference, self.margin or 0.0
        return Judgement(
            paper,
            " against ".join(means),
            n,
            Evidence(
                min(1.0, 2 * comparison.above(0.0)),
                min(1.0, 2 * comparison.below(-least)),
                difference.p_within(-least, least) if self.margin else math.nan,
            ),
            of_ordering(comparison.at, self.margin),
            "; ".join(_notes(comparison, wins, paper, times)),
            Effect(difference.interval(0.95), difference.interval(0.9), (-least, least), wins),
        )

    def _counted(self, runs: pd.DataFrame) -> pd.DataFrame:
        return runs if self.among is None else runs[runs["goal_rate"] > GOAL_SHARE]


def _notes(comparison: Comparison, wins: Interval, paper: str, times: tuple[Times, Times] | None) -> Iterator[str]:
    share, low, high = (f"{value:.2f}" for value in (wins.estimate, wins.low, wins.high))
    note = f"the one said to be {paper} wins {share} [{low}, {high}] of all pairs of runs"
    ahead = comparison.difference.estimate > 0
    if wins.estimate < 0.5 if ahead else wins.estimate > 0.5:
        note += f", though it is the {'better' if ahead else 'worse'} one on average"
    yield note
    if comparison.paired:
        yield "runs of equal seeds compared in pairs"
    for side, times_of in zip(("the first", "the second"), times or (), strict=False):
        if times_of.censored:
            yield f"{side} {times_of.note}"
