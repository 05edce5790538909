"""Which instructions of the processor numbers are computed with: those that Intel's and AMD's share, or all that there are.

Compilers and numerical libraries pick the widest instructions that a processor has, and each choice rounds differently. Pinned
to one set that all x86-64 processors since about 2015 have, results are the same bits on all of them. Each library reads its
variable once, as it is imported, so the variables are set before that and reach all child processes.
"""

from __future__ import annotations

import importlib
import os
import platform
import re
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from records.errors import Refusal

TARGET = "x86-64-v3"
"""The set that is pinned, as the x86-64 psABI, GCC and LLVM call it: AVX2 and FMA, without AVX-512."""

PINS: Mapping[str, str] = {
    "NUMBA_CPU_NAME": TARGET,
    "NUMBA_CPU_FEATURES": "+avx2,+fma,+bmi,+bmi2,+f16c,+lzcnt,+movbe,+popcnt,+sse4.2",
    "NUMBA_DISABLE_INTEL_SVML": "1",  # another exp and log, wherever intel-cmplr-lib-rt is installed
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    "ATEN_CPU_CAPABILITY": "avx2",  # PyTorch's own kernels
    "MKL_CBWR": "COMPATIBLE",  # PyTorch's BLAS and exp: the only branch that Intel promises to be the same on AMD
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "ARROW_USER_SIMD_LEVEL": "AVX2",
}
"""What each library must find in its environment."""

NATIVE_NOTICE = (
    "native: true: computed with all instructions of this processor; on another one the last bits differ and, as learning "
    "amplifies rounding, so do single returns and what rests on few seeds"
)
_USED_WHERE_PINNED = {"numba": TARGET, "numpy": "X86_V3", "torch": "AVX2"}
_FLAGS = ("avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "popcnt", "sse4_2", "xsave")
"""The instructions of `TARGET` by Linux's names for them."""
_CPUINFO = Path("/proc/cpuinfo")
_CONFIGURATION_FILE = Path("config/config.yaml")
_NATIVE = re.compile(r"^native:\s*['\"]?(?:true|yes|on)['\"]?\s*(?:#.*)?$", re.MULTILINE | re.IGNORECASE)


def choose_instructions(root: Path, overrides: Mapping[str, object]) -> None:
    """Pin the instructions for this process and its children, or free them where the configuration says `native: true`.

    `root` holds config/config.yaml, over which `overrides` go, as those of `snakemake --config`. Exits with code 2 and one line
    where this processor cannot run `TARGET`. Does nothing on a processor that is no x86-64.
    """
    if not can_be_pinned():
        return
    if wants_native(root, overrides):
        for variable, value in PINS.items():
            if os.environ.get(variable) == value:  # inherited from a pinned process
                del os.environ[variable]
        return
    if lacking := missing_instructions():
        print(
            f"this processor lacks {', '.join(lacking)}; results are computed with {TARGET}, which Intel has had since Haswell "
            f"(2013) and AMD since Excavator (2015); use another machine, or set native: true in {_CONFIGURATION_FILE}",
            file=sys.stderr,
        )
        raise SystemExit(2)
    os.environ.pop("NPY_ENABLE_CPU_FEATURES", None)  # numpy does not start with both
    os.environ.update(PINS)


def can_be_pinned() -> bool:
    """Whether this is Linux on an x86-64 processor: elsewhere numbers are computed with whatever there is."""
    return platform.system() == "Linux" and platform.machine() == "x86_64"


def missing_instructions() -> list[str]:
    """The instructions of `TARGET` that this processor lacks; none where the system does not tell."""
    try:
        found = re.search(r"^flags\s*:(.*)$", _CPUINFO.read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        return []
    return [flag for flag in _FLAGS if flag not in found[1].split()] if found else []


def wants_native(root: Path, overrides: Mapping[str, object]) -> bool:
    """Whether the configuration says `native: true`.

    The file is searched rather than read: those who read and validate it import what this must come before.
    """
    if "native" in overrides:
        return overrides["native"] in (True, "true")
    try:
        return bool(_NATIVE.search((root / _CONFIGURATION_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return False


def instructions_in_force() -> str:
    """`TARGET` where all of this process's libraries keep to it; else `native` with what each of them uses.

    PyTorch counts where it has been imported: it reads its variables only then.
    """
    return _in_force("torch" in sys.modules)


@cache
def _in_force(with_torch: bool) -> str:
    used = _used(with_torch)
    if used.items() <= _USED_WHERE_PINNED.items() and all(os.environ.get(variable) == value for variable, value in PINS.items()):
        return TARGET
    return f"native ({', '.join(f'{library} {instructions}' for library, instructions in used.items())})"


def check_instructions(native: bool) -> None:
    """Refuse to compute with other instructions than the record will say: this process was not prepared."""
    if can_be_pinned() and not native and (found := instructions_in_force()) != TARGET:
        how = "call workflow.process.threads.prepare_process() before numpy, numba or torch is imported"
        raise Refusal(f"this process computes with other instructions than {TARGET}: {found}; {how}")


def _used(with_torch: bool) -> dict[str, str]:
    """What the libraries of this process were told or have found, by library."""
    from numba.core.registry import cpu_target

    numpy = importlib.import_module("numpy._core._multiarray_umath")  # it has no public name
    enabled = [name for name in numpy.__cpu_dispatch__ if numpy.__cpu_features__.get(name)]
    used = {
        "numba": cpu_target.target_context.codegen().magic_tuple()[1],  # what numba's own cache goes by
        "numpy": enabled[-1] if enabled else "baseline",
    }
    if with_torch:
        used["torch"] = importlib.import_module("torch").backends.cpu.get_cpu_capability()
    return used
