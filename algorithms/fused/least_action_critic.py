"""Actor-critic by least action, fused: one compiled call an environment step (see algorithms/least_action_critic.py)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from algorithms.fused.driver import step
from algorithms.fused.lookahead.learner import FusedLookahead
from algorithms.fused.lookahead.step import (
    ActStep,
    EpisodeStep,
    UpdateStep,
    act,
    clipped,
    learn_from_copies,
    learn_from_traces,
    settings_of,
)
from algorithms.least_action_critic import Hyperparameters

VALUE = 0  # what the modulator remembers: the critic's output one step before


class Rule(NamedTuple):
    """What only this rule's steps take."""

    discount: Any
    reward_scale: Any
    silent_limit: bool
    """a step that hits the time limit has TD error 0"""
    worthless_limit: bool
    """a state at the time limit is worth 0"""
    modulators: Any
    """[B], a buffer"""


@step(EpisodeStep, Rule)
def episode_step(sizes: Any, given: Any, rule: Any) -> None:
    """One step of every seed."""
    settings = settings_of(given.settings)
    for seed in range(len(given.actors)):
        act(sizes, given, settings, seed, 0)
        memory, transition = given.memory[seed], given.transition[seed]
        terminated, truncated, reset = transition[1] > 0, transition[2] > 0, transition[3] > 0
        value = given.critic_state[seed, 0, 0, -1]
        modulator = value - value
        if not (reset or (truncated and rule.silent_limit)):
            worth = modulator if terminated or (truncated and rule.worthless_limit) else value
            modulator = rule.reward_scale * transition[0] + rule.discount * worth - memory[VALUE]
        memory[VALUE] = value
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
    """Every seed's update on a single-step task, by reward less value."""
    settings = settings_of(given.settings)
    modulators = rule.modulators
    for seed in range(len(given.actors)):
        for copy in range(len(modulators)):
            value = given.critic_state[seed, copy, 0, -1]
            modulators[copy] = clipped(rule.reward_scale * given.wanted[seed, copy] - value, settings)
        learn_from_copies(sizes, given, settings, seed, modulators)


class Fused(FusedLookahead):
    """The actor-critic in compiled code."""

    hyperparameters: Hyperparameters

    def outputs(self) -> list[int]:
        return [self.problem.action_size, 1]

    def learning_rates(self) -> list[tuple[float, ...]]:
        return [self.hyperparameters.actor_learning_rates, self.hyperparameters.critic_learning_rates]

    def trace_keep(self) -> float:
        return self.hyperparameters.discount * self.hyperparameters.trace_decay

    def rule_numbers(self) -> Rule:
        settings = self.hyperparameters
        scalar = self._dtype.type
        silent, worthless = settings.time_limit == "no_error", settings.time_limit == "terminal"
        modulators = np.zeros(self.problem.batch_size, self._dtype)
        return Rule(scalar(settings.discount), scalar(settings.scale(self.problem)), silent, worthless, modulators)
