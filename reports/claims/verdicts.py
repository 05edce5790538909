"""Every claim of a paper held against our runs."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from reports.claims.claim import Claim
from reports.claims.judgement import Judgement
from reports.claims.kinds import KINDS
from reports.claims.read import Claims
from reports.runs.load import ReportData
from reports.runs.lookup import runs_of
from reports.statistics.inference import holm, ordering, verdict

DECIDED = ("p_unadjusted", "p", "verdict")
"""The columns that other tables take over."""
AS_VERDICT = {"HOLDS": "AGREES", "REVERSED": "DIFFERS", "INCONCLUSIVE": "INCONCLUSIVE"}
"""What becomes of a directed claim, and its verdict."""

_COLUMNS = [
    *("id", "kind", "text", "artefact", "page", "task", "label", "paper", "ours", "n", "paper_n", "effect", "low", "high"),
    *("p_unadjusted", "p", "verdict", "seeds", "note", "shown"),
]


def verdicts(data: ReportData, claims: Claims, enabled: bool) -> pd.DataFrame:
    """One row per claim of the paper, in its order, with the columns

    * id, kind, text, artefact, page (missing where there is none), task, label (of our runs), shown (our figure or table);
    * paper and ours as text, ± a standard deviation (with the paper's ddof; 1 where it gave none);
    * n and paper_n, the runs on either side (the fewer, where the claim is about two methods of ours);
    * effect, low, high: what is compared, with its interval, as `reports.claims.judgement.Judgement.effect` has it;
    * p_unadjusted, and p, Holm-adjusted over all tests of the paper; of an ordering that of both directions together. Missing
      where a claim of equality AGREES: that the two are not significantly different is no part of it;
    * verdict: AGREES, DIFFERS or INCONCLUSIVE (missing: not `enabled`, or fewer than two runs); each class in
      `reports.claims.kinds` says what is tested;
    * seeds: where INCONCLUSIVE, how many of ours would give a verdict with chance .8 (inf: none; the paper's are too few, or what
      we see is at the edge of what the claim allows);
    * note: fewer runs than the paper's, censored runs, deviations assumed, seeds that would settle it.

    At a fraction of the paper's budget there is nothing to agree with: verdicts are then not `enabled`.
    """
    judgements = [claim.judge([runs_of(data.summary, *key) for key in claim.keys]) for claim in claims.all]
    p_values = [judgement.p if enabled and judgement.n > 1 else math.nan for judgement in judgements]
    tests = sum(not math.isnan(p) for p in p_values)
    rows = [
        _shown(claim, claims, judgement) | (_decided(claim, judgement, p, tests) if enabled and judgement.n > 1 else {})
        for claim, judgement, p in zip(claims.all, judgements, holm(p_values), strict=True)
    ]
    numbers = ("effect", "low", "high", "p_unadjusted", "p", "seeds")
    return pd.DataFrame(rows, columns=_COLUMNS).astype({"page": "Int64", **dict.fromkeys(numbers, float)})


def verdict_summary(decided: pd.DataFrame) -> pd.DataFrame:
    """How many claims of each kind agree, differ or stay open, from the table of `verdicts`, with the columns

    kind (in words), claims, agree, differ, inconclusive. Kinds that a paper has no claim of are left out; the last row is of all.
    """
    words = {"AGREES": "agree", "DIFFERS": "differ", "INCONCLUSIVE": "inconclusive"}
    groups = {kind.WORDS: decided[decided["kind"] == name] for name, kind in KINDS.items()} | {"all": decided}
    rows = [
        {"kind": name, "claims": len(group), **{word: int((group["verdict"] == found).sum()) for found, word in words.items()}}
        for name, group in groups.items()
        if len(group)
    ]
    return pd.DataFrame(rows, columns=["kind", "claims", *words.values()])


def _shown(claim: Claim, claims: Claims, judgement: Judgement) -> dict[str, Any]:
    """The columns of a row that are there without a verdict."""
    row: dict[str, Any] = {name: getattr(claim, name) for name in ("id", "kind", "text", "artefact", "page", "task", "shown")}
    row |= {"label": claims.subject(claim), "paper": judgement.paper, "ours": judgement.ours}
    row |= {"n": judgement.n, "paper_n": claim.n, "note": "; ".join(_notes(claim, judgement))}
    if judgement.effect:
        row |= {"effect": judgement.effect.estimate, "low": judgement.effect.low, "high": judgement.effect.high}
    return row


def _decided(claim: Claim, judgement: Judgement, adjusted_p: float, tests: int) -> dict[str, Any]:
    """The columns of a row that come with a verdict; `tests` is the number of all tests of the paper."""
    if claim.DIRECTED:
        row: dict[str, Any] = {"verdict": AS_VERDICT[ordering(judgement.agrees, adjusted_p)]}
    else:
        row = {"verdict": verdict(judgement.agrees, adjusted_p)}
    if claim.DIRECTED or row["verdict"] != "AGREES":
        row |= {"p_unadjusted": judgement.p, "p": adjusted_p}
    if row["verdict"] == "INCONCLUSIVE" and judgement.seeds:
        row["seeds"] = seeds = judgement.seeds(tests)
        settled = f"about {seeds:.0f} seeds would settle it" if seeds < math.inf else _never_settled(claim)
        row["note"] = "; ".join([*_notes(claim, judgement), settled])
    return row


def _notes(claim: Claim, judgement: Judgement) -> list[str]:
    fewer = [f"ours {judgement.n} < {claim.n}"] if judgement.n < claim.n else []
    return [*fewer, *([judgement.note] if judgement.note else [])]


def _never_settled(claim: Claim) -> str:
    """What to say where no number of our seeds would give a verdict, did all stay as it is."""
    if claim.limited_by_paper:
        return "no number of our seeds would settle it: the paper's runs are too few"
    return "at the edge of what the claim allows, where no number of seeds would settle it"
