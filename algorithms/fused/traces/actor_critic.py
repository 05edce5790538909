"""What every rule's agent step shares: the settings it is compiled against, and the TD error."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from algorithms.fused.shared.linear import Array
from algorithms.fused.shared.options import SLICING
from algorithms.fused.shared.output import Output

WEIGHTS, FIRST, SECOND, TRACE = range(4)  # rows of a network's block [S, 4, parameters]


class StepSettings(NamedTuple):
    """Constants of a run, in the engine's dtype (Python floats would turn single-precision arithmetic into double)."""

    discount: Any
    trace_keep: Any
    """gamma · lambda"""
    reward_clip: Any
    """infinity: unclipped"""
    silent_limit: bool
    """a step that hits the time limit has TD error 0"""
    worthless_limit: bool
    """a state at the time limit is worth 0"""


class Updates(NamedTuple):
    """What changes from update to update."""

    actor_rates: Any
    """[L], step sizes with the first moment's correction multiplied in"""
    critic_rates: Any
    moments: Any
    """(beta1, beta2, epsilon, the second moment's correction)"""


class AgentStep(NamedTuple):
    """What every rule's agent step takes on an episodic task: arrays by seed, [S, …], and `scratch`."""

    actors: Any
    """[S, 4, parameters]"""
    critics: Any
    settings: Any
    """[5], the numbers of `StepSettings`"""
    output: Any
    """[4], the numbers of `Output`"""
    updates: Any
    """[4 + 2 L]: Adam's numbers, then the layers' rates, the actor's and the critic's (see `updates_of`)"""
    observation: Any
    """[S, d]"""
    normal: Any
    uniform: Any
    transition: Any
    """[S, 4]: reward, terminated, truncated, reset"""
    value: Any
    """[S], of the observation before"""
    actions: Any
    """[S, 1, …], to be written"""
    scratch: Any
    """[9, units], buffers"""


class SampleStep(NamedTuple):
    """What every rule's action takes on a single-step task: arrays by seed and copy, [S, B, …], and `scratch`."""

    actors: Any
    output: Any
    observation: Any
    normal: Any
    uniform: Any
    units: Any
    """[S, B, units]: keeps what was drawn"""
    kept: Any
    """[S, B, units]: keeps what the update needs of how it was drawn"""
    actions: Any
    scratch: Any


class UpdateStep(NamedTuple):
    """What every rule's update takes on a single-step task: arrays by seed and copy, [S, B, …], and `scratch`."""

    actors: Any
    output: Any
    updates: Any
    wanted: Any
    """[S, B]: the reward, or the target of a rule that is told it"""
    units: Any
    kept: Any
    actions: Any
    scratch: Any


class Buffers(NamedTuple):
    """A number for each unit of layers 0 to L."""

    units: Array
    mean: Array
    score: Array
    slope: Array


@njit(**SLICING)
def unit_count(sizes: Any) -> int:
    """Units of layers 0..L together: the length of a buffer that holds one value for each."""
    total = 0
    for size in sizes:
        total += size
    return total


@njit(**SLICING)
def buffers(scratch: Any, first: int, sizes: Any) -> Buffers:
    """Four rows of `scratch`, from `first` on, cut to a network's length."""
    count = unit_count(sizes)
    return Buffers(scratch[first, :count], scratch[first + 1, :count], scratch[first + 2, :count], scratch[first + 3, :count])


@njit(**SLICING)
def settings_of(numbers: Array) -> StepSettings:
    """The settings that cross the border as an array: numba takes ten times as long for a NamedTuple."""
    return StepSettings(numbers[0], numbers[1], numbers[2], numbers[3] > 0, numbers[4] > 0)


@njit(**SLICING)
def output_of(numbers: Array) -> Output:
    """The output's kind, which crosses the border as an array."""
    return Output(numbers[0] > 0, numbers[1], numbers[2], numbers[3])


@njit(**SLICING)
def updates_of(numbers: Array, sizes: Any) -> Updates:
    """What changes from update to update, which crosses the border as an array."""
    layers = len(sizes) - 1
    moments = (numbers[0], numbers[1], numbers[2], numbers[3])
    return Updates(numbers[4 : 4 + layers], numbers[4 + layers :], moments)


@njit(**SLICING)
def critic_sizes(sizes: Any) -> Any:
    """Units of the critic's layers: the actor's, but for its single output."""
    return (*sizes[:-1], 1)


@njit(**SLICING)
def td_error(transition: Array, value: Any, previous: Any, settings: StepSettings) -> Any:
    """R + gamma mu(S') - mu(S) of one seed; `transition` is (reward, terminated, truncated, reset) as numbers."""
    zero = transition.dtype.type(0)
    terminated, truncated, reset = transition[1] > 0, transition[2] > 0, transition[3] > 0
    if reset or (truncated and settings.silent_limit):
        return zero
    reward = max(-settings.reward_clip, min(settings.reward_clip, transition[0]))
    if terminated or (truncated and settings.worthless_limit):
        return reward - previous
    return reward + settings.discount * value - previous


@njit(**SLICING)
def copy_observation(observation: Array, units: Array) -> None:
    """H^0 is the observation."""
    for i in range(len(observation)):
        units[i] = observation[i]


def as_dtype(dtype: np.dtype[Any], *values: float) -> tuple[Any, ...]:
    """Numbers as scalars of the engine's dtype."""
    return tuple(dtype.type(value) for value in values)
