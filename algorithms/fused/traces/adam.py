"""Adam's ascent on flat parameters (see algorithms/shared/traces/adam.py)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from algorithms.fused.shared.linear import Array
from algorithms.fused.shared.options import SLICING


@njit(**SLICING)
def ascend(
    weights: Array,
    first: Array,
    second: Array,
    direction: Array,
    factor: Any,
    sizes: Any,
    rates: Array,
    moments: Any,
) -> None:
    """Move every parameter along factor · direction, with a step size a layer.

    `sizes` are the units of layers 0..L, `rates` [L] the step sizes with the first moment's correction multiplied in, and
    `moments` is (beta1, beta2, epsilon, the second moment's correction) in the engine's dtype.
    """
    beta1, beta2, epsilon, correction = moments
    one = weights.dtype.type(1)  # a Python 1 would compute in double precision
    rest1, rest2 = one - beta1, one - beta2
    start = 0
    for layer in range(1, len(sizes)):
        count = (sizes[layer - 1] + 1) * sizes[layer]
        rate = rates[layer - 1]
        w, m, v = weights[start : start + count], first[start : start + count], second[start : start + count]
        slope = direction[start : start + count]
        # Three passes: the compiler gives up on proving that more than a few arrays do not overlap.
        for i in range(count):
            m[i] = beta1 * m[i] + rest1 * (factor * slope[i])
        for i in range(count):
            gradient = factor * slope[i]
            v[i] = beta2 * v[i] + rest2 * gradient * gradient
        for i in range(count):
            w[i] += rate * m[i] / (np.sqrt(v[i] * correction) + epsilon)
        start += count
