"""One update of neurons that each have a critic, for one seed at a time (see algorithms/decentralised_ddpg.py).

Parameters are three networks of one shape behind one another: actor, values, slopes; each layer as neurons.py has it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit

from algorithms.fused.replay.neurons import activate, all_within, means, multiply_slope, outer, spread, sums
from algorithms.fused.shared.linear import Array
from algorithms.fused.shared.options import SLICING
from algorithms.fused.traces import adam


class Rule(NamedTuple):
    """Which form of the rule a step takes."""

    slope_by_state: bool
    relu: bool
    adam: bool
    biases_learn: bool


class Rates(NamedTuple):
    """Numbers of the engine's dtype, but for Adam's decays: their powers are taken in double precision."""

    discount: Any
    tau: Any
    actor_rate: Any
    critic_rate: Any
    critic_l2: Any
    diverged_above: Any
    beta1: Any
    beta2: Any
    epsilon: Any
    exact_beta1: float
    exact_beta2: float


class Networks(NamedTuple):
    """One seed's parameters, those of its target networks, Adam's moments: each [3 P]."""

    learned: Any
    target: Any
    first: Any
    second: Any


class Buffers(NamedTuple):
    """Room for one seed's minibatch, a row of K samples for each unit, and for its gradient."""

    transitions: Any
    """[width K]: the parts of transitions, one below the other"""
    means: Any
    """[units K]: every neuron's output without noise"""
    slopes: Any
    values: Any
    errors: Any
    gradient: Any
    """[3 P]"""
    drawn: Any
    """int64 [K]"""


class Layer(NamedTuple):
    """Where one layer's parameters lie in a network's, and its part of the buffers."""

    start: int
    inputs: int
    outputs: int
    relu: bool
    x: Any
    """the inputs, [inputs K]"""
    later: Any
    """those of the next state"""
    own: Any
    """the neurons' outputs, as they were, [outputs K]"""
    means: Any
    slopes: Any
    values: Any
    errors: Any


@njit(**SLICING)
def layer_of(sizes: Any, number: int, samples: int, rule: Rule, buffers: Buffers) -> Layer:
    """The layer of this number, from 1."""
    start, unit = 0, 0
    for below in range(1, number):
        start += (sizes[below - 1] + 1) * sizes[below]
        unit += sizes[below]
    all_units = 0
    for size in sizes:
        all_units += size
    inputs, outputs = sizes[number - 1], sizes[number]
    x0 = sizes[0] + unit - inputs if number > 1 else 0
    later0 = all_units + 2 + x0
    return Layer(
        start,
        inputs,
        outputs,
        rule.relu and number < len(sizes) - 1,
        buffers.transitions[x0 * samples : (x0 + inputs) * samples],
        buffers.transitions[later0 * samples : (later0 + inputs) * samples],
        buffers.transitions[(sizes[0] + unit) * samples : (sizes[0] + unit + outputs) * samples],
        buffers.means[unit * samples : (unit + outputs) * samples],
        buffers.slopes[unit * samples : (unit + outputs) * samples],
        buffers.values[unit * samples : (unit + outputs) * samples],
        buffers.errors[unit * samples : (unit + outputs) * samples],
    )


@njit(**SLICING)
def critic_gradient(
    layer: Layer, samples: int, rule: Rule, rates: Rates, networks: Networks, outcome: Array, gradient: Array
) -> bool:
    """Write the critics' gradients of a layer; returns whether all values and targets are within bounds.

    `outcome` holds each sample's reward, and then whether its next state is worthless.
    """
    start, inputs, outputs = layer.start, layer.inputs, layer.outputs
    count = len(gradient) // 3
    bias = start + inputs * outputs
    zero, one = rates.discount - rates.discount, gradient.dtype.type(1)
    sound = target_values(layer, samples, rule, rates, networks.target, outcome)

    sums(networks.learned[start:], inputs, outputs, samples, layer.x, layer.means)
    activate(layer.means, layer.relu)
    find_slopes(layer, samples, rule, networks.learned)
    sums(networks.learned[count + start :], inputs, outputs, samples, layer.x, layer.values)
    own = one if rule.slope_by_state else zero
    for i in range(outputs * samples):
        layer.values[i] += layer.slopes[i] * (layer.own[i] - own * layer.means[i])
    sound &= all_within(layer.values, rates.diverged_above)
    for i in range(outputs * samples):
        layer.errors[i] = layer.values[i] - layer.errors[i]
    outer(inputs, outputs, samples, layer.x, layer.errors, gradient[count + start :])
    means(outputs, samples, layer.errors, gradient[count + bias :])
    # Times what the slope is multiplied with in Q.
    for i in range(outputs * samples):
        layer.errors[i] *= layer.own[i] - own * layer.means[i]
    if rule.slope_by_state:
        outer(inputs, outputs, samples, layer.x, layer.errors, gradient[2 * count + start :])
    else:
        gradient[2 * count + start : 2 * count + bias] = zero
    means(outputs, samples, layer.errors, gradient[2 * count + bias :])
    if not rule.biases_learn:
        gradient[count + bias : count + bias + outputs] = zero
    return sound


