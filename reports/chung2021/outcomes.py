"""What came out, in the few numbers that the report's answers are made of: the paper's main claim, and each theorem."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd

from reports.chung2021 import ANCHORS, METHODS, OWN_VARIANTS, TASKS
from reports.chung2021.figures import SCORES
from reports.chung2021.theory import NETWORKS
from reports.claims.answers import tasks_by_verdict
from reports.claims.kinds.equivalence import Equivalence
from reports.claims.kinds.ordering import Ordering
from reports.claims.read import Claims
from reports.figures.experiments import STAGES
from reports.runs.load import ReportData

STEPS = 20
"""N of all the paper's runs."""
CLOSE = 0.1
"""Two updates count as the same where the interval of their cosine lies above 1 - CLOSE and that of their norm ratio within the
factor 1 + CLOSE of 1."""
TAKEN_AWAY = 0.05
"""The hidden units' noise counts as gone from an update where it makes less than this share of its variance."""

_TEAM, _BACKPROP = METHODS[0], METHODS[3]
_REINFORCE = METHODS[1:3]


def main_claim(tables: Mapping[str, pd.DataFrame], claims: Claims) -> dict[str, Any]:
    """Does MAP propagation learn like backpropagation, and far faster than REINFORCE?

    * over_reinforce, over_backprop, like_backprop: titles of tasks by verdict ("": none was given), one for each claim;
    * scores: by label, the mean over the tasks with episodes of the normalised mean return, where all of them were run.
    """
    by_verdict = partial(tasks_by_verdict, table=tables["verdicts"], tasks=TASKS)
    above = [claim for claim in claims.of(Ordering) if claim.better[0] == _TEAM and claim.quantity == "mean_return"]
    return {
        "over_reinforce": by_verdict(claim for claim in above if claim.worse[0] in _REINFORCE),
        "over_backprop": by_verdict(claim for claim in above if claim.worse[0] == _BACKPROP),
        "like_backprop": by_verdict(
            claim for claim in claims.of(Equivalence) if (claim.method, claim.like[0]) == (_TEAM, _BACKPROP)
        ),
        "scores": _scores(tables["table_1"]),
    }


def theory_outcomes(data: ReportData, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """What the theory's experiments found; an empty mapping where one of them was not made.

    * steps, close, taken_away: this module's constants;
    * alignment: after `steps` steps, a row for each network and stage: name, stage; cosine, ratio (each with _low and _high) to
      backpropagation at the stationary point, holds (whether they are the same by `CLOSE`); sampled_cosine, sampled_ratio, to
      that at sampled values; rest (the energy's gradient, in units of that before the ascent);
    * bias: rows of the table bias_by_rule, with unbiased (whether its interval along the gradient holds 0);
    * variance: for each task and stage, all layers together: name, stage; <rule>_hidden; <rule>_ratio, in units of REINFORCE's;
      map_to_backprop (of these ratios); gone (whether MAP propagation's hidden share is below `TAKEN_AWAY`);
    * resolved: smallest share of samples, over networks and stages, with an update that is not lost in rounding; seeds, batches.
    """
    if not all(len(tables[name]) for name in ("alignment_by_steps", "bias_by_rule", "variance_by_layer")):
        return {}
    bias, variance = tables["bias_by_rule"], tables["variance_by_layer"]
    measured = data.theory["alignment"]
    return {
        "steps": STEPS,
        "close": CLOSE,
        "taken_away": TAKEN_AWAY,
        "alignment": _alignment(tables["alignment_by_steps"], measured),
        "bias": [
            {**row, "unbiased": bool(row["bias_along_low"] <= 0 <= row["bias_along_high"])} for row in bias.to_dict("records")
        ],
        "variance": [
            {
                **row,
                "name": TASKS[row["task"]],
                "map_to_backprop": row["map_propagation_ratio"] / row["backprop_ratio"],
                "gone": bool(row["map_propagation_hidden"] < TAKEN_AWAY),
            }
            for row in variance[variance["layer"] == "all"].to_dict("records")
        ],
        "resolved": float(measured.loc[measured["quantity"] == "resolved", "mean"].min()),
        "seeds": int(measured["n"].max()),
        "batches": int(bias["n"].max()),
    }


def _scores(table: pd.DataFrame) -> dict[str, float]:
    """By label; tasks count alike, whatever the number of their runs."""
    own = table[(table["variant"] == OWN_VARIANTS[0]) & table["task"].isin(list(ANCHORS)) & (table["n"] > 0)]
    scores = own.assign(score=[float(SCORES[task].normalised(mean)) for task, mean in zip(own["task"], own["mean"], strict=True)])
    found: dict[str, float] = {}
    for method in METHODS:
        of_method = scores[scores["method"] == method]
        if len(of_method) == len(ANCHORS):
            found[of_method["label"].iloc[0]] = float(of_method["score"].mean())
    return found


def _alignment(table: pd.DataFrame, measured: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of `theory_outcomes`' alignment."""
    rows: list[dict[str, Any]] = []
    for task, network in NETWORKS:
        for stage in STAGES:
            own, at_steps = (
                rows[(rows["task"] == task) & (rows["network"] == network) & (rows["stage"] == stage)]
                for rows in (measured[measured["layer"] == "all"], table[table["steps"] == STEPS])
            )
            if at_steps.empty:
                continue
            found = at_steps.iloc[0]
            row: dict[str, Any] = {"name": f"{TASKS[task]}, {network}", "stage": stage}
            for name in ("cosine", "ratio"):
                row |= {name: found[f"mean_{name}"], f"{name}_low": found[f"low_{name}"], f"{name}_high": found[f"high_{name}"]}
            row["holds"] = bool(
                row["cosine_low"] > 1 - CLOSE and row["ratio_low"] > 1 / (1 + CLOSE) and row["ratio_high"] < 1 + CLOSE
            )
            row["sampled_cosine"] = _mean_at(own, STEPS, reference="sampled", quantity="pooled_cosine")
            row["sampled_ratio"] = _mean_at(own, STEPS, reference="sampled", quantity="pooled_norm_ratio")
            row["rest"] = _mean_at(own, STEPS, quantity="energy_gradient") / _mean_at(own, 0, quantity="energy_gradient")
            rows.append(row)
    return rows


def _mean_at(table: pd.DataFrame, steps: int, **values: str) -> float:
    """The mean in the row with these values; nan where there is none."""
    for column, value in values.items():
        table = table[table[column] == value]
    found = table.loc[table["steps"] == steps, "mean"]
    return float(found.iloc[0]) if len(found) else float("nan")
