"""An experiment is one file in experiments/<paper>/: planned, measured and taken into the paper's report."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.workflow.pipeline import Clone

HEAD_COUNT = '''
"""Counts the weights of an untrained network."""

import pandas as pd

RUNS = {"method": "reinforce", "variant": "chung2021", "tasks": ("CartPole-v1",), "trained": False}


def measure(runs, budget):
    """One row a run."""
    return pd.DataFrame([{"task": run.setting.task, "stage": "untrained", "n": len(run.setting.seeds)} for run in runs])
'''


@pytest.mark.pipeline
def test_one_file_is_an_experiment(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "copy")
    (clone.folder / "experiments" / "chung2021" / "head_count.py").write_text(HEAD_COUNT, encoding="utf-8")
    table = "results/reports/chung2021/data/theory_head_count.parquet"
    ci = ("--config", "scale=ci", "papers=chung2021")
    planned = clone.planned(*ci).jobs
    clone.run(table, *ci)
    assert pd.read_parquet(clone.folder / table).to_dict("records") == [{"task": "CartPole-v1", "stage": "untrained", "n": 2}]
    record = json.loads((clone.folder / "results/theory/tiny/head_count.json").read_text(encoding="utf-8"))
    assert "experiments/chung2021/head_count.py" in record["sources"]
    left = clone.planned(*ci).jobs
    assert {rule: planned[rule] - left[rule] for rule in ("theory", "theory_data", "train")} == {
        "theory": 1,
        "theory_data": 1,
        "train": 0,
    }
