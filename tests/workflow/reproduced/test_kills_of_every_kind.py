"""Two jobs, snakemake, make and all of them, killed once each."""

from __future__ import annotations

import random

import pytest

from tests.workflow.kills import KINDS, Pipeline, kill_again_and_again
from tests.workflow.pipeline import Workspace

pytestmark = [pytest.mark.proof, pytest.mark.pipeline, pytest.mark.slow]


def test_every_kind_of_kill_once(reproduced: Workspace, workspace: Workspace) -> None:
    """At random moments: `python -m tests.workflow.kills` does it a hundred times."""
    made, ends = kill_again_and_again(Pipeline(workspace), reproduced.folder, len(KINDS), random.Random(5))
    assert len(made) == len(KINDS)
    assert ends >= 1
