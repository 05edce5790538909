"""The Python half of every fused learner: arrays, noise and bookkeeping around one compiled call an agent step."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.fused.driver import compile_step
from algorithms.fused.shared.flat import Layers, flatten, unflatten
from algorithms.fused.shared.output import Output
from algorithms.fused.traces.actor_critic import WEIGHTS, AgentStep, SampleStep, StepSettings, UpdateStep
from algorithms.interface import Problem
from algorithms.shared.noise import NoiseStreams, glorot_uniform
from algorithms.shared.seed_arrays import SeedArrayLearner, SeedArrays
from algorithms.shared.settings import ActorCriticHyperparameters, adam_corrections, learning_rates


class FusedActorCritic(SeedArrayLearner):
    """As `algorithms.shared.traces.learner.ActorCriticReference`, with the same order of draws and of operations."""

    hyperparameters: Any

    def __init__(
        self,
        problem: Problem,
        hyperparameters: ActorCriticHyperparameters,
        seed_sequences: Sequence[np.random.SeedSequence],
        dtype: str = "float32",
    ) -> None:
        hyperparameters.check(problem)
        self.problem = problem
        self.hyperparameters = hyperparameters
        self.seeds = len(seed_sequences)
        self._dtype = np.dtype(dtype)
        batch = problem.batch_size
        units = sum(hyperparameters.hidden_sizes)
        self._actor_noise = self.count_actor_noise(units)
        self._critic_normals = self.count_critic_normals(units) if problem.episodic else 0
        self._noise = NoiseStreams(
            seed_sequences, batch * (self._actor_noise[0] + self._critic_normals), batch * self._actor_noise[1], dtype
        )
        outputs = [problem.action_size, 1] if problem.episodic else [problem.action_size]
        self._sizes = [hyperparameters.layer_sizes(problem.observation_size, count) for count in outputs]
        self._ends = (problem.observation_size, problem.action_size)
        self._networks = [self._initial_block(sizes) for sizes in self._sizes]
        self._agent_steps = 0
        self._updates = 0
        self._numbers: tuple[Any, ...] = ()
        self._update: NDArray[Any]
        self._transition = np.zeros((self.seeds, 4), self._dtype)  # reward, terminated, truncated, reset
        self._value = np.zeros(self.seeds, self._dtype)
        self._arrays = SeedArrays(self._noise)
        self._arrays.hold_all("network", self._networks)
        self._arrays.hold_attributes(self, "_agent_steps", "_updates", axis=None)
        self._arrays.hold_attributes(self, "_transition", "_value")
        clip = np.inf if hyperparameters.reward_clip is None else hyperparameters.reward_clip
        keep = hyperparameters.discount * hyperparameters.trace_decay
        silent, worthless = hyperparameters.time_limit == "no_error", hyperparameters.time_limit == "terminal"
        self._settings = np.array(StepSettings(hyperparameters.discount, keep, clip, silent, worthless), self._dtype)
        variance, score_variance = (1.0, 1.0) if problem.discrete else self.output_variances()
        output = Output(problem.discrete, hyperparameters.softmax_scale, variance**0.5, score_variance)
        self._output = np.array(output, self._dtype)
        self._scratch = np.zeros((9, max(map(sum, self._sizes))), self._dtype)
        self._allocate_copies()
        self._rule = self.rule_numbers()
        rule: type = type(self._rule)
        hidden = hyperparameters.hidden_sizes
        self._agent_step, self._sample_step, self._update_step = (
            compile_step(given, rule, hidden) for given in (AgentStep, SampleStep, UpdateStep)
        )

    @abstractmethod
    def rule_numbers(self) -> Any:
        """The NamedTuple of what only this rule's steps take, which are registered for its type."""

    @abstractmethod
    def count_actor_noise(self, hidden_units: int) -> tuple[int, int]:
        """Normal and uniform numbers that one action consumes."""

    def count_critic_normals(self, hidden_units: int) -> int:
        """Normal numbers that one evaluation of the critic consumes."""
        return 0

    @property
    def supervised(self) -> bool:
        """Whether a single-step task teaches its target rather than its reward."""
        return False

    @abstractmethod
    def output_variances(self) -> tuple[float, float]:
        """sigma^2 of a Gaussian actor's output, and what its score is divided by."""

    def act(self, observation: NDArray[Any]) -> NDArray[Any]:
        seen = observation.astype(self._dtype, copy=False)
        normal, uniform = self._noise.next()
        if self.problem.episodic:
            self._agent_step(
                *self._ends,
                *self._networks,
                self._settings,
                self._output,
                self._next_updates(),
                seen[:, 0],
                normal,
                uniform,
                self._transition,
                self._value,
                self._actions,
                self._scratch,
                *self._rule,
            )
        else:
            drawn = (self._units, self._kept, self._actions, self._scratch)
            self._sample_step(*self._ends, *self._networks, self._output, seen, normal, uniform, *drawn, *self._rule)
        if self.problem.discrete:
            return self._actions[..., 0].astype(np.int32)
        return self._actions.copy()

    def learn(
        self,
        reward: NDArray[Any],
        terminated: NDArray[np.bool_] | None = None,
        truncated: NDArray[np.bool_] | None = None,
        next_observation: NDArray[Any] | None = None,
        target: NDArray[Any] | None = None,
    ) -> None:
        if not self.problem.episodic:
            wanted = reward if target is None or not self.supervised else target
            drawn = (self._units, self._kept, self._actions, self._scratch)
            numbers = (*self._networks, self._output, self._next_updates(), wanted.astype(self._dtype), *drawn)
            self._update_step(*self._ends, *numbers, *self._rule)
            return
        if terminated is None or truncated is None:
            raise ValueError("an episodic task's learner must be told of terminated and truncated steps")
        transition = self._transition
        transition[:, 3] = np.maximum(transition[:, 1], transition[:, 2])
        transition[:, 0] = reward[:, 0]
        transition[:, 1] = terminated[:, 0]
        transition[:, 2] = truncated[:, 0]

    def _next_updates(self) -> NDArray[Any]:
        settings = self.hyperparameters
        step = self._agent_steps
        self._agent_steps += 1
        if step == 0 and self.problem.episodic:
            return self._no_update()
        self._updates += 1
        beta1, beta2 = settings.adam_beta1, settings.adam_beta2
        first, second = adam_corrections(beta1, beta2, settings.adam_bias_correction, self._updates)
        actor = learning_rates(settings.actor_learning_rates, settings.actor_learning_rates_end, settings.anneal_steps, step)
        critic = learning_rates(settings.critic_learning_rates, settings.critic_learning_rates_end, settings.anneal_steps, step)
        # Once nothing is annealed or corrected any more, every update is like the last: no need to convert the numbers again.
        numbers = (first, second, actor, critic)
        if numbers != self._numbers:
            self._numbers = numbers
            rates = (rate * first for rate in actor + critic)
            self._update = np.array([beta1, beta2, settings.adam_epsilon, second, *rates], self._dtype)
        return self._update

    def _no_update(self) -> NDArray[Any]:
        """The first agent step's numbers, which leave parameters and moments as they are: betas of 1 and rates of 0."""
        layers = sum(len(sizes) - 1 for sizes in self._sizes)
        return np.array([1.0, 1.0, self.hyperparameters.adam_epsilon, 1.0, *[0.0] * layers], self._dtype)

    def _initial_block(self, sizes: tuple[int, ...]) -> NDArray[Any]:
        weights = flatten(glorot_uniform(self._noise.initial, sizes, self._dtype.name))
        block = np.zeros((self.seeds, 4, weights.shape[1]), self._dtype)
        block[:, WEIGHTS] = weights
        return block

    def _allocate_copies(self) -> None:
        width = 1 if self.problem.discrete else self.problem.action_size
        self._actions = np.zeros((self.seeds, self.problem.batch_size, width), self._dtype)
        # Only single-step tasks act and learn in two calls, with what was drawn kept in between.
        copies = 0 if self.problem.episodic else self.problem.batch_size
        self._units = np.zeros((self.seeds, copies, sum(self._sizes[0])), self._dtype)
        self._kept = np.zeros_like(self._units)

    def keep(self, rows: NDArray[np.intp]) -> None:
        super().keep(rows)
        self._allocate_copies()

    def layers(self) -> dict[str, Layers]:
        networks = zip(("actor", "critic"), self._networks, self._sizes, strict=False)
        return {name: unflatten(block[:, WEIGHTS], sizes) for name, block, sizes in networks}