@njit(**SLICING)
def target_values(layer: Layer, samples: int, rule: Rule, rates: Rates, target: Array, outcome: Array) -> bool:
    """What a layer's critics learn, into its `errors`; returns whether it is within bounds."""
    start, inputs, outputs = layer.start, layer.inputs, layer.outputs
    count = len(target) // 3
    zero, one = rates.discount - rates.discount, outcome.dtype.type(1)
    if rates.discount > zero:
        sums(target[count + start :], inputs, outputs, samples, layer.later, layer.errors)
        if not rule.slope_by_state:
            sums(target[start:], inputs, outputs, samples, layer.later, layer.means)
            activate(layer.means, layer.relu)
            spread(target[2 * count + start + inputs * outputs :], outputs, samples, layer.slopes)
            for i in range(outputs * samples):
                layer.errors[i] += layer.slopes[i] * layer.means[i]
    else:
        layer.errors[:] = zero
    for j in range(outputs):
        row = layer.errors[j * samples : (j + 1) * samples]
        for k in range(samples):
            row[k] = outcome[k] + rates.discount * (one - outcome[samples + k]) * row[k]
    return all_within(layer.errors, rates.diverged_above)


@njit(**SLICING)
def find_slopes(layer: Layer, samples: int, rule: Rule, learned: Array) -> None:
    """The derivative of each neuron's Q with respect to its output, into the layer's `slopes`."""
    start, inputs, outputs = layer.start + 2 * (len(learned) // 3), layer.inputs, layer.outputs
    if rule.slope_by_state:
        sums(learned[start:], inputs, outputs, samples, layer.x, layer.slopes)
    else:
        spread(learned[start + inputs * outputs :], outputs, samples, layer.slopes)


@njit(**SLICING)
def actor_gradient(layer: Layer, samples: int, rule: Rule, learned: Array, gradient: Array) -> None:
    """Write the gradient of each neuron's Q with respect to its weights, from what `critic_gradient` left."""
    bias = layer.start + layer.inputs * layer.outputs
    find_slopes(layer, samples, rule, learned)
    multiply_slope(layer.means, layer.relu, layer.slopes)
    outer(layer.inputs, layer.outputs, samples, layer.x, layer.slopes, gradient[layer.start :])
    means(layer.outputs, samples, layer.slopes, gradient[bias:])
    if not rule.biases_learn:
        gradient[bias : bias + layer.outputs] = 0


@njit(**SLICING)
def ascend(networks: Networks, part: Any, gradient: Array, rate: Any, rule: Rule, rates: Rates, update: int) -> None:
    """One step of the parameters from part[0] to part[1] along the gradient, by Adam or without; `update` counts from 1."""
    start, stop = part
    learned = networks.learned[start:stop]
    if rule.adam:
        dtype = learned.dtype
        corrected = rate * dtype.type(1.0 / (1.0 - rates.exact_beta1**update))
        moments = (rates.beta1, rates.beta2, rates.epsilon, dtype.type(1.0 / (1.0 - rates.exact_beta2**update)))
        first, second = networks.first[start:stop], networks.second[start:stop]
        # All of them as one layer.
        adam.ascend(learned, first, second, gradient[start:stop], dtype.type(1), (stop - start - 1, 1), (corrected,), moments)
    else:
        direction = gradient[start:stop]
        for i in range(stop - start):
            learned[i] += rate * direction[i]


@njit(**SLICING)
def update(sizes: Any, samples: int, rule: Rule, rates: Rates, networks: Networks, buffers: Buffers, number: int) -> bool:
    """One update of every neuron from the minibatch in the buffers; returns whether the seed diverged and did not move."""
    learned, gradient = networks.learned, buffers.gradient
    count = len(learned) // 3
    reward = 0
    for size in sizes:
        reward += size
    outcome = buffers.transitions[reward * samples : (reward + 2) * samples]
    sound = True
    for layer in range(1, len(sizes)):
        own = layer_of(sizes, layer, samples, rule, buffers)
        sound &= critic_gradient(own, samples, rule, rates, networks, outcome, gradient)
    if not sound:
        return True
    for i in range(count, 3 * count):
        gradient[i] = -(gradient[i] + rates.critic_l2 * learned[i])
    ascend(networks, (count, 3 * count), gradient, rates.critic_rate, rule, rates, number)
    for layer in range(1, len(sizes)):
        actor_gradient(layer_of(sizes, layer, samples, rule, buffers), samples, rule, learned, gradient)
    ascend(networks, (0, count), gradient, rates.actor_rate, rule, rates, number)
    for i in range(3 * count):
        networks.target[i] += rates.tau * (learned[i] - networks.target[i])
    return False
