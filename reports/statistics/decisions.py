"""From p-values to the verdict on a sentence: docs/verdicts.md says why.

A part of a sentence can be found to hold, to fail beyond its margin, or, if it says who does better, to make no difference that
matters. A sentence agrees where all its parts do; it differs where one does, after Holm's adjustment within the sentence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from reports.statistics.multiplicity import holm

ALPHA = 0.05
"""Chance of a false verdict on a sentence that is put up with."""
Verdict = Literal["AGREES", "DIFFERS", "NO RELEVANT DIFFERENCE", "CANNOT BE SETTLED", "INCONCLUSIVE"]
AGREES, DIFFERS, NO_DIFFERENCE, UNSETTLED, OPEN = VERDICTS = (
    "AGREES",
    "DIFFERS",
    "NO RELEVANT DIFFERENCE",
    "CANNOT BE SETTLED",
    "INCONCLUSIVE",
)
GIVEN = (AGREES, DIFFERS, NO_DIFFERENCE)
"""Those that may be false."""


@dataclass(frozen=True)
class Evidence:
    """What speaks for each verdict on a part of a sentence: p-values, or chances to get there; nan where it cannot be given."""

    agrees: float = math.nan
    differs: float = math.nan
    irrelevant: float = math.nan
    """For NO RELEVANT DIFFERENCE, which only a declared margin of an ordering makes possible."""


Prospect = Callable[[int, float, float], Evidence]
"""Chances of the verdicts on a part with n of our runs, DIFFERS being tested at the second level and the others at the first."""


@dataclass(frozen=True)
class Decision:
    """A verdict, or the one that is nearest; p is adjusted within the sentence, `unadjusted` is not."""

    verdict: Verdict
    p: float
    unadjusted: float
    leads: Verdict
    """The verdict that p belongs to, whether or not it is given."""

    def at(self, p: float, alpha: float = ALPHA) -> Decision:
        """Decide anew with a p that was adjusted further, as among primary claims."""
        return Decision(self.leads if p < alpha else "INCONCLUSIVE", p, self.unadjusted, self.leads)


def decide_parts(parts: Sequence[Evidence], alpha: float = ALPHA) -> list[Decision]:
    """The decision on each part: to differ, or to make no difference, is adjusted by Holm over the parts."""
    differs, irrelevant = holm([part.differs for part in parts]), holm([part.irrelevant for part in parts])
    return [
        _decision(
            {"DIFFERS": (d, part.differs), "NO RELEVANT DIFFERENCE": (r, part.irrelevant), "AGREES": (part.agrees, part.agrees)},
            alpha,
        )
        for part, d, r in zip(parts, differs, irrelevant, strict=True)
    ]


def decide(parts: Sequence[Evidence], alpha: float = ALPHA) -> Decision:
    """The decision on a sentence with these parts.

    AGREES: every part does, each at `alpha` (intersection–union). DIFFERS: one does, by Holm. NO RELEVANT DIFFERENCE: every part
    agrees or is of no relevant difference, and one at least is.
    """
    own = decide_parts(parts, alpha)
    if len(own) == 1:
        return own[0]
    differs = holm([part.differs for part in parts])
    first = _least(differs)
    candidates: dict[Verdict, tuple[float, float]] = {
        "DIFFERS": (differs[first], parts[first].differs) if first is not None else (math.nan, math.nan)
    }
    every = [part.agrees for part in parts]
    agreeing = math.nan if any(math.isnan(p) for p in every) else max(every)
    if any(decision.verdict == "NO RELEVANT DIFFERENCE" for decision in own):
        # One part makes no difference that matters: the sentence cannot agree any more.
        weakest = max(own, key=lambda decision: math.inf if math.isnan(decision.p) else decision.p)
        settled = all(decision.verdict in ("AGREES", "NO RELEVANT DIFFERENCE") for decision in own)
        candidates["NO RELEVANT DIFFERENCE"] = (weakest.p if settled else max(weakest.p, alpha), weakest.unadjusted)
    else:
        candidates["AGREES"] = (agreeing, agreeing)
    return _decision(candidates, alpha)


def _decision(candidates: dict[Verdict, tuple[float, float]], alpha: float) -> Decision:
    """The first of these verdicts with a p below alpha; where there is none, the one with the least p leads."""
    known = {verdict: found for verdict, found in candidates.items() if not math.isnan(found[0])}
    if not known:
        return Decision("INCONCLUSIVE", math.nan, math.nan, "INCONCLUSIVE")
    for verdict, (p, unadjusted) in known.items():
        if p < alpha:
            return Decision(verdict, p, unadjusted, verdict)
    nearest = min(known, key=lambda verdict: known[verdict][0])
    return Decision("INCONCLUSIVE", *known[nearest], nearest)


def _least(values: Sequence[float]) -> int | None:
    known = [place for place, value in enumerate(values) if not math.isnan(value)]
    return min(known, key=lambda place: values[place]) if known else None
