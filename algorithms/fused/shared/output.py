"""Output layers: drawing an action from the last pre-activation, and the gradient of its log-probability."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from algorithms.fused.shared.activations import exponential
from algorithms.fused.shared.linear import Array
from algorithms.fused.shared.options import SLICING


class Output(NamedTuple):
    """What kind of output a network has, in numbers of the engine's dtype."""

    discrete: bool
    softmax_scale: Any
    """1/T or T, inside the softmax"""
    deviation: Any
    """standard deviation of a Gaussian output"""
    score_variance: Any
    """what a Gaussian output's score is divided by"""


@njit(**SLICING)
def softmax(values: Array, start: int, count: int, scale: Any) -> None:
    """values[start : +count] becomes softmax(scale · values), in place."""
    highest = values[start]
    for j in range(start + 1, start + count):
        highest = max(highest, values[j])
    total = values.dtype.type(0)  # a Python 0 would sum in another precision
    for j in range(start, start + count):
        values[j] = exponential(scale * (values[j] - highest))
        total += values[j]
    for j in range(start, start + count):
        values[j] /= total


@njit(**SLICING)
def draw(probabilities: Array, start: int, count: int, uniform: Any) -> int:
    """The first action whose cumulative probability exceeds the uniform number."""
    cumulative = probabilities[start]
    action = 0
    while action < count - 1 and cumulative <= uniform:
        action += 1
        cumulative += probabilities[start + action]
    return action


@njit(**SLICING)
def softmax_score(probabilities: Array, start: int, count: int, scale: Any, action: int, score: Array) -> None:
    """score[start : +count] = gradient of the action's log-probability with respect to the pre-activation."""
    for j in range(count):
        score[start + j] = -scale * probabilities[start + j]
    score[start + action] += scale


@njit(**SLICING)
def entropy_score(probabilities: Array, start: int, count: int, scale: Any, score: Array) -> None:
    """score[start : +count] = gradient of the policy's entropy with respect to the pre-activation."""
    entropy = scale - scale
    for j in range(start, start + count):
        if probabilities[j] > 0:  # an action of no probability adds nothing, though its logarithm is infinite
            entropy -= probabilities[j] * np.log(probabilities[j])
    for j in range(start, start + count):
        score[j] = 0
        if probabilities[j] > 0:
            score[j] = -scale * probabilities[j] * (np.log(probabilities[j]) + entropy)


@njit(**SLICING)
def gaussian_draw(mean: Array, start: int, count: int, deviation: Any, normal: Array, normal0: int, value: Array) -> None:
    """value[start : +count] = mean + deviation · normal."""
    for j in range(count):
        value[start + j] = mean[start + j] + deviation * normal[normal0 + j]


@njit(**SLICING)
def gaussian_score(mean: Array, start: int, count: int, variance: Any, value: Array, score: Array) -> None:
    """score[start : +count] = (value - mean) / variance."""
    for j in range(start, start + count):
        score[j] = (value[j] - mean[j]) / variance


@njit(**SLICING)
def largest(values: Array, start: int, count: int) -> int:
    """The number of the first largest of values[start : +count]."""
    return int(np.argmax(values[start : start + count]))


@njit(**SLICING)
def sample_output(output: Output, count: int, normal: Array, uniform: Any, units: Array, mean: Array) -> int:
    """Draw the output from its pre-activation in `mean`, at the end of the buffers; `normal` ends with its numbers.

    Returns a discrete action's number; a continuous action is left in `units`, and 0 returned.
    """
    start = len(units) - count
    if output.discrete:
        softmax(mean, start, count, output.softmax_scale)
        return draw(mean, start, count, uniform)
    gaussian_draw(mean, start, count, output.deviation, normal, len(normal) - count, units)
    return 0


@njit(**SLICING)
def score_output(output: Output, count: int, action: int, units: Array, mean: Array, score: Array) -> None:
    """Gradient of the output's log-probability with respect to its pre-activation, from that pre-activation in `mean`."""
    if output.discrete:
        softmax(mean, len(units) - count, count, output.softmax_scale)
    score_drawn_output(output, count, action, units, mean, score)


@njit(**SLICING)
def score_drawn_output(output: Output, count: int, action: int, units: Array, mean: Array, score: Array) -> None:
    """As `score_output`, from what `sample_output` left in `mean`: a softmax's probabilities, or a Gaussian's mean."""
    start = len(units) - count
    if output.discrete:
        softmax_score(mean, start, count, output.softmax_scale, action, score)
    else:
        gaussian_score(mean, start, count, output.score_variance, units, score)


@njit(**SLICING)
def write_action(output: Output, action: int, units: Array, out: Array) -> None:
    """The action's number, or the output units' values, into `out`."""
    if output.discrete:
        out[0] = action
    else:
        for j in range(len(out)):
            out[j] = units[len(units) - len(out) + j]
