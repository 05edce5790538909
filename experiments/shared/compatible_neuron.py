"""A single neuron that acts, with a critic of compatible features (docs/guss2016.md#the-single-neuron; Silver et al., 2014)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class NeuronSettings:
    """Settings of the neuron; defaults are the released ones."""

    actor_learning_rate: float = 3.0
    """Step size of the neuron's weights, by plain steps."""
    critic_learning_rate: float = 10.0
    """Step size of the critic's weights, by plain steps."""
    discount: float = 0.9
    """gamma."""
    tau: float = 0.01
    """Share of the learned parameters that a step of the target parameters takes over."""
    norm_clip: float = 2.0
    """A gradient that is longer is shortened to this length."""
    initial_bound: float = 0.1
    """The neuron's weights start uniform within ± this, and the critic's at 0."""


class CompatibleNeuron:
    """mu(s) = tanh(k s) and Q(s, a) = w grad mu(s) (a - mu(s)) + v s, for S seeds, one transition at a time.

    Attributes:
        weights: [S, d], k; `advantage` and `base` [S, d] are w and v; `target_base` is what v is in the target.
    """

    def __init__(self, inputs: int, settings: NeuronSettings, generators: Sequence[np.random.Generator]) -> None:
        """`inputs` is d; each seed's weights come from its own generator."""
        self.settings = settings
        bound = settings.initial_bound
        self.weights = np.stack([generator.uniform(-bound, bound, inputs) for generator in generators])
        self.advantage, self.base = np.zeros_like(self.weights), np.zeros_like(self.weights)
        self.target_base = self.base.copy()

    def action(self, observation: Array) -> Array:
        """mu(s), [S], of observation [S, d], without noise."""
        return np.tanh(_inner(self.weights, observation))

    def value(self, observation: Array, action: Array) -> Array:
        """Q(s, a), [S], of observation [S, d] and action [S]."""
        mean = self.action(observation)
        return _inner(self.advantage, _features(observation, mean)) * (action - mean) + _inner(self.base, observation)

    def learn(
        self, observation: Array, action: Array, reward: Array, worthless: Array, next_observation: Array
    ) -> NDArray[np.bool_]:
        """One step of critic and neuron; observations [S, d], the others [S]. Returns which seeds are still finite.

        In the target the advantage of mu'(s') is 0, which leaves v' s'.
        """
        settings = self.settings
        features = _features(observation, self.action(observation))
        later = _inner(self.target_base, next_observation)
        error = reward + settings.discount * (1 - worthless) * later - self.value(observation, action)
        deviation = (action - self.action(observation))[:, None]
        ascent = features * _inner(features, self.advantage)[:, None]
        self.advantage += settings.critic_learning_rate * self._clipped(error[:, None] * features * deviation)
        self.base += settings.critic_learning_rate * self._clipped(error[:, None] * observation)
        self.weights += settings.actor_learning_rate * self._clipped(ascent)
        self.target_base += settings.tau * (self.base - self.target_base)
        return np.asarray(np.isfinite(self.weights + self.advantage + self.base).all(axis=1))

    def _clipped(self, gradient: Array) -> Array:
        length = np.sqrt(_inner(gradient, gradient))[:, None]
        return gradient * np.minimum(1.0, self.settings.norm_clip / np.maximum(length, 1e-300))


def _features(observation: Array, mean: Array) -> Array:
    """The gradient of mu(s) with respect to the neuron's weights, [S, d]."""
    return (1 - mean * mean)[:, None] * observation


def _inner(left: Array, right: Array) -> Array:
    return (left * right).sum(axis=1)
