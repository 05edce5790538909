"""Files from another time: contents decide, and nothing is trained again for a date, nor left out for one."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.workflow.pipeline import Workspace, contents

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]

FOLDERS = [f"results/tiny/ScalarRegression-v0/{method}/chung2021/seeds-000-001" for method in ("reinforce", "backprop_traces")]
ARGUMENTS = (*(f"{folder}/run.json" for folder in FOLDERS), "--config", "scale=ci", "papers=chung2021", "engine=reference")
DAY = 86_400
YEAR_2001, YEAR_2099 = 1e9, 4.08e9


def date(folder: Path, seconds: float) -> None:
    """Date all files in a folder."""
    for file in folder.rglob("*"):
        os.utime(file, (seconds, seconds), follow_symlinks=False)


def test_contents_decide_and_not_dates(workspace: Workspace) -> None:
    workspace.run(*ARGUMENTS)
    results = workspace.folder / "results"
    made = [contents(workspace.folder / folder) for folder in FOLDERS]

    def trained_again(file: str, change: bytes, dated: float | None = None) -> set[str]:
        with workspace.edited(file, lambda text: text + change) as code:
            if dated is not None:
                os.utime(code / file, (dated, dated))
            return workspace.planned(*ARGUMENTS).trained

    # Nothing but dates: of all sources, and of the results.
    assert not trained_again("algorithms/reinforce.py", b"", YEAR_2099)
    for days in (1, -9000):
        date(results, time.time() + days * DAY)
        output = workspace.run(*ARGUMENTS)
        assert ("files are dated in the future: a clock is wrong, or was; dated now" in output) == (days > 0)
        assert "Nothing to be done" in output
    assert [contents(workspace.folder / folder) for folder in FOLDERS] == made

    # Edits, whatever their date; and undone.
    date(results, time.time() + DAY)
    assert trained_again("algorithms/reinforce.py", b"# An edit.\n", YEAR_2001) == {FOLDERS[0]}
    assert trained_again("algorithms/shared/output.py", b"# An edit.\n", YEAR_2099) == set(FOLDERS)
    assert trained_again("algorithms/fused/backprop_traces.py", b"# An edit.\n", YEAR_2099) == {FOLDERS[1]}
    assert not workspace.planned(*ARGUMENTS).trained
