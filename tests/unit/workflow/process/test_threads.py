"""What is set on the thread that computes."""

from __future__ import annotations

import ctypes
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from numba import njit

from workflow.process.instructions import can_be_pinned
from workflow.process.threads import flush_denormals


def control_word() -> int:
    """The register MXCSR of this thread."""
    environment = (ctypes.c_uint32 * 8)()
    ctypes.CDLL("libm.so.6").fegetenv(environment)
    return int(environment[7])


def on_a_fresh_thread(*calls: object) -> list[object]:
    """What calls return, one after the other, on a thread on which nothing is set."""
    with ThreadPoolExecutor(1) as thread:
        return [thread.submit(call).result() for call in calls]  # type: ignore[arg-type]


@pytest.mark.skipif(not can_be_pinned(), reason="NOT TESTED: PyTorch itself is asked but on Linux and x86-64")
def test_denormals_are_flushed_by_the_very_bits_that_pytorch_sets() -> None:
    before, _, ours = on_a_fresh_thread(control_word, flush_denormals, control_word)
    _, _, torchs = on_a_fresh_thread(control_word, lambda: torch.set_flush_denormal(True), control_word)
    assert before == on_a_fresh_thread(control_word)[0] != ours
    assert ours == torchs


@njit
def product(a: float, b: float) -> float:
    return a * b


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_denormals_are_zero_as_results_and_as_operands(kind: type[np.floating]) -> None:
    tiny, denormal = np.finfo(kind).tiny, kind(np.finfo(kind).tiny / 2)
    half, two = np.array([kind(0.5)]), np.array([kind(2)])

    def computed() -> list[float]:
        numpys = [np.array([tiny]) * half, np.array([denormal]) * two]
        return [*(float(array[0]) for array in numpys), product(tiny, kind(0.5)), product(denormal, kind(2))]

    kept, _, flushed = on_a_fresh_thread(computed, flush_denormals, computed)
    assert kept == [denormal, tiny, denormal, tiny]
    assert flushed == [0, 0, 0, 0]
