"""What DDPG and its decentralised forms share in both engines: explore, act, remember, decide which seeds learn."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.interface import Problem
from algorithms.shared.noise import NoiseStreams
from algorithms.shared.replay.growing_memory import GrowingMemory
from algorithms.shared.replay.off_policy_settings import OffPolicyHyperparameters
from algorithms.shared.seed_arrays import SeedArrayLearner, SeedArrays


class OffPolicyLearner(SeedArrayLearner):
    """Learner that acts by a deterministic network plus noise, and learns from all transitions so far.

    The noise is an Ornstein–Uhlenbeck process that starts from 0 with every episode (docs/guss2016.md#exploration-noise). On a
    single-step task there is no memory: the batch is the minibatch, and the reward is the value.

    A transition is a row: observation, what `respond` gave, reward, whether the next state is worthless, what `successor` gives.
    """

    hyperparameters: Any

    def __init__(
        self,
        problem: Problem,
        hyperparameters: OffPolicyHyperparameters,
        seed_sequences: Sequence[np.random.SeedSequence],
        dtype: str = "float32",
    ) -> None:
        hyperparameters.check(problem)
        self.problem = problem
        self.hyperparameters = hyperparameters
        self.seeds = len(seed_sequences)
        self._dtype = np.dtype(dtype)
        self._outputs = hyperparameters.outputs(problem)
        noisy, stored, following = hyperparameters.widths(problem)
        self._parts = (problem.observation_size, stored, 1, 1, following)  # of a transition
        drawing = hyperparameters.minibatch_size if problem.episodic else 0
        self._noise = NoiseStreams(seed_sequences, problem.batch_size * noisy, drawing, dtype)
        self._deviations = hyperparameters.noise_deviations(problem).astype(self._dtype)
        self._exploration = np.zeros((self.seeds, problem.batch_size, noisy), dtype)
        capacity = hyperparameters.replay_size if problem.episodic else 0
        self._memory = GrowingMemory(self.seeds, capacity, sum(self._parts), dtype)
        self._ended = np.zeros(self.seeds, np.bool_)  # the last step ended an episode, and the next one only resets
        self._episodes = np.zeros(self.seeds, np.int64)
        self._diverged = np.zeros(self.seeds, np.int64)
        self._draws = np.zeros((self.seeds, 0), dtype)
        self._acted: tuple[NDArray[Any], NDArray[Any]] | None = None
        self._arrays = SeedArrays(self._memory, self._noise)
        self._arrays.hold_attributes(self, "_ended", "_episodes", "_exploration", "_diverged")

    @property
    def diverged(self) -> NDArray[np.int64]:
        return self._diverged

    @abstractmethod
    def respond(self, observation: NDArray[Any], noise: NDArray[Any]) -> NDArray[Any]:
        """What is stored of an action for observation [S, B, d] and noise [S, B, e]: [S, B, m], the actor's output at its end."""

    @abstractmethod
    def learn_from_memory(self, learning: NDArray[np.bool_], draws: NDArray[Any]) -> NDArray[np.bool_]:
        """One update of the seeds that are `learning` [S], with uniform numbers [S, K] to draw the minibatch with.

        Returns which of the seeds have diverged; they must not have been updated.
        """

    @abstractmethod
    def learn_from_batch(
        self, learning: NDArray[np.bool_], observation: NDArray[Any], stored: NDArray[Any], reward: NDArray[Any]
    ) -> NDArray[np.bool_]:
        """As `learn_from_memory` on a single-step task; arrays [S, B, …], `reward` [S, B]."""

    def successor(self, next_observation: NDArray[Any]) -> NDArray[Any]:
        """What is stored of the next state, [S, w], for next_observation [S, d]."""
        return next_observation

    def act(self, observation: NDArray[Any]) -> NDArray[Any]:
        normal, uniform = self._noise.next()
        self._draws = uniform.copy()
        settings, dtype = self.hyperparameters, self._dtype.type
        self._exploration *= dtype(1 - settings.noise_theta if self.problem.episodic else 0)
        self._exploration += self._deviations * normal.reshape(self._exploration.shape)
        self._exploration[self._ended] = 0
        seen = observation.astype(self._dtype)
        stored = self.respond(seen, self._exploration)
        self._acted = (seen, stored)
        output = stored[..., -self._outputs :]
        if not self.problem.discrete:
            return dtype(settings.action_scale) * output
        chosen = output[..., 0] > 0 if settings.discrete_output == "sign" else output.argmax(axis=-1)
        return chosen.astype(np.int32)

    def learn(
        self,
        reward: NDArray[Any],
        terminated: NDArray[np.bool_] | None = None,
        truncated: NDArray[np.bool_] | None = None,
        next_observation: NDArray[Any] | None = None,
        target: NDArray[Any] | None = None,
    ) -> None:
        if self._acted is None:
            raise ValueError("nothing was done yet that could be learned from")
        observation, stored = self._acted
        learning = self._diverged == 0
        if not self.problem.episodic:
            self._note(self.learn_from_batch(learning, observation, stored, reward.astype(self._dtype)))
            self._episodes += 1
            return
        if terminated is None or truncated is None or next_observation is None:
            raise ValueError("an episodic task's learner must be told of the next observation and of ends")
        reset, self._ended = self._ended, (terminated | truncated)[:, 0]
        worthless = terminated | truncated if self.hyperparameters.time_limit == "terminal" else terminated
        following = self.successor(next_observation[:, 0].astype(self._dtype))
        columns = (observation[:, 0], stored[:, 0], reward, worthless, following)
        transitions = np.concatenate(columns, axis=1, dtype=self._dtype)
        lived = np.flatnonzero(~reset)
        self._memory.add(transitions[lived], lived)
        learning &= ~reset & (self._memory.sizes >= self.hyperparameters.warm_up)
        if learning.any():
            self._note(self.learn_from_memory(learning, self._draws))
        self._episodes += self._ended

    def keep(self, rows: NDArray[np.intp]) -> None:
        super().keep(rows)
        self._acted = None

    def _note(self, diverged: NDArray[np.bool_]) -> None:
        self._diverged[diverged] = self._episodes[diverged] + 1
