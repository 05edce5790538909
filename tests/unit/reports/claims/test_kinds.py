"""When a claim of each kind agrees, differs or stays open."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reports.claims.claim import Claim
from reports.claims.read import Claims
from reports.claims.verdicts import verdicts
from reports.runs.load import ReportData
from tests.unit.reports.claims.judged import TEN, claim, one, returns, summary, times


@pytest.mark.parametrize(
    ("ours", "verdict"),
    [
        (returns(100), "AGREES"),
        (returns(150), "DIFFERS"),
        (returns(106), "CANNOT BE SETTLED"),  # off the paper's mean, but not beyond the margin
        (returns(112), "CANNOT BE SETTLED"),
        (returns(100, 25), "INCONCLUSIVE"),
        (returns(103, 12, n=4), "INCONCLUSIVE"),
    ],
)
def test_mean(ours: dict[str, Sequence[float]], verdict: str) -> None:
    row = one(summary(ours), claim("mean", mean=100, sd=10, ddof=0))
    assert row["verdict"] == verdict
    assert (row["paper"], row["label"], row["n"], row["paper_n"]) == ("100.00 ± 10.00", "Rule A", len(ours["mean_return"]), 10)
    assert math.isnan(row["seeds"]) == (verdict != "INCONCLUSIVE")
    assert (row["allowed_low"], row["allowed_high"]) == (-10, 10)
    assert row["low"] < row["low_90"] < row["effect"] < row["high_90"] < row["high"]
    assert (row["verdict"] == "AGREES") == (row["low_90"] > -10 and row["high_90"] < 10)
    assert (row["verdict"] == "DIFFERS") == (row["low"] > 10)


def test_a_margin_other_than_the_deviation() -> None:
    table = summary(returns(108))
    assert one(table, claim("mean", mean=100, sd=10, ddof=0, margin=20))["verdict"] == "AGREES"


def test_the_text_of_a_cell_has_the_paper_s_convention() -> None:
    row = one(summary(returns(-100)), claim("mean", mean=-100, sd=10, ddof=0))
    assert row["ours"] == f"−100.00 ± {TEN.std():.2f}"


def test_a_reading_differs_only_beyond_its_error() -> None:
    table = summary({"reward_at_last": list(0.85 + 0.001 * TEN)}, kind="single_step")

    def verdict(value: float, margin: float) -> str:
        of = claim("value", update="last", value=value, error=0.02, margin=margin, assumed_sd=1e-6)
        return str(one(table, of)["verdict"])

    assert verdict(0.89, 0.03) == "AGREES"  # within margin and error together
    assert verdict(0.89, 0.01) == "DIFFERS"
    assert verdict(0.865, 0.0001) == "AGREES"  # within the error alone
    assert verdict(0.8705, 0.0001) == "CANNOT BE SETTLED"  # the error alone decides


def test_a_mean_published_alone_has_no_smaller_deviation_than_is_assumed() -> None:
    """Our runs may be alike; that the paper's were is not known."""
    alike, scattered = summary(returns(100, 0.1)), summary(returns(100, 60))

    def judged(table: pd.DataFrame, value: float, assumed_sd: float | None = None) -> pd.Series:
        return one(table, claim("value", quantity="mean_return", value=value, margin=30, assumed_sd=assumed_sd))

    by_margin, by_claim, by_ours = judged(alike, 120), judged(alike, 120, assumed_sd=1), judged(scattered, 120)
    assert by_margin["p"] == pytest.approx(stats.t.sf((30 - 20) / (30 * (2 / 10) ** 0.5), 9))  # of the nearer end of the margin
    assert (by_margin["verdict"], by_claim["verdict"]) == ("CANNOT BE SETTLED", "AGREES")
    assert judged(alike, 131, assumed_sd=0.5)["verdict"] == "DIFFERS"
    assert judged(alike, 131, assumed_sd=100)["verdict"] == "CANNOT BE SETTLED"
    assert "the paper's SD taken to be 30" in by_margin["note"]
    assert "the paper's SD taken to be ours" in by_ours["note"]


def test_a_mean_over_the_runs_that_got_there_is_compared_with_the_others_at_the_end() -> None:
    value = claim("value", quantity="solved", value=400, reached=8, margin=100)
    ours = one(summary(times(*[400 + 5 * k for k in range(-4, 4)], None, None)), value)
    assert (ours["paper"], ours["ours"], ours["verdict"]) == ("400 (8 of 10)", "397.5 (8 of 10)", "CANNOT BE SETTLED")
    assert "counted at episode 1000: 520.0, ours 518.0" in ours["note"]
    all_got_there = one(summary(times(*[400 + 5 * k for k in range(10)])), value)
    assert "at episode 1000: 520.0, ours 422.5" in all_got_there["note"]
    # Two of the paper's ten were 600 episodes beyond the others: its mean is known to within 90 or so, however alike ours are.
    assert all_got_there["verdict"] == "CANNOT BE SETTLED"
    assert "the paper's SD taken to be 270" in all_got_there["note"]
    at_once = one(summary(times(*range(1, 11))), value)
    assert at_once["verdict"] == "DIFFERS"  # 5.5 against 520


