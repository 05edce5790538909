"""Ctrl-C, a killed job and a broken training leave nothing half-written, and the next call makes what is missing."""

from __future__ import annotations

import pytest

from records.results import FILES
from tests.workflow.pipeline import Workspace, interrupt, training_process, wait_for

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]

# The reference engine needs some ten seconds for this: long enough to be caught in the middle of it.
FOLDER = "results/tiny/Multiplexer-v0/map_propagation/chung2021/seeds-000-001"
ARGUMENTS = (f"{FOLDER}/run.json", "--config", "scale=ci", "engine=reference")
LOG = "logs/train/tiny/Multiplexer-v0/map_propagation/chung2021/seeds-000-001.log"


def _has_begun(workspace: Workspace) -> bool:
    log = workspace.folder / LOG
    return log.is_file() and "updates each" in log.read_text(encoding="utf-8")


def test_whatever_stops_a_training_the_next_call_goes_on(workspace: Workspace) -> None:
    # Ctrl-C.
    process = workspace.start(*ARGUMENTS)
    training_process(process)
    wait_for(lambda: _has_begun(workspace))
    interrupt(process)
    output, _ = process.communicate(timeout=120)
    assert process.returncode != 0
    assert "Traceback" not in output, output
    assert not workspace.files(FOLDER)
    (workspace.folder / LOG).unlink(missing_ok=True)

    # The job is killed, as by a machine that runs out of memory.
    process = workspace.start(*ARGUMENTS)
    job = training_process(process)
    wait_for(lambda: _has_begun(workspace))
    job.kill()
    process.communicate(timeout=120)
    assert process.returncode == 1
    assert workspace.files(FOLDER) <= {".lock"}  # the file of a lock that died with its holder

    # The same command once more.
    workspace.run(*ARGUMENTS)
    assert workspace.files(FOLDER) == set(FILES)
    assert "Nothing to be done" in workspace.run(*ARGUMENTS)


def test_a_training_that_breaks_down_says_so_in_one_line_and_leaves_nothing(workspace: Workspace) -> None:
    folder = "results/tiny/ScalarRegression-v0/backprop_traces/chung2021/seeds-000-001"
    runs = workspace.folder / "reports" / "chung2021" / "runs.yaml"
    text = runs.read_text(encoding="utf-8")
    assert text.count("[2.4e-1, 2.4e-4, 2.4e-5]") == 1
    runs.write_text(text.replace("[2.4e-1, 2.4e-4, 2.4e-5]", "[1.0e+9, 1.0e+9, 1.0e+9]"), encoding="utf-8")
    code, output = workspace.snakemake(f"{folder}/run.json", "--config", "scale=ci", "engine=reference")
    assert code == 1
    log = workspace.folder / "logs/train/tiny/ScalarRegression-v0/backprop_traces/chung2021/seeds-000-001.log"
    last = log.read_text(encoding="utf-8").splitlines()[-1]
    assert "error: ScalarRegression-v0 backprop_traces chung2021: seed 0, update " in last
    assert last in output
    assert "Traceback" not in output
    assert not workspace.files(folder)
