"""From p-values to the verdict on a sentence."""

from __future__ import annotations

import math

import numpy as np
import pytest

from reports.statistics.decisions import Evidence, decide, decide_parts

YES, NO, MAYBE = Evidence(0.001, 1.0), Evidence(1.0, 0.001), Evidence(0.3, 0.6)
ALIKE = Evidence(0.2, 1.0, 0.001)


@pytest.mark.parametrize(
    ("parts", "verdict"),
    [
        ([YES], "AGREES"),
        ([NO], "DIFFERS"),
        ([MAYBE], "INCONCLUSIVE"),
        ([ALIKE], "NO RELEVANT DIFFERENCE"),
        ([YES, YES, YES], "AGREES"),
        ([YES, MAYBE, YES], "INCONCLUSIVE"),
        ([YES, NO, MAYBE], "DIFFERS"),  # one part that fails is enough
        ([YES, ALIKE], "NO RELEVANT DIFFERENCE"),
        ([MAYBE, ALIKE], "INCONCLUSIVE"),
        ([NO, ALIKE], "DIFFERS"),
        ([Evidence(0.001, 1.0, 0.001)], "NO RELEVANT DIFFERENCE"),  # better, but by too little to matter
        ([Evidence()], "INCONCLUSIVE"),
        ([YES, Evidence()], "INCONCLUSIVE"),
    ],
)
def test_a_sentence_is_what_its_parts_are(parts: list[Evidence], verdict: str) -> None:
    assert decide(parts).verdict == verdict
    assert decide(parts[::-1]).verdict == verdict


def test_to_agree_costs_nothing_and_to_differ_is_adjusted() -> None:
    barely = Evidence(0.04, 0.9)
    assert decide([barely] * 20).verdict == "AGREES"  # each at 5 %: that all hold is no more likely by chance than that one does
    fails = Evidence(0.9, 0.02)
    assert (decide([fails]).verdict, decide([fails, barely, barely]).verdict) == ("DIFFERS", "INCONCLUSIVE")
    assert decide([fails, barely, barely]).p == pytest.approx(0.06)
    assert decide_parts([fails, barely, barely])[0].verdict == "INCONCLUSIVE"
    assert decide([fails, Evidence(0.9, 0.01), Evidence(0.9, 0.012)]).p == pytest.approx(0.03)


def test_an_adjusted_p_decides_anew() -> None:
    found = decide([Evidence(0.02, 1.0)])
    assert (found.at(0.06).verdict, found.at(0.04).verdict, found.at(0.06).leads) == ("INCONCLUSIVE", "AGREES", "AGREES")
    assert math.isnan(decide([Evidence()]).p)


@pytest.mark.parametrize("parts", [1, 3, 20])
def test_no_verdict_is_false_more_often_than_in_five_per_cent(parts: int) -> None:
    """p-values of independent parts, uniform where the verdict would be false."""
    rng, trials = np.random.default_rng(3), 4000
    all_hold = [decide([Evidence(0.5, float(p)) for p in rng.uniform(size=parts)]).verdict for _ in range(trials)]
    one_fails = [
        decide([Evidence(float(rng.uniform()), 1.0), *[Evidence(0.0, 1.0)] * (parts - 1)]).verdict for _ in range(trials)
    ]
    assert 0.03 < np.mean(np.array(all_hold) == "DIFFERS") <= 0.06
    assert 0.03 < np.mean(np.array(one_fails) == "AGREES") <= 0.06
