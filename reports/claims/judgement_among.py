"""What our runs have to say to a claim about two rules or more; the tests stand in the table of `reports.claims.judgement`."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports.claims.claim_kinds import EVENTS, STEADINESS, Equivalence, NotBest, Ordering
from reports.claims.evidence import Judgement, number
from reports.figures.panels import event_times
from reports.statistics.inference import Difference, Sample, log_rank, probability_of_earlier, probability_of_improvement, within
from reports.statistics.power import seeds_to_settle


def judge_among_ours(claim: Ordering | Equivalence | NotBest, tables: Sequence[pd.DataFrame]) -> Judgement:
    """Hold a claim against the summaries of our runs, those of `claim.keys` in this order (empty ones for what was not run).

    A run too short for a level, such as one whose last quarter is a single episode and has no deviation, does not count.
    """
    if claim.quantity not in EVENTS:
        tables = [table[table[claim.quantity].notna()] for table in tables]
    if isinstance(claim, NotBest):
        return _not_best(claim, tables[0], tables[1:])
    first, second = tables
    return _ordering(claim, first, second) if isinstance(claim, Ordering) else _equivalence(claim, first, second)


def _equivalence(claim: Equivalence, runs: pd.DataFrame, other_runs: pd.DataFrame) -> Judgement:
    paper = f"difference ≥ −{claim.margin:g} (one-sided)" if claim.or_better else f"difference within ± {claim.margin:g}"
    if not (len(runs) and len(other_runs)):
        return Judgement(paper)
    ours, other = (Sample.of(table[claim.quantity]) for table in (runs, other_runs))
    difference = Difference.between(ours, other)
    bounds = difference.interval(0.9)
    low, high = -claim.margin, math.inf if claim.or_better else claim.margin
    decimals = 3 if (runs["kind"] == "single_step").all() else 2
    estimate, least, most = (number(value, decimals) for value in (bounds.estimate, bounds.low, bounds.high))

    def at(n: int) -> Difference:
        return Difference.between(Sample(ours.mean, ours.sd, n), Sample(other.mean, other.sd, n))

    return Judgement(
        paper,
        f"difference {estimate} [{least}, {most}]",
        min(ours.n, other.n),
        within(bounds, low, high),
        difference.p_value("less" if claim.or_better else "two-sided"),
        seeds=lambda tests: seeds_to_settle(at, low, high, tests),
        effect=bounds,
    )


def _ordering(claim: Ordering, better: pd.DataFrame, worse: pd.DataFrame) -> Judgement:
    paper = "earlier" if claim.quantity in EVENTS else "steadier" if claim.quantity in STEADINESS else "better"
    n = min(len(better), len(worse))
    if not n:
        return Judgement(paper)
    seeds = None
    if claim.quantity in EVENTS:
        times = (*event_times(better, claim.quantity), *event_times(worse, claim.quantity))
        improvement = probability_of_earlier(*times)
        censored = int((~times[1]).sum()), int((~times[3]).sum())
        means = [
            f"{'≥ ' if left else ''}{number(float(values.mean()), 1)}" for values, left in zip(times[::2], censored, strict=True)
        ]
        p, as_claimed = log_rank(*times), log_rank(*times, "earlier") < 0.5
    else:
        up_values, down_values = (_the_more_the_better(table, claim.quantity) for table in (better, worse))
        up, down = Sample.of(up_values), Sample.of(down_values)
        difference = Difference.between(up, down)
        improvement = probability_of_improvement(up_values, down_values)
        means = [_mean(table, claim.quantity) for table in (better, worse)]
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


def _not_best(claim: NotBest, runs: pd.DataFrame, others: Sequence[pd.DataFrame]) -> Judgement:
    paper = f"not the {'steadiest' if claim.quantity in STEADINESS else 'best'}"
    n = min(len(runs), *map(len, others))
    if not n:
        return Judgement(paper)
    own, *samples = (Sample.of(_the_more_the_better(table, claim.quantity)) for table in (runs, *others))
    ahead = [Difference.between(sample, own) for sample in samples]
    better = [difference.p_value() for difference in ahead if difference.estimate > 0]
    # One that does better was picked from several, which Bonferroni's adjustment pays for; that all do worse is as clear as the
    # least clear of them.
    p = min(1.0, min(better) * len(ahead)) if better else max(difference.p_value() for difference in ahead)
    best = others[int(np.argmax([sample.mean for sample in samples]))]
    means = f"{_mean(runs, claim.quantity)} against {_mean(best, claim.quantity)}"
    return Judgement(paper, means, n, bool(better), p, note=f"on average {len(better)} of {len(ahead)} others do better")


def _the_more_the_better(runs: pd.DataFrame, quantity: str) -> NDArray[np.float64]:
    values = runs[quantity].to_numpy(float)
    return -values if quantity in STEADINESS else values


def _mean(runs: pd.DataFrame, quantity: str) -> str:
    return number(float(runs[quantity].mean()), 3 if (runs["kind"] == "single_step").all() else 2)
