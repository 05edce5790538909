"""Output layers: how a network's last pre-activation becomes an action, and the gradient of that action's log-probability."""

from __future__ import annotations

from algorithms.shared.tensors import Tensor, torch


class SoftmaxOutput:
    """One of n actions with probabilities softmax(scale · pre-activation).

    The scale is 1/T as released, or T as printed (docs/chung2021.md#softmax-temperature).
    """

    def __init__(self, scale: float) -> None:
        self.scale = scale

    def probabilities(self, preactivation: Tensor) -> Tensor:
        """[S, B, n] from the pre-activations [S, B, n]."""
        return torch.softmax(self.scale * preactivation, dim=-1)

    def sample(self, preactivation: Tensor, normal: Tensor, uniform: Tensor) -> Tensor:
        """The action's number, int64 [S, B]: the first whose cumulative probability exceeds the uniform number [S, B, 1]."""
        cumulative = torch.cumsum(self.probabilities(preactivation)[..., :-1], dim=-1)
        return (cumulative <= uniform).sum(dim=-1)

    def score(self, preactivation: Tensor, action: Tensor) -> Tensor:
        """Gradient of the log-probability of `action` [S, B] with respect to the pre-activation, [S, B, n]."""
        probabilities = self.probabilities(preactivation)
        chosen = torch.zeros_like(probabilities).scatter_(-1, action[..., None], 1.0)
        return self.scale * (chosen - probabilities)

    def entropy_score(self, preactivation: Tensor) -> Tensor:
        """Gradient of the policy's entropy with respect to the pre-activation, [S, B, n]."""
        logarithms = torch.log_softmax(self.scale * preactivation, dim=-1)
        probabilities = logarithms.exp()
        entropy = -(probabilities * logarithms).sum(dim=-1, keepdim=True)
        return -self.scale * probabilities * (logarithms + entropy)


class GaussianOutput:
    """A real vector around the pre-activation with a fixed variance; `score_variance` is what its score is divided by.

    They differ only for the backprop baseline, whose released gradient leaves out 1 / sigma^2 (docs/chung2021.md#baselines).
    """

    def __init__(self, variance: float, score_variance: float | None = None) -> None:
        self.variance = variance
        self.score_variance = variance if score_variance is None else score_variance

    def sample(self, preactivation: Tensor, normal: Tensor, uniform: Tensor) -> Tensor:
        """The action [S, B, n] for standard normal numbers of its shape."""
        return preactivation + self.variance**0.5 * normal[..., : preactivation.shape[-1]]

    def score(self, preactivation: Tensor, action: Tensor) -> Tensor:
        """Gradient of the log-density of `action` [S, B, n] with respect to the pre-activation, [S, B, n]."""
        return (action - preactivation) / self.score_variance

    def entropy_score(self, preactivation: Tensor) -> Tensor:
        """Zero, [S, B, n]: the entropy is that of the fixed variance."""
        return torch.zeros_like(preactivation)
