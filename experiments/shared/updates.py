"""One sample's update, and the two rules that make one: the score that training follows, and backpropagation by autograd.

The gradient of one sample with respect to W^l is the outer product of the layer's input and an error at its pre-activation. With
respect to b^l it is the error itself. So an update is stored as these two factors, with a bias as the weight of a unit that is 1,
and an inner product of updates costs a pair of dot products.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Categorical

from algorithms.shared.activation import softplus
from algorithms.shared.output import GaussianOutput, SoftmaxOutput
from algorithms.shared.traces.team import Team


@dataclass(frozen=True)
class Update:
    """The updates of S × B samples, layer by layer."""

    inputs: list[Tensor]
    """H^(l-1) and a 1, [S, B, n_(l-1) + 1], for l = 1..L."""
    errors: list[Tensor]
    """The error at layer l's pre-activation, [S, B, n_l]."""

    @classmethod
    def of(cls, values: list[Tensor], errors: list[Tensor], weight: Tensor | None = None) -> Update:
        """From H^0..H^(L-1) and the layers' errors, each sample's times `weight` [S, B]."""
        inputs = [torch.cat([value, torch.ones_like(value[..., :1])], dim=-1) for value in values]
        return cls(inputs, errors if weight is None else [error * weight[..., None] for error in errors])

    @property
    def layers(self) -> int:
        """L."""
        return len(self.errors)

    def inner(self, other: Update) -> Tensor:
        """Inner product with another update of the same samples, by layer: [L, S, B]."""
        pairs = zip(self.inputs, other.inputs, self.errors, other.errors, strict=True)
        return torch.stack([(a * b).sum(-1) * (e * f).sum(-1) for a, b, e, f in pairs])

    def means(self, weight: Tensor | None = None) -> list[Tensor]:
        """Mean over the B samples, each times `weight` [S, B]: [S, n_(l-1) + 1, n_l] for l = 1..L."""
        errors = self.errors if weight is None else [error * weight[..., None] for error in self.errors]
        return [torch.bmm(a.mT, e) / a.shape[1] for a, e in zip(self.inputs, errors, strict=True)]


def score_update(team: Team, weight: Tensor | None = None) -> Update:
    """Return weight · gradient of log pi_l(H^(l-1), H^l; W^l) at the team's present values: REINFORCE, or MAP after an ascent."""
    layers = range(1, len(team.values))
    return Update.of(team.values[:-1], [team.preactivation_score(layer) for layer in layers], weight)


def noise_of(team: Team) -> list[Tensor]:
    """Return Z^1..Z^(L-1) = h^(-1)(H; W, S), the standard normal numbers that give the team's present hidden values."""
    scales = [variance**0.5 for variance in team.hidden_variances]
    return [(team.values[layer] - team.mean(layer)) / scale for layer, scale in enumerate(scales, start=1)]


def backprop_update(
    team: Team, noise: list[Tensor], objective: Callable[[Tensor], Tensor], weight: Tensor | None = None
) -> Update:
    """Return weight · gradient of an objective at hidden values h(Z; W, S) for this noise (eq. 10), by automatic differentiation.

    `objective` is a function of the output's pre-activation [S, B, n_L], one number a sample [S, B].
    """
    values, probes = [team.values[0]], []
    for layer in range(1, len(team.values)):
        preactivation = team.parameters.affine(layer, values[-1])
        probes.append(torch.zeros_like(preactivation, requires_grad=True))  # its gradient is the pre-activation's
        preactivation = preactivation + probes[-1]
        if layer < len(team.values) - 1:
            values.append(softplus(preactivation) + team.hidden_variances[layer - 1] ** 0.5 * noise[layer - 1])
    errors = torch.autograd.grad(objective(preactivation).sum(), probes)
    return Update.of([value.detach() for value in values], list(errors), weight)


def log_probability(team: Team) -> Callable[[Tensor], Tensor]:
    """Return an actor's objective, log pi_L of the action taken; TypeError unless the output is a softmax."""
    output, action = team.output, team.values[-1]
    if not isinstance(output, SoftmaxOutput):
        raise TypeError("the actors of these experiments choose among a few actions")
    return lambda preactivation: Categorical(logits=output.scale * preactivation).log_prob(action)


def output_in_variances(team: Team) -> Callable[[Tensor], Tensor]:
    """Return a critic's objective, mu_L / sigma_L^2; TypeError unless the output is Gaussian.

    Times A* - mu it is the gradient of -(A* - mu)^2 / (2 sigma_L^2): Theorem 3 with its factor of proportionality.
    """
    output = team.output
    if not isinstance(output, GaussianOutput):
        raise TypeError("a critic's output is a real number")
    return lambda preactivation: preactivation[..., 0] / output.variance
