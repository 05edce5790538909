"""What cannot be reported is refused in one clear line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from records.errors import ResultError
from reports.runs.load import load
from reports.runs.summarise import summarise
from tests.unit.reports.made_reports import PAPER, expected
from tests.unit.reports.synthetic_results import write_results, write_run


def test_blocks_of_seeds_add_up_to_the_same(tmp_path: Path) -> None:
    arguments = ("CartPole-v1", "map_propagation", PAPER, "MAP propagation", 10)
    whole = write_run(tmp_path / "a/CartPole-v1/map_propagation/chung2021/seeds-000-002", *arguments, range(3))
    parent = tmp_path / "b/CartPole-v1/map_propagation/chung2021"
    blocks = [write_run(parent / f"seeds-{s:03d}-{s:03d}", *arguments, [s]) for s in (2, 0, 1)]
    once, in_blocks = (
        summarise(load(folders, expected(folders, range(3))), {}, {"episodic": 100, "single_step": 10}, (5,))
        for folders in ([whole], blocks)
    )
    pd.testing.assert_frame_equal(once, in_blocks)


def _truncate(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:60])


def _exchange(name: str, found: bytes, by: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes().replace(found, by))


def _edit(**changes: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        record = json.loads((folder / "run.json").read_text())
        (folder / "run.json").write_text(json.dumps({**record, **changes}))

    return change


def _edit_out(key: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        record = json.loads((folder / "run.json").read_text())
        (folder / "run.json").write_text(json.dumps({name: value for name, value in record.items() if name != key}))

    return change


def _rewrite(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Path], None]:
    def rewrite(folder: Path) -> None:
        change(pd.read_parquet(folder / "episodes.parquet")).to_parquet(folder / "episodes.parquet", index=False)

    return rewrite


BAD = {
    "no log": (lambda folder: (folder / "episodes.parquet").unlink(), r"episodes\.parquet is missing; run the same command"),
    "no record": (lambda folder: (folder / "run.json").unlink(), r"run\.json is missing; run the same command"),
    "truncated log": (_truncate("episodes.parquet"), r"episodes\.parquet is truncated or not a Parquet file; delete it"),
    "a column's name that is no text": (
        _exchange("episodes.parquet", b"return", b"\xffeturn"),
        r"episodes\.parquet is truncated or not a Parquet file; delete it",
    ),
    "truncated record": (_truncate("run.json"), r"run\.json is truncated or not a record in JSON; delete"),
    "foreign record": (
        lambda folder: (folder / "run.json").write_text("[1]"),
        r"run\.json is truncated or not a record in JSON; delete",
    ),
    "another's record": (_edit(method="reinforce"), r"run\.json belongs to CartPole-v1/reinforce/chung2021/seeds-000-001, not"),
    "no number in a record": (_edit(wall_seconds=float("nan")), r"run\.json .*; delete"),
    "text for a seed": (_edit(seeds=["0", "1"]), r"run\.json .*; delete"),
    "a list for hyperparameters": (
        _edit(hyperparameters=[1]),
        r"run\.json: not a record of a run \(hyperparameters: \[1\] should be",
    ),
    "a budget of text": (
        _edit(budget={"episodes": "10"}),
        r"not a record of a run \(budget\.episodes: '10' should be a valid number",
    ),
    "no budget at all": (
        _edit(budget={"steps": 10}),
        r"not a record of a run \(budget: .* should have either episodes or updates",
    ),
    "text for returns": (
        _rewrite(lambda log: log.assign(**{"return": log["return"].astype(str)})),
        r"not a log of CartPole-v1 \(column return should hold finite numbers\); delete",
    ),
    "no number for a return": (
        _rewrite(lambda log: log.assign(**{"return": log["return"].replace(log["return"].iloc[0], float("nan"))})),
        r"column return should hold finite numbers",
    ),
    "half a seed": (_rewrite(lambda log: log.assign(seed=log["seed"] + 0.5)), r"column seed should hold whole numbers"),
    "an end of no kind": (_rewrite(lambda log: log.assign(ended="happily")), r"column ended should hold terminated or truncated"),
    "foreign log": (
        _rewrite(lambda log: log.rename(columns={"return": "score"})),
        r"not a log of CartPole-v1 \(no column return",
    ),
    "a record of nothing": (_edit(seeds=[]), r"run\.json is not the record of a run; delete"),
    "half a record": (_edit_out("budget"), r"run\.json: not a record of a run \(the key 'budget' is missing; add it\); delete"),
    "another processor's instructions": (
        _edit(native=True, instructions="native (numba znver3, numpy X86_V3, torch AVX2)"),
        r"computed with the instructions native \(numba znver3.*\), .* with x86-64-v3, and the two round differently; delete",
    ),
    "another block's record": (_edit(seeds=[0, 7]), r"run\.json belongs to .*/seeds-000-007, not to this folder"),
    "another's seeds": (_rewrite(lambda log: log.replace({"seed": {1: 7}})), r"its seeds are not those of run\.json"),
    "lost rows": (_rewrite(lambda log: log.iloc[:-3]), r"seed 1 does not have just the episodes 1 to 10"),
    "doubled rows": (_rewrite(lambda log: log.replace({"episode": {3: 2}})), r"seed 0 does not have just the episodes 1 to 10"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_get_one_clear_line(case: str, tmp_path: Path) -> None:
    spoil, message = BAD[case]
    folders = write_results(tmp_path, "tiny", range(2), [("CartPole-v1", "map_propagation"), ("CartPole-v1", "reinforce")])
    spoil(folders[0])
    with pytest.raises(ResultError, match=message) as caught:
        load(folders, expected(folders, range(2)))
    assert str(folders[0]) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_seeds_twice_or_unasked_for_and_nothing_at_all(tmp_path: Path) -> None:
    (folder,) = write_results(tmp_path, "tiny", range(2), [("CartPole-v1", "reinforce")])
    with pytest.raises(ResultError, match="seed 0 is also in"):
        load([folder, folder], expected([folder], range(2)))
    with pytest.raises(ResultError, match=r"seed 1 is not asked for \(seed 0\)"):
        load([folder], expected([folder], [0]))
    with pytest.raises(ResultError, match="no results to report"):
        load([], {})
