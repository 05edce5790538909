"""The batched form of the single-step tasks: B independent copies for each of S seeds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envs.contextual_bandit import ContextualBandit
from envs.task import Task


class SingleStepBatch:
    """S seeds, each with its own generator, answering B observations at a time.

    A seed's observations depend only on its seed sequence and the batch size, never on other seeds.
    """

    def __init__(
        self, bandit: ContextualBandit, seed_sequences: Sequence[np.random.SeedSequence], batch_size: int, has_target: bool
    ) -> None:
        """Prepare S seeds; `has_target` says whether learners may see the right answers."""
        self.observation_size = bandit.observation_size
        self.generators = [np.random.default_rng(sequence) for sequence in seed_sequences]
        """One generator for each remaining seed; the next observations depend only on their states."""
        self._bandit = bandit
        self._batch_size = batch_size
        self._has_target = has_target
        self._answer: NDArray[Any] | None = None

    def observe(self) -> NDArray[np.float32]:
        """The next observations, float32[S, B, d]; `reward` and `target` are about these until the next call."""
        batches = [self._bandit.observe(generator, self._batch_size) for generator in self.generators]
        # Answer seed by seed: a product over all seeds could round differently from one over a single seed.
        self._answer = np.stack([self._bandit.answer(batch) for batch in batches])
        return np.stack(batches)

    def reward(self, action: NDArray[Any]) -> NDArray[np.float64]:
        """Rewards [S, B] of actions int32[S, B] if discrete, else float[S, B, 1]; ValueError for another shape."""
        answer = self._observed_answer()
        discrete = self._bandit.action_space.shape == ()
        if action.shape != (expected := answer.shape if discrete else (*answer.shape, 1)):
            raise ValueError(f"actions have shape {action.shape}, expected {expected}")
        return self._bandit.reward(action, answer)

    def target(self) -> NDArray[np.float64] | None:
        """The right answers [S, B] if the task has targets, else None."""
        return self._observed_answer() if self._has_target else None

    def keep(self, rows: Sequence[int] | NDArray[np.integer]) -> None:
        """Keep only these seeds: indices into the present S."""
        self.generators = [self.generators[row] for row in rows]
        if self._answer is not None:
            self._answer = self._answer[np.asarray(rows)]

    def state(self) -> dict[str, NDArray[np.uint8]]:
        """All that the next observations depend on; a batch that loads it continues bit for bit from its next `observe`."""
        states = json.dumps([generator.bit_generator.state for generator in self.generators])
        return {"generators": np.frombuffer(states.encode(), np.uint8)}

    def load(self, state: Mapping[str, NDArray[np.uint8]]) -> None:
        """Take over a `state()` of a batch of the same task and as many seeds; ValueError for another number of them."""
        states = json.loads(state["generators"].tobytes())
        for generator, words in zip(self.generators, states, strict=True):
            generator.bit_generator.state = words
        self._answer = None

    def _observed_answer(self) -> NDArray[Any]:
        if self._answer is None:
            raise RuntimeError("observe() must come first")
        return self._answer


def make_batch(task: Task, seed_sequences: Sequence[np.random.SeedSequence], batch_size: int, **options: int) -> SingleStepBatch:
    """The batched form of a single-step task; `options` overrides `task.options`.

    Raises ValueError for an episodic task, an unknown option, a value out of range, no seeds, or an empty batch.
    """
    if task.bandit is None:
        raise ValueError(f"{task.name} is not a single-step task")
    if unknown := sorted(options.keys() - task.options.keys()):
        raise ValueError(f"{task.name} has no option {', '.join(unknown)}; it has: {', '.join(task.options) or 'none'}")
    if len(seed_sequences) == 0:
        raise ValueError("at least one seed is needed")
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, not {batch_size}")
    bandit = task.bandit(**{**task.options, **options})
    return SingleStepBatch(bandit, seed_sequences, batch_size, task.has_target)
