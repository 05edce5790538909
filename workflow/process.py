"""What must hold in every process that trains, before anything numerical is imported; only the standard library is used here.

Parallelism is Snakemake's: a small update takes .4 ms on one thread and 8 to 14 ms on two that compete.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def prepare_process() -> None:
    """For this process and those it starts: this repository's packages, one thread a library, and a cache of compiled kernels.

    numba's own cache looks at the file of a kernel, not at those of the functions it calls: after an edit of one of these it
    would go on with the old machine code. So the cache is named by the contents of all kernels. All jobs share it.
    """
    for variable in _THREAD_VARIABLES:
        os.environ[variable] = "1"
    os.environ["PYTHONPATH"] = str(_ROOT)
    os.environ["NUMBA_CACHE_DIR"] = str(_ROOT / ".numba_cache" / _kernels_hash()[:16])


def _kernels_hash() -> str:
    """SHA-256 of every source file that holds compiled code."""
    digest = hashlib.sha256()
    for path in sorted((_ROOT / "algorithms" / "fused").rglob("*.py")):
        digest.update(path.relative_to(_ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def limit_threads() -> None:
    """One thread in the libraries that have a switch for it, and denormal numbers taken as zero on this thread.

    Decaying traces and Adam's moments would otherwise fill with denormals, which double the cost of a step late in training.
    """
    import numba
    import torch

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    numba.set_num_threads(1)
