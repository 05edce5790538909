"""A paper's report made on a real SLURM, whose jobs are killed on the way: the same bytes as on one machine, and nothing left."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import psutil
import pytest

from records.results import RUN
from records.sources import ROOT
from tests.cluster.slurm import Cluster, cluster, missing
from tests.workflow.pipeline import Workspace, contents, wait_for
from workflow.plan.plan import make_plan
from workflow.training.checkpoint import CHECKPOINT, SECONDS_VARIABLE

pytestmark = [pytest.mark.proof, pytest.mark.pipeline, pytest.mark.slow, pytest.mark.timeout(3600)]

PAPER = "chung2020"
# In PyTorch the longest of these trainings takes ten seconds: time enough to be killed, and killed again.
SETTINGS = ("--config", "scale=ci", f"papers={PAPER}", "engine=reference")
LONGEST = "results/tiny/Multiplexer-v0/map_propagation/chung2020/seeds-000-001"
ON_SLURM = ("--profile", "profiles/slurm", "--slurm-status-command", "squeue")
IN_A_HURRY = ("--slurm-init-seconds-before-status-checks", "1", "--group-components", "trainings_of_1_minute=4")
WHERE_SLURM_LOOKS = Path("/etc/slurm")


@pytest.fixture
def slurm(tmp_path: Path) -> object:
    reason = missing()
    if reason is not None:
        warnings.warn(f"NOT TESTED on a cluster: {reason}", stacklevel=1)
        pytest.skip(reason)
    before = _files(WHERE_SLURM_LOOKS)
    with cluster(tmp_path / "cluster") as running:
        yield running
    assert not [process for process in psutil.process_iter() if str(tmp_path / "cluster") in _command(process)]
    assert not (tmp_path / "cluster").exists()
    assert _files(WHERE_SLURM_LOOKS) == before


def test_jobs_killed_on_slurm_are_run_again_to_the_same_bytes(
    slurm: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path / "workspace")
    monkeypatch.setenv(SECONDS_VARIABLE, "0.2")
    workspace.within = slurm.within(workspace.folder)
    process = workspace.start(*SETTINGS, *ON_SLURM, *IN_A_HURRY)
    checkpoint = workspace.folder / LONGEST / CHECKPOINT

    def is_training() -> bool:
        assert process.poll() is None, process.communicate()[0]
        return checkpoint.is_file() and bool(slurm.processes("train.py"))

    # The node takes down whatever trains on it.
    wait_for(is_training, patience=1200)
    for training in slurm.processes("train.py"):
        training.kill()
    killed = checkpoint.stat().st_mtime_ns
    # Somebody cancels all jobs, once that training has gone on.
    wait_for(lambda: is_training() and checkpoint.stat().st_mtime_ns > killed, patience=1200)
    slurm.call("scancel", "--state=RUNNING", "--user=root")
    output, _ = process.communicate(timeout=3000)
    assert process.returncode == 0, output

    jobs = slurm.jobs()
    states = [state for state, _, _ in jobs.values()]
    assert set(states) == {"COMPLETED", "FAILED", "CANCELLED"}, output
    plan = make_plan(ROOT, {"scale": "ci", "papers": PAPER, "engine": "reference"})
    folders = plan.folders(list(plan.runs.values()))
    assert states.count("COMPLETED") < len(folders), "trainings are grouped"
    assert {processors for _, processors, _ in jobs.values()} <= {1, 2}, "more than a node has would wait for ever"
    assert all(limit != "UNLIMITED" for _, _, limit in jobs.values())
    assert json.loads((workspace.folder / LONGEST / RUN).read_text())["resumed"] == 2

    monkeypatch.delenv(SECONDS_VARIABLE)
    alone = Workspace(tmp_path / "alone")
    alone.run(*SETTINGS)
    for folder in folders:
        assert contents(workspace.folder / folder) == contents(alone.folder / folder), folder
    for kind in ("data/*.parquet", "figures/*"):
        made = _files(workspace.folder / "results/reports" / PAPER, kind)
        assert made == _files(alone.folder / "results/reports" / PAPER, kind)
        assert made


def _files(folder: Path, pattern: str = "**/*") -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.glob(pattern)) if path.is_file()}


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
