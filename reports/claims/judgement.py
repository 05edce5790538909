"""What our runs have to say to one published claim, before the other tests of the paper are known.

========  ===================================================  ===============================================  ==============
claim     AGREES where                                         p, which can make it DIFFER                      of our runs
========  ===================================================  ===============================================  ==============
mean      the 90 % Welch interval of the difference lies       Welch                                            mean
          within ± margin
value     the 90 % prediction interval for the mean of the     t test of that prediction, the difference        mean
          paper's n runs lies within value ± (margin + error)  taken to be smaller by the reading error
rate      the 90 % Newcombe interval of the difference lies    Fisher's exact test                              share
          within ± margin
share     the 90 % Wilson interval lies within the range,      binomial test against that widened range         share
          widened by the margin
equi-     the 90 % Welch interval of the difference lies       Welch; one-sided where being better is alike     two means
valence   within ± margin
ordering  the p beside it is small enough, and the             two-sided Welch test, for episodes to an event   two samples
          difference has the sign that was claimed             log-rank test; the sign being the opposite
not best  the p beside it is small enough, and some of the     two-sided Welch tests: the least p of those      samples
          others do better on average                          that do better, times the number of all others;
                                                               if none do, the largest p
========  ===================================================  ===============================================  ==============

A value is published without a deviation. That of the paper's runs is taken to be the claim's assumed one, or ours where that is
larger, so that neither verdict rests on our runs being alike.

An ordering is tested in both directions, at half the level each. Of levels the means are tested; the probability that a run of
one rule beats one of the other is shown beside them and decides nothing. Where a few runs are stuck the two can point in
opposite directions, which is then noted.

Episodes to an event are censored at a run's last episode. Where the paper averages over the runs that got there and says how
many did, both sides are compared by the mean restricted to the length of a run, to which the others contribute that length.
Where it says nothing of such runs and some of ours did not get there, ours is known to be no less than that restricted mean: then
the claim can be contradicted, if that is already larger than the paper's, but never agreed with.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports.claims.claim_kinds import EVENTS, Claim, Equivalence, Key, Mean, NotBest, Ordering, Rate, Value
from reports.claims.evidence import Judgement, number
from reports.claims.judgement_among import judge_among_ours
from reports.figures.panels import event_times
from reports.statistics.inference import (
    Difference,
    Sample,
    equal_rates,
    equivalent,
    rate_difference,
    rate_interval,
    rate_within,
    standard_deviation,
    within,
)
from reports.statistics.power import seeds_to_settle, seeds_to_settle_rates, seeds_to_settle_share

GOAL_SHARE = 0.5
"""A run has learned to reach the goal if more than this share of its last 100 episodes ended there."""

Floats = NDArray[np.float64]


def judge(claim: Claim, runs: Mapping[Key, pd.DataFrame]) -> Judgement:
    """Hold a claim against the summaries of our runs (empty ones for what was not run)."""
    tables = [runs[key] for key in claim.keys]
    if isinstance(claim, Rate):
        return _rate(claim, tables[0])
    if isinstance(claim, (Ordering, Equivalence, NotBest)):
        return judge_among_ours(claim, tables)
    if isinstance(claim, Mean):
        return _mean(claim, tables[0])
    return _restricted_mean_time(claim, tables[0]) if claim.column in EVENTS else _value(claim, tables[0])


def reached_event(runs: pd.DataFrame, event: str, level: float | None = None) -> NDArray[np.bool_]:
    """Which runs got to an event, or to what else `reports.claims.claim_kinds.Rate.event` may name, with its `level`."""
    if event == "plateau":
        reached = runs["best_median"] >= level
    elif event == "goal":
        reached = runs["goal_rate"] > GOAL_SHARE
    elif event == "asymptote":
        reached = runs["final_median"] >= runs["solved_threshold"]
    else:
        reached = runs[event].notna()
    return reached.to_numpy(bool)


def _mean(claim: Mean, runs: pd.DataFrame) -> Judgement:
    decimals = 1 if claim.quantity in EVENTS else 2
    paper = f"{number(claim.mean, 2)} ± {claim.sd:.2f}"
    if not len(runs):
        return Judgement(paper)
    values, censored = _values_and_censored(runs, claim.quantity)
    ours, published = Sample.of(values), Sample.published(claim.mean, claim.sd, claim.n, claim.ddof)
    text = f"{number(ours.mean, decimals)} ± {standard_deviation(values, claim.ddof):.{decimals}f}"
    difference, margin = Difference.between(ours, published), claim.tolerance
    if censored:
        return _lower_bound(paper, text, difference, len(values), censored)

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


def _value(claim: Value, runs: pd.DataFrame) -> Judgement:
    paper = number(claim.value) + (f" ± {claim.error:g} (read off)" if claim.error else "")
    values = runs[claim.column].dropna().to_numpy(float) if claim.column in runs else np.empty(0)
    if not len(values):
        return Judgement(paper)
    ours = Sample.of(values)
    decimals = 3 if (runs["kind"] == "single_step").all() else 2
    text = f"{number(ours.mean, decimals)} ± {ours.sd:.{decimals}f}"
    return _predicted(paper, text, ours, claim.value, claim.deviation, claim)


def _restricted_mean_time(claim: Value, runs: pd.DataFrame) -> Judgement:
    """Mean episodes to an event, published without a deviation."""
    some = claim.reached is not None and claim.reached < claim.n
    paper = number(claim.value) + (f" ({claim.reached} of {claim.n})" if some else "")
    if not len(runs):
        return Judgement(paper)
    times, censored = _values_and_censored(runs, claim.column)
    ours = Sample.of(times)
    if claim.reached is not None and some:
        length, there, share = float(runs["steps"].max()), len(times) - censored, claim.reached / claim.n
        published = share * claim.value + (1 - share) * length
        # Of the paper's runs, counted likewise: the assumed deviation among those that got there, and how far the others are off.
        variance = share * claim.deviation**2 + share * (1 - share) * (length - claim.value) ** 2
        got = number(float(times[reached_event(runs, claim.column)].mean()), 1) if there else "–"
        counted = f"runs that did not get there counted at episode {length:.0f}"
        note = f"{counted}: {published:.1f}, ours {ours.mean:.1f} ± {ours.sd:.1f}; "
        deviation = math.sqrt(variance * claim.n / (claim.n - 1))
        return _predicted(paper, f"{got} ({there} of {len(times)})", ours, published, deviation, claim, note)
    text = f"{number(ours.mean, 1)} ± {ours.sd:.1f}"
    if censored:
        difference = Difference.from_further_mean(ours, claim.value, claim.n, claim.deviation)
        return _lower_bound(paper, text, difference, ours.n, censored, f"; {_taken_to_be(ours, claim.deviation)}")
    return _predicted(paper, text, ours, claim.value, claim.deviation, claim)


def _predicted(
    paper: str, text: str, ours: Sample, published: float, deviation: float, claim: Value, note: str = ""
) -> Judgement:
    difference = Difference.from_further_mean(ours, published, claim.n, deviation)

    def at(n: int) -> Difference:
        further = Difference.from_further_mean(Sample(ours.mean, ours.sd, n), published, claim.n, deviation)
        return further.shrunk(claim.error)

    return Judgement(
        paper,
        text,
        ours.n,
        equivalent(difference, claim.margin + claim.error),
        difference.shrunk(claim.error).p_value(),
        seeds=(lambda tests: seeds_to_settle(at, -claim.margin, claim.margin, tests)) if ours.n > 1 else None,
        note=note + _taken_to_be(ours, deviation),
        effect=difference.interval(0.9),
    )


def _taken_to_be(ours: Sample, deviation: float) -> str:
    """What stands for the paper's deviation, in words."""
    return "the paper's SD taken to be ours" if ours.sd > deviation else f"the paper's SD taken to be {deviation:.3g}"


