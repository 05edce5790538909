"""The hidden units' ascent of MAP propagation, one seed and copy at a time (see algorithms/map_propagation.py).

Buffers are laid out as in team.py. `transposed` holds the transposed weights of all layers but the first, each where its
weights begin, and `backward` the weights that feedback takes, laid out alike: the same array, or fixed random ones.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit

from algorithms.fused.shared.activations import softplus_and_slope
from algorithms.fused.shared.linear import Array, add_product, affine, affine_by_rows, transpose
from algorithms.fused.shared.options import SLICING
from algorithms.fused.shared.output import Output, score_drawn_output, score_output
from algorithms.fused.traces.actor_critic import Buffers
from algorithms.fused.traces.team import output_start, refresh_hidden, score_drawn_hidden


class Ascent(NamedTuple):
    """How the hidden units climb."""

    steps: int
    """N"""
    rate: Any
    """alpha_h of a layer in units of its sigma^2, in the engine's dtype"""
    sequential: bool
    """one layer after the other rather than all at once"""


class Climber(NamedTuple):
    """One seed's network in the ascent."""

    weights: Array
    transposed: Array
    backward: Array
    variances: Array
    feedback: Array
    """a buffer as long as the widest hidden layer"""


@njit(**SLICING)
def transpose_upper(weights: Array, sizes: Any, transposed: Array) -> None:
    """Transposed weights of all layers but the first, whose inputs are clamped and get no feedback."""
    start = (sizes[0] + 1) * sizes[1]
    for layer in range(2, len(sizes)):
        transpose(weights, start, sizes[layer - 1], sizes[layer], transposed)
        start += (sizes[layer - 1] + 1) * sizes[layer]


@njit(**SLICING)
def climb(first: int, last: int, sizes: Any, climber: Climber, rate: Any, b: Buffers) -> None:
    """One step of eq. 8, H^l += alpha_h (grad log pi_l + grad log pi_(l+1)), of the layers `first` to `last`.

    All means and scores are those of the values before the step.
    """
    parameter = (sizes[0] + 1) * sizes[1]
    unit = sizes[0]
    for layer in range(1, len(sizes) - 1):
        count, above = sizes[layer], sizes[layer + 1]
        if first <= layer <= last:
            pull = climber.feedback[:count]
            pull[:] = 0
            add_product(climber.backward, parameter, above, count, b.score, unit + count, pull, 0)
            values, means = b.units[unit : unit + count], b.mean[unit : unit + count]
            variance = climber.variances[layer - 1]
            for i in range(count):
                values[i] += rate * (means[i] - values[i] + variance * pull[i])
        parameter += (count + 1) * above
        unit += count


@njit(**SLICING)
def refresh_output(sizes: Any, climber: Climber, output: Output, action: int, b: Buffers) -> None:
    """The output's pre-activation (or probabilities) and score, for the present units."""
    inputs, outputs = sizes[-2], sizes[-1]
    unit = len(b.units) - outputs
    start = output_start(sizes)
    bias = start + inputs * outputs
    rows, biases = climber.transposed[start:bias], climber.weights[bias : bias + outputs]
    affine_by_rows(rows, biases, inputs, outputs, b.units[unit - inputs : unit], b.mean[unit:])
    score_output(output, outputs, action, b.units, b.mean, b.score)


@njit(**SLICING)
def refresh_upper(sizes: Any, climber: Climber, output: Output, action: int, b: Buffers) -> None:
    """Means and scores of all layers but the first, for the present units."""
    refresh_hidden(climber.weights, sizes, climber.variances, 2, b.units, b.mean, b.score)
    refresh_output(sizes, climber, output, action, b)


@njit(**SLICING)
def refresh_first_layer(sizes: Any, climber: Climber, b: Buffers) -> None:
    """The first layer's means for the present parameters, and the start of its score (see `start_first_layer`)."""
    affine(climber.weights, 0, sizes[0], sizes[1], b.units, 0, b.mean, sizes[0])
    start_first_layer(sizes, climber.variances[0], b.mean, b.score)


@njit(**SLICING)
def start_first_layer(sizes: Any, variance: Any, mean: Array, score: Array) -> None:
    """The first layer's means, from its pre-activations in `mean`: they stay as its inputs do.

    Its score lacks the distance from them until `end_first_layer`.
    """
    inputs, count = sizes[0], sizes[1]
    means, scores = mean[inputs : inputs + count], score[inputs : inputs + count]
    for j in range(count):
        means[j], slope = softplus_and_slope(means[j])
        scores[j] = slope / variance


@njit(**SLICING)
def end_first_layer(sizes: Any, units: Array, mean: Array, score: Array) -> None:
    """The first layer's score at the values reached."""
    inputs, count = sizes[0], sizes[1]
    values, means, scores = units[inputs : inputs + count], mean[inputs : inputs + count], score[inputs : inputs + count]
    for j in range(count):
        scores[j] *= values[j] - means[j]


