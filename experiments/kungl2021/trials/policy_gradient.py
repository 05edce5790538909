"""The expected reward of a choice among noisy outputs, and its gradient, exactly."""

from __future__ import annotations

from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from algorithms.shared.lookahead.network import LayeredNetwork
from algorithms.shared.parameters import Parameters

_REACH, _POINTS = 12.0, 481
"""The integral over a standard normal variable ends there and has so many points; the trapezoidal rule is then exact to 1e-12."""


def choice_probabilities(output: Tensor, noise: float) -> Tensor:
    """How probably each of the outputs [S, K] is the largest, with independent normal noise of this deviation on all: [S, K]."""
    points = torch.linspace(-_REACH, _REACH, _POINTS, dtype=output.dtype)
    density = torch.exp(-points.square() / 2)
    leads = (output[:, :, None] - output[:, None, :]) / noise
    beaten = torch.special.ndtr(leads[..., None] + points)
    itself = torch.eye(output.shape[1], dtype=torch.bool)[..., None]
    return torch.where(itself, 1.0, beaten).prod(dim=2) @ (density / density.sum())


def gradients(
    layers: list[tuple[NDArray[Any], NDArray[Any]]], scale: float, patterns: NDArray[Any], noise: float
) -> tuple[Tensor, list[list[Tensor]]]:
    """Expected rewards where +1 is given for choosing a pattern's number and -1 else, with no nudging, [K, S].

    And for each pattern the gradient with respect to every layer's weights, [S, in, out], by autograd.
    """
    network = LayeredNetwork(Parameters(layers), scale)
    weights = [tensor.requires_grad_() for tensor in network.parameters.tensors[::2]]
    rewards, found = [], []
    for number, pattern in enumerate(patterns):
        inputs = torch.from_numpy(pattern).expand(len(weights[0]), 1, -1).contiguous()
        output = network.feedforward(inputs)[-1][:, 0]
        reward = 2 * choice_probabilities(output, noise)[:, number] - 1
        found.append(list(torch.autograd.grad(reward.sum(), weights)))
        rewards.append(reward.detach())
    return torch.stack(rewards), found
