"""What whole jobs take: the loop around learner and task, and the memory of the process."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from dataclasses import replace

from records.sources import ROOT
from workflow.plan.plan import make_plan
from workflow.training.job import train
from workflow.training.loop import Training

PAPER = "chung2021"


def training(method: str, task: str, seeds: int, episodes: int) -> Training:
    """A training with the paper's settings and fewer episodes, its kernels compiled beforehand."""
    run = make_plan(ROOT, {"scale": "paper", "papers": PAPER}).runs[task, method, PAPER]
    train(replace(run, length=1), range(seeds))
    return train(replace(run, length=episodes), range(seeds))


def peak_memory(method: str, task: str, length: int, seeds: int) -> float:
    """MiB that a process which trains this block of seeds holds at most."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "workflow", "run", method, task, "--seeds", f"0:{seeds}", "--episodes", str(length)]
        subprocess.run([*command, "--output", folder], check=True, capture_output=True, cwd=ROOT)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
