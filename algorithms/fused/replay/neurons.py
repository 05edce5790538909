"""Layers of neurons over a whole minibatch: one row a unit and one column a sample, so that every inner loop runs over samples.

Parameters of a layer are W transposed, [out, in], and b: a neuron's weights lie together.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from algorithms.fused.shared.activations import exponential
from algorithms.fused.shared.linear import Array, add_product, dot
from algorithms.fused.shared.options import SLICING


@njit(**SLICING)
def activate(rows: Array, relu: bool) -> None:
    """Pre-activations become units, in place: rectified, or their hyperbolic tangent."""
    zero, one = rows.dtype.type(0), rows.dtype.type(1)
    if relu:
        for i in range(len(rows)):
            rows[i] = zero if rows[i] <= zero else rows[i]
    else:
        for i in range(len(rows)):
            small = exponential(-abs(rows[i]) - abs(rows[i]))
            value = (one - small) / (one + small)
            rows[i] = -value if rows[i] < zero else value


@njit(**SLICING)
def multiply_slope(units: Array, relu: bool, factor: Array) -> None:
    """The factor becomes itself times the derivative of the activation at these units."""
    zero, one = units.dtype.type(0), units.dtype.type(1)
    if relu:
        for i in range(len(units)):
            factor[i] = factor[i] if units[i] > zero else zero
    else:
        for i in range(len(units)):
            factor[i] *= one - units[i] * units[i]


@njit(**SLICING)
def sums(weights: Array, inputs: int, outputs: int, samples: int, x: Array, out: Array) -> None:
    """out [outputs, samples] = W x + b for x [inputs, samples]; `weights` begins with the layer's parameters."""
    for j in range(outputs):
        row, bias = out[j * samples : (j + 1) * samples], weights[inputs * outputs + j]
        for k in range(samples):
            row[k] = bias
        add_product(x, 0, inputs, samples, weights, j * inputs, out, j * samples)


@njit(**SLICING)
def spread(biases: Array, outputs: int, samples: int, out: Array) -> None:
    """out [outputs, samples] = b, whatever the sample."""
    for j in range(outputs):
        row, bias = out[j * samples : (j + 1) * samples], biases[j]
        for k in range(samples):
            row[k] = bias


@njit(**SLICING)
def outer(inputs: int, outputs: int, samples: int, x: Array, error: Array, gradient: Array) -> None:
    """Means over the samples of error x^T into the start of `gradient`, where the layer's weights have their place."""
    share = gradient.dtype.type(1) / gradient.dtype.type(samples)
    for j in range(outputs):
        row, own = error[j * samples : (j + 1) * samples], gradient[j * inputs : (j + 1) * inputs]
        for i in range(inputs):
            own[i] = share * dot(row, x[i * samples : (i + 1) * samples])


@njit(**SLICING)
def means(outputs: int, samples: int, error: Array, gradient: Array) -> None:
    """Means over the samples of error [outputs, samples], into the start of `gradient`."""
    share = gradient.dtype.type(1) / gradient.dtype.type(samples)
    for j in range(outputs):
        row = error[j * samples : (j + 1) * samples]
        total = share - share
        for k in range(samples):
            total += row[k]
        gradient[j] = share * total


@njit(**SLICING)
def all_within(values: Array, bound: Any) -> bool:
    """Whether no value is beyond ± bound, nor NaN."""
    within = 0
    for i in range(len(values)):
        within += abs(values[i]) <= bound
    return within == len(values)
