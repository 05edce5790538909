"""The part shared by both engines of a replay-memory learner: choose actions, remember, and decide which seeds learn."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.interface import Problem
from algorithms.shared.noise import NoiseStreams
from algorithms.shared.replay.memory import ReplayMemory
from algorithms.shared.replay.settings import ReplayHyperparameters
from algorithms.shared.seed_arrays import SeedArrayLearner, SeedArrays


class ReplayLearner(SeedArrayLearner):
    """Learner that acts, notes the transition, and learns from finished episodes (docs/kubo2022.md#replay-memory).

    On a single-step task there is no memory: the batch is the minibatch.
    """

    hyperparameters: Any

    def __init__(
        self,
        problem: Problem,
        hyperparameters: ReplayHyperparameters,
        seed_sequences: Sequence[np.random.SeedSequence],
        dtype: str = "float32",
    ) -> None:
        hyperparameters.check(problem)
        self.problem = problem
        self.hyperparameters = hyperparameters
        self.seeds = len(seed_sequences)
        self._dtype = np.dtype(dtype)
        self._noise = NoiseStreams(seed_sequences, *_noise_counts(problem, hyperparameters.minibatch_size), dtype)
        capacity = hyperparameters.replay_size if problem.episodic else 0
        self._memory = ReplayMemory(self.seeds, capacity, self.transition_width, dtype)
        self._ended = np.zeros(self.seeds, np.bool_)  # the last step ended an episode, and the next one only resets
        self._episodes = np.zeros(self.seeds, np.int64)
        self._draws = np.zeros((self.seeds, 0), dtype)
        self._acted: tuple[NDArray[Any], NDArray[Any], NDArray[Any]] | None = None
        self._arrays = SeedArrays(self._memory, self._noise)
        self._arrays.hold_attributes(self, "_ended", "_episodes")

    @property
    def stored_size(self) -> int:
        """Extra numbers that a rule stores with each transition."""
        return 0

    @property
    def transition_width(self) -> int:
        """Numbers of a transition: observation, action, reward, whether the next state is worthless, next observation, stored."""
        return 2 * self.problem.observation_size + self.problem.action_size + 2 + self.stored_size

    @abstractmethod
    def respond(self, observation: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """The actor's output for observation [S, B, d]: probabilities or means [S, B, n], and what is to be stored [S, B, m].

        Rows whose episode has ended (`_ended`) may be left out: their action is ignored.
        """

    @abstractmethod
    def learn_from_memory(self, learning: NDArray[np.bool_], draws: NDArray[Any]) -> None:
        """One update of the seeds that are `learning` [S], with uniform numbers [S, K] to draw the minibatch with."""

    @abstractmethod
    def learn_from_batch(
        self, observation: NDArray[Any], action: NDArray[Any], reward: NDArray[Any], stored: NDArray[Any]
    ) -> None:
        """One update of all seeds on a single-step task; arrays [S, B, …], `reward` [S, B]."""

    def act(self, observation: NDArray[Any]) -> NDArray[Any]:
        normal, uniform = self._noise.next()
        seen = observation.astype(self._dtype)
        output, stored = self.respond(seen)
        if self.problem.discrete:
            batch = self.problem.batch_size
            choosing, self._draws = uniform[:, :batch, None], uniform[:, batch:].copy()
            # The first action whose cumulative probability exceeds the number drawn.
            action = (np.cumsum(output[..., :-1], axis=-1) <= choosing).sum(axis=-1).astype(np.int32)
            action[self._ended] = 0
            vector = np.eye(self.problem.action_size, dtype=self._dtype)[action]
        else:
            self._draws = uniform.copy()
            deviation = self._dtype.type(self.hyperparameters.output_variance**0.5)
            action = output + deviation * normal.reshape(output.shape)
            action[self._ended] = 0
            vector = action
        self._acted = (seen, vector, stored)
        return action

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
        observation, action, stored = self._acted
        if not self.problem.episodic:
            self.learn_from_batch(observation, action, reward.astype(self._dtype), stored)
            return
        if terminated is None or truncated is None or next_observation is None:
            raise ValueError("an episodic task's learner must be told of the next observation and of ends")
        reset, self._ended = self._ended, (terminated | truncated)[:, 0]
        worthless = terminated | truncated if self.hyperparameters.time_limit == "terminal" else terminated
        transitions = np.empty((self.seeds, self.transition_width), self._dtype)
        start = 0
        for column in (observation[:, 0], action[:, 0], reward, worthless, next_observation[:, 0], stored[:, 0]):
            transitions[:, start : start + column.shape[1]] = column
            start += column.shape[1]
        lived = np.flatnonzero(~reset)
        self._memory.add(transitions[lived], lived)
        # An episode's last step still learns from earlier episodes only, so the first episode teaches nothing.
        learning = ~reset & (self._memory.sizes >= self.hyperparameters.minibatch_size)
        if learning.any():
            self.learn_from_memory(learning, self._draws)
        if self._ended.any():
            for seed in np.flatnonzero(self._ended):
                self._memory.end_episode(int(seed))
            self._episodes += self._ended

    def keep(self, rows: NDArray[np.intp]) -> None:
        super().keep(rows)
        self._acted = None


def _noise_counts(problem: Problem, minibatch_size: int) -> tuple[int, int]:
    """Normal and uniform numbers of one step of one seed: to choose the batch's actions, and then to draw the minibatch."""
    drawing = minibatch_size if problem.episodic else 0
    if problem.discrete:
        return 0, problem.batch_size + drawing
    return problem.batch_size * problem.action_size, drawing
