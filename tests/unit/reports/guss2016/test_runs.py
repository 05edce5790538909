"""What the report of guss2016 counts of its runs, and the reprinted rows beside them."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from records.sources import ROOT
from reports.guss2016 import LEARNED_PENDULUM, PENDULUM, PLAIN, RELATIVES, REPAIRED, SIZES, STANDARD, UNTRAINED, tables
from reports.guss2016.facts import COMPARED, _ends, _reached
from reports.runs.load import ReportData
from workflow.plan.plan import make_plan

ENDS = {("ddpg", STANDARD): (-300.0, -250.0, -120.0), ("decentralised_ddpg", STANDARD): (-1400.0, -1300.0, -1200.0)}


@pytest.fixture
def data() -> ReportData:
    rows = [
        {"task": PENDULUM, "method": method, "variant": variant, "seed": seed, "final_mean": end, "last_quarter_mean": end - 5}
        for (method, variant), ends in ENDS.items()
        for seed, end in enumerate(ends)
    ]
    return ReportData(pd.DataFrame(rows), pd.DataFrame(), pd.DataFrame(), [])


def test_runs_at_the_level_count(data: ReportData) -> None:
    found = _reached(data, PENDULUM, COMPARED, "final_mean", LEARNED_PENDULUM)
    assert found == {"ddpg": {"reached": 2, "n": 3}, "drafted": {"reached": 0, "n": 3}}


def test_ends_are_told_where_all_were_run() -> None:
    keys = {"ddpg": ("ddpg", STANDARD), "drafted": ("decentralised_ddpg", STANDARD)}
    rows = [
        {"task": PENDULUM, "method": method, "variant": STANDARD, "mean": mean} for mean, (method, _) in enumerate(keys.values())
    ]
    table = {"last_quarter": pd.DataFrame(rows)}
    assert _ends(table, PENDULUM, keys) == {"ddpg": 0, "drafted": 1}
    assert _ends(table, PENDULUM) == {}
    assert _ends(table, "CartPole-v0", keys) == {}


def test_the_reprinted_table_stands_beside_our_ddpg_alone(data: ReportData) -> None:
    summary = data.summary.assign(task=data.summary["task"].replace(PENDULUM, RELATIVES["pendulum"]))
    table = tables.ddpg_table(SimpleNamespace(data=replace(data, summary=summary))).set_index("row")  # type: ignore[arg-type]
    assert len(table) == 26
    assert list(table.loc["hopper", list(tables.SCORES)]) == [0.676, 0.936, 0.112, 0.924, 0.078, 0.917]
    assert (table.loc["pendulum", "n"], table.loc["pendulum", "best"]) == (3, -125)
    assert table.drop(index="pendulum")["n"].eq(0).all()
    assert dict(table["task"].dropna()) == RELATIVES
    assert table["mean"].notna().sum() == 1


def test_every_run_stands_in_the_table_and_no_other() -> None:
    planned = {key[2] for key in make_plan(ROOT, {"scale": "paper", "papers": "guss2016"}).runs}
    assert planned == set(tables.VARIANTS)
    assert {STANDARD, REPAIRED, UNTRAINED, PLAIN} <= planned
    assert sum(variant.endswith(tuple(size for size in SIZES if size)) for variant in planned) == 8
