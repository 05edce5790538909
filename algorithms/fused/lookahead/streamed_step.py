"""What a network in continuous time does in an Euler step, for one seed (algorithms/shared/lookahead/streamed.py)."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from numba import njit

from algorithms.fused.lookahead.sweeps import Effort, System, product, solve
from algorithms.fused.shared.activations import softplus_and_slope
from algorithms.fused.shared.linear import Array, add_product, dot
from algorithms.fused.shared.options import CALLED, SLICING

EXACT, LAGGED, WITHOUT_LOOK_AHEAD = range(3)
VOLTAGES, VELOCITIES = range(2)  # rows of a seed's state [2, units]
WEIGHTS, FEEDBACK, TRACE = range(3)  # rows of a seed's block [3, parameters]


class Numbers(NamedTuple):
    """Constants of a run, in the engine's dtype."""

    scale: Any
    tau: Any
    step: Any
    tolerance: Any
    beta: Any
    gain: Any
    """beta times the winner's gain"""
    noise: Any
    learning_rate: Any
    """divided by beta"""
    plastic_step: Any
    """change of weights in an Euler step for a mismatch and a rate of 1; 0: not plastic"""
    foreseen_rate: Any
    """dW/dt that the look-ahead sees; 0: none"""
    trace_keep: Any
    read_keep: Any
    feedback_keep: Any
    homeostasis_rate: Any
    homeostasis_target: Any
    border: Any
    border_rate: Any


class Choices(NamedTuple):
    """Whole numbers of a run."""

    form: int
    sweeps: int
    krylov_steps: int
    separate: int
    """1: feedback has weights of its own"""
    learned: int
    """1: these learn"""
    settling_steps: int


class Neurons(NamedTuple):
    """Buffers of one seed; those of the output's nudge have [n_L]."""

    rates: Array
    mismatches: Array
    errors: Array
    """what `arrives` from above, then F"""
    current: Array
    """W_1 times the pattern, at the units of layer 1"""
    offset: Array
    shift: Array
    drift: Array
    """of the nudge"""
    shift_drift: Array
    nudge_rates: Array


@njit(**SLICING)
def numbers_of(n: Array) -> Numbers:
    """The numbers that cross the border as an array."""
    first = Numbers(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], n[9], n[10], n[11], n[12], n[13], n[14], n[15], n[16])
    return first


@njit(**SLICING)
def choices_of(n: Array) -> Choices:
    """The whole numbers that cross the border as an array."""
    return Choices(n[0], n[1], n[2], n[3], n[4], n[5])


@njit(**CALLED)
def set_current(weights: Array, sizes: Any, pattern: Array, current: Array) -> None:
    """W_1 times the pattern; again whenever W_1 has changed."""
    first = sizes[0]
    for j in range(first, first + sizes[1]):
        current[j] = 0
    add_product(weights, 0, first, sizes[1], pattern, 0, current, first)


@njit(**CALLED)
def compare(weights: Array, sizes: Any, voltages: Array, slopes: Array, neurons: Neurons, window: Any, scale: Any) -> None:
    """Rates, slopes and mismatches at these voltages."""
    inverse = weights.dtype.type(1) / scale
    parameter, unit = 0, sizes[0]
    for layer in range(1, len(sizes)):
        inputs, outputs = sizes[layer - 1], sizes[layer]
        biases = weights[parameter + inputs * outputs : parameter + (inputs + 1) * outputs]
        voltage, mismatch = voltages[unit : unit + outputs], neurons.mismatches[unit : unit + outputs]
        for j in range(outputs):
            mismatch[j] = biases[j]
        if layer == 1:
            current = neurons.current[unit : unit + outputs]
            for j in range(outputs):
                mismatch[j] += window * current[j]
        else:
            add_product(weights, parameter, inputs, outputs, neurons.rates, unit - inputs, neurons.mismatches, unit)
        for j in range(outputs):
            mismatch[j] = voltage[j] - mismatch[j]
        rate, slope = neurons.rates[unit : unit + outputs], slopes[unit : unit + outputs]
        for j in range(outputs):
            value, slope[j] = softplus_and_slope(inverse * voltage[j])
            rate[j] = scale * value
        parameter += (inputs + 1) * outputs
        unit += outputs


