"""Critics of single neurons and of whole layers, trained beside DDPG without a part in it (docs/guss2016.md#sub-critics)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from algorithms.shared.parameters import Parameters
from algorithms.shared.replay.action_critic import ActionCritic
from algorithms.shared.replay.flat_network import AdamStep, Layers, fan_in_layers
from algorithms.shared.replay.rectified_network import RectifiedNetwork, layer_shapes


@dataclass(frozen=True)
class SubCriticSettings:
    """What the sub-critics are and how they learn; defaults are the released linear ones, one for each neuron."""

    per: Literal["neuron", "layer"] = "neuron"
    """Whether each neuron has a critic of its inputs and its output, or each layer one of its inputs and all its outputs."""
    hidden_sizes: tuple[int, ...] = ()
    """Units in each hidden layer of a critic: none of a linear one, two numbers for three layers."""
    discount: float = 0.9
    """gamma."""
    tau: float = 1e-4
    """Share of the learned parameters that a step of the target networks takes over."""
    learning_rate: float = 1e-3
    """Step size of Adam."""
    l2: float = 0.0
    """Weight decay: this times the parameter is added to its gradient."""


@dataclass(frozen=True)
class Moment:
    """What sub-critics see of K transitions of S seeds at one end."""

    voltages: list[Tensor]
    """Units of the actor's layers 0..L, each [S, K, n_l]: the observation first, the action last."""


class SubCritics:
    """The sub-critics of an actor's layers 1..L, for S seeds; a single seed counts as two equal ones, as in its learner."""

    def __init__(
        self,
        sizes: Sequence[int],
        settings: SubCriticSettings,
        generators: Sequence[np.random.Generator],
        dtype: str = "float32",
    ) -> None:
        """`sizes` are the units of the actor's layers 0..L; each seed's parameters come from its own generator."""
        self.settings = settings
        self.seeds = max(2, len(generators))
        self._sizes = tuple(sizes)
        step = AdamStep(settings.learning_rate, settings.l2, 0.9, 0.999, 1e-8)
        self.critics = [
            ActionCritic(f"layer {layer}", self._initial(layer, generators, dtype), 1, step, settings.discount)
            for layer in range(1, len(sizes))
        ]
        """One network a layer, whose rows are [S, critics of the layer]."""

    def count(self, layer: int) -> int:
        """Critics of a layer, from 1."""
        return self._sizes[layer] if self.settings.per == "neuron" else 1

    def values(self, moment: Moment) -> list[Tensor]:
        """Q of every sub-critic by layer, [S, K, critics]."""
        found = []
        for layer, critic in enumerate(self.critics, start=1):
            value = critic.forward(*self._seen(layer, moment))[-1]
            found.append(self._by_seed(layer, value)[:, :, :, 0])
        return found

    def slopes(self, moment: Moment) -> list[Tensor]:
        """The derivative of each neuron's Q, or its layer's, with respect to its output, by layer: [S, K, n_l]."""
        found = []
        for layer, critic in enumerate(self.critics, start=1):
            slope = self._by_seed(layer, critic.slope(*self._seen(layer, moment)))
            found.append(slope.flatten(2))
        return found

    def learn(
        self, before: Moment, reward: Tensor, worthless: Tensor, after: Moment, learning: NDArray[np.bool_] | None = None
    ) -> None:
        """One step of every sub-critic of the seeds that are `learning` [S], or of all.

        `reward` and `worthless`, whether the next state is worth nothing, are [S, K, 1].
        """
        everyone = np.ones(self.seeds, np.bool_) if learning is None else learning
        for layer, critic in enumerate(self.critics, start=1):
            count = self.count(layer)
            rewards, ends = (part.repeat_interleave(count, dim=0) for part in (reward, worthless))
            aims = critic.aims(rewards, ends, *self._seen(layer, after))
            chosen = np.repeat(everyone, count)
            critic.learn(critic.forward(*self._seen(layer, before)), aims, chosen)
            critic.follow(self.settings.tau, chosen)

    def _seen(self, layer: int, moment: Moment) -> tuple[Tensor, Tensor]:
        """Inputs [S critics, K, n_{l-1}] and outputs [S critics, K, outputs of one critic] of a layer."""
        inputs, outputs = moment.voltages[layer - 1], moment.voltages[layer]
        if self.settings.per == "layer":
            return inputs, outputs
        single = outputs.mT.flatten(0, 1)[..., None]
        return inputs.repeat_interleave(outputs.shape[-1], dim=0), single

    def _by_seed(self, layer: int, rows: Tensor) -> Tensor:
        """[S, K, critics, n] from the rows [S critics, K, n]."""
        return rows.unflatten(0, (self.seeds, self.count(layer))).transpose(1, 2)

    def _initial(self, layer: int, generators: Sequence[np.random.Generator], dtype: str) -> Layers:
        inputs, outputs = self._sizes[layer - 1 : layer + 1]
        per_critic = 1 if self.settings.per == "neuron" else outputs
        shapes = layer_shapes((inputs, *self.settings.hidden_sizes, 1), per_critic)
        rows = [generator for generator in generators for _ in range(self.count(layer))]
        drawn = fan_in_layers(rows, shapes, None, dtype)
        if len(generators) == 1:
            drawn = [(np.concatenate([weights] * 2), np.concatenate([biases] * 2)) for weights, biases in drawn]
        return drawn


def ddpg_voltages(actor: Parameters, observation: Tensor, action: Tensor | None = None) -> Moment:
    """Units of every layer of DDPG's actor, for observation [S, K, d]; `action` [S, K, n] takes the place of its output."""
    *units, total = RectifiedNetwork(actor).forward(observation)
    return Moment([*units, torch.tanh(total) if action is None else action])
