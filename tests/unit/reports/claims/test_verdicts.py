"""The table of verdicts: families of tests, what is counted, and where there is none."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reports.claims.verdicts import verdict_summary
from tests.unit.reports.claims.judged import TEN, claim, decide, one, returns, summary


def test_each_sentence_has_its_own_five_per_cent() -> None:
    table = summary(returns(1.1), returns(0))
    means = [claim("mean", id=f"mean-{k}", mean=0, sd=0.7, ddof=1, margin=0.1) for k in range(10)]
    alone, together = one(table, means[0]), decide(table, *means)
    assert alone["verdict"] == "DIFFERS"
    assert set(together["verdict"]) == {"DIFFERS"}
    assert together["p"].iloc[0] == alone["p"] == alone["p_unadjusted"]
    assert set(together["q"]) == {alone["p"]}, "ten that are equally clear"
    one_of_many = decide(table, means[0], *[claim("mean", id=f"far-{k}", mean=1.1, sd=0.7, ddof=1, margin=0.4) for k in range(9)])
    assert one_of_many["q"].iloc[0] == pytest.approx(10 * alone["p"])


def test_primary_claims_are_adjusted_for_one_another() -> None:
    table = summary(returns(0.9), returns(0))
    p = one(table, claim("mean", mean=0, sd=0.7, ddof=1, margin=0.1))["p"]
    assert 0.01 < p < 0.05
    primary = [claim("mean", id=f"mean-{k}", mean=0, sd=0.7, ddof=1, margin=0.1, primary=True) for k in range(5)]
    decided = decide(table, *primary, claim("mean", mean=0, sd=0.7, ddof=1, margin=0.1))
    assert list(decided["verdict"] == "DIFFERS") == [False] * 5 + [True]
    assert decided["p"].iloc[0] == pytest.approx(5 * p)
    assert list(decided["primary"]) == [True] * 5 + [False]
    assert decided["leads"].iloc[0] == "DIFFERS"
    assert set(decide(table, primary[0])["verdict"]) == {"DIFFERS"}, "the only one"


def test_p_is_that_of_the_verdict() -> None:
    mean = claim("mean", mean=100, sd=10, ddof=0)
    equal, other = one(summary(returns(100)), mean), one(summary(returns(150)), mean)
    difference = math.sqrt(np.var(TEN, ddof=1) / 10 + 10**2 * 10 / 9 / 10)
    assert equal["p"] == pytest.approx(stats.t.sf(10 / difference, 9.1), rel=0.02)  # of lying outside the margin
    assert other["p"] == pytest.approx(2 * stats.t.sf(40 / difference, 9.1), rel=0.05)  # of lying within it
    assert (equal["leads"], other["leads"]) == ("AGREES", "DIFFERS")


def test_verdicts_are_counted_by_kind() -> None:
    means = [claim("mean", id=f"mean-{k}", mean=mean, sd=10, ddof=0) for k, mean in enumerate((100, 50, 104))]
    ordering = claim("ordering", id="order", better=["a", "v"], worse=["b", "v"], quantity="mean_return", margin=200)
    table = summary(returns(100), returns(0))
    counted = verdict_summary(decide(table, *means, ordering)).round(3)
    assert list(counted.columns[1:]) == [
        "claims",
        "agree",
        "differ",
        "no_difference",
        "unsettled",
        "inconclusive",
        "expected_false",
    ]
    assert counted.to_dict("split", index=False)["data"] == [
        ["means with a deviation", 3, 1, 1, 0, 1, 0, 0.15],
        ["orderings of two rules", 1, 0, 0, 1, 0, 0, 0.05],
        ["all", 4, 1, 1, 1, 1, 0, 0.2],
    ]
    undecided = verdict_summary(decide(table, *means, enabled=False))
    assert undecided.iloc[-1].tolist() == ["all", 3, 0, 0, 0, 0, 0, 0]


def test_fewer_runs_than_the_paper_s_are_named() -> None:
    row = one(summary(returns(100, n=4)), claim("mean", mean=100, sd=10, ddof=0))
    assert (row["verdict"], row["n"]) == ("AGREES", 4)
    assert row["note"].startswith("ours 4 < 10")


def test_no_verdict_where_there_is_nothing_to_judge_by() -> None:
    mean = claim("mean", mean=100, sd=10, ddof=0)
    off, single, none = (
        one(summary(returns(100)), mean, enabled=False),
        one(summary({"mean_return": [100.0]}), mean),
        one(summary({}, returns(0)), mean),
    )
    for row in (off, single, none):
        assert pd.isna(row["verdict"])
        assert math.isnan(row["p"])
    assert off["ours"].startswith("100.00 ± ")
    assert (none["ours"], none["note"]) == ("–", "ours 0 < 10")
