"""What must hold in every process that computes, before anything numerical is imported; only the standard library is used here.

Parallelism is Snakemake's: a small update takes .4 ms on one thread and 8 to 14 ms on two that compete.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from workflow.process.instructions import choose_instructions

_ROOT = Path(__file__).resolve().parents[2]
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def prepare_process(root: Path = _ROOT, overrides: Mapping[str, object] | None = None) -> None:
    """For this process and those it starts: this repository's packages, one thread a library, and the same instructions.

    The configuration may free the instructions: config/config.yaml in `root`, with `overrides` on top. Exits with code 2 and one
    line where this processor lacks some.
    """
    for variable in _THREAD_VARIABLES:
        os.environ[variable] = "1"
    os.environ["PYTHONPATH"] = str(_ROOT)
    choose_instructions(root, overrides or {})


def limit_threads() -> None:
    """One thread in the libraries that have a switch for it, and denormal numbers taken as zero on this thread.

    Decaying traces and Adam's moments would otherwise fill with denormals, which double the cost of a step late in training.
    """
    import numba
    import torch

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    numba.set_num_threads(1)
