"""A seed's results are the same bits in a block of one and in a block of ten, through the pipeline and for every run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest

from records.sources import ROOT
from tests.workflow.pipeline import Workspace
from workflow.plan.plan import make_plan
from workflow.training.job import train

RUNS = make_plan(ROOT, {"scale": "ci"}).runs


@pytest.mark.pipeline
@pytest.mark.slow
def test_blocks_of_one_and_of_ten_through_the_pipeline(workspace: Workspace) -> None:
    base = "results/tiny/CartPole-v1/map_propagation/chung2021"
    settings = ("--config", "scale=ci", "seeds=10")
    workspace.run(f"{base}/seeds-000-009/run.json", *settings)
    alone = (0, 4, 9)
    workspace.run(*(f"{base}/seeds-{seed:03d}-{seed:03d}/run.json" for seed in alone), *settings, "seeds_per_job=1")
    together = workspace.folder / base / "seeds-000-009"
    log = pq.read_table(together / "episodes.parquet").to_pandas()
    with np.load(together / "policy.npz") as policy:
        parameters = {name: policy[name] for name in policy.files}
    for seed in alone:
        folder = workspace.folder / base / f"seeds-{seed:03d}-{seed:03d}"
        expected = log[log["seed"] == seed].reset_index(drop=True)
        assert pq.read_table(folder / "episodes.parquet").to_pandas().equals(expected)
        with np.load(folder / "policy.npz") as policy:
            for name, array in parameters.items():
                assert policy[name].tobytes() == array[seed : seed + 1].tobytes(), name


@pytest.mark.parametrize("key", RUNS, ids="/".join)
def test_every_run_alone_and_among_others(key: tuple[str, str, str]) -> None:
    """With the compiled engine; seeds drop out at different times, which must disturb no other."""
    run = replace(RUNS[key], length=3 if "episodes" in RUNS[key].budget else 10)
    together = train(run, [0, 1, 2, 3])
    for seed in (1, 3):
        alone = train(run, [seed])
        mine = together.log["seed"] == seed
        for name, column in alone.log.items():
            if name == "trajectory":
                continue
            assert (together.log[name][mine] == column).all(), name
        for name, array in alone.policy.items():
            assert together.policy[name][seed].tobytes() == array[0].tobytes(), name
