"""What the learners with a replay memory draw and store, in both engines: initial weights, numbers a step, a transition's width."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from algorithms.interface import Problem

ADVANTAGE_EPSILON = 1e-10
"""Added to the standard deviation that advantages are divided by (released code)."""


def advantage_normalised(advantage: Tensor) -> Tensor:
    """(A - mean) / (standard deviation + 1e-10) over the minibatch [S, K], with ddof = 0 (released code)."""
    centred = advantage - advantage.mean(dim=1, keepdim=True)
    deviation = (centred * centred).mean(dim=1, keepdim=True).sqrt()
    return centred / (deviation + ADVANTAGE_EPSILON)


def noise_counts(problem: Problem, minibatch_size: int) -> tuple[int, int]:
    """Normal and uniform numbers of one step of one seed: to choose the batch's actions, and then to draw the minibatch."""
    drawing = minibatch_size if problem.episodic else 0
    if problem.discrete:
        return 0, problem.batch_size + drawing
    return problem.batch_size * problem.action_size, drawing


def transition_width(problem: Problem, stored: int) -> int:
    """Numbers of one transition: observation, action, reward, whether the next state is worthless, next observation, stored."""
    return 2 * problem.observation_size + problem.action_size + 2 + stored


def fan_in_uniform(
    generators: Sequence[np.random.Generator], sizes: Sequence[int], dtype: str
) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Initial weights [S, in, out] and biases [S, out], uniform in ±1 / sqrt(in), by layer (the framework's default)."""
    layers = []
    for inputs, outputs in itertools.pairwise(sizes):
        bound = inputs**-0.5
        weights = np.stack([generator.uniform(-bound, bound, (inputs, outputs)) for generator in generators])
        biases = np.stack([generator.uniform(-bound, bound, outputs) for generator in generators])
        layers.append((weights.astype(dtype), biases.astype(dtype)))
    return layers