@njit(**CALLED)
def subtract_errors(system: System, neurons: Neurons, scale: Any) -> None:
    """F of every layer into `errors`, and what bends the slopes."""
    sizes, mismatches, errors = system.sizes, neurons.mismatches, neurons.errors
    parameter, unit = (sizes[0] + 1) * sizes[1], sizes[0]
    for layer in range(1, len(sizes) - 1):
        inputs, outputs = sizes[layer], sizes[layer + 1]
        above = mismatches[unit + inputs : unit + inputs + outputs]
        for i in range(inputs):
            row = parameter + i * outputs
            errors[unit + i] = dot(system.feedback[row : row + outputs], above)
        arriving, slope, bend = (
            errors[unit : unit + inputs],
            system.slopes[unit : unit + inputs],
            system.bends[unit : unit + inputs],
        )
        mismatch = mismatches[unit : unit + inputs]
        for i in range(inputs):
            bend[i] = slope[i] * (1 - slope[i]) / scale * arriving[i]
            arriving[i] = mismatch[i] - slope[i] * arriving[i]
        parameter += (inputs + 1) * outputs
        unit += inputs
    for j in range(sizes[-1]):
        errors[unit + j] = mismatches[unit + j]


@njit(**CALLED)
def subtract_nudge(system: System, neurons: Neurons, output: Array, scale: Any) -> None:
    """Take the nudge off the output's F, and complete the nudge's own drift."""
    outputs = len(output)
    last = len(neurons.errors) - outputs
    for j in range(outputs):
        value, system.nudge_slopes[j] = softplus_and_slope((output[j] + neurons.shift[j]) / scale)
        neurons.nudge_rates[j] = scale * value
        neurons.errors[last + j] -= neurons.offset[j] - system.pull * output[j]
    if system.gain > 0:
        rates = slopes = scale - scale
        share = output.dtype.type(outputs - 1)
        for j in range(outputs):
            rates += neurons.nudge_rates[j]
            slopes += system.nudge_slopes[j] * neurons.shift_drift[j]
        for j in range(outputs):
            rate, slope = neurons.nudge_rates[j], system.nudge_slopes[j] * neurons.shift_drift[j]
            neurons.errors[last + j] -= system.gain * (rate - (rates - rate) / share)
            neurons.drift[j] += system.gain * (slope - (slopes - slope) / share)


@njit(**CALLED)
def want(system: System, neurons: Neurons, window_drift: Any, numbers: Numbers) -> None:
    """What J du/dt must be, into y."""
    first, y, units = system.sizes[0], system.y, len(system.y)
    for i in range(first, units):
        y[i] = -neurons.errors[i] / numbers.tau
    for i in range(first, first + system.sizes[1]):
        y[i] += window_drift * neurons.current[i]
    last = units - system.sizes[-1]
    for j in range(system.sizes[-1]):
        y[last + j] += neurons.drift[j]


@njit(**CALLED)
def foresee(system: System, neurons: Neurons, separate: int, rate: Any) -> None:
    """Add what plastic weights take off dF/dt."""
    sizes, y, c, r, own = system.sizes, system.y, neurons.mismatches, neurons.rates, system.rest
    unit = sizes[0]
    for layer in range(1, len(sizes)):
        below = unit - sizes[layer - 1]
        factor = rate * dot(r[below:unit], r[below:unit])
        for i in range(unit, unit + sizes[layer]):
            own[i] = factor * c[i]
            y[i] += own[i]
        unit += sizes[layer]
    parameter, unit = (sizes[0] + 1) * sizes[1], sizes[0]
    for layer in range(1, len(sizes) - 1):
        inputs, outputs = sizes[layer], sizes[layer + 1]
        top = unit + inputs
        above, moved = c[top : top + outputs], own[top : top + outputs]
        factor = rate - rate if separate > 0 else rate * dot(above, above)
        for i in range(inputs):
            row = parameter + i * outputs
            arriving = factor * r[unit + i] - dot(system.feedback[row : row + outputs], moved)
            y[unit + i] += system.slopes[unit + i] * arriving
        parameter += (inputs + 1) * outputs
        unit = top


