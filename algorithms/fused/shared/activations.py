"""Exponential, softplus and logistic function, in float64 by the C library, in float32 by polynomials that vectorise.

The compiled kernels spend more time here than anywhere else, and a call into the C library cannot be vectorised.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from algorithms.fused.shared.options import INLINED

_F = np.float32

# exp(r) for |r| <= ln(2)/2: Taylor's coefficients of r^2 … r^7 (relative error below 1e-7).
_E2, _E3, _E4, _E5, _E6, _E7 = (_F(1 / math.factorial(n)) for n in range(2, 8))
_LOG2_E = _F(math.log2(math.e))
_LN2_HIGH = _F(355 / 512)  # few enough bits that its products with small integers are exact
_LN2_LOW = _F(math.log(2) - 355 / 512)
_SMALLEST = _F(-87.0)  # exp of less would be denormal

# log1p(e) = 2 artanh(s) = 2 (s + s^3/3 + s^5/5 + …) with s = e / (2 + e) <= 1/3.
_A3, _A5, _A7, _A9, _A11, _A13 = (_F(1 / n) for n in range(3, 15, 2))


def exponential(x: Any) -> Any:
    """exp(x) for x <= 0."""
    return math.exp(x)


def softplus_and_slope(x: Any) -> tuple[Any, Any]:
    """log(1 + exp(x)) and its derivative, the logistic function, from one exponential."""
    small = math.exp(-abs(x))
    return max(x, 0.0) + math.log1p(small), (1.0 if x >= 0 else small) / (1.0 + small)


@overload(exponential, jit_options=INLINED)
def _exponential(x: Any) -> Any:
    if x != types.float32:

        def double(x: Any) -> Any:
            return math.exp(x)

        return double

    def single(x: Any) -> Any:
        clipped = max(x, _SMALLEST)
        power = np.floor(clipped * _LOG2_E + _F(0.5))
        r = (clipped - power * _LN2_HIGH) - power * _LN2_LOW
        series = _E2 + r * (_E3 + r * (_E4 + r * (_E5 + r * (_E6 + r * _E7))))
        # 2^power, by writing the exponent's bits.
        scale = np.int32((np.int32(power) + np.int32(127)) << np.int32(23)).view(np.float32)
        return (_F(1) + (r + r * r * series)) * scale

    return single


@overload(softplus_and_slope, jit_options=INLINED)
def _softplus_and_slope(x: Any) -> Any:
    if x != types.float32:

        def double(x: Any) -> Any:
            small = math.exp(-abs(x))
            return max(x, 0.0) + math.log1p(small), (1.0 if x >= 0.0 else small) / (1.0 + small)

        return double

    def single(x: Any) -> Any:
        small = exponential(-abs(x))
        # One division serves both: 1/(1+e) = (2+e) q and e/(2+e) = e (1+e) q with q = 1 / ((1+e)(2+e)).
        q = _F(1) / ((_F(1) + small) * (_F(2) + small))
        share = (_F(2) + small) * q
        s = small * (_F(1) + small) * q
        s2 = s * s
        series = _F(1) + s2 * (_A3 + s2 * (_A5 + s2 * (_A7 + s2 * (_A9 + s2 * (_A11 + s2 * _A13)))))
        return max(x, _F(0)) + _F(2) * s * series, share if x >= _F(0) else small * share

    return single
