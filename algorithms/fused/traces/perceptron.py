"""A network and its backpropagation, one seed and copy at a time (algorithms/shared/traces/multilayer_perceptron.py).

Buffers are laid out as in team.py.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from algorithms.fused.shared.activations import softplus_and_slope
from algorithms.fused.shared.linear import Array, affine, dot
from algorithms.fused.shared.options import SLICING


@njit(**SLICING)
def rectify(preactivation: Array, value: Array, derivative: Array) -> None:
    """max(x, 0) of every pre-activation x, and its derivative, which is 0 at 0; NaN stays NaN."""
    zero, one = value.dtype.type(0), value.dtype.type(1)
    for j in range(len(preactivation)):
        x = preactivation[j]
        value[j] = zero if x <= zero else x
        derivative[j] = zero if x <= zero else one


@njit(**SLICING)
def forward(
    weights: Array, sizes: Any, deviations: Array, normal: Array, units: Array, slope: Array, mean: Array, rectified: Any = False
) -> None:
    """Hidden units and their slopes from the observation in `units`; leaves the output's pre-activation in `mean`.

    Hidden units are softplus, or max(x, 0) if `rectified`. Where there are `deviations`, one a hidden layer, `normal` holds one
    number for each hidden unit, whose noise it is.
    """
    noise = 0
    parameter, unit = 0, 0
    for layer in range(1, len(sizes)):
        inputs, outputs = sizes[layer - 1], sizes[layer]
        above = unit + inputs
        affine(weights, parameter, inputs, outputs, units, unit, mean, above)
        if layer < len(sizes) - 1:
            preactivation, value, derivative = (
                mean[above : above + outputs],
                units[above : above + outputs],
                slope[above : above + outputs],
            )
            if rectified:
                rectify(preactivation, value, derivative)
            else:
                for j in range(outputs):
                    value[j], derivative[j] = softplus_and_slope(preactivation[j])
            if len(deviations) > 0:
                number = normal[noise : noise + outputs]
                for j in range(outputs):
                    value[j] += deviations[layer - 1] * number[j]
                noise += outputs
        parameter += (inputs + 1) * outputs
        unit = above


@njit(**SLICING)
def backpropagate(weights: Array, sizes: Any, slope: Array, error: Array) -> None:
    """From the output's error in `error`, the errors at the pre-activations of all hidden layers, in place."""
    layers = len(sizes) - 1
    parameter = 0
    unit = sizes[0]
    for layer in range(1, layers):
        parameter += (sizes[layer - 1] + 1) * sizes[layer]
        unit += sizes[layer]
    # `parameter` and `unit` now stand at the output layer's.
    for layer in range(layers, 1, -1):
        inputs, outputs = sizes[layer - 1], sizes[layer]
        below = unit - inputs
        errors = error[unit : unit + outputs]
        for i in range(inputs):
            row = parameter + i * outputs
            error[below + i] = dot(weights[row : row + outputs], errors) * slope[below + i]
        parameter -= (sizes[layer - 2] + 1) * inputs
        unit = below
