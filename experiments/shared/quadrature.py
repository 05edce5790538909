"""The gradient of the expected return of a small network, by numerical integration instead of sampling."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from sympy.integrals.quadrature import gauss_hermite
from torch import Tensor

from algorithms.shared.output import SoftmaxOutput
from algorithms.shared.traces.team import Team

_DIGITS = 25


def exact_gradient(team: Team, states: Tensor, signal: Tensor, nodes: int) -> tuple[Tensor, list[Tensor]]:
    """Return E[G] of each row's network, [S], and its gradient by layer, [S, n_(l-1) + 1, n_l] with the bias last.

    `states` [M, d] are equally likely and `signal` [M, n] is G for each action. Gauss-Hermite quadrature with `nodes` points a
    unit integrates over the hidden units' noise, and a sum over the actions; autograd does the rest.
    """
    output = team.output
    if not isinstance(output, SoftmaxOutput):
        raise TypeError("only a softmax's actions can be summed over")
    normal, weight = _product_rule(sum(t.shape[-1] for t in team.parameters.tensors[1:-1:2]), nodes)
    parameters = team.parameters.tensors
    rows, points = parameters[0].shape[0], len(weight)
    value = torch.zeros(rows, dtype=weight.dtype)
    gradients = [torch.zeros_like(parameter) for parameter in parameters]
    for state, rewards in zip(states, signal, strict=True):
        # One state at a time, because each takes nodes^units points.
        team.parameters.tensors = leaves = [parameter.clone().requires_grad_() for parameter in parameters]
        team.sample(state.expand(rows, points, -1), normal.expand(rows, -1, -1), torch.zeros(rows, points, 1, dtype=weight.dtype))
        expected = (output.probabilities(team.preactivation(len(team.values) - 1)) @ rewards) @ weight / len(states)
        for gradient, part in zip(gradients, torch.autograd.grad(expected.sum(), leaves), strict=True):
            gradient += part
        value += expected.detach()
    team.parameters.tensors = parameters
    return value, [torch.cat(pair, dim=1) for pair in zip(gradients[::2], gradients[1::2], strict=True)]


def _product_rule(units: int, nodes: int) -> tuple[Tensor, Tensor]:
    """Points [nodes^units, units] and weights that integrate against as many independent standard normal densities."""
    # With more digits than a double has: numpy's rule comes from LAPACK, whose last bits depend on the processor.
    points, weights = (np.array(rule, np.float64) for rule in gauss_hermite(nodes, _DIGITS))
    points, weights = math.sqrt(2) * points, weights / weights.sum()  # of exp(-x²/2) / sqrt(2 π), not of exp(-x²)
    grid: NDArray[np.float64] = np.stack([axis.ravel() for axis in np.meshgrid(*[points] * units, indexing="ij")], axis=-1)
    products = np.stack([axis.ravel() for axis in np.meshgrid(*[weights] * units, indexing="ij")]).prod(axis=0)
    return torch.from_numpy(grid), torch.from_numpy(products)