@pytest.mark.parametrize("kind", ["mean", "value"])
def test_censored_runs_bound_our_mean_from_below(kind: str) -> None:
    def published(centre: float, margin: float = 100) -> Claim:
        fields: dict[str, Any] = {"mean": centre, "sd": 50, "ddof": 1} if kind == "mean" else {"value": centre, "assumed_sd": 50}
        return claim(kind, quantity="solved", margin=margin, **fields)

    ours = summary(times(*[300 + 20 * k for k in range(9)], None))  # 442 if the last one counts 1000
    assert one(ours, published(10))["verdict"] == "DIFFERS"
    assert one(ours, published(3000))["verdict"] == "INCONCLUSIVE"  # it may well take that long
    row = one(ours, published(442))
    assert row["ours"].startswith("≥ 442.0")
    assert "restricted to 1000 episodes, as which 1 of 10 runs count" in row["note"]
    assert one(summary(times(*[430 + k for k in range(10)])), published(430))["verdict"] == "AGREES"


@pytest.mark.parametrize("kind", ["mean", "value"])
def test_a_censored_run_does_not_forbid_agreement_for_ever(kind: str) -> None:
    """With 2 % of failures every large sample has one. Restricted means agree; unless the limit is too near for that."""
    table = summary(times(*[390 + 10 * (k % 5) for k in range(49)], None))  # 421.4, restricted to 1000 episodes

    def verdict(centre: float) -> str:
        fields: dict[str, Any] = {"mean": centre, "sd": 50, "ddof": 1} if kind == "mean" else {"value": centre, "assumed_sd": 50}
        return str(one(table, claim(kind, quantity="solved", margin=100, **fields))["verdict"])

    assert verdict(430) == "AGREES"
    assert verdict(950) == "INCONCLUSIVE"  # within 100 of the limit: whatever ours are, they would lie below


def test_a_count_of_runs() -> None:
    def verdict(reached: int, n: int, published: int) -> str:
        table = summary(times(*[5] * reached, *[None] * (n - reached)))
        return str(one(table, claim("rate", event="solved", reached=published, margin=0.25))["verdict"])

    assert verdict(10, 10, 10) == "AGREES"
    assert verdict(50, 50, 10) == "AGREES"
    assert verdict(0, 10, 10) == "DIFFERS"
    assert verdict(7, 10, 10) == "CANNOT BE SETTLED"  # the paper's ten runs leave the share open by as much
    assert verdict(8, 9, 10) == "INCONCLUSIVE"


def test_a_share_in_words() -> None:
    def verdict(reached: int, n: int) -> str:
        table = summary({"goal_rate": [0.9] * reached + [0.5] * (n - reached), "mean_return": [0.0] * n})
        return str(one(table, claim("rate", event="goal", share=[0, 0.5], margin=0))["verdict"])

    assert verdict(1, 10) == "AGREES"
    assert verdict(4, 10) == "INCONCLUSIVE"
    assert verdict(10, 10) == "DIFFERS"
    at_the_edge = summary({"goal_rate": [0.9] * 5 + [0.1] * 5, "mean_return": [0.0] * 10})
    row = one(at_the_edge, claim("rate", event="goal", share=[0, 0.5], margin=0))
    assert row["verdict"] == "INCONCLUSIVE"
    assert math.isnan(row["seeds"])
    assert row["note"].split(",")[0] == "what we see is at the edge of what the claim allows"
    published = one(at_the_edge.assign(solved=5), claim("rate", event="goal", reached=5, margin=0.1))
    assert published["verdict"] == "CANNOT BE SETTLED"
    assert published["note"].endswith("the paper's runs are too few")


def test_a_last_quarter_is_held_against_a_level() -> None:
    table = summary({"last_quarter_mean": [11.0] * 9 + [9.0]})
    row = one(table, claim("rate", event="last_quarter", level=10, share=[0.5, 1], margin=0))
    assert (row["ours"], row["verdict"]) == ("9 of 10", "AGREES")