@njit(**SLICING)
def ascend(sizes: Any, climber: Climber, ascent: Ascent, output: Output, action: int, b: Buffers) -> None:
    """N steps of eq. 8 with the output clamped; leaves the scores of all layers at the values reached.

    `b.mean` holds what the units were drawn by, as `sample_hidden` and `sample_output` left it. A parallel ascent takes its first
    step by these, though parameters have changed since, as released (docs/chung2021.md#order-of-the-ascent).
    """
    hidden = len(sizes) - 2
    if ascent.sequential or ascent.steps == 0:
        refresh_first_layer(sizes, climber, b)
        refresh_upper(sizes, climber, output, action, b)
        for step in range(ascent.steps * hidden):
            layer = step % hidden + 1
            climb(layer, layer, sizes, climber, ascent.rate, b)
            refresh_upper(sizes, climber, output, action, b)
    else:
        score_drawn_hidden(sizes, climber.variances, b.units, b.mean, b.score)
        score_drawn_output(output, sizes[-1], action, b.units, b.mean, b.score)
        for step in range(ascent.steps):
            climb(1, hidden, sizes, climber, ascent.rate, b)
            if step == 0:
                refresh_first_layer(sizes, climber, b)
            refresh_upper(sizes, climber, output, action, b)
    end_first_layer(sizes, b.units, b.mean, b.score)


@njit(**SLICING)
def echo(weights: Array, backward: Array, sizes: Any, out: Array) -> None:
    """out[n_2, n_2] = B W: what a score of the second layer, fed back to the first by B, adds to its own pre-activation by W."""
    start, inputs, count = (sizes[0] + 1) * sizes[1], sizes[1], sizes[2]
    out[: count * count] = 0
    for j in range(count):
        add_product(weights, start, inputs, count, backward, start + j * inputs, out, j * count)


@njit(**SLICING)
def refresh_second(preactivation: Array, variance: Any, values: Array, means: Array, scores: Array) -> None:
    """The second layer's means and scores, from its pre-activation."""
    for j in range(len(means)):
        means[j], slope = softplus_and_slope(preactivation[j])
        scores[j] = (values[j] - means[j]) * slope / variance


@njit(**SLICING)
def ascend_by_echo(
    sizes: Any, climber: Climber, ascent: Ascent, output: Output, action: int, b: Buffers, echoed: Array, scratch: Any
) -> None:
    """As `ascend`, with a quarter of its products, for two hidden layers or more; `scratch` is [4, n_2].

    `b.mean` holds the pre-activations by which the units were drawn. The first layer moves linearly in the second's scores s:
    H += r (mu - H + v s B), where r is the rate and v the variance. The second's pre-activation p = H W + b thus moves by
    r (mu W + b - p + v s (B W)), without H itself, which the sum of the scores, each decayed by the steps after it, gives at
    the end. `echoed` is B W; it costs what 16 of these steps save, so that a batch of copies, which share it, gains by it, and a
    single copy does not.
    """
    inputs, count, second = sizes[0], sizes[1], sizes[2]
    unit, parameter = inputs + count, (inputs + 1) * count
    weights, variances, units, mean, score = climber.weights, climber.variances, b.units, b.mean, b.score
    one = units.dtype.type(1)
    rate, variance, own = ascent.rate, variances[0], variances[1]
    kept = one - rate
    remaining = one
    preactivation, limit, change, sums = scratch[0], scratch[1], scratch[2], scratch[3]
    drawn_by = mean[unit : unit + second]
    for j in range(second):
        preactivation[j] = drawn_by[j]
    start_first_layer(sizes, variance, mean, score)
    affine(weights, parameter, count, second, mean, inputs, limit, 0)
    sums[:] = 0
    values, means, scores = units[unit : unit + second], mean[unit : unit + second], score[unit : unit + second]
    refresh_second(preactivation, own, values, means, scores)
    refresh_hidden(weights, sizes, variances, 3, units, mean, score)
    refresh_output(sizes, climber, output, action, b)
    hidden = len(sizes) - 2
    at_once = 1 if ascent.sequential else hidden - 1
    for _ in range(ascent.steps):
        change[:] = 0
        add_product(echoed, 0, second, second, score, unit, change, 0)
        for j in range(second):
            preactivation[j] += rate * (limit[j] - preactivation[j] + variance * change[j])
            sums[j] = kept * sums[j] + scores[j]
        remaining *= kept
        if ascent.sequential:
            refresh_second(preactivation, own, values, means, scores)
        for layer in range(2, hidden + 1, at_once):
            climb(layer, layer + at_once - 1, sizes, climber, rate, b)
            refresh_second(preactivation, own, values, means, scores)
            refresh_hidden(weights, sizes, variances, 3, units, mean, score)
            refresh_output(sizes, climber, output, action, b)
    pull, below, centre = climber.feedback[:count], units[inputs:unit], mean[inputs:unit]
    pull[:] = 0
    add_product(climber.backward, parameter, second, count, sums, 0, pull, 0)
    for i in range(count):
        below[i] = centre[i] + remaining * (below[i] - centre[i]) + rate * variance * pull[i]
    end_first_layer(sizes, units, mean, score)
