"""One Euler step of a relaxation, backwards: the chain rule that backpropagation through time repeats.

Parameters and units are laid out as in hard_sigmoid_network.py.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit

from algorithms.fused.replay.hard_sigmoid_network import add_feedback, add_outer_above
from algorithms.fused.replay.relaxation import Relaxation
from algorithms.fused.shared.linear import Array, dot
from algorithms.fused.shared.options import CALLED


class Gradients(NamedTuple):
    """What goes backwards through the steps of one sample."""

    error: Array
    """at the units, as they are after a step"""
    change: Array
    """a buffer as long as the units"""
    pulled: Array
    """[n_1], at the first layer's input, summed over the steps"""
    weights: Array
    """at the parameters of the layers beyond the first, summed over the steps"""


@njit(**CALLED)
def step_back(weights: Array, sizes: Any, relaxation: Relaxation, before: Array, inputs: Array, gradients: Gradients) -> None:
    """From the gradient at the state after a step, that at the state `before` it, in place.

    `inputs` is what `relax` left in its buffer in that step: each hidden layer's total input, and a softmax's probabilities.
    """
    error, change, pulled, gradient = gradients
    dt = relaxation.step_size
    zero, one = dt - dt, before.dtype.type(1)
    last = len(error) - sizes[-1]
    # The gradient at every layer's total input.
    for j in range(sizes[0], last):
        change[j] = dt * error[j] if (inputs[j] >= zero) & (inputs[j] <= one) else zero
    mean = zero
    if relaxation.softmax:
        for j in range(last, len(error)):
            mean += inputs[j] * error[j]
    for j in range(last, len(error)):
        change[j] = dt * (inputs[j] * (error[j] - mean) if relaxation.softmax else error[j])
    for j in range(sizes[1]):
        pulled[j] += change[sizes[0] + j]
    for j in range(sizes[0], len(error)):
        error[j] *= one - dt
    parameter, unit = (sizes[0] + 1) * sizes[1], sizes[0]
    for layer in range(2, len(sizes)):
        below, above = sizes[layer - 1], sizes[layer]
        middle, end = unit + below, unit + below + above
        # The weights lead upwards, W x, and downwards, W^T x: both uses count.
        add_outer_above(gradient, parameter, below, above, before[unit:middle], change[middle:end])
        for k in range(above):
            row, value = gradient[parameter + k * below : parameter + (k + 1) * below], before[middle + k]
            for j in range(below):
                row[j] += value * change[unit + j]
        add_feedback(weights, parameter, below, above, change[middle:end], error[unit:middle])
        for k in range(above):
            row = weights[parameter + k * below : parameter + (k + 1) * below]
            error[middle + k] += dot(row, change[unit:middle])
        parameter += (below + 1) * above
        unit = middle