def test_only_runs_that_missed_the_goal_at_first_count() -> None:
    """The third run got there in its eleventh episode, the last one never did."""
    columns = {"first_goal": [1.0, 10.0, 11.0, math.nan], "goal_rate": [1.0, 1.0, 0.9, 0.0]}
    of: dict[str, Any] = {"event": "goal", "share": [0, 0], "margin": 0.5}
    table = summary(columns).astype({"first_goal": "Int64"})
    assert one(table, claim("rate", **of))["ours"] == "3 of 4"
    assert one(table, claim("rate", no_goal_before=10, **of))["ours"] == "1 of 2"


def test_an_ordering_among_the_runs_that_reach_the_goal() -> None:
    b = {"mean_return": [9.0, 9.1, 9.2, -50.0, -50.0, -50.0], "goal_rate": [1.0, 0.9, 0.6, 0.5, 0.0, 0.0]}
    a = {"mean_return": [1.0, 1.1, 1.2, 1.3], "goal_rate": [1.0] * 4}
    of: dict[str, Any] = {"better": ["b", "v"], "worse": ["a", "v"], "quantity": "mean_return"}
    alone, all_runs = one(summary(a, b), claim("ordering", among="goal", **of)), one(summary(a, b), claim("ordering", **of))
    assert (alone["n"], alone["ours"]) == (3, "9.10 against 1.15")
    assert all_runs["ours"] == "-20.45 against 1.15".replace("-", "−")


def test_what_is_said_with_a_reservation_is_not_contradicted() -> None:
    of: dict[str, Any] = {"better": ["a", "v"], "worse": ["b", "v"], "quantity": "mean_return"}
    plain, hedged = claim("ordering", **of), claim("ordering", hedged=True, **of)
    for centre, wanted in ((5, ("AGREES", "AGREES")), (-5, ("DIFFERS", "INCONCLUSIVE"))):
        assert tuple(one(summary(returns(centre), returns(0)), of)["verdict"] for of in (plain, hedged)) == wanted
    against = one(summary(returns(-5), returns(0)), hedged)
    assert math.isnan(against["seeds"])
    assert "said with a reservation, which our runs cannot contradict" in against["note"]


def test_what_cannot_be_settled_is_shown_without_a_test() -> None:
    table = summary({"reward_at_last": list(TEN)}, kind="single_step")
    of: dict[str, Any] = {"update": "last", "value": 9, "margin": 0.5}
    assert one(table, claim("value", **of))["verdict"] == "DIFFERS"
    row = one(table, claim("value", unsettled="the draw is not recorded", **of))
    assert (row["verdict"], row["paper"]) == ("CANNOT BE SETTLED", "9")
    assert row[["p", "q"]].isna().all()
    assert row["note"].endswith("the draw is not recorded")


def test_an_ordering_of_levels() -> None:
    ordering = claim("ordering", better=["a", "v"], worse=["b", "v"], quantity="mean_return")
    better, same, worse = (one(summary(returns(x), returns(0)), ordering) for x in (5, 0, -5))
    assert [row["verdict"] for row in (better, same, worse)] == ["AGREES", "INCONCLUSIVE", "DIFFERS"]
    assert (better["label"], better["ours"]) == ("Rule A over Rule B", "5.00 against 0.00")
    assert better["note"].startswith("the one said to be better wins 1.00 [0.80, 1.00] of all pairs")
    assert worse["note"].startswith("the one said to be better wins 0.00 [0.00, 0.20] of all pairs")


def test_an_ordering_is_tested_in_both_directions_at_half_the_level_each() -> None:
    ordering = claim("ordering", better=["a", "v"], worse=["b", "v"], quantity="mean_return")
    for sign, verdict in ((1, "AGREES"), (-1, "DIFFERS")):
        row = one(summary(returns(sign), returns(0)), ordering)
        test = stats.ttest_ind(returns(sign)["mean_return"], returns(0)["mean_return"], equal_var=False)
        ranks = stats.mannwhitneyu(returns(sign)["mean_return"], returns(0)["mean_return"], method="exact")
        assert row["p"] == pytest.approx(max(test.pvalue, ranks.pvalue))  # also where the opposite is what was found
        assert row["verdict"] == verdict
    nearly = one(summary(returns(0.72, n=7), returns(0)), ordering)
    assert 0.025 < nearly["p"] / 2 < 0.05
    assert nearly["verdict"] == "INCONCLUSIVE"


def test_a_mean_that_a_few_runs_turn_round_is_noted() -> None:
    ordering = claim("ordering", better=["a", "v"], worse=["b", "v"], quantity="mean_return")
    stuck = {"mean_return": [1.0] * 8 + [-500.0] * 2}
    assert "0.20 [" in (note := one(summary(returns(0, 0.1), stuck), ordering)["note"])
    assert "of all pairs of runs, though it is the better one on average" in note
    assert "though it is the worse one on average" in one(summary(stuck, returns(0, 0.1)), ordering)["note"]
    assert "though" not in one(summary(returns(1), returns(0)), ordering)["note"]


