"""The single numbers that the sentences and captions of the report contain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from reports.claims.answers import tasks_by_verdict
from reports.claims.claim import Claim
from reports.claims.kinds.equivalence import Equivalence
from reports.claims.kinds.ordering import Ordering
from reports.claims.read import Claims, read_claims
from reports.kubo2022 import EP_ONLY, HONEST, LOW_TEMPERATURE, OF_2017, STANDARD, TASKS, theory
from reports.kubo2022.figures import BP, EP
from reports.runs.load import ReportData
from reports.runs.summarise import QUARTER
from reports.tables.facts import common_facts
from reports.tables.last_quarter import LEVEL, VARIABILITY
from reports.tables.searches import resting_on_searches


def facts(data: ReportData, tables: Mapping[str, pd.DataFrame], scale: str) -> dict[str, Any]:
    """Numbers by name; null where there is nothing to count."""
    claims = read_claims("kubo2022")
    return common_facts("kubo2022", data, tables, scale) | {
        # The search decides nothing by itself (sweep.yaml), so that no claim rests on it.
        "searched": resting_on_searches(claims, tables["searches"].iloc[:0]),
        "main_claim": _main_claim(claims, tables["verdicts"]),
        "quarter": QUARTER,
        "headline": _headline(tables["last_quarter"]),
        "ep_only": _ep_only(data),
        "honest": any(run["variant"] in HONEST for run in data.runs),
        "drops": _drops(data),
        "theory": theory.outcomes(data),
    }


def _main_claim(claims: Claims, verdicts: pd.DataFrame) -> dict[str, dict[str, list[str]]]:
    """Where EP-BP is higher than BP with its original and with all learning rates, steadier than these, and higher than the rule
    of 2017; where a low temperature does not put BP before EP-BP, but before BP: titles of tasks by verdict.
    """

    def found(claim: Claim) -> str:
        if isinstance(claim, Equivalence) and claim.like[1] in LOW_TEMPERATURE:
            return "not_outperformed"
        if not isinstance(claim, Ordering):
            return ""
        if claim.better == (EP, STANDARD) and claim.worse == (EP, OF_2017):
            return "over_2017"
        if claim.better == (EP, STANDARD) and claim.worse[0] == BP:
            return {LEVEL: "over_bp", VARIABILITY: "steadier"}.get(claim.quantity, "")
        return "low_over_bp" if claim.better[1] in LOW_TEMPERATURE and claim.worse[1] == STANDARD else ""

    names = ("over_bp", "steadier", "over_2017", "not_outperformed", "low_over_bp")
    groups = {name: [claim for claim in claims.all if found(claim) == name] for name in names}
    original = [claim for claim in groups["over_bp"] if claim.keys[1][2] == STANDARD]
    return {name: tasks_by_verdict(group, verdicts, TASKS) for name, group in {**groups, "over_original_bp": original}.items()}


def _headline(table: pd.DataFrame) -> list[dict[str, Any]]:
    """EP-BP's and BP's mean return over the last quarter, for each task that both were run on."""
    rows = []
    for task, title in TASKS.items():
        own = table[(table["task"] == task) & (table["variant"] == STANDARD)].set_index("method")["mean"]
        if {EP, BP} <= set(own.index):
            rows.append({"task": title, "ep": float(own[EP]), "bp": float(own[BP])})
    return rows


def _ep_only(data: ReportData) -> dict[str, Any]:
    """How many episodes the longest runs of EP only have (0: none were made), and whether these are the supplement's."""
    runs = [run for run in data.runs if run["variant"] in EP_ONLY]
    episodes = max((int(run["budget"]["episodes"]) for run in runs), default=0)
    return {"episodes": episodes, "whole": any(run["variant"] == EP_ONLY[1] for run in runs)}


def _drops(data: ReportData) -> dict[str, list[float]]:
    """By task, after which episodes the temperature drops in some of the paper's own runs."""
    found: dict[str, set[float]] = {}
    for run in data.runs:
        if run["variant"] in LOW_TEMPERATURE:
            after = run["hyperparameters"]["low_temperature_from"] * run["budget"]["episodes"]
            found.setdefault(run["task"], set()).add(after)
    return {task: sorted(episodes) for task, episodes in found.items()}
