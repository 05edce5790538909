"""MAP propagation as one would first write it: one seed, autograd for every gradient, no thought for speed.

The yardstick of the benchmark, and an independent reading of the paper that the tests hold the reference engine against.
"""

from __future__ import annotations

from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.distributions import Categorical, Normal
from torch.nn.functional import softplus

from algorithms.map_propagation import Hyperparameters

Layer = tuple[Tensor, Tensor]  # weights [in, out], biases [out]


class NaiveNetwork:
    """A team of agents with the log-probability of all its values as one differentiable function."""

    def __init__(self, layers: list[Layer], variances: tuple[float, ...], softmax_scale: float | None) -> None:
        self.layers = [(weights.clone().requires_grad_(), biases.clone().requires_grad_()) for weights, biases in layers]
        self.variances = variances
        self.softmax_scale = softmax_scale
        self.traces = [torch.zeros_like(p) for p in self.parameters]
        self.first = [torch.zeros_like(p) for p in self.parameters]
        self.second = [torch.zeros_like(p) for p in self.parameters]
        self.drawn_by: list[Tensor] = []

    @property
    def parameters(self) -> list[Tensor]:
        """W^1, b^1, …, W^L, b^L."""
        return [parameter for layer in self.layers for parameter in layer]

    def distribution(self, layer: int, below: Tensor, drawn_by: list[Tensor] | None = None) -> Normal | Categorical:
        """pi_l given H^(l-1); with `drawn_by`, around that pre-activation, but with the present weights as its slope."""
        weights, biases = self.layers[layer - 1]
        preactivation = below @ weights + biases if drawn_by is None else drawn_by[layer - 1] + (below - below.detach()) @ weights
        if layer < len(self.layers):
            return Normal(softplus(preactivation), self.variances[layer - 1] ** 0.5)
        if self.softmax_scale is None:
            return Normal(preactivation, self.variances[layer - 1] ** 0.5)
        return Categorical(logits=self.softmax_scale * preactivation)

    def log_probability(self, values: list[Tensor], drawn_by: list[Tensor] | None = None) -> Tensor:
        """log Pr(H^1..H^L | H^0)."""
        distributions = [self.distribution(layer, values[layer - 1], drawn_by) for layer in range(1, len(values))]
        return torch.stack([d.log_prob(value).sum() for d, value in zip(distributions, values[1:], strict=True)]).sum()

    def sample(self, observation: Tensor, normal: Tensor, uniform: Tensor) -> list[Tensor]:
        """H^0..H^L from standard normal numbers, and a uniform one for a discrete output."""
        values, self.drawn_by = [observation], []
        start = 0
        with torch.no_grad():
            for layer in range(1, len(self.layers) + 1):
                weights, biases = self.layers[layer - 1]
                self.drawn_by.append(values[-1] @ weights + biases)
                distribution = self.distribution(layer, values[-1])
                if isinstance(distribution, Categorical):
                    values.append((distribution.probs.cumsum(-1)[:-1] <= uniform).sum())
                else:
                    count = distribution.mean.shape[-1]
                    values.append(distribution.mean + distribution.stddev * normal[start : start + count])
                    start += count
        return values

    def ascend(self, values: list[Tensor], steps: int, rate: float) -> list[Tensor]:
        """Algorithm 2, lines 16 to 18; the first step by the pre-activations of the sampling, as released."""
        for step in range(steps):
            hidden = [value.detach().requires_grad_() for value in values[1:-1]]
            drawn_by = self.drawn_by if step == 0 else None
            gradients = torch.autograd.grad(self.log_probability([values[0], *hidden, values[-1]], drawn_by), hidden)
            moved = [h + rate * variance * g for h, variance, g in zip(hidden, self.variances, gradients, strict=False)]
            values = [values[0], *(h.detach() for h in moved), values[-1]]
        return values

    def mean(self, values: list[Tensor]) -> Tensor:
        """mu^L, a scalar."""
        with torch.no_grad():
            weights, biases = self.layers[-1]
            return (values[-2] @ weights + biases)[0]

    def accumulate(self, values: list[Tensor], keep: float, weight: Tensor | float) -> None:
        """Algorithm 2, line 19."""
        gradients = torch.autograd.grad(self.log_probability(values), self.parameters)
        self.traces = [keep * trace + weight * gradient for trace, gradient in zip(self.traces, gradients, strict=True)]

    def ascend_adam(self, error: Tensor, rates: tuple[float, ...], update: int, settings: Hyperparameters) -> None:
        """Algorithm 2, line 14, with the released Adam; `update` counts from 1."""
        beta1, beta2 = settings.adam_beta1, settings.adam_beta2
        corrected = settings.adam_bias_correction == "always" or update < 1000
        first_factor, second_factor = (1 / (1 - beta1**update), 1 / (1 - beta2**update)) if corrected else (1.0, 1.0)
        with torch.no_grad():
            for i, (parameter, trace) in enumerate(zip(self.parameters, self.traces, strict=True)):
                gradient = error * trace
                self.first[i] = beta1 * self.first[i] + (1 - beta1) * gradient
                self.second[i] = beta2 * self.second[i] + (1 - beta2) * gradient**2
                scale = (self.second[i] * second_factor).sqrt() + settings.adam_epsilon
                parameter += rates[i // 2] * self.first[i] * first_factor / scale


class NaiveMapPropagation:
    """Actor and critic of one seed; learning rates are not annealed, and a time limit teaches nothing."""

    def __init__(self, actor: list[Layer], critic: list[Layer], settings: Hyperparameters) -> None:
        hidden = settings.actor_variances[: len(settings.hidden_sizes)]
        self.settings = settings
        self.actor = NaiveNetwork(actor, hidden, settings.softmax_scale)
        self.critic = NaiveNetwork(critic, settings.critic_variances, None)
        self.value = torch.zeros((), dtype=critic[0][0].dtype)
        self.update = 0
        self.reset = False

    def step(
        self, observation: Tensor, reward: float, ended: bool, truncated: bool, normal: NDArray[Any], uniform: NDArray[Any]
    ) -> int:
        """One agent step in the released order; the arguments after `observation` are what the last action led to."""
        settings = self.settings
        numbers = torch.as_tensor(normal)
        hidden = sum(settings.hidden_sizes)
        actor = self.actor.sample(observation, numbers[:hidden], torch.as_tensor(uniform))
        critic = self.critic.sample(observation, numbers[hidden:], torch.as_tensor(uniform))
        value = self.critic.mean(critic)
        future = 0.0 if ended and not truncated else settings.discount * value
        silent = self.reset or truncated
        error = torch.zeros_like(value) if silent else reward + future - self.value
        if self.update > 0:  # the first step is no update: Adam counts from the second
            self.actor.ascend_adam(error, settings.actor_learning_rates, self.update, settings)
            self.critic.ascend_adam(error, settings.critic_learning_rates, self.update, settings)
        self.update += 1
        keep = 0.0 if self.reset else settings.discount * settings.trace_decay
        self.value, self.reset = value, ended
        critic = self.critic.ascend(critic, settings.ascent_steps, settings.ascent_rate)
        self.critic.accumulate(critic, keep, 1 / (critic[-1][0] - self.critic.mean(critic)))
        actor = self.actor.ascend(actor, settings.ascent_steps, settings.ascent_rate)
        self.actor.accumulate(actor, keep, 1.0)
        return int(actor[-1])
