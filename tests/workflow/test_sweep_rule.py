"""The open search through the pipeline: a table with its origin, made anew only when something of it has changed."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import yaml

from tests.workflow.pipeline import Workspace, complaint
from workflow.plan.paths import SWEEPS

FILE = "reports/chung2021/sweep.yaml"
ONLY = ("--nolock", "sweeps", "--config", "papers=chung2021")
NAMES = ("multiplexer-reinforce", "multiplexer-thomas")


def contents(*rates: float) -> bytes:
    """Searches of the first of two rates and another for each of two methods, a few updates long."""
    sweeps = [
        {
            "name": name,
            "task": "Multiplexer-v0",
            "method": method,
            "length": 5,
            "candidates": [{"actor_learning_rates": [value, value, value]} for value in (0.5, rate)],
        }
        for name, method, rate in zip(NAMES, ("reinforce", "reinforce_thomas"), rates, strict=True)
    ]
    return yaml.safe_dump({"first_seed": 1000, "seeds": 2, "sweeps": sweeps}).encode()


@pytest.mark.pipeline
def test_sweeps(workspace: Workspace) -> None:
    file = workspace.folder / FILE
    file.write_bytes(contents(0.1, 0.1))
    workspace.run(*ONLY)
    folder = f"{SWEEPS}/chung2021"
    table = pd.read_csv(workspace.folder / folder / "sweep.csv")
    assert list(table["sweep"]) == [name for name in NAMES for _ in range(2)]
    assert list(table.groupby("sweep")["chosen"].sum()) == [1, 1]
    origin = json.loads((workspace.folder / folder / "sweep_provenance.json").read_text(encoding="utf-8"))
    assert list(origin["sweeps"]) == list(NAMES)
    assert "2 of 2" in (workspace.folder / "logs/sweeps/chung2021/multiplexer-thomas.log").read_text(encoding="utf-8")
    assert not {"sweep", "sweep_table"} & workspace.planned("--config", "scale=ci", "papers=chung2021").jobs.keys()

    file.write_bytes(contents(0.1, 0.2))
    # The other search has not changed, and is not repeated.
    assert workspace.planned(*ONLY).jobs == {"sweep": 1, "sweep_table": 1, "sweeps": 1}

    file.write_bytes(contents(0.1, -0.2))
    code, output = workspace.snakemake(*ONLY)
    assert code == 2, output
    (line,) = complaint(output)
    assert line.startswith(f"{FILE}: sweeps.1.candidates.1.actor_learning_rates")
