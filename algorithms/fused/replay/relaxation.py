"""The relaxation of a network of any depth, one sample at a time (see algorithms/shared/replay/equilibrium_network.py).

Parameters and units are laid out as in hard_sigmoid_network.py; a network of one hidden layer has a faster form in
shallow_relaxation.py.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit

from algorithms.fused.replay.hard_sigmoid_network import add_feedback, add_outer_above, add_outer_first, affine_above
from algorithms.fused.shared.linear import Array, affine
from algorithms.fused.shared.options import CALLED, SLICING
from algorithms.fused.shared.output import softmax


class Relaxation(NamedTuple):
    """How a network relaxes, in numbers of the engine's dtype."""

    softmax: bool
    """whether the output is a softmax, or linear"""
    step_size: Any
    """dt"""
    free_steps: int
    nudged_steps: int
    beta: Any
    tied: bool
    """the update rule of 2017 (S6), or the paper's (S5)"""
    may_stop: bool
    """whether a free phase ends before its time once the rest of it would not change a bit"""


class Nudge(NamedTuple):
    """How many steps draw the output to a target, and how strongly; 0 is the free phase."""

    steps: int
    strength: Any
    target: Any
    """[n]"""


@njit(**SLICING)
def output_step(total: Array, output: Array, relaxation: Relaxation, strength: Any, target: Array) -> bool:
    """One Euler step of the output from its total input, which is overwritten; whether a bit changed."""
    zero = strength - strength
    if relaxation.softmax:
        softmax(total, 0, len(total), zero + total.dtype.type(1))
    changed = False
    for k in range(len(output)):
        old = output[k]
        new = old + relaxation.step_size * ((total[k] - old) + strength * (target[k] - old))
        changed |= new != old
        output[k] = new
    return changed


@njit(**CALLED)
def relax(weights: Array, sizes: Any, relaxation: Relaxation, nudge: Nudge, drive: Array, units: Array, total: Array) -> None:
    """Euler steps of `units`, in place; layer 0 holds the observation and `drive` the first layer's input from it.

    `total` is a buffer as long as `units`.
    """
    zero = nudge.strength - nudge.strength
    one = zero + units.dtype.type(1)
    for _ in range(nudge.steps):
        # First every layer's input from the old state, then every layer's step.
        parameter, unit = 0, 0
        for layer in range(1, len(sizes)):
            inputs, outputs = sizes[layer - 1], sizes[layer]
            above = unit + inputs
            sums = total[above : above + outputs]
            if layer == 1:
                for j in range(outputs):
                    sums[j] = drive[j]
            else:
                affine_above(weights, parameter, inputs, outputs, units[unit:above], sums)
                add_feedback(weights, parameter, inputs, outputs, units[above : above + outputs], total[unit:above])
            parameter += (inputs + 1) * outputs
            unit = above
        unit = sizes[0]
        for layer in range(1, len(sizes) - 1):
            values, sums = units[unit : unit + sizes[layer]], total[unit : unit + sizes[layer]]
            for j in range(sizes[layer]):
                values[j] += relaxation.step_size * (min(max(sums[j], zero), one) - values[j])
            unit += sizes[layer]
        output_step(total[unit:], units[unit:], relaxation, nudge.strength, nudge.target)


@njit(**SLICING)
def drive_of(weights: Array, sizes: Any, observation: Array, drive: Array) -> None:
    """The first layer's input W x + b from the observation."""
    affine(weights, 0, sizes[0], sizes[1], observation, 0, drive, 0)


@njit(**SLICING)
def add_contrast(sizes: Any, tied: bool, free: Array, nudged: Array, change: Array, gradient: Array) -> None:
    """Add the contrast of both phases of one sample to `gradient`; `change` is a buffer as long as the units."""
    for j in range(sizes[0], len(free)):
        change[j] = nudged[j] - free[j]
    for j in range(sizes[0]):
        change[j] = 0  # the observation is the same in both phases
    add_outer_first(gradient, sizes[0], sizes[1], free[: sizes[0]], change[sizes[0] : sizes[0] + sizes[1]])
    parameter, unit = (sizes[0] + 1) * sizes[1], sizes[0]
    for layer in range(2, len(sizes)):
        inputs, outputs = sizes[layer - 1], sizes[layer]
        above = unit + inputs
        add_outer_above(gradient, parameter, inputs, outputs, nudged[unit:above], change[above : above + outputs])
        if tied:
            for k in range(outputs):
                row, value = gradient[parameter + k * inputs : parameter + (k + 1) * inputs], free[above + k]
                for j in range(inputs):
                    row[j] += value * change[unit + j]
        parameter += (inputs + 1) * outputs
        unit = above
