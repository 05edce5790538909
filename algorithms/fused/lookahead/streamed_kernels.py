"""What takes S networks through a trial in compiled code, one seed after the other (algorithms/shared/lookahead/streamed.py)."""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit

from algorithms.fused.lookahead.network import Neurons as SettlingNeurons
from algorithms.fused.lookahead.network import Nudge, settle
from algorithms.fused.lookahead.streamed_step import (
    FEEDBACK,
    TRACE,
    VELOCITIES,
    VOLTAGES,
    WEIGHTS,
    Neurons,
    Numbers,
    add_weight_changes,
    change,
    choices_of,
    compare,
    decay,
    first_lost,
    foresee,
    learn,
    move,
    numbers_of,
    set_current,
    subtract_errors,
    subtract_nudge,
    want,
)
from algorithms.fused.lookahead.sweeps import System
from algorithms.fused.shared.activations import softplus_and_slope
from algorithms.fused.shared.linear import Array
from algorithms.fused.shared.options import CALLED, COMPILED_SLICING, SLICING

ROWS = 11  # of the scratch, each as long as there are units or six times the outputs


class Networks(NamedTuple):
    """S networks and what they carry from call to call."""

    sizes: Any
    """units of layers 0 to L, int64[L + 1]"""
    blocks: Any
    """weights, feedback and traces, [S, 3, parameters]; biases of feedback and traces are not used"""
    states: Any
    """voltages and velocities, [S, 2, units]"""
    reads: Any
    """low-passed rates of the outputs, [S, n_L]"""
    outcomes: Any
    """step and layer at which a seed diverged, int64[S, 2]; -1: it has not"""
    numbers: Any
    """[17], the fields of `Numbers`"""
    choices: Any
    """int64[6], the fields of `Choices`"""


class Seen(NamedTuple):
    """The fields of `algorithms.shared.lookahead.streamed_settings.Shown`; without a target, `target` is [S, 0]."""

    inputs: Any
    window: Any
    fluctuation: Any
    modulators: Any
    target: Any


class Scratch(NamedTuple):
    """Buffers; see `ROWS` and `algorithms.fused.lookahead.sweeps.System`."""

    rows: Any
    basis: Any
    small: Any


@njit(**SLICING)
def _neurons(scratch: Any, units: int, outputs: int) -> Neurons:
    small = scratch[10]
    nudge = (small[:outputs], small[outputs : 2 * outputs], small[2 * outputs : 3 * outputs], small[3 * outputs : 4 * outputs])
    rates = small[4 * outputs : 5 * outputs]
    return Neurons(scratch[0, :units], scratch[1, :units], scratch[2, :units], scratch[3, :units], *nudge, rates)


@njit(**CALLED)
def _set_nudge(
    neurons: Neurons, fluctuation: Any, target: Array, window: Array, step: int, numbers: Numbers, output: Array
) -> Any:
    """Fill in the nudge at the beginning of a step, and give its pull."""
    last = min(step + 1, len(window) - 1)
    pull = numbers.beta - numbers.beta
    for j in range(len(output)):
        neurons.shift[j] = numbers.noise * fluctuation[step, j]
        neurons.shift_drift[j] = numbers.noise * (fluctuation[last, j] - fluctuation[step, j]) / numbers.step
        neurons.offset[j] = numbers.beta * neurons.shift[j]
        neurons.drift[j] = numbers.beta * neurons.shift_drift[j]
    if len(target) > 0:
        pull = numbers.beta * window[step]
        changing = numbers.beta * (window[last] - window[step]) / numbers.step
        for j in range(len(output)):
            neurons.offset[j] += pull * target[j]
            neurons.drift[j] += changing * (target[j] - output[j])
    return pull


@njit(**CALLED)
def _observe(block: Any, sizes: Any, read: Array, neurons: Neurons, numbers: Numbers) -> None:
    """Low-pass the local changes and the outputs' rates."""
    one = block.dtype.type(1)
    add_weight_changes(block[TRACE], sizes, numbers.trace_keep, one - numbers.trace_keep, neurons.rates, neurons.mismatches)
    for j in range(len(read)):
        read[j] = numbers.read_keep * read[j] + (one - numbers.read_keep) * neurons.nudge_rates[j]


