"""The single numbers that the sentences and captions of the report contain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from reports.chung2020 import TASKS
from reports.claims.answers import tasks_by_verdict
from reports.claims.kinds.ordering import Ordering
from reports.claims.read import Claims, read_claims
from reports.runs.load import ReportData
from reports.tables.facts import common_facts
from reports.tables.searches import resting_on_searches


def facts(data: ReportData, tables: Mapping[str, pd.DataFrame], scale: str) -> dict[str, Any]:
    """Numbers by name; null where there is nothing to count."""
    claims = read_claims("chung2020")
    return common_facts("chung2020", data, tables, scale) | {
        "searched": resting_on_searches(claims, tables["searches"]),
        "main_claim": _main_claim(claims, tables["verdicts"]),
        "most_episodes": _most_episodes(data),
    }


def _main_claim(claims: Claims, verdicts: pd.DataFrame) -> dict[str, dict[str, list[str]]]:
    """Where MAP propagation does better than each other rule, by verdict: over_backprop, over_reinforce (titles of tasks)."""
    above = [claim for claim in claims.of(Ordering) if claim.better[0] == "map_propagation"]
    rules = {"over_backprop": "backprop_traces", "over_reinforce": "reinforce"}
    return {
        name: tasks_by_verdict((claim for claim in above if claim.worse[0] == rule), verdicts, TASKS)
        for name, rule in rules.items()
    }


def _most_episodes(data: ReportData) -> dict[str, int]:
    """For each task whose runs stop when it is solved, the episode at which they stop at the latest."""
    return {run["task"]: int(run["budget"]["most_episodes"]) for run in data.runs if "most_episodes" in run["budget"]}
