"""The TD variant of decentralised DDPG (Guss et al., 2016, released): neurons fit the TD error of one global critic.

The global critic Q(s, a) learns as DDPG's does. Each neuron's critic, linear in its inputs and its output, learns the global
delta = r + gamma Q'(s', mu'(s')) - Q(s, a) in place of a value of its own, and the neuron ascends it. See docs/guss2016.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from algorithms import decentralised_ddpg
from algorithms.interface import HYPERPARAMETER_CONFIG, Problem
from algorithms.shared.replay.action_critic import ActionCritic
from algorithms.shared.replay.flat_network import AdamStep, Layers, fan_in_layers
from algorithms.shared.replay.off_policy_settings import Count
from algorithms.shared.replay.rectified_network import layer_shapes
from algorithms.shared.settings import Fraction, NotNegative
from algorithms.shared.tensors import Tensor


# docs/guss2016.md#the-td-variant
@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class Hyperparameters(decentralised_ddpg.Hyperparameters):
    """Settings of the TD variant."""

    hidden_sizes: tuple[Count, ...] = (4,)
    """Units in each hidden layer; none: every output is a neuron of the observation."""
    discount: Fraction = 0.99
    """gamma of the global critic (docs/guss2016.md#the-td-variant)."""
    tau: Fraction = 1e-3
    """Share of the learned parameters that a step of the target networks takes over; not recorded, so DDPG's."""
    replay_size: Count = 1_000_000
    """Transitions that the memory holds; the oldest are dropped (docs/guss2016.md#the-td-variant)."""
    minibatch_size: Count = 128
    """Transitions of one update, drawn without replacement (docs/guss2016.md#the-td-variant)."""
    warm_up: Count = 30_000
    """Transitions that the memory must hold before the first update (docs/guss2016.md#the-td-variant)."""
    actor_learning_rate: NotNegative = 1e-2
    """Step size of the neurons (docs/guss2016.md#the-td-variant)."""
    critic_l2: NotNegative = 1e-2
    """Weight decay of the neurons' critics (docs/guss2016.md#the-td-variant)."""
    noise_on: Literal["preactivations", "action", "both"] = "action"
    """Where exploration noise is added: to every neuron's pre-activation, to the action, or to both."""
    global_hidden_sizes: Annotated[tuple[Count, ...], Field(min_length=1)] = (32, 10)
    """Units in each hidden layer of the global critic (docs/guss2016.md#the-td-variant)."""
    global_learning_rate: NotNegative = 1e-1
    """Step size of the global critic's Adam (docs/guss2016.md#the-td-variant)."""


class Reference(decentralised_ddpg.Reference):
    """The decentralised rule with a global critic."""

    hyperparameters: Hyperparameters

    def __init__(
        self,
        problem: Problem,
        hyperparameters: Hyperparameters,
        seed_sequences: Sequence[np.random.SeedSequence],
        dtype: str = "float32",
    ) -> None:
        super().__init__(problem, hyperparameters, seed_sequences, dtype)
        shapes = layer_shapes((problem.observation_size, *hyperparameters.global_hidden_sizes, 1), self._outputs)
        layers = fan_in_layers(self._noise.initial, shapes, None, dtype)
        step = AdamStep.of(hyperparameters, hyperparameters.global_learning_rate)
        self._critic = ActionCritic("critic", layers, 1, step, self._discount)
        self._arrays.parts.append(self._critic)

    def targets(self, minibatch: list[Tensor]) -> list[Tensor]:
        values, aims = self._judged(minibatch)
        return [(aims - values[-1]).expand(-1, -1, units) for units in self._sizes[1:]]

    def update(self, learning: NDArray[np.bool_], minibatch: list[Tensor]) -> NDArray[np.bool_]:
        values, aims = self._judged(minibatch)
        learning, lost = self._sound(learning, [values[-1]], [aims])
        diverged = super().update(learning, minibatch)
        going_on = self._padded(learning & ~diverged)
        self._critic.learn(values, aims, going_on)
        self._critic.follow(self.hyperparameters.tau, going_on)
        return lost | diverged

    def _judged(self, minibatch: list[Tensor]) -> tuple[list[Tensor], Tensor]:
        """What the global critic says of the minibatch, and what it should say."""
        observation, stored, reward, worthless, following = minibatch
        inputs = self.problem.observation_size
        last = len(self._sizes) - 1
        actor = self._networks["actor"].target
        next_action = self._activate(last, actor.affine(last, following[..., -self._sizes[-2] :]))
        values = self._critic.forward(observation, stored[..., -self._outputs :])
        return values, self._critic.aims(reward, worthless, following[..., :inputs], next_action)

    def layers(self) -> dict[str, Layers]:
        return {**super().layers(), "critic": self._critic.arrays(self.seeds)}