def test_an_ordering_of_times_counts_censored_runs() -> None:
    ordering = claim("ordering", better=["a", "v"], worse=["b", "v"], quantity="solved")
    fast, never = times(*range(100, 200, 10)), times(*[None] * 10)
    assert one(summary(fast, never), ordering)["verdict"] == "AGREES"
    assert one(summary(never, fast), ordering)["verdict"] == "DIFFERS"
    assert one(summary(fast, fast), ordering)["verdict"] == "INCONCLUSIVE"
    nobody = one(summary(never, never), ordering)
    assert (nobody["verdict"], nobody["ours"]) == ("INCONCLUSIVE", "≥ 1000.0 against ≥ 1000.0")


def test_equivalence_of_two_of_ours() -> None:
    def verdict(ours: float, or_better: bool) -> str:
        like = claim("equivalence", like=["b", "v"], quantity="mean_return", margin=2, or_better=or_better)
        return str(one(summary(returns(ours), returns(0)), like)["verdict"])

    assert [verdict(x, False) for x in (0, 1.8, 5, -5)] == ["AGREES", "INCONCLUSIVE", "DIFFERS", "DIFFERS"]
    assert [verdict(x, True) for x in (0, 5, -1.8, -5)] == ["AGREES", "AGREES", "INCONCLUSIVE", "DIFFERS"]


def test_no_worse_is_settled_by_being_better() -> None:
    """Acrobot's runs: 26 better than backprop, SD 130 of the difference. A larger difference can only speak for the claim."""

    def judged(or_better: bool) -> pd.Series:
        table = summary(returns(26.23, 144), returns(0, 144))
        return one(table, claim("equivalence", like=["b", "v"], quantity="mean_return", margin=15, or_better=or_better))

    one_sided, two_sided = judged(True), judged(False)
    assert (one_sided["verdict"], two_sided["verdict"]) == ("INCONCLUSIVE", "INCONCLUSIVE")
    z = stats.norm.ppf(0.95) + stats.norm.ppf(0.8)
    variance = 2 * np.var(returns(0, 144)["mean_return"], ddof=1)
    assert one_sided["seeds"] == pytest.approx(z**2 * variance / (26.23 + 15) ** 2, rel=0.05)
    assert two_sided["seeds"] > 3 * one_sided["seeds"]
    assert (one_sided["paper"], two_sided["paper"]) == ("difference ≥ −15 (one-sided)", "difference within ± 15")


def test_a_difference_within_a_declared_margin_is_a_verdict_of_its_own() -> None:
    def verdict(difference: float, margin: float | None) -> str:
        fields: dict[str, Any] = {} if margin is None else {"margin": margin}
        ordering = claim("ordering", better=["a", "v"], worse=["b", "v"], quantity="mean_return", **fields)
        return str(one(summary(returns(difference), returns(0)), ordering)["verdict"])

    assert [verdict(x, 2.0) for x in (5, 1, 0, -1, -5)] == ["AGREES", *["NO RELEVANT DIFFERENCE"] * 3, "DIFFERS"]
    assert [verdict(x, None) for x in (1, -1)] == ["AGREES", "DIFFERS"]
    assert verdict(-2.2, 2.0) == "INCONCLUSIVE"  # worse, but perhaps by less than matters


def test_runs_of_one_method_that_share_their_seeds_are_pairs() -> None:
    """What differs by little within each seed is told from what differs by much between them."""
    luck = 100 * np.linspace(-1, 1, 10)
    parts = [pd.DataFrame({"mean_return": luck + d, "seed": np.arange(10)}) for d in (1 + TEN / 2, 0 * TEN)]
    table = pd.concat([part.assign(variant=v) for part, v in zip(parts, ("v", "w"), strict=True)], ignore_index=True)
    table = table.assign(task="T", method="a", kind="episodic", steps=1000)

    def judged(table: pd.DataFrame) -> pd.Series:
        ordering = claim("ordering", better=["a", "v"], worse=["a", "w"], quantity="mean_return")
        labels = {("T", "a", "v"): "With", ("T", "a", "w"): "Without"}
        return verdicts(ReportData(table, table, table, []), Claims((ordering,), labels), True).iloc[0]

    paired = judged(table.sample(frac=1, random_state=1))
    assert paired["verdict"] == "AGREES"
    assert "compared in pairs" in paired["note"]
    assert (paired["high"] - paired["low"]) / 2 == pytest.approx(stats.t.ppf(0.975, 9) * np.std(TEN / 2, ddof=1) / math.sqrt(10))
    others = judged(table.assign(seed=np.arange(20)))
    assert others["verdict"] == "INCONCLUSIVE"
    assert "pairs compared" not in others["note"]
