"""Orderings of two rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Self

import pandas as pd

from reports.claims.claim import Claim, Key, Runs
from reports.claims.judgement import Judgement, number
from reports.claims.quantities import EVENTS, STEADINESS, Event, Level, decimals, more_is_better, with_value
from reports.runs.lookup import event_times
from reports.statistics.inference import Difference, Sample, log_rank, probability_of_earlier, probability_of_improvement
from reports.statistics.power import seeds_to_settle


class Ordering(Claim):
    """One method does better than another: higher in a level, or earlier in an event.

    It is tested in both directions, at half the level each: by Welch's test of the means, or by the log-rank test of episodes to
    an event. Where the p is small enough it agrees if the difference has the sign that was claimed, else it differs.

    The probability that a run of one rule beats one of the other is shown beside it and decides nothing. Where a few runs are
    stuck the two can point in opposite directions, which is then noted.
    """

    WORDS = "orderings of two rules"
    RANK = 4
    DIRECTED = True

    kind: Literal["ordering"]
    better: Runs
    """Method and variant."""
    worse: Runs
    """Method and variant."""
    quantity: Level | Event

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
        better, worse = (with_value(table, self.quantity) for table in tables)
        paper = "earlier" if self.quantity in EVENTS else "steadier" if self.quantity in STEADINESS else "better"
        n = min(len(better), len(worse))
        if not n:
            return Judgement(paper)
        seeds = None
        if self.quantity in EVENTS:
            times = (*event_times(better, self.quantity), *event_times(worse, self.quantity))
            improvement = probability_of_earlier(*times)
            censored = int((~times[1]).sum()), int((~times[3]).sum())
            means = [
                f"{'≥ ' if left else ''}{number(float(values.mean()), 1)}"
                for values, left in zip(times[::2], censored, strict=True)
            ]
            p, as_claimed = log_rank(*times), log_rank(*times, "earlier") < 0.5
        else:
            up_values, down_values = (more_is_better(table, self.quantity) for table in (better, worse))
            up, down = Sample.of(up_values), Sample.of(down_values)
            difference = Difference.between(up, down)
            improvement = probability_of_improvement(up_values, down_values)
            means = [number(float(table[self.quantity].mean()), decimals(table)) for table in (better, worse)]
            p, as_claimed = difference.p_value(), difference.estimate > 0

            def seeds(tests: int) -> float:
                return seeds_to_settle(
                    lambda n: Difference.between(Sample(up.mean, up.sd, n), Sample(down.mean, down.sd, n)), 0.0, 0.0, tests
                )

        wins, low, high = (f"{share:.2f}" for share in (improvement.estimate, improvement.low, improvement.high))
        note = f"the one said to be {paper} wins {wins} [{low}, {high}] of all pairs of runs"
        if improvement.estimate < 0.5 if as_claimed else improvement.estimate > 0.5:
            note += f", though it is the {'better' if as_claimed else 'worse'} one on average"
        return Judgement(paper, " against ".join(means), n, as_claimed, p, seeds, note, improvement)
