"""A team of stochastic units, one seed and one copy at a time (see algorithms/shared/traces/team.py).

Units of all layers lie in one flat buffer, layer 0 (the observation) first; so do their means, slopes and scores. Parameters
lie in another, layer by layer, weights [in, out] before biases.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from algorithms.fused.shared.activations import softplus_and_slope
from algorithms.fused.shared.linear import Array, add_outer, affine
from algorithms.fused.shared.options import INLINED
from algorithms.fused.shared.output import Output, sample_output, score_output, write_action
from algorithms.fused.traces.actor_critic import WEIGHTS, copy_observation


@njit(**INLINED)
def sample_hidden(weights: Array, sizes: Any, variances: Array, normal: Array, units: Array, mean: Array) -> None:
    """Draw the hidden units; leaves all pre-activations in `mean`. `normal` holds one number for each hidden unit."""
    parameter, unit, noise = 0, 0, 0
    for layer in range(1, len(sizes)):
        inputs, outputs = sizes[layer - 1], sizes[layer]
        above = unit + inputs
        affine(weights, parameter, inputs, outputs, units, unit, mean, above)
        if layer < len(sizes) - 1:
            deviation = np.sqrt(variances[layer - 1])
            preactivation, drawn, number = (
                mean[above : above + outputs],
                units[above : above + outputs],
                normal[noise : noise + outputs],
            )
            for j in range(outputs):
                centre, _ = softplus_and_slope(preactivation[j])
                drawn[j] = centre + deviation * number[j]
            noise += outputs
        parameter += (inputs + 1) * outputs
        unit = above


@njit(**INLINED)
def score_layer(count: int, variance: Any, units: Array, start: int, mean: Array, score: Array) -> None:
    """As `refresh_layer`, from the layer's pre-activations in `mean`."""
    means, values, scores = mean[start : start + count], units[start : start + count], score[start : start + count]
    for j in range(count):
        centre, slope = softplus_and_slope(means[j])
        means[j] = centre
        scores[j] = (values[j] - centre) * slope / variance


@njit(**INLINED)
def refresh_layer(
    weights: Array, parameter: int, inputs: int, outputs: int, variance: Any, units: Array, below: int, mean: Array, score: Array
) -> None:
    """A hidden layer's means, and the gradient of its log-density with respect to its pre-activation, for the present units."""
    affine(weights, parameter, inputs, outputs, units, below, mean, below + inputs)
    score_layer(outputs, variance, units, below + inputs, mean, score)


@njit(**INLINED)
def refresh_hidden(weights: Array, sizes: Any, variances: Array, first: int, units: Array, mean: Array, score: Array) -> None:
    """`refresh_layer` for the hidden layers from `first` on."""
    parameter, unit = 0, 0
    for layer in range(1, len(sizes) - 1):
        inputs, outputs = sizes[layer - 1], sizes[layer]
        if layer >= first:
            refresh_layer(weights, parameter, inputs, outputs, variances[layer - 1], units, unit, mean, score)
        parameter += (inputs + 1) * outputs
        unit += inputs


@njit(**INLINED)
def refresh(
    weights: Array, sizes: Any, variances: Array, output: Output, action: int, units: Array, mean: Array, score: Array
) -> None:
    """The scores of all layers' pre-activations, for the present units and parameters."""
    refresh_hidden(weights, sizes, variances, 1, units, mean, score)
    refresh_output_layer(weights, sizes, output, action, units, mean, score)


@njit(**INLINED)
def score_drawn(
    weights: Array, sizes: Any, variances: Array, output: Output, action: int, units: Array, mean: Array, score: Array
) -> None:
    """As `refresh`, for units just drawn by the same parameters, with the hidden pre-activations still in `mean`."""
    unit = sizes[0]
    for layer in range(1, len(sizes) - 1):
        score_layer(sizes[layer], variances[layer - 1], units, unit, mean, score)
        unit += sizes[layer]
    refresh_output_layer(weights, sizes, output, action, units, mean, score)


@njit(**INLINED)
def refresh_output_layer(
    weights: Array, sizes: Any, output: Output, action: int, units: Array, mean: Array, score: Array
) -> None:
    """The output's pre-activation (or probabilities) and score, for the present units."""
    inputs, outputs = sizes[-2], sizes[-1]
    affine(weights, output_start(sizes), inputs, outputs, units, len(units) - outputs - inputs, mean, len(units) - outputs)
    score_output(output, outputs, action, units, mean, score)


@njit(**INLINED)
def output_start(sizes: Any) -> int:
    """Where the output layer's parameters begin."""
    start = 0
    for layer in range(1, len(sizes) - 1):
        start += (sizes[layer - 1] + 1) * sizes[layer]
    return start


@njit(**INLINED)
def add_scores(total: Array, sizes: Any, keep: Any, weight: Any, units: Array, score: Array) -> None:
    """total = keep · total + weight · gradient of every layer's log-probability with respect to its parameters."""
    parameter, unit = 0, 0
    for layer in range(1, len(sizes)):
        inputs, outputs = sizes[layer - 1], sizes[layer]
        add_outer(total, parameter, inputs, outputs, keep, weight, units, unit, score, unit + inputs)
        parameter += (inputs + 1) * outputs
        unit += inputs


@njit(**INLINED)
def sample_team(
    sizes: Any,
    actors: Any,
    variances: Array,
    output: Output,
    observation: Any,
    normal: Any,
    uniform: Any,
    units: Any,
    means: Any,
    actions: Any,
) -> None:
    """Every seed and copy of a single-step task acts.

    `units` [S, B, units] keeps what was drawn, `means` [S, B, units] the hidden layers' pre-activations.
    """
    width = normal.shape[1] // units.shape[1]
    for seed in range(len(actors)):
        weights = actors[seed, WEIGHTS]
        for copy in range(units.shape[1]):
            drawn, mean = units[seed, copy], means[seed, copy]
            numbers = normal[seed, copy * width : (copy + 1) * width]
            copy_observation(observation[seed, copy], drawn)
            sample_hidden(weights, sizes, variances, numbers, drawn, mean)
            chosen = uniform[seed, copy] if output.discrete else units.dtype.type(0)
            action = sample_output(output, sizes[-1], numbers, chosen, drawn, mean)
            write_action(output, action, drawn, actions[seed, copy])
