"""Learning by traces and a reward baseline, fused: one compiled call an environment step (see algorithms/least_action.py)."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from algorithms.fused.driver import step
from algorithms.fused.lookahead.learner import FusedLookahead
from algorithms.fused.lookahead.network import Nudge, settle
from algorithms.fused.lookahead.step import (
    WEIGHTS,
    ActStep,
    EpisodeStep,
    UpdateStep,
    act,
    clipped,
    feedback_row,
    learn_from_copies,
    learn_from_traces,
    neurons_of,
    settings_of,
)
from algorithms.fused.shared.linear import Array
from algorithms.fused.shared.options import SLICING
from algorithms.least_action import Hyperparameters

BASELINE, RETURN = range(2)  # what the modulator remembers


class Rule(NamedTuple):
    """What only this rule's steps take."""

    reward_scale: Any
    baseline_rate: Any
    positive: bool
    """the baseline is 0 at least"""
    each_step: bool
    """rewards come at once, not at the end of an episode"""
    supervised: bool
    modulators: Any
    """[B], a buffer"""


@njit(**SLICING)
def above_baseline(reward: Any, rule: Any, memory: Array) -> Any:
    """Scaled reward less baseline."""
    floor = memory[BASELINE]
    if rule.positive:
        floor = max(floor, floor - floor)
    return rule.reward_scale * reward - floor


@step(EpisodeStep, Rule)
def episode_step(sizes: Any, given: Any, rule: Any) -> None:
    """One step of every seed."""
    settings = settings_of(given.settings)
    for seed in range(len(given.actors)):
        act(sizes, given, settings, seed, 0)
        memory, transition = given.memory[seed], given.transition[seed]
        reset, ended = transition[3] > 0, transition[1] > 0 or transition[2] > 0
        modulator = transition[0] - transition[0]
        memory[RETURN] = modulator if reset else memory[RETURN] + transition[0]
        if not reset and (ended or rule.each_step):
            reward = transition[0] if rule.each_step else memory[RETURN]
            modulator = above_baseline(reward, rule, memory)
            memory[BASELINE] += rule.baseline_rate * (rule.reward_scale * reward - memory[BASELINE])
        learn_from_traces(sizes, given, settings, seed, modulator)


@step(ActStep, Rule)
def act_step(sizes: Any, given: Any, rule: Any) -> None:
    """Every seed and copy of a single-step task acts."""
    settings = settings_of(given.settings)
    for seed in range(len(given.actors)):
        for copy in range(given.observation.shape[1]):
            act(sizes, given, settings, seed, copy)


@step(UpdateStep, Rule)
def update_step(sizes: Any, given: Any, rule: Any) -> None:
    """Every seed's update on a single-step task, by its rewards or its targets."""
    settings = settings_of(given.settings)
    modulators = rule.modulators
    one = modulators.dtype.type(1)
    copies, outputs = len(modulators), sizes[-1]
    for seed in range(len(given.actors)):
        memory, block = given.memory[seed], given.actors[seed]
        if rule.supervised:
            offset, shift = given.scratch[3, :outputs], given.scratch[4, :outputs]
            for copy in range(copies):
                modulators[copy] = one
                for j in range(outputs):
                    offset[j] = settings.beta * given.wanted[seed, copy]
                nudge = Nudge(offset, shift, settings.beta, one - one)
                neurons = neurons_of(given.actor_state[seed, copy], given.scratch)
                steps = int(settings.steps)
                settle(block[WEIGHTS], block[feedback_row(settings)], sizes, neurons, nudge, settings.scale, steps)
        else:
            total = one - one
            for copy in range(copies):
                reward = given.wanted[seed, copy]
                modulators[copy] = clipped(above_baseline(reward, rule, memory), settings)
                total += rule.reward_scale * reward - memory[BASELINE]
            memory[BASELINE] += rule.baseline_rate * total / modulators.dtype.type(copies)
        learn_from_copies(sizes, given, settings, seed, modulators)


class Fused(FusedLookahead):
    """Traces and a reward baseline in compiled code."""

    hyperparameters: Hyperparameters

    def outputs(self) -> list[int]:
        return [self.problem.action_size]

    def learning_rates(self) -> list[tuple[float, ...]]:
        return [self.hyperparameters.actor_learning_rates]

    def trace_keep(self) -> float:
        return math.exp(-1 / self.hyperparameters.trace_steps)

    @property
    def supervised(self) -> bool:
        return self.hyperparameters.signal == "target"

    def rule_numbers(self) -> Rule:
        settings = self.hyperparameters
        scalar = self._dtype.type
        modulators = np.zeros(self.problem.batch_size, self._dtype)
        positive, each_step = settings.baseline_form == "positive", settings.reward == "step"
        return Rule(
            scalar(settings.reward_scale), scalar(settings.baseline_rate), positive, each_step, self.supervised, modulators
        )