def _lower_bound(paper: str, text: str, difference: Difference, n: int, censored: int, further: str = "") -> Judgement:
    """Some of our runs did not get there: their mean is at least what it is with their last episodes."""
    note = f"{censored} of our {n} runs did not get there and count at their last episode, so ours is a lower bound"
    return Judgement(paper, f"≥ {text}", n, p=difference.p_value("greater"), note=note + further)


def _rate(claim: Rate, runs: pd.DataFrame) -> Judgement:
    low, high = claim.share or (0.0, 0.0)
    in_words = f"{100 * low:.0f} %" if low == high else f"{100 * low:.0f}–{100 * high:.0f} %"
    paper = in_words if claim.share else f"{claim.reached} of {claim.n}"
    n = len(runs)
    if not n:
        return Judgement(paper)
    reached, margin = int(reached_event(runs, claim.event, claim.level).sum()), claim.margin
    if claim.reached is None:
        low, high = max(low - margin, 0.0), min(high + margin, 1.0)
        bounds, p = rate_interval(reached, n, 0.9), rate_within(reached, n, low, high)
        seeds = functools.partial(seeds_to_settle_share, reached / n, low, high)
    else:
        low, high = -margin, margin
        bounds, p = rate_difference(reached, n, claim.reached, claim.n, 0.9), equal_rates(reached, n, claim.reached, claim.n)
        seeds = functools.partial(seeds_to_settle_rates, reached / n, claim.reached, claim.n, margin)
    return Judgement(paper, f"{reached} of {n}", n, within(bounds, low, high), p, seeds, effect=bounds)


def _values_and_censored(runs: pd.DataFrame, quantity: str) -> tuple[Floats, int]:
    """A quantity of each run, and how many of them are censored."""
    if quantity in EVENTS:
        times, reached = event_times(runs, quantity)
        return times, int((~reached).sum())
    return runs[quantity].to_numpy(float), 0