@njit(**CALLED)
def move(system: System, neurons: Neurons, state: Any, numbers: Numbers, choices: Choices) -> bool:
    """Find the velocities from y and take the Euler step; whether they are finite."""
    first, velocities, voltages = system.sizes[0], state[VELOCITIES], state[VOLTAGES]
    if choices.form == EXACT:
        solve(system, Effort(numbers.tolerance, choices.sweeps, choices.krylov_steps))
    elif choices.form == LAGGED:
        product(system, velocities, system.found)
        for i in range(first, len(velocities)):
            velocities[i] += system.y[i] - system.found[i]
    else:
        for i in range(first, len(velocities)):
            velocities[i] = -neurons.errors[i] / numbers.tau
    total = numbers.step - numbers.step
    for i in range(first, len(velocities)):
        voltages[i] += numbers.step * velocities[i]
        total += voltages[i] - voltages[i]
    return total == 0


@njit(**CALLED)
def add_weight_changes(total: Array, sizes: Any, keep: Any, weight: Any, rates: Array, errors: Array) -> None:
    """total = keep · total + weight · error times presynaptic rate, for every layer's weights; biases stay."""
    parameter, unit = 0, 0
    for layer in range(1, len(sizes)):
        inputs, outputs = sizes[layer - 1], sizes[layer]
        error = errors[unit + inputs : unit + inputs + outputs]
        for i in range(inputs):
            factor = weight * rates[unit + i]
            row = total[parameter + i * outputs : parameter + (i + 1) * outputs]
            for j in range(outputs):
                row[j] = keep * row[j] + factor * error[j]
        parameter += (inputs + 1) * outputs
        unit += inputs


@njit(**CALLED)
def change(block: Any, sizes: Any, weight: Any, rates: Array, errors: Array, choices: Choices) -> None:
    """Weights, and feedback that learns, follow errors times rates."""
    one = block.dtype.type(1)
    add_weight_changes(block[WEIGHTS], sizes, one, weight, rates, errors)
    if choices.learned > 0:
        add_weight_changes(block[FEEDBACK], sizes, one, weight, rates, errors)


@njit(**CALLED)
def decay(block: Any, sizes: Any, keep: Any) -> None:
    """Weights above the first layer decay with the feedback that learns to be their transpose."""
    start = (sizes[0] + 1) * sizes[1]
    for layer in range(2, len(sizes)):
        for i in range(start, start + sizes[layer - 1] * sizes[layer]):
            block[WEIGHTS, i] *= keep
            block[FEEDBACK, i] *= keep
        start += (sizes[layer - 1] + 1) * sizes[layer]


@njit(**CALLED)
def learn(block: Any, sizes: Any, voltages: Array, neurons: Neurons, modulator: Any, numbers: Numbers, choices: Choices) -> None:
    """Weights follow their traces and the pull of homeostasis; `errors` serves as a buffer."""
    factor = numbers.learning_rate * modulator
    for i in range(block.shape[1]):
        block[WEIGHTS, i] += factor * block[TRACE, i]
    if choices.learned > 0:
        for i in range(block.shape[1]):
            block[FEEDBACK, i] += factor * block[TRACE, i]
    rate = numbers.homeostasis_rate * abs(modulator)
    pull = neurons.errors
    for i in range(sizes[0], len(voltages)):
        kept = min(max(voltages[i], -numbers.border), numbers.border)
        pull[i] = numbers.border_rate * (kept - voltages[i]) + rate * (numbers.homeostasis_target - voltages[i])
    change(block, sizes, block.dtype.type(1), neurons.rates, pull, choices)
    if choices.learned > 0:
        decay(block, sizes, numbers.feedback_keep)


@njit(**CALLED)
def first_lost(voltages: Array, sizes: Any) -> int:
    """The first layer with a voltage that is not finite; 0: all are."""
    unit = sizes[0]
    for layer in range(1, len(sizes)):
        for i in range(unit, unit + sizes[layer]):
            if not math.isfinite(voltages[i]):
                return layer
        unit += sizes[layer]
    return 0
