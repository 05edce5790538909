"""Claims on who is higher at the end, who is steadier, who gets to a plateau, and who is not the best of several."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from records.errors import ResultError
from reports.claims.claim import Claim
from reports.claims.read import Claims, parse_claims
from reports.claims.verdicts import verdict_summary, verdicts
from reports.runs.load import ReportData
from tests.unit.reports.claims.judged import LABELS, claim, one, summary

OTHERS = ("b", "c", "d")
AMONG = {("T", name, "v"): f"Rule {name.upper()}" for name in ("a", *OTHERS)}


def around(centre: float, n: int = 8) -> list[float]:
    return list(centre + np.linspace(-1, 1, n))


@pytest.mark.parametrize(("quantity", "as_claimed"), [("last_quarter_mean", "DIFFERS"), ("last_quarter_sd", "AGREES")])
def test_less_variability_is_better_and_less_reward_is_worse(quantity: str, as_claimed: str) -> None:
    table = summary({quantity: around(3)}, {quantity: around(8)})
    forth = one(table, claim("ordering", better=["a", "v"], worse=["b", "v"], quantity=quantity))
    back = one(table, claim("ordering", better=["b", "v"], worse=["a", "v"], quantity=quantity))
    assert forth["verdict"] == as_claimed
    assert back["verdict"] == {"AGREES": "DIFFERS", "DIFFERS": "AGREES"}[as_claimed]
    assert forth["ours"] == "3.00 against 8.00"
    assert (forth["wins"], forth["effect"]) == ((1.0, 5.0) if as_claimed == "AGREES" else (0.0, -5.0))
    assert forth["paper"] == ("steadier" if quantity == "last_quarter_sd" else "better")


def test_runs_too_short_for_a_level_do_not_count() -> None:
    short, long = {"last_quarter_sd": [np.nan] * 8}, {"last_quarter_sd": [np.nan, *around(3, 7)]}
    ordering = claim("ordering", better=["a", "v"], worse=["b", "v"], quantity="last_quarter_sd")
    assert one(summary(long, long), ordering)["n"] == 7
    row = one(summary(short, long), ordering)
    assert (row["n"], row["ours"]) == (0, "–")
    assert pd.isna(row["verdict"])


def test_two_rules_that_always_get_the_most_are_in_no_order_that_seeds_would_settle() -> None:
    table = summary({"last_quarter_mean": [200.0] * 8}, {"last_quarter_mean": [200.0] * 8})
    row = one(table, claim("ordering", better=["a", "v"], worse=["b", "v"], quantity="last_quarter_mean"))
    assert (row["verdict"], row["p"]) == ("INCONCLUSIVE", 1.0)
    assert np.isnan(row["seeds"])
    assert row["note"].endswith("no number of seeds would settle it")


@pytest.mark.parametrize(("medians", "verdict"), [([200.0] * 4 + [199.5] * 4, "AGREES"), ([150.0] * 8, "INCONCLUSIVE")])
def test_a_plateau_is_reached_at_its_level(medians: list[float], verdict: str) -> None:
    some: dict[str, Any] = {"event": "plateau", "level": 200, "share": [0.125, 0.875], "margin": 0}
    row = one(summary({"best_median": medians}), claim("rate", **some))
    assert (row["ours"], row["verdict"]) == (f"{sum(value >= 200 for value in medians)} of 8", verdict)


def test_a_plateau_needs_a_level_and_nothing_else_has_one() -> None:
    share: dict[str, Any] = {"share": [0, 1], "margin": 0}
    with pytest.raises(ValidationError, match="level: a plateau, a last quarter and what is measured have one"):
        claim("rate", event="plateau", **share)
    with pytest.raises(ValidationError, match="level: a plateau, a last quarter and what is measured have one"):
        claim("rate", event="solved", level=3, **share)


def test_being_steadier_is_no_likeness() -> None:
    with pytest.raises(ValidationError, match="of last_quarter_sd less is better"):
        claim("equivalence", like=["b", "v"], quantity="last_quarter_sd", or_better=True, margin=1)


def not_best(quantity: str = "last_quarter_mean") -> Claim:
    return claim("not_best", others=[[name, "v"] for name in OTHERS], quantity=quantity)


def decide(centres: dict[str, float], quantity: str = "last_quarter_mean") -> pd.Series:
    parts = [pd.DataFrame({quantity: around(centre)}).assign(method=name) for name, centre in centres.items()]
    table = pd.concat(parts, ignore_index=True).assign(task="T", variant="v", kind="episodic", steps=1000)
    return verdicts(ReportData(table, table, table, []), Claims((not_best(quantity),), AMONG), True).iloc[0]


@pytest.mark.parametrize(
    ("centres", "verdict", "better"),
    [
        ({"a": 5, "b": 1, "c": 9, "d": 1}, "AGREES", 1),  # one of them is clearly higher
        ({"a": 5, "b": 1, "c": 2, "d": 1}, "DIFFERS", 0),  # all are clearly lower
        ({"a": 5, "b": 1, "c": 4.8, "d": 1}, "INCONCLUSIVE", 0),  # one of them is about as high
        ({"a": 5, "b": 5.2, "c": 4.8, "d": 1}, "INCONCLUSIVE", 1),
    ],
)
def test_one_that_is_better_is_enough(centres: dict[str, float], verdict: str, better: int) -> None:
    row = decide(centres)
    assert row["verdict"] == verdict
    assert row["note"].endswith(f"on average {better} of 3 others do better")
    assert (row["label"], row["paper"]) == ("Rule A among 4", "not the best")
    assert row["ours"].startswith("5.00 against ")


def test_the_steadiest_has_the_least_variability() -> None:
    row = decide({"a": 5, "b": 1, "c": 9, "d": 9}, "last_quarter_sd")
    assert (row["verdict"], row["ours"], row["paper"]) == ("AGREES", "5.00 against 1.00", "not the steadiest")
    assert decide({"a": 5, "b": 8, "c": 9, "d": 9}, "last_quarter_sd")["verdict"] == "DIFFERS"


def test_picking_the_best_of_several_others_is_paid_for() -> None:
    alone = one(
        summary({"last_quarter_mean": around(5)}, {"last_quarter_mean": around(5.6)}),
        claim("ordering", better=["b", "v"], worse=["a", "v"], quantity="last_quarter_mean"),
    )
    assert decide({"a": 5, "b": 1, "c": 5.6, "d": 1})["p_unadjusted"] == pytest.approx(3 * alone["p_unadjusted"])


def test_the_kind_is_counted() -> None:
    table = summary({"last_quarter_mean": around(5)}, {"last_quarter_mean": around(9)})
    decided = verdicts(ReportData(table, table, table, []), Claims((_two(),), LABELS), True)
    (row,) = verdict_summary(decided).query("kind != 'all'").to_dict("records")
    assert (row["kind"], row["claims"], row["agree"]) == ("exceptions to an ordering", 1, 1)


def _two() -> Claim:
    return claim("not_best", others=[["b", "v"]], quantity="last_quarter_mean")


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ("[[b, v]]", None),
        ("[[b, v], [b, w]]", ":1: claim one: unknown variant 'w'; of b on T runs.yaml has v"),
        ("[[e, v]]", ":1: claim one: unknown method 'e'; on T runs.yaml has a, b"),
        ("[]", ":1: claim one: others: Tuple should have at least 1 item"),
    ],
)
def test_the_others_are_among_the_runs(others: str, message: str | None, tmp_path: Path) -> None:
    place = "text: x, artefact: Figure 1, page: 1, shown: f, task: T, n: 8, method: a, variant: v, quantity: last_quarter_sd"
    text = f"claims: [{{id: one, kind: not_best, {place}, others: {others}}}]"
    (tmp_path / "claims.yaml").write_text(text, encoding="utf-8")
    if message is None:
        assert parse_claims(tmp_path / "claims.yaml", LABELS, ("f",), ()).all[0].keys == (("T", "a", "v"), ("T", "b", "v"))
    else:
        with pytest.raises(ResultError, match=re.escape(f"claims.yaml{message}")):
            parse_claims(tmp_path / "claims.yaml", LABELS, ("f",), ())
