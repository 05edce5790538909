"""The Python half of the fused learners of look-ahead neurons: arrays, noise and bookkeeping around one compiled call."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.fused.driver import compile_step
from algorithms.fused.lookahead.step import FEEDBACK, VOLTAGES, WEIGHTS, ActStep, EpisodeStep, Settings, UpdateStep
from algorithms.fused.shared.flat import Layers, flatten, unflatten
from algorithms.interface import Problem
from algorithms.shared.lookahead.divergence import Divergence
from algorithms.shared.lookahead.initial import he_normal, named_feedback
from algorithms.shared.lookahead.quiet import Quiet
from algorithms.shared.lookahead.settings import LookaheadHyperparameters
from algorithms.shared.noise import NoiseStreams
from algorithms.shared.seed_arrays import SeedArrayLearner, SeedArrays


class FusedLookahead(SeedArrayLearner):
    """As `algorithms.shared.lookahead.learner.LookaheadReference`, with the same draws and order of operations."""

    hyperparameters: Any

    def __init__(
        self,
        problem: Problem,
        hyperparameters: LookaheadHyperparameters,
        seed_sequences: Sequence[np.random.SeedSequence],
        dtype: str = "float32",
    ) -> None:
        hyperparameters.check(problem)
        self.problem = problem
        self.hyperparameters = hyperparameters
        self.seeds = len(seed_sequences)
        self._dtype = np.dtype(dtype)
        self._noise = NoiseStreams(seed_sequences, problem.batch_size * problem.action_size, 0, dtype)
        sizes = [hyperparameters.layer_sizes(problem.observation_size, count) for count in self.outputs()]
        self._sizes = sizes
        self._ends = (problem.observation_size, problem.action_size)
        blocks = [self._initial_block(size) for size in sizes]
        states = [np.zeros((self.seeds, problem.batch_size, 3, sum(size)), self._dtype) for size in sizes]
        while len(blocks) < 2:  # a learner without a critic gives the compiled code an empty one
            blocks.append(np.zeros((self.seeds, 3, 0), self._dtype))
            states.append(np.zeros((self.seeds, 0, 3, 0), self._dtype))
        self._networks, self._states = blocks, states
        self._fluctuation = np.zeros((self.seeds, problem.batch_size, problem.action_size), self._dtype)
        self._transition = np.zeros((self.seeds, 4), self._dtype)  # reward, terminated, truncated, reset
        self._transition[:, 3] = 1.0
        self._memory = np.zeros((self.seeds, 2), self._dtype)
        self._quiet = Quiet(problem, hyperparameters, self.seeds)
        self._divergence = Divergence(self.seeds)
        self._arrays = SeedArrays(self._noise, self._quiet, self._divergence)
        self._arrays.hold_all("network", self._networks)
        self._arrays.hold_all("state", self._states)
        self._arrays.hold_attributes(self, "_fluctuation", "_transition", "_memory")
        self._settings = np.array(self._numbers(), self._dtype)
        self._rates = np.concatenate([np.asarray(rates, self._dtype) for rates in self.learning_rates()])
        scales = hyperparameters.observation_scales or (1.0,) * problem.observation_size
        self._scales = np.array(scales, self._dtype)
        self._scratch = np.zeros((5, max(map(sum, sizes))), self._dtype)
        self._rule = self.rule_numbers()
        rule: type = type(self._rule)
        hidden = hyperparameters.hidden_sizes
        self._episode_step, self._act_step, self._update_step = (
            compile_step(given, rule, hidden) for given in (EpisodeStep, ActStep, UpdateStep)
        )
        self._allocate_actions()

    @property
    def diverged(self) -> NDArray[np.int64]:
        return self._divergence.at

    @abstractmethod
    def outputs(self) -> list[int]:
        """Number of outputs of the actor and, where there is one, of the critic."""

    @abstractmethod
    def learning_rates(self) -> list[tuple[float, ...]]:
        """eta of every network's layers."""

    @abstractmethod
    def trace_keep(self) -> float:
        """Share of a trace that is left after an environment step."""

    @abstractmethod
    def rule_numbers(self) -> Any:
        """The NamedTuple of what only this rule's steps take, which are registered for its type."""

    @property
    def supervised(self) -> bool:
        """Whether a single-step task teaches its target rather than its reward."""
        return False

    def act(self, observation: NDArray[Any]) -> NDArray[Any]:
        seen = observation.astype(self._dtype, copy=False)
        normal = self._noise.next()[0]
        self._quiet.silence(normal, self._fluctuation)
        given = (
            *self._networks,
            *self._states,
            self._settings,
            self._scales,
            seen,
            normal,
            self._fluctuation,
            self._actions,
            self._scratch,
        )
        if self.problem.episodic:
            self._episode_step(*self._ends, *given, self._rates, self._transition, self._memory, *self._rule)
        else:
            self._act_step(*self._ends, *given, *self._rule)
        self._silence()
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
            wanted = (reward if target is None or not self.supervised else target).astype(self._dtype)
            given = (*self._networks, *self._states, self._settings, self._scratch, self._rates, wanted, self._memory)
            self._update_step(*self._ends, *given, *self._rule)
            self._silence()
            self._divergence.count(np.ones(self.seeds, dtype=bool))
            return
        if terminated is None or truncated is None:
            raise ValueError("an episodic task's learner must be told of terminated and truncated steps")
        transition = self._transition
        transition[:, 3] = np.maximum(transition[:, 1], transition[:, 2])
        transition[:, 0] = reward[:, 0]
        transition[:, 1] = terminated[:, 0]
        transition[:, 2] = truncated[:, 0]
        self._quiet.count(terminated, truncated)
        self._divergence.count((terminated | truncated)[:, 0])

    def _silence(self) -> None:
        """Silence the seeds that have diverged."""
        outputs = [state[:, :, VOLTAGES, sum(size) - size[-1] :] for state, size in zip(self._states, self._sizes, strict=False)]
        diverged = self._divergence.note(outputs)
        if diverged.any():
            for array in (*self._networks, *self._states, self._memory, self._actions):
                array[diverged] = 0

    def _numbers(self) -> Settings:
        settings = self.hyperparameters
        kept = settings.noise_correlation
        return Settings(
            scale=settings.activation_scale,
            steps=settings.settling_steps,
            beta=settings.beta,
            noise=settings.noise,
            correlation=kept,
            fresh=(1 - kept**2) ** 0.5,
            gain=settings.beta * settings.winner_gain,
            border=settings.border,
            border_rate=settings.border_rate,
            homeostasis_rate=settings.homeostasis_rate,
            homeostasis_target=settings.homeostasis_target,
            clip=np.inf if settings.modulator_clip is None else settings.modulator_clip,
            trace_keep=self.trace_keep(),
            feedback_keep=1 - settings.feedback_decay,
            separate=settings.feedback != "symmetric",
            learned=settings.feedback == "learned",
            discrete=self.problem.discrete,
        )

    def _initial_block(self, sizes: tuple[int, ...]) -> NDArray[Any]:
        factor = self.hyperparameters.output_factor
        weights = flatten(he_normal(self._noise.initial, sizes, self._dtype.name, factor))
        block = np.zeros((self.seeds, 3, weights.shape[1]), self._dtype)
        block[:, WEIGHTS] = weights
        if self.hyperparameters.feedback != "symmetric":
            block[:, FEEDBACK] = flatten(he_normal(self._noise.fixed, sizes, self._dtype.name))
        return block

    def _allocate_actions(self) -> None:
        width = 1 if self.problem.discrete else self.problem.action_size
        self._actions = np.zeros((self.seeds, self.problem.batch_size, width), self._dtype)

    def keep(self, rows: NDArray[np.intp]) -> None:
        super().keep(rows)
        self._allocate_actions()

    def layers(self) -> dict[str, Layers]:
        networks = zip(("actor", "critic"), self._networks, self._sizes, strict=False)
        return {name: unflatten(block[:, WEIGHTS], sizes) for name, block, sizes in networks}

    def policy(self) -> dict[str, NDArray[Any]]:
        if self.hyperparameters.feedback == "symmetric":
            return super().policy()
        networks = zip(("actor", "critic"), self._networks, self._sizes, strict=False)
        feedback = {name: [weights for weights, _ in unflatten(block[:, FEEDBACK], sizes)[1:]] for name, block, sizes in networks}
        return super().policy() | named_feedback(feedback)
