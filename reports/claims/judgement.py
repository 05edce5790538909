"""What is found on one claim: ours beside the paper's, and what speaks for each verdict.

Each kind of claim is tested as its class in `reports.claims.kinds` says; `reports.claims.verdicts` makes verdicts of it.

A number may be published without a deviation. That of the paper's runs is then taken to be the claim's assumed one, or ours if
that is larger; a printed deviation is replaced by ours likewise. So neither verdict rests on runs that are alike by luck.

Episodes to an event are censored at a run's last episode. A mean of them is restricted to that length, to which a run that did
not get there contributes as much; where the paper says how many of its runs did, its mean is restricted likewise.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from reports.statistics.decisions import Evidence, Prospect
from reports.statistics.inference import Difference, Interval


@dataclass(frozen=True)
class Judgement:
    """Ours beside the paper's, and what speaks for each verdict."""

    paper: str
    ours: str = "–"
    n: int = 0
    """Our runs; of two methods, those of the one that has fewer."""
    evidence: Evidence = field(default_factory=Evidence)
    """p-values, not adjusted for anything."""
    prospect: Prospect | None = None
    """Chances with other numbers of our runs; none: not known."""
    note: str = ""
    effect: Effect | None = None


@dataclass(frozen=True)
class Effect:
    """What a verdict rests on: the difference from the paper's mean or share, or of two of ours; our share, where the paper's is
    in words.
    """

    wide: Interval
    """Estimate and 95 % interval: a claim differs where it lies wholly outside what is allowed."""
    narrow: Interval
    """Estimate and 90 % interval: a number agrees where it lies within what is allowed."""
    allowed: tuple[float, float]
    """Between which values the claim holds; of an ordering, from which on a difference matters."""
    wins: Interval | None = None
    """Probability that a run of the better rule of an ordering wins, with its 95 % interval."""


def of_difference_from_paper(
    texts: tuple[str, str], ours_n: int, difference: Difference, bounds: tuple[float, float], note: str = ""
) -> Judgement:
    """Judge a difference from the paper by two one-sided tests and by the interval's lying outside of `bounds`.

    `texts` are the paper's and ours. The prospect is left to the caller, who knows what more runs would change.
    """
    evidence = Evidence(difference.p_within(*bounds), difference.p_beyond(*bounds))
    effect = Effect(difference.interval(0.95), difference.interval(0.9), bounds)
    return Judgement(*texts, ours_n, evidence, note=note, effect=effect)


def bounded_below(found: Judgement, difference: Difference, margin: float) -> Judgement:
    """Judge a mean time whose limit lies within the margin of the paper's: ours is no less, so that it can only be longer."""
    evidence = Evidence(differs=min(1.0, 2 * difference.above(margin)))
    note = "; ".join([found.note, "the limit lies below the paper's mean and margin, so ours is a lower bound"])
    return replace(found, evidence=evidence, prospect=None, note=note)


def number(value: float, decimals: int | None = None) -> str:
    """A number with a minus sign, as it stands in claims.yaml or with so many decimals."""
    text = f"{value:g}" if decimals is None else f"{round(value, decimals) + 0.0:.{decimals}f}"  # + 0.0: no minus before 0
    return text.replace("-", "−")
