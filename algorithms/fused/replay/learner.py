"""The Python half of every fused learner with a replay memory: arrays and settings around two compiled calls a step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.fused.replay.minibatch import WEIGHTS, AdamSettings, Columns
from algorithms.fused.traces.actor_critic import as_dtype
from algorithms.interface import Problem
from algorithms.shared.noise import fan_in_uniform
from algorithms.shared.replay.learner import ReplayLearner
from algorithms.shared.replay.settings import ReplayHyperparameters


class FusedReplay(ReplayLearner):
    """As `algorithms.shared.replay.actor_critic.ReplayReference`; parameters lie as hard_sigmoid_network.py has them."""

    def __init__(
        self,
        problem: Problem,
        hyperparameters: ReplayHyperparameters,
        seed_sequences: Sequence[np.random.SeedSequence],
        dtype: str = "float32",
    ) -> None:
        super().__init__(problem, hyperparameters, seed_sequences, dtype)
        self._sizes = hyperparameters.layer_sizes(problem.observation_size, problem.action_size)
        self._critic_sizes = hyperparameters.layer_sizes(problem.observation_size, 1)
        self._actors = self._initial(self._sizes)
        critics = self._initial(self._critic_sizes)
        # Weights, first and second moments; a single-step task has no critic.
        self._critics = np.zeros((self.seeds if problem.episodic else 0, 3, critics.shape[1]), self._dtype)
        self._critics[:, WEIGHTS] = critics[: len(self._critics)]
        self._updates = np.zeros(self.seeds, np.int64)
        self._rates = np.array(hyperparameters.actor_learning_rates, self._dtype)
        inputs = problem.observation_size
        action = inputs + problem.action_size
        self._columns = Columns(inputs, action, action + 1, action + 2, action + 2 + inputs)
        settings = hyperparameters
        rate, beta1, beta2, epsilon = as_dtype(
            self._dtype, settings.critic_learning_rate, settings.adam_beta1, settings.adam_beta2, settings.adam_epsilon
        )
        self._adam = AdamSettings(rate, beta1, beta2, epsilon, settings.adam_beta1, settings.adam_beta2)
        (self._discount,) = as_dtype(self._dtype, settings.discount)

    def _initial(self, sizes: tuple[int, ...]) -> NDArray[Any]:
        layers = fan_in_uniform(self._noise.initial, sizes, self._dtype.name)
        flat = []
        for layer, (weights, biases) in enumerate(layers, start=1):
            flat += [weights if layer == 1 else weights.swapaxes(1, 2), biases]
        return np.concatenate([array.reshape(self.seeds, -1) for array in flat], axis=1)

    def keep(self, rows: NDArray[np.intp]) -> None:
        super().keep(rows)
        self._actors, self._updates = self._actors[rows], self._updates[rows]
        if self.problem.episodic:
            self._critics = self._critics[rows]

    def state(self) -> dict[str, NDArray[Any]]:
        own = {"actors": self._actors, "critics": self._critics, "updates": self._updates}
        return {**{name: array.copy() for name, array in own.items()}, **super().state()}

    def load(self, state: dict[str, NDArray[Any]]) -> None:
        for name in ("actors", "critics", "updates"):
            shape = getattr(self, f"_{name}").shape
            if state[name].shape != shape:
                raise ValueError(f"the checkpoint's {name} have shape {state[name].shape}, not {shape}")
            setattr(self, f"_{name}", state[name].copy())
        super().load(state)

    def policy(self) -> dict[str, NDArray[Any]]:
        networks = {"actor": (self._actors, self._sizes)}
        if self.problem.episodic:
            networks["critic"] = (self._critics[:, WEIGHTS], self._critic_sizes)
        arrays = {}
        for name, (rows, sizes) in networks.items():
            start = 0
            for layer in range(1, len(sizes)):
                inputs, outputs = sizes[layer - 1], sizes[layer]
                middle, stop = start + inputs * outputs, start + (inputs + 1) * outputs
                shape = (inputs, outputs) if layer == 1 else (outputs, inputs)
                weights = rows[:, start:middle].reshape(-1, *shape)
                arrays[f"{name}/weights_{layer}"] = (weights if layer == 1 else weights.swapaxes(1, 2)).copy()
                arrays[f"{name}/biases_{layer}"] = rows[:, middle:stop].copy()
                start = stop
        return arrays
