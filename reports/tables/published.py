"""Tables that several papers share: ours beside what was published, one row a claim or a task × method, DataFrames out.

`verdicts` holds every claim against our runs, unless they are not `enabled`: at a fraction of the paper's budget there is nothing
to agree with. The other tables take what it decided.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pandas as pd

from reports.claims.claim_kinds import EVENTS, Claim, Event, Key, Mean, NotBest, Ordering, Rate, Value
from reports.claims.evidence import Judgement
from reports.claims.judgement import judge
from reports.claims.read import Claims
from reports.figures.panels import event_times, ordered
from reports.runs.load import KEYS, ReportData
from reports.statistics.inference import (
    holm,
    log_rank,
    mean_interval,
    median_time,
    ordering,
    rate_interval,
    standard_deviation,
    verdict,
)

_VERDICT_COLUMNS = [
    *("id", "kind", "text", "artefact", "page", "task", "label", "paper", "ours", "n", "paper_n", "effect", "low", "high"),
    *("p_unadjusted", "p", "verdict", "seeds", "note", "shown"),
]
_DECIDED = ("p_unadjusted", "p", "verdict")
_DIRECTED = (Ordering, NotBest)
"""Kinds of claims that a difference bears out, and whose opposite contradicts them."""
_AS_VERDICT = {"HOLDS": "AGREES", "REVERSED": "DIFFERS", "INCONCLUSIVE": "INCONCLUSIVE"}
"""What becomes of a claimed ordering, and its verdict."""
_KINDS = {
    "mean": "means with a deviation",
    "value": "means without a deviation",
    "rate": "shares of runs",
    "ordering": "orderings of two rules",
    "equivalence": "likeness of two rules",
    "not_best": "exceptions to an ordering",
}


def runs_of(summary: pd.DataFrame, task: str, method: str, variant: str) -> pd.DataFrame:
    """The rows, one a seed, of one task × method × variant; none where it was not run."""
    return summary[(summary["task"] == task) & (summary["method"] == method) & (summary["variant"] == variant)]


def verdicts(data: ReportData, claims: Claims, enabled: bool) -> pd.DataFrame:
    """One row per claim of the paper, in its order, with the columns

    * id, kind, text, artefact, page (missing where there is none), task, label (of our runs), shown (our figure or table);
    * paper and ours as text, ± a standard deviation (with the paper's ddof; 1 where it gave none);
    * n and paper_n, the runs on either side (the fewer, where the claim is about two methods of ours);
    * effect, low, high: what is compared, with its interval, as `reports.claims.judgement.Judgement.effect` has it;
    * p_unadjusted, and p, Holm-adjusted over all tests of the paper; of an ordering that of both directions together. Missing
      where a claim of equality AGREES: that the two are not significantly different is no part of it;
    * verdict: AGREES, DIFFERS or INCONCLUSIVE (missing: not `enabled`, or fewer than two runs); what is tested for which kind of
      claim stands in `reports.claims.judgement`;
    * seeds: where INCONCLUSIVE, how many of ours would give a verdict with chance .8 (inf: none; the paper's are too few, or what
      we see is at the edge of what the claim allows);
    * note: fewer runs than the paper's, censored runs, deviations assumed, seeds that would settle it.
    """
    runs = {key: runs_of(data.summary, *key) for claim in claims.all for key in claim.keys}
    judgements = [judge(claim, runs) for claim in claims.all]
    p_values = [judgement.p if enabled and judgement.n > 1 else math.nan for judgement in judgements]
    tests = sum(not math.isnan(p) for p in p_values)
    rows = [
        _verdict_row(claim, claims, judgement, enabled and judgement.n > 1, p, tests)
        for claim, judgement, p in zip(claims.all, judgements, holm(p_values), strict=True)
    ]
    numbers = ("effect", "low", "high", "p_unadjusted", "p", "seeds")
    return pd.DataFrame(rows, columns=_VERDICT_COLUMNS).astype({"page": "Int64", **dict.fromkeys(numbers, float)})


def _verdict_row(
    claim: Claim, claims: Claims, judgement: Judgement, tested: bool, adjusted_p: float, tests: int
) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(claim, name) for name in ("id", "kind", "text", "artefact", "page", "task", "shown")}
    row["label"] = claims.subject(claim)
    row |= {"paper": judgement.paper, "ours": judgement.ours, "n": judgement.n, "paper_n": claim.n}
    if judgement.effect:
        row |= {"effect": judgement.effect.estimate, "low": judgement.effect.low, "high": judgement.effect.high}
    notes = [judgement.note] if judgement.note else []
    if judgement.n < claim.n:
        notes.insert(0, f"ours {judgement.n} < {claim.n}")
    if tested:
        if isinstance(claim, _DIRECTED):
            row["verdict"] = _AS_VERDICT[ordering(judgement.agrees, adjusted_p)]
        else:
            row["verdict"] = verdict(judgement.agrees, adjusted_p)
        if isinstance(claim, _DIRECTED) or row["verdict"] != "AGREES":
            row |= {"p_unadjusted": judgement.p, "p": adjusted_p}
        if row["verdict"] == "INCONCLUSIVE" and judgement.seeds:
            row["seeds"] = seeds = judgement.seeds(tests)
            notes.append(f"about {seeds:.0f} seeds would settle it" if seeds < math.inf else _never_settled(claim))
    return row | {"note": "; ".join(notes)}


def _never_settled(claim: Claim) -> str:
    """What to say where no number of our seeds would give a verdict, did all stay as it is."""
    if isinstance(claim, (Mean, Value)) or (isinstance(claim, Rate) and claim.reached is not None):
        return "no number of our seeds would settle it: the paper's runs are too few"
    return "at the edge of what the claim allows, where no number of seeds would settle it"


def verdict_summary(decided: pd.DataFrame) -> pd.DataFrame:
    """How many claims of each kind agree, differ or stay open, from the table of `verdicts`, with the columns

    kind (in words), claims, agree, differ, inconclusive. Kinds that a paper has no claim of are left out; the last row is of all.
    """
    words = {"AGREES": "agree", "DIFFERS": "differ", "INCONCLUSIVE": "inconclusive"}
    groups = {name: decided[decided["kind"] == kind] for kind, name in _KINDS.items()} | {"all": decided}
    rows = [
        {"kind": name, "claims": len(group), **{word: int((group["verdict"] == found).sum()) for found, word in words.items()}}
        for name, group in groups.items()
        if len(group)
    ]
    return pd.DataFrame(rows, columns=["kind", "claims", *words.values()])


def published_means(data: ReportData, claims: Claims, decided: pd.DataFrame) -> pd.DataFrame:
    """One row per mean return that was published with a deviation, with the columns

    * id, task, method, variant, label; n, mean, sd: ours, sd with the ddof of the paper's;
    * paper_mean, paper_sd, paper_n, margin;
    * difference, low, high (90 % Welch interval of ours − paper); p_unadjusted, p, verdict and seeds as in `decided`, the table
      of `verdicts`; all of these are missing where it gives no verdict.
    """
    by_claim = decided.set_index("id")
    rows = []
    for claim in claims.of(Mean):
        if claim.quantity in EVENTS:
            continue
        values = runs_of(data.summary, claim.task, claim.method, claim.variant)[claim.quantity].to_numpy(float)
        found = by_claim.loc[claim.id]
        row: dict[str, Any] = {
            "id": claim.id,
            **dict(zip(KEYS, claim.keys[0], strict=True)),
            "label": claims.labels[claim.keys[0]],
            "n": len(values),
            "mean": values.mean() if len(values) else math.nan,
            "sd": standard_deviation(values, claim.ddof) if len(values) > 1 else math.nan,
            "paper_mean": claim.mean,
            "paper_sd": claim.sd,
            "paper_n": claim.n,
            "margin": claim.tolerance,
        }
        if pd.notna(found["verdict"]):
            row |= {"difference": found["effect"]} | {name: found[name] for name in ("low", "high", *_DECIDED, "seeds")}
        rows.append(row)
    columns = ["id", *KEYS, "label", "n", "mean", "sd", "paper_mean", "paper_sd", "paper_n", "margin"]
    return pd.DataFrame(rows, columns=[*columns, "difference", "low", "high", *_DECIDED, "seeds"])


def published_orderings(data: ReportData, claims: Claims, decided: pd.DataFrame) -> pd.DataFrame:
    """One row per claim that one method does better than another in a level of performance, with the columns

    * id, task, quantity, artefact; better, worse (labels); n_better, mean_better, n_worse, mean_worse;
    * probability, low, high: that a run of the better beats one of the worse, with its 95 % interval;
    * p_unadjusted and p as in `decided`, the table of `verdicts`, and verdict: HOLDS, REVERSED or INCONCLUSIVE.
    """
    by_claim = decided.set_index("id")
    rows: list[dict[str, Any]] = []
    for claim in claims.of(Ordering):
        if claim.quantity in EVENTS:
            continue
        better, worse = (runs_of(data.summary, *key)[claim.quantity].to_numpy(float) for key in claim.keys)
        found = by_claim.loc[claim.id]
        row: dict[str, Any] = {name: getattr(claim, name) for name in ("id", "task", "quantity", "artefact")}
        for side, key, value in zip(("better", "worse"), claim.keys, (better, worse), strict=True):
            row |= {side: claims.labels[key], f"n_{side}": len(value), f"mean_{side}": value.mean() if len(value) else math.nan}
        row |= {"probability": found["effect"]} | {name: found[name] for name in ("low", "high", *_DECIDED)}
        rows.append(row)
    columns = ["id", "task", "quantity", "artefact", "better", "n_better", "mean_better", "worse", "n_worse", "mean_worse"]
    table = pd.DataFrame(rows, columns=[*columns, "probability", "low", "high", *_DECIDED])
    return table.replace({"verdict": {as_verdict: held for held, as_verdict in _AS_VERDICT.items()}})


def times_to(
    data: ReportData, claims: Claims, event: Event, tasks: Sequence[str], methods: Sequence[str], reference: str
) -> pd.DataFrame:
    """How long runs took to `event`, one row per task × method, with the columns

    * task, method, variant, label, threshold; n, reached, rate, rate_low, rate_high (Wilson, 95 %);
    * median, median_low, median_high (Kaplan–Meier, 95 %; inf: beyond the runs), mean_reached (over the runs that got there);
    * p: log-rank against the method `reference` on the same task, Holm-adjusted over the table;
    * paper_reached, paper_n, paper_mean: published, mean over the runs that got there.
    """
    published = _published_events(claims, event)
    threshold = {"first_perfect": "perfect_threshold", "solved": "solved_threshold"}[event]
    rows: list[dict[str, Any]] = []
    for task in tasks:
        summary = data.summary[(data.summary["task"] == task) & data.summary[threshold].notna()]
        times = {key: event_times(runs_of(summary, task, *key), event) for key in ordered(summary, methods)}
        standard = next((time for (method, _), time in times.items() if method == reference), None)
        for (method, variant), (episodes, reached) in times.items():
            runs = runs_of(summary, task, method, variant)
            rate, median = rate_interval(int(reached.sum()), len(reached)), median_time(episodes, reached)
            row = {
                "task": task,
                "method": method,
                "variant": variant,
                "label": runs["label"].iloc[0],
                "threshold": runs[threshold].iloc[0],
                "n": len(reached),
                "reached": int(reached.sum()),
                "rate": rate.estimate,
                "rate_low": rate.low,
                "rate_high": rate.high,
                "median": median.estimate,
                "median_low": median.low,
                "median_high": median.high,
                "mean_reached": episodes[reached].mean() if reached.any() else math.nan,
                "p": log_rank(episodes, reached, *standard) if standard and method != reference else math.nan,
            }
            rows.append(row | published.get((task, method, variant), {}))
    columns = [*KEYS, "label", "threshold", "n", "reached", "rate", "rate_low", "rate_high"]
    columns += ["median", "median_low", "median_high", "mean_reached", "p", "paper_reached", "paper_n", "paper_mean"]
    table = pd.DataFrame(rows, columns=columns)
    counts = ["n", "reached", "paper_reached", "paper_n"]
    return table.assign(p=holm(list(table["p"]))).astype(dict.fromkeys(counts, "Int64"))


def checkpoint_rewards(
    data: ReportData,
    claims: Claims,
    tasks: Sequence[str],
    methods: Sequence[str],
    checkpoints: Sequence[int],
    decided: pd.DataFrame,
) -> pd.DataFrame:
    """Single-step rewards at the checkpoints and at the last update, one row each, with the columns

    * task, method, variant, label, update, last (whether it is the last);
    * n, mean, sd (ddof = 1), low, high, half (95 % t-interval and half its width);
    * paper, error: the published curve's reading; verdict as in `decided`, the table of `verdicts`.

    Updates beyond the runs are left out.
    """
    published = {(*claim.keys[0], str(claim.update)): claim for claim in claims.of(Value) if claim.update is not None}
    by_claim = decided.set_index("id")["verdict"]
    rows: list[dict[str, Any]] = []
    for task in tasks:
        summary = data.summary[data.summary["task"] == task]
        for method, variant in ordered(summary, methods):
            runs = runs_of(summary, task, method, variant)
            for update in (*map(str, checkpoints), "last"):
                values = runs[f"reward_at_{update}"].dropna().to_numpy(float)
                if not len(values):
                    continue
                interval = mean_interval(values)
                row: dict[str, Any] = {
                    "task": task,
                    "method": method,
                    "variant": variant,
                    "label": runs["label"].iloc[0],
                    "update": int(runs["steps"].max()) if update == "last" else int(update),
                    "last": update == "last",
                    "n": len(values),
                    "mean": interval.estimate,
                    "sd": standard_deviation(values),
                    "low": interval.low,
                    "high": interval.high,
                    "half": interval.high - interval.estimate,
                }
                claim = published.get((task, method, variant, update))
                if claim:
                    row |= {"paper": claim.value, "error": claim.error, "verdict": by_claim[claim.id]}
                rows.append(row)
    columns = [*KEYS, "label", "update", "last", "n", "mean", "sd", "low", "high", "half", "paper", "error", "verdict"]
    return pd.DataFrame(rows, columns=columns)


def _published_events(claims: Claims, event: Event) -> dict[Key, dict[str, Any]]:
    """What was published of an event: how many of how many runs got there, and the mean over those."""
    published: dict[Key, dict[str, Any]] = defaultdict(dict)
    for rate in claims.of(Rate):
        if rate.event == event and rate.reached is not None:
            published[rate.keys[0]] |= {"paper_reached": rate.reached, "paper_n": rate.n}
    for mean in claims.of(Mean):
        if mean.quantity == event:
            published[mean.keys[0]] |= {"paper_n": mean.n, "paper_mean": mean.mean}
    for value in claims.of(Value):
        if value.quantity == event:
            published[value.keys[0]] |= {"paper_n": value.n, "paper_mean": value.value}
    return published
