"""Every sentence of a paper, and every part of one, held against our runs; docs/verdicts.md says how it is decided."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from reports.claims.claim import Claim
from reports.claims.frozen import UNFROZEN
from reports.claims.judgement import Judgement
from reports.claims.kinds import KINDS
from reports.claims.read import Claims
from reports.claims.sentence import Sentence
from reports.runs.load import ReportData
from reports.statistics.decisions import ALPHA, OPEN, UNSETTLED, VERDICTS, Decision, Evidence, decide, decide_parts
from reports.statistics.multiplicity import benjamini_hochberg, holm
from reports.statistics.power import seeds_to_settle

DECIDED = ("p_unadjusted", "p", "verdict")
"""The columns that other tables take over."""

_COLUMNS = [
    *("id", "part_of", "parts", "primary", "post_hoc", "kind", "text", "artefact", "page", "task", "label", "quantity", "paper"),
    *("ours", "n", "paper_n", "effect", "low", "high", "low_90", "high_90", "allowed_low", "allowed_high", "wins", "wins_low"),
    *("wins_high", "p_unadjusted", "p", "q", "leads", "verdict", "seeds", "note", "shown"),
]


@dataclass(frozen=True)
class _Judged:
    """A sentence with what was found on its parts; without evidence where there is no verdict to give."""

    sentence: Sentence
    parts: tuple[Judgement, ...]
    alpha: float
    """The level at which it is decided, so far as that says how many seeds would settle it."""

    @property
    def evidence(self) -> list[Evidence]:
        return [part.evidence for part in self.parts]


def verdicts(data: ReportData, claims: Claims, enabled: bool, post_hoc: Mapping[str, str] | None = None) -> pd.DataFrame:
    """One row per sentence of the paper, in its order, and after it one per part where it has several, with the columns

    * id, kind, text, artefact, page (missing where there is none), task, label (of our runs), shown (our figure or table);
    * quantity: the level or event that a part, or a sentence without parts, is about ("update" and its number: the reward there);
    * part_of: the sentence's id in the row of a part, missing in that of a sentence; parts: how many a sentence has;
    * primary; post_hoc, by id as `reports.claims.frozen.post_hoc` has it;
    * paper and ours as text, ± a standard deviation (with the paper's ddof; 1 where it gave none);
    * n and paper_n, the runs on either side (the fewer, where the claim is about two methods of ours);
    * effect, low, high, low_90, high_90, allowed_low, allowed_high: what is compared, its 95 and its 90 % interval and what is
      allowed, as `reports.claims.judgement.Effect` has it; wins, wins_low, wins_high: of an ordering, that a run of the better
      beats one of the worse. Missing in the row of a sentence with several parts;
    * verdict: one of `reports.statistics.decisions.VERDICTS` (missing: not `enabled`, or fewer than two runs of a part);
    * leads: the verdict that p belongs to, given or nearest; p: adjusted within the sentence and, for a primary one, among these;
      p_unadjusted;
    * q: Benjamini and Hochberg's, over all sentences; missing in the row of a part;
    * seeds: where INCONCLUSIVE, how many of ours would give a verdict with chance .8 (missing: not known, or what we see is at
      the edge of what the claim allows);
    * note: fewer runs than the paper's, censored runs, deviations assumed, seeds that would settle it.

    At a fraction of the paper's budget there is nothing to agree with: verdicts are then not `enabled`.
    """
    primary = sum(sentence.primary for sentence in claims.sentences)
    look_up = claims.found(data)
    found = [
        _Judged(
            sentence,
            tuple(_as_said(part, part.judge([look_up(key) for key in part.keys])) for part in sentence.parts),
            ALPHA / primary if sentence.primary else ALPHA,
        )
        for sentence in claims.sentences
    ]
    given = [_decided(judged) if enabled else None for judged in found]
    q_values = benjamini_hochberg([decision.p if decision else math.nan for decision in given])
    given = _among_primary(found, given)
    rows: list[dict[str, Any]] = []
    for judged, decision, q in zip(found, given, q_values, strict=True):
        rows += _rows(judged, decision, q, claims)
    marks = post_hoc or {}
    table = pd.DataFrame([{**row, "post_hoc": marks.get(row["id"], UNFROZEN)} for row in rows], columns=_COLUMNS)
    texts = {"id", "part_of", "post_hoc", "kind", "text", "artefact", "task", "label", "quantity", "paper", "ours", "verdict"}
    whole = {"n", "paper_n", "primary", "page", "parts", "leads", "note", "shown"}
    numbers = [name for name in _COLUMNS if name not in texts | whole]
    return table.astype({"page": "Int64", "parts": "Int64", **dict.fromkeys(numbers, float)})


def verdict_summary(decided: pd.DataFrame) -> pd.DataFrame:
    """How the sentences of each kind came out, from the table of `verdicts`, with the columns

    kind (in words), claims, agree, differ, no_difference, unsettled, inconclusive; expected_false, how many verdicts at most are
    false on average: .05 of the sentences that were tested. Kinds that a paper has no claim of are left out; the last row is of
    all.
    """
    sentences = decided[decided["part_of"].isna()]
    words = dict(zip(VERDICTS, ("agree", "differ", "no_difference", "unsettled", "inconclusive"), strict=True))
    groups = {kind.WORDS: sentences[sentences["kind"] == name] for name, kind in KINDS.items()} | {"all": sentences}
    rows = [
        {
            "kind": name,
            "claims": len(group),
            **{word: int((group["verdict"] == found).sum()) for found, word in words.items()},
            "expected_false": ALPHA * int(group["verdict"].notna().sum()),
        }
        for name, group in groups.items()
        if len(group)
    ]
    return pd.DataFrame(rows, columns=["kind", "claims", *words.values(), "expected_false"])


def _as_said(claim: Claim, found: Judgement) -> Judgement:
    """What speaks for each verdict that the paper's words allow: none where a claim cannot be settled, and none for DIFFERS where
    it is hedged.
    """
    if claim.unsettled:
        return replace(found, evidence=Evidence(), prospect=None)
    if not claim.hedged:
        return found
    prospect = found.prospect

    def without_differing(n: int, level: float, differing: float) -> Evidence:
        return replace(prospect(n, level, differing), differs=0.0) if prospect else Evidence()

    note = "; ".join(text for text in (found.note, "said with a reservation, which our runs cannot contradict") if text)
    evidence = replace(found.evidence, differs=math.nan)
    return replace(found, evidence=evidence, prospect=without_differing if prospect else None, note=note)


def _decided(judged: _Judged) -> Decision | None:
    """The decision on a sentence at its own 5 %; none where some part has too few runs to be judged by."""
    return decide(judged.evidence) if all(part.n > 1 for part in judged.parts) else None


def _among_primary(found: Sequence[_Judged], given: Sequence[Decision | None]) -> list[Decision | None]:
    """Decide primary sentences anew, Holm-adjusted for one another."""
    p_values = holm([d.p if d and judged.sentence.primary else math.nan for judged, d in zip(found, given, strict=True)])
    return [
        decision.at(p) if decision and judged.sentence.primary and not math.isnan(p) else decision
        for judged, decision, p in zip(found, given, p_values, strict=True)
    ]


def _rows(judged: _Judged, decision: Decision | None, q: float, claims: Claims) -> list[dict[str, Any]]:
    """The row of a sentence, and those of its parts where it has several."""
    sentence, first = judged.sentence, judged.sentence.parts[0]
    settled = _outlook(judged, judged.alpha, decision)
    if len(sentence.parts) == 1:
        row = _shown(first, claims, judged.parts[0]) | {"id": sentence.id, "text": sentence.text, "parts": 1}
        return [row | {"primary": sentence.primary} | _as_columns(decision, settled, row["note"]) | {"q": q}]
    parts = zip(sentence.parts, judged.parts, decide_parts(judged.evidence), strict=True)
    rows = [
        _shown(claim, claims, found)
        | {"part_of": sentence.id, "primary": False}
        | (_as_columns(own, _of_part(claim, own), _notes(claim, found)) if found.n > 1 and decision else {})
        for claim, found, own in parts
    ]
    row = {name: getattr(first, name) for name in ("kind", "artefact", "page", "shown")}
    tasks, labels = ({row[name] for row in rows} for name in ("task", "label"))
    row |= {"id": sentence.id, "text": sentence.text, "parts": len(rows), "primary": sentence.primary}
    row |= {"task": first.task if len(tasks) == 1 else "", "label": labels.pop() if len(labels) == 1 else ""}
    row |= {"paper": f"{len(rows)} parts", "ours": _counted(rows), "n": min(found.n for found in judged.parts)}
    row |= {"paper_n": max(claim.n for claim in sentence.parts), "note": ""}
    return [row | _as_columns(decision, settled, "") | {"q": q}, *rows]


def _shown(claim: Claim, claims: Claims, judgement: Judgement) -> dict[str, Any]:
    """The columns of a row that are there without a verdict."""
    row: dict[str, Any] = {name: getattr(claim, name) for name in ("id", "kind", "text", "artefact", "page", "task", "shown")}
    row |= {"label": claims.subject(claim), "quantity": claim.about_what}
    row |= {"paper": judgement.paper, "ours": judgement.ours}
    row |= {"n": judgement.n, "paper_n": claim.n, "note": _notes(claim, judgement)}
    if judgement.effect:
        effect = judgement.effect
        row |= {"effect": effect.wide.estimate, "low": effect.wide.low, "high": effect.wide.high}
        row |= {"low_90": effect.narrow.low, "high_90": effect.narrow.high}
        row |= {"allowed_low": effect.allowed[0], "allowed_high": effect.allowed[1]}
        if effect.wins:
            row |= {"wins": effect.wins.estimate, "wins_low": effect.wins.low, "wins_high": effect.wins.high}
    return row


def _as_columns(decision: Decision | None, settled: tuple[str, float, str], note: str) -> dict[str, Any]:
    """The columns of a row that come with a verdict."""
    if decision is None:
        return {}
    verdict, seeds, outlook = settled
    row = {"p_unadjusted": decision.unadjusted, "p": decision.p, "leads": decision.leads, "verdict": verdict}
    return row | {"seeds": seeds, "note": "; ".join(text for text in (note, outlook) if text)}


def _outlook(judged: _Judged, alpha: float, decision: Decision | None) -> tuple[str, float, str]:
    """The verdict; where the sentence is open, whether and by how many seeds it can be settled, as a number and in words."""
    if decision is None or decision.verdict != OPEN:
        return decision.verdict if decision else "", math.nan, ""
    reasons = dict.fromkeys(claim.unsettled for claim in judged.sentence.parts if claim.unsettled)
    if reasons:
        return UNSETTLED, math.nan, "; ".join(reasons)
    prospects = [part.prospect for part in judged.parts if part.prospect]
    if len(prospects) < len(judged.parts):
        return OPEN, math.nan, ""
    seeds = seeds_to_settle(prospects, alpha)
    if seeds < math.inf:
        return OPEN, seeds, f"about {seeds:.0f} seeds would settle it"
    if any(claim.limited_by_paper for claim in judged.sentence.parts):
        return UNSETTLED, math.nan, "no number of our seeds would settle it: the paper's runs are too few"
    return OPEN, math.nan, "what we see is at the edge of what the claim allows, where no number of seeds would settle it"


def _of_part(claim: Claim, own: Decision) -> tuple[str, float, str]:
    """The verdict on a part; no seeds are said of it, and words only where it cannot be settled."""
    return (UNSETTLED, math.nan, claim.unsettled) if claim.unsettled else (own.verdict, math.nan, "")


def _counted(rows: Sequence[dict[str, Any]]) -> str:
    """How the parts of a sentence came out, in words."""
    counts = Counter(row.get("verdict") for row in rows)
    words = dict(zip(VERDICTS, ("agree", "differ", "make no relevant difference", "cannot be settled", "open"), strict=True))
    told = [f"{counts[verdict]} {word}" for verdict, word in words.items() if counts[verdict]]
    return ", ".join(told) or "–"


def _notes(claim: Claim, judgement: Judgement) -> str:
    fewer = [f"ours {judgement.n} < {claim.n}"] if judgement.n < claim.n else []
    return "; ".join([*fewer, *([judgement.note] if judgement.note else [])])