@njit(**COMPILED_SLICING)
def advance(networks: Networks, seen: Seen, scratch: Scratch, done: int) -> None:
    """Take every seed through the Euler steps; `done` of them came before."""
    sizes, rows = networks.sizes, scratch.rows
    numbers, choices = numbers_of(networks.numbers), choices_of(networks.choices)
    outputs, units = sizes[-1], networks.states.shape[2]
    neurons = _neurons(rows, units, outputs)
    slopes, nudge_slopes, window = rows[4, :units], rows[10, 5 * outputs : 6 * outputs], seen.window
    for seed in range(len(networks.blocks)):
        if networks.outcomes[seed, 0] >= 0:
            continue
        block, state = networks.blocks[seed], networks.states[seed]
        weights, feedback = block[WEIGHTS], block[FEEDBACK if choices.separate > 0 else WEIGHTS]
        voltages, output = state[VOLTAGES], state[VOLTAGES, units - outputs :]
        pattern, target = seen.inputs[seed], seen.target[seed]
        set_current(weights, sizes, pattern, neurons.current)
        for step in range(seen.modulators.shape[1]):
            for i in range(sizes[0]):
                neurons.rates[i] = window[step] * pattern[i]
            compare(weights, sizes, voltages, slopes, neurons, window[step], numbers.scale)
            if seen.modulators[seed, step] != 0:
                learn(block, sizes, voltages, neurons, seen.modulators[seed, step], numbers, choices)
                set_current(weights, sizes, pattern, neurons.current)
                compare(weights, sizes, voltages, slopes, neurons, window[step], numbers.scale)
            pull = _set_nudge(neurons, seen.fluctuation[seed], target, window, step, numbers, output)
            system = System(
                weights, feedback, sizes, slopes, rows[5, :units], nudge_slopes, pull, numbers.gain, rows[6, :units],
                state[VELOCITIES], rows[7, :units], rows[8, :units], rows[9, :units], scratch.basis, scratch.small,
            )  # fmt: skip
            subtract_errors(system, neurons, numbers.scale)
            subtract_nudge(system, neurons, output, numbers.scale)
            _observe(block, sizes, networks.reads[seed], neurons, numbers)
            want(system, neurons, (window[step + 1] - window[step]) / numbers.step, numbers)
            if numbers.foreseen_rate > 0:
                foresee(system, neurons, choices.separate, numbers.foreseen_rate)
            finite = move(system, neurons, state, numbers, choices)
            if numbers.plastic_step > 0:
                change(block, sizes, numbers.plastic_step, neurons.rates, neurons.mismatches, choices)
                if choices.learned > 0:
                    decay(block, sizes, numbers.feedback_keep)
                set_current(weights, sizes, pattern, neurons.current)
            if not finite:
                networks.outcomes[seed, 0] = done + step
                networks.outcomes[seed, 1] = first_lost(voltages, sizes)
                break


@njit(**COMPILED_SLICING)
def settle_all(networks: Networks, seen: Seen, scratch: Scratch, done: int) -> None:
    """Settle every seed's network; `done` presentations came before."""
    sizes, rows = networks.sizes, scratch.rows
    numbers, choices = numbers_of(networks.numbers), choices_of(networks.choices)
    outputs, units = sizes[-1], networks.states.shape[2]
    neurons = _neurons(rows, units, outputs)
    settling_rows = rows[4, :units], rows[7, :units], rows[9, :units]
    for seed in range(len(networks.blocks)):
        if networks.outcomes[seed, 0] >= 0:
            continue
        block, voltages = networks.blocks[seed], networks.states[seed, VOLTAGES]
        output = voltages[units - outputs :]
        feedback = block[FEEDBACK if choices.separate > 0 else WEIGHTS]
        for i in range(sizes[0]):
            neurons.rates[i] = seen.window[0] * seen.inputs[seed, i]
        pull = _set_nudge(neurons, seen.fluctuation[seed], seen.target[seed], seen.window, 0, numbers, output)
        settling = SettlingNeurons(voltages, neurons.rates, neurons.mismatches, *settling_rows)
        nudge = Nudge(neurons.offset, neurons.shift, pull, numbers.gain)
        settle(block[WEIGHTS], feedback, sizes, settling, nudge, numbers.scale, choices.settling_steps)
        lost = first_lost(voltages, sizes)
        if lost > 0:
            networks.outcomes[seed, 0], networks.outcomes[seed, 1] = done, lost
            continue
        for j in range(outputs):
            neurons.nudge_rates[j] = numbers.scale * softplus_and_slope((output[j] + neurons.shift[j]) / numbers.scale)[0]
        _observe(block, sizes, networks.reads[seed], neurons, numbers)


@njit(**COMPILED_SLICING)
def learn_all(networks: Networks, inputs: Any, modulators: Array, scratch: Scratch) -> None:
    """Let every seed's weights follow their traces, over inputs [S, d], for modulators [S]."""
    sizes = networks.sizes
    numbers, choices = numbers_of(networks.numbers), choices_of(networks.choices)
    neurons = _neurons(scratch.rows, networks.states.shape[2], sizes[-1])
    for seed in range(len(networks.blocks)):
        if networks.outcomes[seed, 0] >= 0 or modulators[seed] == 0:
            continue
        voltages = networks.states[seed, VOLTAGES]
        for i in range(sizes[0]):
            neurons.rates[i] = inputs[seed, i]
        for i in range(sizes[0], len(voltages)):
            neurons.rates[i] = numbers.scale * softplus_and_slope(voltages[i] / numbers.scale)[0]
        learn(networks.blocks[seed], sizes, voltages, neurons, modulators[seed], numbers, choices)
