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
from algorithms.fused.shared.options import SLICING
from algorithms.fused.shared.output import Output, sample_output, score_output, write_action
from algorithms.fused.traces.actor_critic import WEIGHTS, SampleStep, copy_observation, output_of


@njit(**SLICING)
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


@njit(**SLICING)
def score_layer(count: int, variance: Any, units: Array, start: int, mean: Array, score: Array) -> None:
    """A hidden layer's means, and the gradient of its log-density with respect to its pre-activations, which `mean` holds."""
    means, values, scores = mean[start : start + count], units[start : start + count], score[start : start + count]
    for j in range(count):
        centre, slope = softplus_and_slope(means[j])
        means[j] = centre
        scores[j] = (values[j] - centre) * slope / variance


@njit(**SLICING)
def refresh_hidden(weights: Array, sizes: Any, variances: Array, first: int, units: Array, mean: Array, score: Array) -> None:
    """Means and scores of the hidden layers from `first` on, for the present units."""
    parameter, unit = 0, 0
    for layer in range(1, len(sizes) - 1):
        inputs, outputs = sizes[layer - 1], sizes[layer]
        if layer >= first:
            affine(weights, parameter, inputs, outputs, units, unit, mean, unit + inputs)
            score_layer(outputs, variances[layer - 1], units, unit + inputs, mean, score)
        parameter += (inputs + 1) * outputs
        unit += inputs


@njit(**SLICING)
def refresh(
    weights: Array, sizes: Any, variances: Array, output: Output, action: int, units: Array, mean: Array, score: Array
) -> None:
    """The scores of all layers' pre-activations, for the present units and parameters."""
    refresh_hidden(weights, sizes, variances, 1, units, mean, score)
    refresh_output_layer(weights, sizes, output, action, units, mean, score)


@njit(**SLICING)
def score_drawn(
    weights: Array, sizes: Any, variances: Array, output: Output, action: int, units: Array, mean: Array, score: Array
) -> None:
    """As `refresh`, for units just drawn by the same parameters, with the hidden pre-activations still in `mean`."""
    score_drawn_hidden(sizes, variances, units, mean, score)
    refresh_output_layer(weights, sizes, output, action, units, mean, score)


@njit(**SLICING)
def score_drawn_hidden(sizes: Any, variances: Array, units: Array, mean: Array, score: Array) -> None:
    """Means and scores of all hidden layers from the pre-activations that they were drawn by, which `mean` holds."""
    unit = sizes[0]
    for layer in range(1, len(sizes) - 1):
        score_layer(sizes[layer], variances[layer - 1], units, unit, mean, score)
        unit += sizes[layer]


@njit(**SLICING)
def refresh_output_layer(
    weights: Array, sizes: Any, output: Output, action: int, units: Array, mean: Array, score: Array
) -> None:
    """The output's pre-activation (or probabilities) and score, for the present units."""
    inputs, outputs = sizes[-2], sizes[-1]
    affine(weights, output_start(sizes), inputs, outputs, units, len(units) - outputs - inputs, mean, len(units) - outputs)
    score_output(output, outputs, action, units, mean, score)


@njit(**SLICING)
def output_start(sizes: Any) -> int:
    """Where the output layer's parameters begin."""
    start = 0
    for layer in range(1, len(sizes) - 1):
        start += (sizes[layer - 1] + 1) * sizes[layer]
    return start


@njit(**SLICING)
def add_scores(total: Array, sizes: Any, keep: Any, weight: Any, units: Array, score: Array) -> None:
    """total = keep · total + weight · gradient of every layer's log-probability with respect to its parameters."""
    parameter, unit = 0, 0
    for layer in range(1, len(sizes)):
        inputs, outputs = sizes[layer - 1], sizes[layer]
        middle, end = unit + inputs, parameter + (inputs + 1) * outputs
        below, errors = units[unit:middle], score[middle : middle + outputs]
        add_outer(total[parameter:end], inputs, outputs, keep, weight, below, errors)
        parameter, unit = end, middle


@njit(**SLICING)
def sample_team(sizes: Any, given: SampleStep, variances: Array) -> None:
    """Every seed and copy of a single-step task acts; `given.kept` keeps the hidden layers' pre-activations."""
    output = output_of(given.output)
    copies = given.units.shape[1]
    width = given.normal.shape[1] // copies
    for seed in range(len(given.actors)):
        weights = given.actors[seed, WEIGHTS]
        for copy in range(copies):
            units, mean = given.units[seed, copy], given.kept[seed, copy]
            normal = given.normal[seed, copy * width : (copy + 1) * width]
            copy_observation(given.observation[seed, copy], units)
            sample_hidden(weights, sizes, variances, normal, units, mean)
            chosen = given.uniform[seed, copy] if output.discrete else units.dtype.type(0)
            action = sample_output(output, sizes[-1], normal, chosen, units, mean)
            write_action(output, action, units, given.actions[seed, copy])
