"""Claims about what an experiment measured of each network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from records.errors import ResultError
from reports.claims.measured import COLUMNS, measured_runs
from reports.claims.read import Claims
from reports.claims.verdicts import verdicts
from reports.paper import Measured
from reports.runs.load import ReportData
from tests.unit.reports.claims.judged import claim

KEYS = ("T", "trial", "fast"), ("T", "trial", "slow")
MEASURED = {key: Measured(label=key[2], quantity="score", where={"pace": key[2], "block": 3}) for key in KEYS}
TABLE = pd.DataFrame(
    [
        {"task": "T", "pace": pace, "block": block, "quantity": "score", "each": [base + number for number in (0.0, 0.1, 0.2)]}
        for pace, base in (("fast", 0.7), ("slow", 0.1))
        for block in (2, 3)
    ]
)
EMPTY = pd.DataFrame(columns=["task", "method", "variant"])


def data(table: pd.DataFrame) -> ReportData:
    return ReportData(EMPTY, EMPTY, EMPTY, [], {"trial": table})


def test_a_condition_s_networks_are_rows() -> None:
    found = measured_runs({"trial": TABLE}, MEASURED)
    assert tuple(found.columns) == COLUMNS
    fast = found[found["variant"] == "fast"]
    assert list(fast["seed"]) == [0, 1, 2]
    np.testing.assert_allclose(fast["measured"], [0.7, 0.8, 0.9])
    assert set(found["label"]) == {"fast", "slow"}


def test_a_condition_that_was_not_measured_has_no_networks() -> None:
    assert len(measured_runs({}, MEASURED)) == 0
    assert set(measured_runs({"trial": TABLE[TABLE["pace"] == "slow"]}, MEASURED)["variant"]) == {"slow"}


def test_a_condition_that_several_rows_fit_is_refused() -> None:
    loose = {KEYS[0]: replace(MEASURED[KEYS[0]], where={"pace": "fast"})}
    with pytest.raises(ResultError, match=r"trial: 2 rows are fast; say in MEASURED which one is meant"):
        measured_runs({"trial": TABLE}, loose)


def test_networks_of_one_experiment_are_compared_in_pairs() -> None:
    ordering = claim("ordering", better=KEYS[0][1:], worse=KEYS[1][1:], quantity="measured")
    table = pd.concat([TABLE] * 1)
    table["each"] = [[value + number / 7 for number in range(8)] for value in (0.7, 0.7, 0.1, 0.1)]
    decided = verdicts(data(table), Claims((ordering,), {key: key[2] for key in KEYS}, MEASURED), True).iloc[0]
    assert decided["verdict"] == "AGREES"
    assert decided["label"] == "fast over slow"
    assert "in pairs" in decided["note"]


def test_a_share_of_networks_is_judged_by_a_level() -> None:
    rate = claim("rate", method="trial", variant="fast", event="measured", level=0.75, share=[0.5, 1], margin=0)
    decided = verdicts(data(TABLE), Claims((rate,), {KEYS[0]: "fast"}, MEASURED), True).iloc[0]
    assert decided["ours"] == "2 of 3"
