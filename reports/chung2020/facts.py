"""The single numbers that the sentences and captions of the report contain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from reports.data import ReportData
from reports.facts import common_facts


def facts(data: ReportData, tables: Mapping[str, pd.DataFrame], scale: str) -> dict[str, Any]:
    """Numbers by name; null where there is nothing to count."""
    return common_facts("chung2020", data, tables, scale) | {"most_episodes": _most_episodes(data)}


def _most_episodes(data: ReportData) -> dict[str, int]:
    """For each task whose runs stop when it is solved, the episode at which they stop at the latest."""
    return {run["task"]: int(run["budget"]["most_episodes"]) for run in data.runs if "most_episodes" in run["budget"]}
