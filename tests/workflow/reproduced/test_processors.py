"""The same bytes on every x86-64 processor, as far as one machine can show: it passes for lesser ones, and for other makes.

Which processors really gave the recorded bytes, the regression gate says on each of them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from records.sources import ROOT
from tests.workflow.outcome import built
from tests.workflow.pipeline import Workspace, announced
from workflow.plan.plan import make_plan
from workflow.process.instructions import can_be_pinned

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.slow,
    pytest.mark.skipif(not can_be_pinned(), reason="NOT TESTED: nothing can be pinned but on Linux and x86-64"),
]
CI = ("--config", "scale=ci")
TRAININGS = (
    ("Multiplexer-v0", "reinforce", "chung2020"),
    ("ScalarRegression-v0", "map_propagation", "chung2020"),
    ("LunarLander-v2", "map_propagation", "chung2020"),
    ("CartPole-v0", "equilibrium_propagation", "kubo2022"),
    ("CartPole-v0", "backprop_replay", "kubo2022"),
)
"""One of a kind each: families of rules, of tasks and of environments."""
EXPERIMENT = "results/theory/tiny/unbiasedness.parquet"
"""It computes with PyTorch, with its BLAS and with SciPy."""
REPORT = "results/reports/chung2020"
BEYOND = ("AVX512F", "AVX512VL", "AVX512BW", "AVX512DQ", "AVX512CD", "VAES", "VPCLMULQDQ", "ERMS", "FSRM", "XSAVEC")
"""What processors have beside the target's instructions, by glibc's names; those that one does not have do no harm."""
AMONG_THE_LEAST = "Nehalem"
"""BLAS kernels without AVX and without FMA, which round otherwise than all others."""


def lesser() -> dict[str, str]:
    """An environment in which libraries see no more than the target has, and BLAS less."""
    environment = {"GLIBC_TUNABLES": f"glibc.cpu.hwcaps={','.join(f'-{name}' for name in BEYOND)}"}
    if "OPENBLAS_CORETYPE" not in os.environ:  # else it may be that other kernels are wrong on this processor
        environment["OPENBLAS_CORETYPE"] = AMONG_THE_LEAST
    return environment


def emulator(processor: str) -> tuple[str, ...]:
    """What to put before a command that QEMU is to run on another processor; skips the test where there is none."""
    program = shutil.which("qemu-x86_64")
    if program is None:
        pytest.skip("NOT TESTED: no qemu-x86_64 here (apt-get install qemu-user)")
    return program, "-cpu", processor


def make_again(
    second: Workspace, targets: Sequence[str], environment: Mapping[str, str], within: Sequence[str] = ()
) -> list[str]:
    """Make what of `targets` is missing in one process with this environment; the rules of the jobs that it did."""
    said = second.run("--quiet", "host", "--dry-run", *targets, *CI)
    done = subprocess.run(
        [
            *within,
            sys.executable,
            "-P",
            "-m",
            "tests.regression.rerun",
        ],  # with the code of the repository: its kernels are compiled
        cwd=second.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        input=said,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    return sorted({rule for rule, _ in announced(said)})


def differing(first: Workspace, second: Workspace) -> list[str]:
    """Files that are not the same bytes in both, or are in one of them only."""
    one, other = built(first.folder), built(second.folder)
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


@pytest.fixture
def incomplete(reproduced: Workspace, tmp_path: Path) -> tuple[Workspace, list[str]]:
    """A copy of all results in which a part is missing, and the targets that ask for it."""
    second, plan = Workspace(tmp_path / "second"), make_plan(ROOT, {"scale": "ci"})
    shutil.copytree(reproduced.folder / "results", second.folder / "results")
    folders = plan.folders([plan.runs[key] for key in TRAININGS])
    for folder in [*folders, REPORT]:
        shutil.rmtree(second.folder / folder)
    for file in (f"{REPORT}.pdf", EXPERIMENT, EXPERIMENT.replace(".parquet", ".json")):
        (second.folder / file).unlink()
    return second, [f"{REPORT}.pdf", EXPERIMENT, *(f"{folder}/run.json" for folder in folders)]


def test_a_part_under_a_lesser_processor(reproduced: Workspace, incomplete: tuple[Workspace, list[str]]) -> None:
    second, targets = incomplete
    assert {"train", "theory", "figure", "tables", "report"} <= set(make_again(second, targets, lesser()))
    assert differing(reproduced, second) == []


@pytest.mark.proof
@pytest.mark.timeout(3 * 3600)
@pytest.mark.parametrize("processor", ["Haswell", "EPYC"])
def test_a_part_under_an_emulated_processor_of_either_make(
    reproduced: Workspace, incomplete: tuple[Workspace, list[str]], processor: str
) -> None:
    """Emulated, one is Intel's and the other AMD's, so that Intel's libraries take the one for their own and not the other."""
    second, targets = incomplete
    make_again(second, targets, {}, emulator(processor))
    assert differing(reproduced, second) == []


@pytest.mark.proof
def test_the_whole_under_a_lesser_processor(reproduced: Workspace, tmp_path: Path) -> None:
    second = Workspace(tmp_path / "second")
    assert "train" in make_again(second, (), lesser())
    assert differing(reproduced, second) == []
