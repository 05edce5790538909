"""The open search: it refuses what is wrong, picks the best, and what it picked is what the paper's runs use."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from workflow.errors import Refusal
from workflow.paper_runs import Paper
from workflow.sources import ROOT
from workflow.sweep import LARGEST_REPORTED_SEED, sweep

SEARCHED = sorted(path.parent.name for path in ROOT.glob("reports/*/sweep.yaml"))


@pytest.mark.parametrize("paper", SEARCHED)
def test_the_runs_use_what_the_search_chose(paper: str) -> None:
    table = pd.read_csv(ROOT / "reports" / paper / "measured" / "sweep.csv")
    declared = yaml.safe_load((ROOT / "reports" / paper / "sweep.yaml").read_text(encoding="utf-8"))
    rows = [(entry, json.dumps(candidate)) for entry in declared["sweeps"] for candidate in entry["candidates"]]
    assert [(entry["task"], entry["method"], text) for entry, text in rows] == list(
        table[["task", "method", "candidate"]].itertuples(index=False, name=None)
    ), "sweep.yaml has changed since the search; run it again"
    assert (table["first_seed"] > LARGEST_REPORTED_SEED).all()
    runs = Paper.read(ROOT, paper)
    for (entry, text), chosen in zip(rows, table["chosen"], strict=True):
        if chosen:
            used = runs.hyperparameters(entry["method"], entry["task"], entry.get("variant", {}), "test")
            for name, value in json.loads(text).items():
                found = getattr(used, name)
                assert (list(found) if isinstance(found, tuple) else found) == value, f"{entry['task']} {entry['method']} {name}"


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """A root with a small paper and the configuration."""
    (tmp_path / "config").mkdir()
    shutil.copy(ROOT / "config" / "config.yaml", tmp_path / "config")
    folder = tmp_path / "reports" / "small"
    folder.mkdir(parents=True)
    runs = {
        "title": "Small",
        "seeds": 2,
        "methods": {"reinforce": {"label": "R"}},
        "tasks": {"Multiplexer-v0": {"updates": 10, "batch_size": 16, "options": {"address_bits": 1}}},
        "runs": [{"tasks": ["Multiplexer-v0"], "methods": ["reinforce"]}],
    }
    (folder / "runs.yaml").write_text(yaml.safe_dump(runs), encoding="utf-8")
    return tmp_path


def declare(root: Path, **changes: Any) -> None:
    entry = {"task": "Multiplexer-v0", "method": "reinforce", "length": 600, **changes}
    entry.setdefault("candidates", [{"actor_learning_rates": [0.0, 0.0, 0.0]}, {"actor_learning_rates": [0.02, 0.002, 0.002]}])
    declared = {"first_seed": 1000, "seeds": 3, "sweeps": [entry]}
    (root / "reports" / "small" / "sweep.yaml").write_text(yaml.safe_dump(declared), encoding="utf-8")


def test_the_best_candidate_is_chosen(workplace: Path) -> None:
    declare(workplace)
    table = pd.read_csv(sweep(workplace, "small", 1))
    assert list(table["chosen"]) == [False, True]
    assert table["mean"][1] > table["mean"][0] + 0.05
    assert not table["failed"].any()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "reinforse"}, "reinforce"),
        ({"task": "Multiplexer-v1"}, "Multiplexer-v0"),
        ({"candidates": [{"discount": 2.0}, {"discount": 0.5}]}, "discount"),
        ({"candidates": [{"discount": 0.5}]}, "candidates"),
        ({"lenght": 3}, "lenght"),
    ],
)
def test_what_is_wrong_is_refused_by_name(workplace: Path, changes: dict[str, Any], message: str) -> None:
    declare(workplace, **changes)
    with pytest.raises(Refusal, match=message):
        sweep(workplace, "small", 1)
