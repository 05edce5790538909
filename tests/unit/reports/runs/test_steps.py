"""Results whose budget is in steps: each seed has its own number of episodes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from records.errors import ResultError
from reports.runs.load import Run, load
from reports.runs.summarise import curves, summarise
from tests.unit.reports.synthetic_results import run_record

WINDOWS = {"episodic": 2, "single_step": 2}


def write(folder: Path, lengths: Sequence[Sequence[int]], env_steps: int) -> Path:
    """The results of seeds 0, 1, …, whose episodes have these lengths, and returns ten times as large."""
    logs = [
        pd.DataFrame({"seed": seed, "episode": range(1, len(own) + 1), "env_steps": np.cumsum(own), "length": own}).assign(
            **{"return": 10.0 * np.asarray(own)}, ended="terminated"
        )
        for seed, own in enumerate(lengths)
    ]
    folder = folder / "CartPole-v1" / "reinforce" / "v" / f"seeds-000-{len(lengths) - 1:03d}"
    folder.mkdir(parents=True)
    pd.concat(logs, ignore_index=True).to_parquet(folder / "episodes.parquet", index=False)
    info = run_record("CartPole-v1", "reinforce", "v", "REINFORCE", 1, range(len(lengths))) | {"budget": {"env_steps": env_steps}}
    (folder / "run.json").write_text(json.dumps(info), encoding="utf-8")
    return folder


def loaded(folder: Path, lengths: Sequence[Sequence[int]], env_steps: int = 10) -> list[Run]:
    return load([write(folder, lengths, env_steps)], range(len(lengths)))


def test_seeds_may_have_differently_many_episodes(tmp_path: Path) -> None:
    runs = loaded(tmp_path, [[4, 4, 4], [12], [5, 5]])
    table = summarise(runs, {}, WINDOWS, ())
    assert table["steps"].tolist() == [3, 1, 2]
    assert table["env_steps"].tolist() == [12, 12, 10]
    assert table["mean_return"].tolist() == [40, 120, 50]
    assert table["solved_steps"].isna().all()


@pytest.mark.parametrize(("lengths", "seed"), [([[4, 4, 4], [4, 4]], 1), ([[6, 6, 6], [10]], 0), ([[12], [10, 1]], 1)])
def test_a_seed_that_ends_elsewhere_is_refused(tmp_path: Path, lengths: Sequence[Sequence[int]], seed: int) -> None:
    with pytest.raises(
        ResultError, match=rf"seed {seed} does not have just the episodes 1 to the one that reaches step 10, each"
    ):
        loaded(tmp_path, lengths)


def test_a_task_is_solved_after_so_many_steps(tmp_path: Path) -> None:
    runs = loaded(tmp_path, [[1] * 50 + [3] * 150, [1] * 500], 500)
    table = summarise(runs, {"CartPole-v1": 30.0}, WINDOWS, ())
    assert table["solved"].fillna(0).tolist() == [150, 0]
    assert table["solved_steps"].fillna(0).tolist() == [50 + 3 * 100, 0]


def test_curves_have_the_mean_of_what_had_ended_by_a_step(tmp_path: Path) -> None:
    table = curves(loaded(tmp_path, [[4, 2, 6], [11]]), WINDOWS).set_index(["seed", "x"])["value"]
    assert table[0].to_dict() == {4: 40, 5: 40, 6: 30, 7: 30, 8: 30, 9: 30, 10: 40}
    assert table[1].to_dict() == {10: 110}, "a seed has no place before its first episode has ended"


def test_long_curves_have_the_same_places_for_all_seeds(tmp_path: Path) -> None:
    table = curves(loaded(tmp_path, [[4] * 1250, [20] * 250], 5000), WINDOWS)
    places = [set(own["x"]) for _, own in table.groupby("seed")]
    assert places[0] == set(range(10, 5001, 10))
    assert places[1] == places[0] - {10}


def test_other_budgets_have_no_columns_of_steps(tmp_path: Path) -> None:
    folder = write(tmp_path, [[4, 4], [3, 3]], 8)
    info = json.loads((folder / "run.json").read_text()) | {"budget": {"episodes": 2}}
    (folder / "run.json").write_text(json.dumps(info), encoding="utf-8")
    assert "env_steps" not in summarise(load([folder], range(2)), {}, WINDOWS, ())
