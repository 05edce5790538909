"""What must hold in every process that computes, before anything numerical is imported; only the standard library is used here.

Parallelism is Snakemake's: a small update takes .4 ms on one thread and 8 to 14 ms on two that compete.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import shlex
import sys
from collections.abc import Mapping
from io import TextIOWrapper
from pathlib import Path
from types import ModuleType

from workflow.process.instructions import can_be_pinned, choose_instructions
from workflow.process.packages import check_environment

_ROOT = Path(__file__).resolve().parents[2]
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)

_FLUSH_TO_ZERO, _DENORMALS_ARE_ZERO = 1 << 15, 1 << 6
"""Bits of the register MXCSR."""


def prepare_process(root: Path = _ROOT, overrides: Mapping[str, object] | None = None) -> None:
    """For this process and those it starts: this repository's packages, one thread a library, and the same instructions.

    The configuration may free the instructions: config/config.yaml in `root`, with `overrides` on top. Exits with code 2 and one
    line where this processor lacks some, or this Python is too old or lacks a package.
    """
    check_environment()
    for variable in _THREAD_VARIABLES:
        os.environ[variable] = "1"
    os.environ["PYTHONPATH"] = str(_ROOT)
    os.environ["MPLBACKEND"] = "agg"  # a notebook's shell names one that matplotlib may not find
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may know nothing but ASCII
    choose_instructions(root, overrides or {})


def call_python_by_name() -> None:
    """Have Snakemake start jobs with `python`, found on the PATH, where a shell would take this Python's path apart.

    Snakemake writes the path into commands without quoting it.
    """
    if shlex.quote(sys.executable) != sys.executable:
        folder, name = os.path.split(sys.executable)
        os.environ["PATH"] = os.pathsep.join((folder, os.environ.get("PATH", os.defpath)))
        sys.executable = name


def limit_threads(with_torch: bool = True) -> None:
    """Limit every library that has a switch for it to one thread, and take denormal numbers as zero on this thread.

    Decaying traces and Adam's moments would otherwise fill with denormals, which double the cost of a step late in training.
    A process that will not use PyTorch need not import it.
    """
    _import_numba().set_num_threads(1)
    if with_torch or "torch" in sys.modules:
        import torch

        torch.set_num_threads(1)
    flush_denormals()


def _import_numba() -> ModuleType:
    """Import numba without SciPy's linear algebra, which it loads with the first kernel and which no kernel here calls."""
    linear_algebra = "scipy.linalg"
    if linear_algebra not in sys.modules and "numba.np.arraymath" not in sys.modules:
        sys.modules[linear_algebra] = ModuleType(linear_algebra)  # empty, so that numba takes it for missing
        importlib.import_module("numba.np.arraymath")
        del sys.modules[linear_algebra]
    return importlib.import_module("numba")


def flush_denormals() -> None:
    """Take denormal numbers as zero on this thread, as operands and as results, for all libraries."""
    if not can_be_pinned():  # PyTorch knows how other processors and systems are told
        import torch

        torch.set_flush_denormal(True)
        return
    libm = ctypes.CDLL("libm.so.6")
    environment = (ctypes.c_uint32 * 8)()  # glibc's fenv_t, whose last word is the register MXCSR
    libm.fegetenv(environment)
    environment[7] |= _FLUSH_TO_ZERO | _DENORMALS_ARE_ZERO
    libm.fesetenv(environment)
