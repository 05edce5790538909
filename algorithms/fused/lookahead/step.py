"""What the steps of both methods share: what crosses the border from Python, settling, acting, and moving the weights."""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit

from algorithms.fused.lookahead.network import Neurons, Nudge, add_changes, settle
from algorithms.fused.shared.linear import Array, add_outer
from algorithms.fused.shared.options import SLICING

WEIGHTS, FEEDBACK, TRACE = range(3)  # rows of a network's block [S, 3, parameters]
VOLTAGES = 0  # row of a network's state [S, B, 3, neurons]


class Settings(NamedTuple):
    """Constants of a run, in the engine's dtype."""

    scale: Any
    """s of the activation function"""
    steps: Any
    beta: Any
    noise: Any
    correlation: Any
    fresh: Any
    """sqrt(1 - correlation^2)"""
    gain: Any
    """beta times the winner's gain"""
    border: Any
    border_rate: Any
    homeostasis_rate: Any
    homeostasis_target: Any
    clip: Any
    """of the modulator; infinity: unclipped"""
    trace_keep: Any
    feedback_keep: Any
    """1 less the decay of weights and feedback"""
    separate: Any
    """more than 0: feedback has weights of its own"""
    learned: Any
    """more than 0: these learn"""
    discrete: Any


class EpisodeStep(NamedTuple):
    """What an environment step of an episodic task takes: arrays by seed, [S, …], and `scratch`."""

    actors: Any
    """[S, 3, parameters]"""
    critics: Any
    """[S, 3, parameters]; no parameters without a critic"""
    actor_state: Any
    """[S, B, 3, units]: voltages, rates, mismatches"""
    critic_state: Any
    settings: Any
    """[17], the numbers of `Settings`"""
    scales: Any
    """[d]"""
    observation: Any
    """[S, B, d]"""
    normal: Any
    """[S, B A]"""
    fluctuation: Any
    """[S, B, A]"""
    actions: Any
    """[S, B, …], to be written"""
    scratch: Any
    """[5, units], buffers"""
    rates: Any
    """[2 L], of the actor's layers and the critic's"""
    transition: Any
    """[S, 4]: reward, terminated, truncated, reset"""
    memory: Any
    """[S, 2]: what the modulator remembers"""


class ActStep(NamedTuple):
    """What an action on a single-step task takes; fields as in `EpisodeStep`."""

    actors: Any
    critics: Any
    actor_state: Any
    critic_state: Any
    settings: Any
    scales: Any
    observation: Any
    normal: Any
    fluctuation: Any
    actions: Any
    scratch: Any


class UpdateStep(NamedTuple):
    """What an update on a single-step task takes; fields as in `EpisodeStep`."""

    actors: Any
    critics: Any
    actor_state: Any
    critic_state: Any
    settings: Any
    scratch: Any
    rates: Any
    wanted: Any
    """[S, B]: the reward, or the target of a rule that is told it"""
    memory: Any


@njit(**SLICING)
def settings_of(n: Array) -> Settings:
    """The settings that cross the border as an array: numba takes ten times as long for a NamedTuple."""
    low = Settings(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], n[9], n[10], n[11], n[12], n[13], n[14], n[15], n[16])
    return low


@njit(**SLICING)
def critic_sizes(sizes: Any) -> Any:
    """Units of the critic's layers: the actor's, but for its single output."""
    return (*sizes[:-1], 1)


@njit(**SLICING)
def neurons_of(state: Any, scratch: Any) -> Neurons:
    """Buffers of one network, one seed and one copy."""
    count = state.shape[1]
    return Neurons(state[VOLTAGES], state[1], state[2], scratch[0, :count], scratch[1, :count], scratch[2, :count])


@njit(**SLICING)
def feedback_row(settings: Settings) -> int:
    """The row of a network's block whose weights errors go down through."""
    return FEEDBACK if settings.separate > 0 else WEIGHTS


