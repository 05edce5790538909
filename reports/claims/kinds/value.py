"""Means published without a deviation."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal, Self

import numpy as np
import pandas as pd
from annotated_types import Ge, Gt
from pydantic import model_validator

from reports.claims.claim import OneMethodClaim
from reports.claims.judgement import Judgement, bounded_below, number, of_difference_from_paper
from reports.claims.quantities import EVENTS, Event, Level, Times, decimals
from reports.runs.lookup import event_times
from reports.statistics.inference import Difference, Sample
from reports.statistics.power import of_difference


class Value(OneMethodClaim):
    """A mean over runs published without a deviation: of those that got somewhere, or read off a figure.

    It agrees where the 90 % prediction interval, from our runs, for the mean of the paper's n runs lies within margin and error
    together, and differs where the 95 % interval lies wholly outside. A mean of episodes to an event is restricted to the length
    of our runs; where no more is known of the paper's, it agrees only if that is beyond the margin.
    """

    WORDS = "means without a deviation"
    RANK = 2

    kind: Literal["value"]
    quantity: Level | Event | None = None
    update: Annotated[int, Ge(1)] | Literal["last"] | None = None
    """In place of a quantity: the update at which a curve of a single-step task was read."""
    value: float
    error: Annotated[float, Ge(0)] = 0.0
    """Largest error of reading it, in its own unit."""
    reached: Annotated[int, Ge(1)] | None = None
    """Runs that an event's mean is over, those of the n that got there; none: all, or not published."""
    margin: Annotated[float, Gt(0)]
    """Largest difference, beside the reading error, that counts as agreement."""
    assumed_sd: Annotated[float, Gt(0)] | None = None
    """What the deviation of the paper's runs is taken to be, where ours is not larger; none: the margin, one deviation as it is
    for a mean."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.quantity is None) == (self.update is None):
            raise ValueError("it needs either a quantity or an update")
        if self.reached is not None and (self.quantity not in EVENTS or self.reached > self.n):
            raise ValueError(f"reached: {self.reached} of {self.n} runs did not get to {self.quantity or 'an update'}")
        return self

    @property
    def column(self) -> str:
        """The column of the summary that holds it."""
        return self.quantity or f"reward_at_{self.update}"

    @property
    def deviation(self) -> float:
        """The assumed deviation in force."""
        return self.margin if self.assumed_sd is None else self.assumed_sd

    @property
    def limited_by_paper(self) -> bool:
        return True

    def problem(self, checkpoints: Collection[int]) -> tuple[str, str]:
        if not isinstance(self.update, int) or self.update in checkpoints:
            return "", ""
        recorded = ", ".join(sorted(map(str, checkpoints)))
        return "update", f"update {self.update} is not recorded; choose one of {recorded} or last"

    @property
    def about_what(self) -> str:
        return str(self.quantity or f"update {self.update}")

    def published(self, event: str) -> Mapping[str, Any]:
        return {"paper_n": self.n, "paper_mean": self.value} if self.quantity == event else {}

    def judge(self, tables: Sequence[pd.DataFrame]) -> Judgement:
        (runs,) = tables
        if self.column in EVENTS:
            return self._restricted_mean_time(runs)
        paper = number(self.value) + (f" ± {self.error:g} (read off)" if self.error else "")
        values = runs[self.column].dropna().to_numpy(float) if self.column in runs else np.empty(0)
        if not len(values):
            return Judgement(paper)
        ours, places = Sample.of(values), decimals(runs)
        text = f"{number(ours.mean, places)} ± {ours.sd:.{places}f}"
        return self._predicted((paper, text), ours, self.value, self.deviation)

    def _restricted_mean_time(self, runs: pd.DataFrame) -> Judgement:
        """Mean episodes to an event, published without a deviation."""
        some = self.reached is not None and self.reached < self.n
        paper = number(self.value) + (f" ({self.reached} of {self.n})" if some else "")
        if not len(runs):
            return Judgement(paper)
        times = Times.of(runs, self.column)
        ours = Sample.of(times.values)
        if self.reached is not None and some:
            # The paper's runs are as long as ours: those of them that did not get there count with that length.
            episodes, got_there = event_times(runs, self.column)
            length, share = float(runs["steps"].max()), self.reached / self.n
            published = share * self.value + (1 - share) * length
            # Of the paper's runs, counted likewise: the assumed deviation among those that got there, and how far the others are
            # off.
            variance = share * self.deviation**2 + share * (1 - share) * (length - self.value) ** 2
            got = number(float(episodes[got_there].mean()), 1) if got_there.any() else "–"
            counted = f"runs that did not get there counted at episode {length:.0f}"
            note = f"{counted}: {published:.1f}, ours {ours.mean:.1f} ± {ours.sd:.1f}; "
            deviation = math.sqrt(variance * self.n / (self.n - 1))
            texts = paper, f"{got} ({int(got_there.sum())} of {ours.n})"
            return self._predicted(texts, ours, published, deviation, note)
        text = f"{'≥ ' if times.censored else ''}{number(ours.mean, 1)} ± {ours.sd:.1f}"
        note = f"{times.note}; " if times.censored else ""
        found = self._predicted((paper, text), ours, self.value, self.deviation, note)
        if times.limit >= self.value + self.margin:
            return found
        difference = Difference.from_further_mean(ours, self.value, self.n, self.deviation)
        return bounded_below(found, difference, self.margin + self.error)

    def _predicted(self, texts: tuple[str, str], ours: Sample, published: float, deviation: float, note: str = "") -> Judgement:
        reach = self.margin + self.error

        def at(n: int) -> Difference:
            return Difference.from_further_mean(Sample(ours.mean, ours.sd, n), published, self.n, deviation)

        found = of_difference_from_paper(texts, ours.n, at(ours.n), (-reach, reach), note + _taken_to_be(ours, deviation))
        return replace(found, prospect=of_difference(at, -reach, reach, ours.sd)) if ours.n > 1 else found


def _taken_to_be(ours: Sample, deviation: float) -> str:
    """What stands for the paper's deviation, in words."""
    return "the paper's SD taken to be ours" if ours.sd > deviation else f"the paper's SD taken to be {deviation:.3g}"
