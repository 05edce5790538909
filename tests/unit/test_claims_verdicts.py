"""What makes a claim agree, differ or stay open; the numbers behind it are tested in test_statistics.py."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reports.claims import Claim, Claims, ClaimsFile
from reports.comparison import verdicts
from reports.data import ReportData

A, B = ("T", "a", "v"), ("T", "b", "v")
LABELS = {A: "Rule A", B: "Rule B"}
COMMON = {"text": "So it is", "artefact": "Table 1", "page": 7, "shown": "table_1", "task": "T", "n": 10}
OF_A = {**COMMON, "method": "a", "variant": "v"}
TEN = np.linspace(-1, 1, 10)  # mean 0, sd .67


def claim(kind: str, /, id: str = "one", **fields: Any) -> Claim:
    common = COMMON if kind == "ordering" else OF_A
    return ClaimsFile.model_validate({"claims": [{**common, "kind": kind, "id": id, **fields}]}).claims[0]


def summary(a: Mapping[str, Sequence[Any]], b: Mapping[str, Sequence[Any]] | None = None, kind: str = "episodic") -> pd.DataFrame:
    """Summaries of the rules A and B with the given columns; a time of None is one that never came."""
    parts = [
        pd.DataFrame(dict(columns)).assign(task="T", method=method, variant="v", kind=kind, steps=1000)
        for method, columns in (("a", a), ("b", b or {}))
    ]
    table = pd.concat(parts, ignore_index=True)
    for event in ("first_perfect", "solved"):
        table[event] = (table[event] if event in table else pd.Series(pd.NA, table.index)).astype("Int64")
    return table


def decide(table: pd.DataFrame, *claims: Claim, enabled: bool = True) -> pd.DataFrame:
    return verdicts(ReportData(table, table, table, []), Claims(claims, LABELS), enabled)


def one(table: pd.DataFrame, of: Claim, *, enabled: bool = True) -> pd.Series:
    return decide(table, of, enabled=enabled).iloc[0]


def returns(centre: float, scale: float = 1.0, n: int = 10) -> dict[str, Sequence[float]]:
    return {"mean_return": list(centre + scale * np.linspace(-1, 1, n))}


@pytest.mark.parametrize(
    ("ours", "verdict"),
    [(returns(100), "AGREES"), (returns(150), "DIFFERS"), (returns(105), "INCONCLUSIVE"), (returns(100, 30), "INCONCLUSIVE")],
)
def test_mean(ours: dict[str, Sequence[float]], verdict: str) -> None:
    row = one(summary(ours), claim("mean", mean=100, sd=10, ddof=0))
    assert row["verdict"] == verdict
    assert (row["paper"], row["label"], row["n"], row["paper_n"]) == ("100.00 ± 10.00", "Rule A", 10, 10)
    assert math.isnan(row["seeds"]) == (verdict != "INCONCLUSIVE")


def test_a_margin_other_than_the_deviation() -> None:
    table = summary(returns(108))
    assert one(table, claim("mean", mean=100, sd=10, ddof=0, margin=20))["verdict"] == "AGREES"


def test_the_text_of_a_cell_has_the_paper_s_convention() -> None:
    row = one(summary(returns(-100)), claim("mean", mean=-100, sd=10, ddof=0))
    assert row["ours"] == f"−100.00 ± {TEN.std():.2f}"


def test_a_reading_differs_only_beyond_its_error() -> None:
    table = summary({"reward_at_last": list(0.85 + 0.001 * TEN)}, kind="single_step")

    def verdict(value: float, margin: float) -> str:
        return str(one(table, claim("value", update="last", value=value, error=0.02, margin=margin))["verdict"])

    assert verdict(0.89, 0.03) == "AGREES"  # within margin and error together
    assert verdict(0.89, 0.01) == "DIFFERS"
    assert verdict(0.865, 0.0001) == "AGREES"  # within the error alone
    assert verdict(0.8705, 0.0001) == "INCONCLUSIVE"  # beyond it by less than ten runs could tell


def times(*values: float | None) -> dict[str, Sequence[Any]]:
    return {"solved": list(values), "mean_return": [0.0] * len(values)}


def test_a_mean_over_the_runs_that_got_there_is_compared_with_the_others_at_the_end() -> None:
    value = claim("value", quantity="solved", value=400, reached=8, margin=100)
    ours = one(summary(times(*[400 + 5 * k for k in range(-4, 4)], None, None)), value)
    assert (ours["paper"], ours["ours"], ours["verdict"]) == ("400 (8 of 10)", "397.5 (8 of 10)", "INCONCLUSIVE")
    assert "counted at episode 1000: 520.0, ours 518.0" in ours["note"]
    all_got_there = one(summary(times(*[400 + 5 * k for k in range(10)])), value)
    assert all_got_there["verdict"] == "DIFFERS"  # 422 against 520: as fast where it solves, and more often
    assert "at episode 1000: 520.0, ours 422.5" in all_got_there["note"]


@pytest.mark.parametrize("kind", ["mean", "value"])
def test_censored_runs_bound_our_mean_from_below(kind: str) -> None:
    def published(centre: float) -> Claim:
        fields: dict[str, Any] = {"mean": centre, "sd": 50, "ddof": 1} if kind == "mean" else {"value": centre, "margin": 50}
        return claim(kind, quantity="solved", **fields)

    ours = summary(times(*[300 + 20 * k for k in range(9)], None))  # 442 if the last one counts 1000
    assert one(ours, published(100))["verdict"] == "DIFFERS"
    assert one(ours, published(442))["verdict"] == "INCONCLUSIVE"  # not AGREES: who knows when the last would have got there
    assert one(ours, published(3000))["verdict"] == "INCONCLUSIVE"
    row = one(ours, published(442))
    assert row["ours"].startswith("≥ 442.0")
    assert "1 of our 10 runs did not get there" in row["note"]
    assert one(summary(times(*[430 + k for k in range(10)])), published(430))["verdict"] == "AGREES"


def test_a_count_of_runs() -> None:
    def verdict(reached: int, n: int, published: int) -> str:
        table = summary(times(*[5] * reached, *[None] * (n - reached)))
        return str(one(table, claim("rate", event="solved", reached=published, margin=0.25))["verdict"])

    assert verdict(10, 10, 10) == "AGREES"
    assert verdict(50, 50, 10) == "AGREES"
    assert verdict(0, 10, 10) == "DIFFERS"
    assert verdict(7, 10, 10) == "INCONCLUSIVE"


def test_a_share_in_words() -> None:
    def verdict(reached: int, n: int) -> str:
        table = summary({"goal_rate": [0.9] * reached + [0.5] * (n - reached), "mean_return": [0.0] * n})
        return str(one(table, claim("rate", event="goal", share=[0, 0.5], margin=0))["verdict"])

    assert verdict(1, 10) == "AGREES"
    assert verdict(4, 10) == "INCONCLUSIVE"
    assert verdict(10, 10) == "DIFFERS"


def test_an_ordering_of_levels() -> None:
    ordering = claim("ordering", better=["a", "v"], worse=["b", "v"], quantity="mean_return")
    better, same, worse = (one(summary(returns(x), returns(0)), ordering) for x in (5, 0, -5))
    assert [row["verdict"] for row in (better, same, worse)] == ["AGREES", "INCONCLUSIVE", "DIFFERS"]
    assert (better["label"], better["ours"]) == ("Rule A over Rule B", "5.00 against 0.00")
    assert better["note"].startswith("the better one wins 1.00 [0.80, 1.00]")


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

    assert [verdict(x, False) for x in (0, 1.8, 5, -5)] == ["AGREES", "DIFFERS", "DIFFERS", "DIFFERS"]
    assert [verdict(x, True) for x in (0, 5, -1.8, -5)] == ["AGREES", "AGREES", "DIFFERS", "DIFFERS"]


def test_holm_over_all_claims_of_the_paper() -> None:
    table = summary(returns(0.9), returns(0))
    means = [claim("mean", id=f"mean-{k}", mean=0, sd=0.7, ddof=1, margin=0.1) for k in range(10)]
    alone, together = one(table, means[0]), decide(table, *means)
    assert alone["verdict"] == "DIFFERS"
    assert set(together["verdict"]) == {"INCONCLUSIVE"}
    assert together["p"].iloc[0] == pytest.approx(10 * alone["p"])


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