@njit(**SLICING)
def act(sizes: Any, given: Any, settings: Settings, seed: int, copy: int) -> None:
    """One seed and copy settles over its observation and acts."""
    outputs = sizes[-1]
    steps = int(settings.steps)
    observation, normal = given.observation[seed, copy], given.normal[seed, copy * outputs : (copy + 1) * outputs]
    fluctuation = given.fluctuation[seed, copy]
    offset, shift = given.scratch[3, :outputs], given.scratch[4, :outputs]
    for j in range(outputs):
        fluctuation[j] = settings.correlation * fluctuation[j] + settings.fresh * normal[j]
        shift[j] = settings.noise * fluctuation[j]
        offset[j] = settings.beta * shift[j]
    zero = settings.beta - settings.beta
    state = given.actor_state[seed, copy]
    for i in range(len(observation)):
        state[1, i] = observation[i] * given.scales[i]
    actor = given.actors[seed]
    neurons, nudge = neurons_of(state, given.scratch), Nudge(offset, shift, zero, settings.gain)
    settle(actor[WEIGHTS], actor[feedback_row(settings)], sizes, neurons, nudge, settings.scale, steps)
    write_action(state[0, len(state[0]) - outputs :], shift, settings, given.actions[seed, copy])
    if given.critics.shape[2] > 0:
        critic, values = given.critics[seed], given.critic_state[seed, copy]
        for i in range(len(observation)):
            values[1, i] = state[1, i]
        offset[0] = settings.beta
        neurons, nudge = neurons_of(values, given.scratch), Nudge(offset[:1], shift[:1], zero, zero)
        settle(critic[WEIGHTS], critic[feedback_row(settings)], critic_sizes(sizes), neurons, nudge, settings.scale, steps)


@njit(**SLICING)
def write_action(voltages: Array, shift: Array, settings: Settings, out: Array) -> None:
    """The outputs with their noise into `out`, or the number of the largest."""
    if settings.discrete > 0:
        best, most = 0, voltages[0] + shift[0]
        for j in range(1, len(voltages)):
            if voltages[j] + shift[j] > most:
                best, most = j, voltages[j] + shift[j]
        out[0] = best
    else:
        for j in range(len(voltages)):
            out[j] = voltages[j] + shift[j]


@njit(**SLICING)
def clipped(modulator: Any, settings: Settings) -> Any:
    """The modulator within its bounds; NaN stays NaN."""
    return min(max(modulator, -settings.clip), settings.clip) if modulator == modulator else modulator


@njit(**SLICING)
def learn_from_traces(sizes: Any, given: Any, settings: Settings, seed: int, modulator: Any) -> None:
    """One seed's weights follow the old traces times the modulator, then the step is added to the traces."""
    one = given.memory.dtype.type(1)
    keep = (one - given.transition[seed, 3]) * settings.trace_keep
    layers = len(sizes) - 1
    change = clipped(modulator, settings)
    state = given.actor_state[seed, 0]
    block = given.actors[seed]
    follow(block, sizes, settings, change, given.rates[:layers])
    pulled = layers if settings.discrete > 0 else layers - 1
    pull_back(block, sizes, settings, change, one, pulled, state, given.scratch[1])
    decay(block, sizes, settings)
    add_changes(block[TRACE], sizes, keep, one / settings.beta, state[1], state[2])
    if given.critics.shape[2] > 0:
        state = given.critic_state[seed, 0]
        block, values = given.critics[seed], critic_sizes(sizes)
        follow(block, values, settings, change, given.rates[layers:])
        pull_back(block, values, settings, change, one, layers - 1, state, given.scratch[1])
        decay(block, values, settings)
        add_changes(block[TRACE], values, keep, one / settings.beta, state[1], state[2])


