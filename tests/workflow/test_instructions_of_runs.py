"""Which instructions results are computed with, through the real pipeline and command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from records.sources import ROOT
from tests.workflow.pipeline import Workspace, complaint
from workflow.plan.plan import make_plan
from workflow.process.instructions import NATIVE_NOTICE, TARGET, can_be_pinned

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.slow,
    pytest.mark.skipif(not can_be_pinned(), reason="NOT TESTED: nothing can be pinned but on Linux and x86-64"),
]
CI = ("--config", "scale=ci", "papers=chung2020")
KEY = ("ScalarRegression-v0", "backprop_traces", "chung2020")
CPUINFO = "/proc/cpuinfo"


def test_native_results_say_so_and_are_made_anew_without(workspace: Workspace) -> None:
    (folder,) = (plan := make_plan(ROOT, {"scale": "ci"})).folders([plan.runs[KEY]])
    said = workspace.run(f"{folder}/run.json", *CI, "native=true")
    assert NATIVE_NOTICE in said
    record = json.loads((workspace.folder / folder / "run.json").read_text(encoding="utf-8"))
    assert record["native"] is True
    assert record["instructions"].startswith("native (numba ")
    assert folder not in workspace.planned(*CI, "native=true").trained
    assert folder in workspace.planned(*CI).trained


@pytest.fixture
def without_avx2(tmp_path: Path) -> tuple[str, ...]:
    """What to put before a command, so that it runs on a processor without AVX2, as far as it can tell."""
    lesser = tmp_path / "cpuinfo"
    lesser.write_text(Path(CPUINFO).read_text(encoding="utf-8").replace(" avx2", ""), encoding="utf-8")
    within = ("unshare", "--mount", "sh", "-c", f'mount --bind "{lesser}" {CPUINFO} && exec "$@"', "sh")
    tried = subprocess.run([*within, "true"], capture_output=True, text=True)
    if tried.returncode:
        pytest.skip(f"NOT TESTED, nothing can be mounted here: {tried.stderr.strip()}")
    return within


def test_a_processor_without_avx2_is_told_so_in_one_line(workspace: Workspace, without_avx2: tuple[str, ...]) -> None:
    workspace.within = without_avx2
    code, output = workspace.snakemake("--dry-run", *CI)
    assert (code, len(complaint(output))) == (2, 1)
    assert complaint(output)[0].startswith(f"this processor lacks avx2; results are computed with {TARGET}, ")
    command = [*without_avx2, sys.executable, "-m", "workflow", "run", "reinforce", "CartPole-v1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (2, "", complaint(output)[0])
    assert workspace.planned(*CI, "native=true").jobs["train"]
