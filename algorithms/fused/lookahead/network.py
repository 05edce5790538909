"""A network of look-ahead neurons that settles, one seed and copy at a time (algorithms/shared/lookahead/network.py).

Buffers hold a number for each unit of layers 0 to L, layer by layer.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit

from algorithms.fused.shared.activations import softplus_and_slope
from algorithms.fused.shared.linear import Array, add_outer, add_product, affine, dot
from algorithms.fused.shared.options import SLICING


class Neurons(NamedTuple):
    """Buffers of one network; layer 0 of `rates` is the input."""

    voltages: Array
    rates: Array
    mismatches: Array
    slopes: Array
    moves: Array
    """what a Gauss-Newton step takes off the voltages"""
    passed: Array
    """what a layer passes on to the one above"""


class Nudge(NamedTuple):
    """The output's error, offset - pull u + gain M rho(u + shift); arrays [n_L]."""

    offset: Array
    shift: Array
    pull: Any
    gain: Any


@njit(**SLICING)
def settle(weights: Array, feedback: Array, sizes: Any, neurons: Neurons, nudge: Nudge, scale: Any, steps: int) -> None:
    """So many Gauss-Newton steps; leaves rates, slopes and mismatches of the voltages that are reached."""
    for _ in range(steps):
        compare(weights, sizes, neurons, scale)
        move(weights, feedback, sizes, neurons, nudge, scale)
    compare(weights, sizes, neurons, scale)


@njit(**SLICING)
def compare(weights: Array, sizes: Any, neurons: Neurons, scale: Any) -> None:
    """Rates, slopes and mismatches at the present voltages."""
    inverse = weights.dtype.type(1) / scale
    parameter, unit = 0, 0
    for layer in range(1, len(sizes)):
        inputs, outputs = sizes[layer - 1], sizes[layer]
        above = unit + inputs
        affine(weights, parameter, inputs, outputs, neurons.rates, unit, neurons.mismatches, above)
        voltage, mismatch = neurons.voltages[above : above + outputs], neurons.mismatches[above : above + outputs]
        for j in range(outputs):
            mismatch[j] = voltage[j] - mismatch[j]
        if layer < len(sizes) - 1:
            rate, slope = neurons.rates[above : above + outputs], neurons.slopes[above : above + outputs]
            for j in range(outputs):
                value, slope[j] = softplus_and_slope(inverse * voltage[j])
                rate[j] = scale * value
        parameter += (inputs + 1) * outputs
        unit = above


@njit(**SLICING)
def move(weights: Array, feedback: Array, sizes: Any, neurons: Neurons, nudge: Nudge, scale: Any) -> None:
    """One Gauss-Newton step: errors go down to all layers, what is left of the mismatches goes up.

    (I - P B)(I - W P) x = F with F = (I - P B) c - nudge is (I - W P) x = c - error, where errors obey error = P B error above.
    """
    layers = len(sizes) - 1
    moves = neurons.moves
    parameter, unit = 0, sizes[0]
    for layer in range(1, layers):
        parameter += (sizes[layer - 1] + 1) * sizes[layer]
        unit += sizes[layer]
    nudge_output(neurons.voltages[unit : unit + sizes[layers]], nudge, scale, moves[unit : unit + sizes[layers]])
    for layer in range(layers, 1, -1):
        inputs, outputs = sizes[layer - 1], sizes[layer]
        below, errors = unit - inputs, moves[unit : unit + outputs]
        for i in range(inputs):
            row = parameter + i * outputs
            moves[below + i] = dot(feedback[row : row + outputs], errors) * neurons.slopes[below + i]
        parameter -= (sizes[layer - 2] + 1) * inputs
        unit = below
    for i in range(sizes[0], len(moves)):
        moves[i] = neurons.mismatches[i] - moves[i]
    parameter, unit = (sizes[0] + 1) * sizes[1], sizes[0]
    for layer in range(2, layers + 1):
        inputs, outputs = sizes[layer - 1], sizes[layer]
        for i in range(unit, unit + inputs):
            neurons.passed[i] = neurons.slopes[i] * moves[i]
        add_product(weights, parameter, inputs, outputs, neurons.passed, unit, moves, unit + inputs)
        parameter += (inputs + 1) * outputs
        unit += inputs
    for i in range(sizes[0], len(moves)):
        neurons.voltages[i] -= moves[i]


@njit(**SLICING)
def nudge_output(voltages: Array, nudge: Nudge, scale: Any, error: Array) -> None:
    """The output's error, for its voltages."""
    outputs = len(voltages)
    for j in range(outputs):
        error[j] = nudge.offset[j] - nudge.pull * voltages[j]
    if nudge.gain > 0:
        total = scale - scale
        for j in range(outputs):
            total += scale * softplus_and_slope((voltages[j] + nudge.shift[j]) / scale)[0]
        for j in range(outputs):
            rate = scale * softplus_and_slope((voltages[j] + nudge.shift[j]) / scale)[0]
            error[j] += nudge.gain * (rate - (total - rate) / voltages.dtype.type(outputs - 1))


@njit(**SLICING)
def add_changes(total: Array, sizes: Any, keep: Any, weight: Any, rates: Array, errors: Array) -> None:
    """total = keep · total + weight · (error times presynaptic rate, error) for every layer's weights and biases."""
    parameter, unit = 0, 0
    for layer in range(1, len(sizes)):
        inputs, outputs = sizes[layer - 1], sizes[layer]
        middle, end = unit + inputs, parameter + (inputs + 1) * outputs
        add_outer(total[parameter:end], inputs, outputs, keep, weight, rates[unit:middle], errors[middle : middle + outputs])
        parameter, unit = end, middle
