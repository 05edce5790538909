"""Files from another time: contents decide, and nothing is trained again for a date, nor left out for one."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.workflow.pipeline import Workspace, contents

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]

FOLDER = "results/tiny/ScalarRegression-v0/reinforce/chung2021/seeds-000-001"
ARGUMENTS = (f"{FOLDER}/run.json", "--config", "scale=ci", "papers=chung2021")
DAY = 86_400


def date(path: Path, days: float) -> None:
    """Date a file, or all in a folder, so many days from now."""
    for file in path.rglob("*") if path.is_dir() else [path]:
        os.utime(file, (time.time() + days * DAY,) * 2)


def test_a_clock_that_is_wrong(workspace: Workspace) -> None:
    """Copied from a machine whose clock is ahead; then results and sources of all ages."""
    for name in ("algorithms", "envs", "experiments", "records", "workflow"):
        date(workspace.folder / name, 2)
    output = workspace.run(*ARGUMENTS)
    assert "files are dated in the future: a clock is wrong, or was; dated now" in output
    made = contents(workspace.folder / FOLDER)

    for sources, results in ((3, -1), (-3, 1), (0, -9000)):
        for name in ("algorithms", "envs", "experiments", "records", "workflow"):
            date(workspace.folder / name, sources)
        date(workspace.folder / FOLDER, results)
        assert not workspace.planned(*ARGUMENTS).trained, (sources, results)
    assert contents(workspace.folder / FOLDER) == made

    # An edit under a clock that was set back, and one that came with an older date.
    source = workspace.folder / "algorithms" / "reinforce.py"
    for days in (0, -100):
        before = source.read_bytes()
        date(workspace.folder / FOLDER, 1)
        source.write_bytes(before + b"\n# An edit.\n")
        date(source, days)
        assert workspace.planned(*ARGUMENTS).trained == {FOLDER}, days
        source.write_bytes(before)
        date(source, days)
        assert not workspace.planned(*ARGUMENTS).trained, days
