"""A network of hard-sigmoid hidden units, one sample at a time (see algorithms/shared/replay/hard_sigmoid_network.py).

Parameters are one flat vector: of the first layer W [in, out] and b [out], of every later one W transposed, [out, in], and b,
since it has few outputs. Units are one flat vector too, layers 0 to L one after the other.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from algorithms.fused.shared.linear import Array, affine, dot
from algorithms.fused.shared.options import SLICING


@njit(**SLICING)
def affine_above(weights: Array, start: int, inputs: int, outputs: int, x: Array, out: Array) -> None:
    """out = W x + b of a layer beyond the first, whose parameters begin at `start`."""
    bias = start + inputs * outputs
    for k in range(outputs):
        row = start + k * inputs
        out[k] = weights[bias + k] + dot(weights[row : row + inputs], x)


@njit(**SLICING)
def add_feedback(weights: Array, start: int, inputs: int, outputs: int, above: Array, out: Array) -> None:
    """out += W^T above, for a layer beyond the first, whose parameters begin at `start`."""
    for k in range(outputs):
        row, value = weights[start + k * inputs : start + (k + 1) * inputs], above[k]
        for j in range(inputs):
            out[j] += value * row[j]


@njit(**SLICING)
def forward(weights: Array, sizes: Any, units: Array) -> None:
    """From the observation in layer 0 of `units` all hidden units, and the output's pre-activation."""
    zero = units.dtype.type(0)
    one = units.dtype.type(1)
    parameter, unit = 0, 0
    for layer in range(1, len(sizes)):
        inputs, outputs = sizes[layer - 1], sizes[layer]
        above = unit + inputs
        if layer == 1:
            affine(weights, parameter, inputs, outputs, units, unit, units, above)
        else:
            affine_above(weights, parameter, inputs, outputs, units[unit:above], units[above : above + outputs])
        if layer < len(sizes) - 1:
            values = units[above : above + outputs]
            for j in range(outputs):
                values[j] = min(max(values[j], zero), one)
        parameter += (inputs + 1) * outputs
        unit = above


@njit(**SLICING)
def add_gradients(weights: Array, sizes: Any, units: Array, error: Array, gradient: Array) -> None:
    """Add to `gradient` that of a function whose gradient at the output's pre-activation lies at the end of `error`.

    `units` are those of the forward pass, `error` a buffer of their length, which is overwritten but for its end.
    """
    zero = units.dtype.type(0)
    one = units.dtype.type(1)
    layers = len(sizes) - 1
    parameter, unit = 0, sizes[0]
    for layer in range(1, layers):
        parameter += (sizes[layer - 1] + 1) * sizes[layer]
        unit += sizes[layer]
    for layer in range(layers, 1, -1):
        inputs, outputs = sizes[layer - 1], sizes[layer]
        below = unit - inputs
        add_outer_above(gradient, parameter, inputs, outputs, units[below:unit], error[unit : unit + outputs])
        value, errors = units[below:unit], error[below:unit]
        for j in range(inputs):
            errors[j] = 0
        add_feedback(weights, parameter, inputs, outputs, error[unit : unit + outputs], errors)
        for j in range(inputs):
            errors[j] = errors[j] if (value[j] > zero) & (value[j] < one) else zero
        parameter -= (sizes[layer - 2] + 1) * inputs
        unit = below
    add_outer_first(gradient, sizes[0], sizes[1], units[: sizes[0]], error[unit : unit + sizes[1]])


@njit(**SLICING)
def add_outer_first(total: Array, inputs: int, outputs: int, x: Array, error: Array) -> None:
    """W and b of the first layer: total += (x error^T, error)."""
    for i in range(inputs):
        row, value = total[i * outputs : (i + 1) * outputs], x[i]
        for j in range(outputs):
            row[j] += value * error[j]
    biases = total[inputs * outputs : (inputs + 1) * outputs]
    for j in range(outputs):
        biases[j] += error[j]


@njit(**SLICING)
def add_outer_above(total: Array, start: int, inputs: int, outputs: int, x: Array, error: Array) -> None:
    """W and b of a layer beyond the first, whose parameters begin at `start`: total += (error x^T, error)."""
    bias = start + inputs * outputs
    for k in range(outputs):
        row, value = total[start + k * inputs : start + (k + 1) * inputs], error[k]
        for j in range(inputs):
            row[j] += value * x[j]
        total[bias + k] += value