@njit(**SLICING)
def learn_from_copies(sizes: Any, given: Any, settings: Settings, seed: int, modulators: Array) -> None:
    """One seed's weights follow the mean over the copies of local changes times the modulators [B]."""
    one = given.memory.dtype.type(1)
    copies = len(modulators)
    share = one / given.memory.dtype.type(copies)
    layers = len(sizes) - 1
    block = given.actors[seed]
    block[TRACE, :] = 0
    for copy in range(copies):
        state = given.actor_state[seed, copy]
        add_changes(block[TRACE], sizes, one, share * modulators[copy] / settings.beta, state[1], state[2])
    follow(block, sizes, settings, one, given.rates[:layers])
    pulled = layers if settings.discrete > 0 else layers - 1
    for copy in range(copies):
        pull_back(block, sizes, settings, modulators[copy], share, pulled, given.actor_state[seed, copy], given.scratch[1])
    decay(block, sizes, settings)
    if given.critics.shape[2] > 0:
        block, values = given.critics[seed], critic_sizes(sizes)
        block[TRACE, :] = 0
        for copy in range(copies):
            state = given.critic_state[seed, copy]
            add_changes(block[TRACE], values, one, share * modulators[copy] / settings.beta, state[1], state[2])
        follow(block, values, settings, one, given.rates[layers:])
        for copy in range(copies):
            pull_back(
                block, values, settings, modulators[copy], share, layers - 1, given.critic_state[seed, copy], given.scratch[1]
            )
        decay(block, values, settings)


@njit(**SLICING)
def follow(block: Any, sizes: Any, settings: Settings, modulator: Any, rates: Array) -> None:
    """Weights move along the trace times modulator and rate, and so does feedback that learns."""
    start = 0
    for layer in range(1, len(sizes)):
        inputs, outputs = sizes[layer - 1], sizes[layer]
        count, factor = (inputs + 1) * outputs, rates[layer - 1] * modulator
        weights, trace = block[WEIGHTS, start : start + count], block[TRACE, start : start + count]
        for i in range(count):
            weights[i] += factor * trace[i]
        if layer > 1 and settings.learned > 0:
            feedback = block[FEEDBACK, start : start + count]
            for i in range(inputs * outputs):
                feedback[i] += factor * trace[i]
        start += count


@njit(**SLICING)
def pull_back(
    block: Any, sizes: Any, settings: Settings, modulator: Any, share: Any, layers: int, state: Any, pull: Array
) -> None:
    """Homeostasis: weights of the first `layers` change so that their voltages come closer to what they should be."""
    one = share / share
    start, unit = 0, 0
    for layer in range(1, layers + 1):
        inputs, outputs = sizes[layer - 1], sizes[layer]
        middle, end = unit + inputs, start + (inputs + 1) * outputs
        voltage = state[0, middle : middle + outputs]
        needed = False
        for j in range(outputs):
            kept = min(max(voltage[j], -settings.border), settings.border)
            pull[j] = settings.border_rate * (kept - voltage[j])
            if settings.homeostasis_rate > 0:
                pull[j] += settings.homeostasis_rate * abs(modulator) * (settings.homeostasis_target - voltage[j])
            needed = needed or pull[j] != 0
        if needed:
            add_outer(block[WEIGHTS, start:end], inputs, outputs, one, share, state[1, unit:middle], pull[:outputs])
            if layer > 1 and settings.learned > 0:
                add_outer(block[FEEDBACK, start:end], inputs, outputs, one, share, state[1, unit:middle], pull[:outputs])
        start, unit = end, middle


@njit(**SLICING)
def decay(block: Any, sizes: Any, settings: Settings) -> None:
    """Weights above the first layer decay with the feedback that learns to be their transpose."""
    if settings.learned > 0:
        start = (sizes[0] + 1) * sizes[1]
        for layer in range(2, len(sizes)):
            for i in range(start, start + sizes[layer - 1] * sizes[layer]):
                block[WEIGHTS, i] *= settings.feedback_keep
                block[FEEDBACK, i] *= settings.feedback_keep
            start += (sizes[layer - 1] + 1) * sizes[layer]
