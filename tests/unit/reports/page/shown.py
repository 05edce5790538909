"""Synthetic results for the page: two tasks, two methods, three seeds of which one is missing."""

from __future__ import annotations

import math
from base64 import b64encode
from typing import Any

import pandas as pd

from reports.page.contents import Films, contents
from reports.runs.load import ReportData

METHODS = {"map_propagation": "MAP propagation", "backprop_traces": "Backprop <traces>"}
TASKS = {"CartPole-v1": "episodic", "Multiplexer-v0": "single_step"}
GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
"""A film of one white dot."""


def run_info(task: str, method: str, seeds: list[int]) -> dict[str, Any]:
    """A record of one block of seeds."""
    return {
        "task": task,
        "method": method,
        "variant": "v",
        "label": METHODS[method],
        "seeds": seeds,
        "hyperparameters": {"discount": 0.98},
        "hyperparameter_descriptions": {"discount": "Discount of a step."},
        "options": {},
        "budget": {"episodes": 400},
        "environment": {"id": task},
        "git": {"commit": "0123abc", "dirty": True},
        "source_fingerprint": "feedbeef",
        "versions": {"numpy": "2"},
    }


def report_data(seeds: tuple[int, ...] = (0, 1, 2)) -> ReportData:
    """Curves that rise with the episode, faster for MAP propagation and for higher seeds; longer where the seed is higher."""
    parts, runs = [], []
    for task, kind in TASKS.items():
        for place, (method, label) in enumerate(METHODS.items()):
            own = [seed for seed in seeds if (method, seed) != ("backprop_traces", 2)]
            runs.append(run_info(task, method, own))
            for seed in own:
                x = range(1, 401 + 10 * seed)
                names: dict[str, Any] = {
                    "task": task,
                    "method": method,
                    "variant": "v",
                    "label": label,
                    "kind": kind,
                    "seed": seed,
                }
                parts.append(pd.DataFrame({"x": x, "value": [(2.0 - place + 0.1 * seed) * at for at in x]}).assign(**names))
    return ReportData(pd.DataFrame(), pd.concat(parts, ignore_index=True), pd.DataFrame(), runs)


def table() -> pd.DataFrame:
    """One row a cell, with a missing and an unbounded number."""
    rows = [(task, method, "v", label) for task in TASKS for method, label in METHODS.items()]
    return pd.DataFrame(rows, columns=["task", "method", "variant", "label"]).assign(
        mean=[3.0, 20.0, 1.0, 2.0], median=[math.inf, 7.0, math.nan, 8.0]
    )


def shown() -> dict[str, Any]:
    """All that the page shows."""
    films = {("CartPole-v1", "map_propagation", "v"): Films([("the best seed", b64encode(GIF).decode())])}
    return contents("Every method </script> on every task", report_data(), {"Returns": table()}, films)
