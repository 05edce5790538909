"""Decentralised DDPG (Guss et al., 2016, section 3.2): every neuron is an actor with a critic of its own, and nothing goes back.

Neuron n has inputs v and the output a = sigma(K v), and a critic that is linear in both, Q(v, a) = theta_v v + theta_a a. The
critic learns r + gamma Q'(v', mu'(v')) by the squared error, where the dashes are target networks of the neuron alone. The
weights K ascend Q(v, mu(v)). As theta_a is a number, a neuron is pushed the same way in every state. The repair is a slope that
depends on the inputs, Q(v, a) = theta_v v + (theta_a + phi v) (a - mu(v)). See also docs/guss2016.md.

Beyond the draft: discrete actions are the largest of as many outputs. On a single-step task the batch is the minibatch and gamma
is 0.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic.dataclasses import dataclass

from algorithms.interface import HYPERPARAMETER_CONFIG, Problem
from algorithms.shared.parameters import Parameters
from algorithms.shared.replay.flat_network import AdamStep, FlatNetwork, Layers, PlainStep, Step, fan_in_layers
from algorithms.shared.replay.off_policy_reference import OffPolicyReference
from algorithms.shared.replay.off_policy_settings import Count, OffPolicyHyperparameters
from algorithms.shared.settings import Fraction, NotNegative
from algorithms.shared.tensors import Tensor, torch

NETWORKS = ("actor", "values", "slopes")
"""K, theta_v, and phi with theta_a as its bias: by layer, weights [in, out] and biases [out], column n being neuron n's."""


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class Hyperparameters(OffPolicyHyperparameters):
    """Settings of the decentralised rule; defaults are those of experiment 2 (docs/guss2016.md#settings-of-the-runs)."""

    hidden_sizes: tuple[Count, ...] = (10,)
    """Units in each hidden layer; none: every output is a neuron of the observation."""
    # docs/guss2016.md#settings-of-the-runs
    discount: Fraction = 0.9
    """gamma of every neuron's critic (released code)."""
    # docs/guss2016.md#settings-of-the-runs
    tau: Fraction = 1e-4
    """Share of the learned parameters that a step of the target networks takes over (released code)."""
    # docs/guss2016.md#settings-of-the-runs
    replay_size: Count = 32
    """Transitions that the memory holds; the oldest are dropped (released code)."""
    minibatch_size: Count = 32
    """Transitions of one update, drawn without replacement (docs/guss2016.md#settings-of-the-runs)."""
    # docs/guss2016.md#warm-up
    warm_up: Count = 32
    """Transitions that the memory must hold before the first update; not below the minibatch (released code)."""
    # docs/guss2016.md#settings-of-the-runs
    critic_learning_rate: NotNegative = 1e-2
    """Step size of the critics (released code)."""
    # docs/guss2016.md#settings-of-the-runs
    critic_l2: NotNegative = 0.3
    """Weight decay of the critics: this times the parameter is added to its gradient (released code)."""
    # docs/guss2016.md#the-slope
    slope: Literal["constant", "state"] = "constant"
    """How Q depends on the neuron's output: by a number, as printed, or by a linear function of the neuron's inputs."""
    activation: Literal["tanh", "relu"] = "tanh"
    """sigma of hidden neurons (docs/guss2016.md#settings-of-the-runs); outputs are tanh."""
    # docs/guss2016.md#noise-on-every-neuron
    noise_on: Literal["preactivations", "action", "both"] = "preactivations"
    """Where exploration noise is added: to every neuron's pre-activation, to the action, or to both."""
    # docs/guss2016.md#steps-of-the-local-rule
    optimiser: Literal["adam", "gradient"] = "adam"
    """What makes steps of gradients: Adam, as released, or plain steps, as printed."""
    # docs/guss2016.md#biases
    biases: Literal["learned", "none"] = "learned"
    """Whether neurons and their critics see a constant beside their inputs; in the printed rule they do not."""

    def widths(self, problem: Problem) -> tuple[int, int, int]:
        """How many numbers of noise an action takes, and how many are stored of an action and of the next state."""
        hidden, outputs = sum(self.hidden_sizes), self.outputs(problem)
        return hidden + 2 * outputs, hidden + outputs, problem.observation_size + hidden

    def noise_deviations(self, problem: Problem) -> NDArray[np.float64]:
        """sigma of each number of noise: those of the units' pre-activations, and then those of the action."""
        units = self.widths(problem)[1]
        on = [self.noise_on != "action"] * units + [self.noise_on != "preactivations"] * self.outputs(problem)
        return self.noise_sigma * np.array(on, np.float64)

    def sizes(self, problem: Problem) -> tuple[int, ...]:
        """Units of every layer, the observation's included."""
        return self.layer_sizes(problem.observation_size, self.outputs(problem))

    def initial(self, generators: Sequence[np.random.Generator], problem: Problem, dtype: str) -> dict[str, Layers]:
        """Draw the parameters of every network, all within ±1 / sqrt(inputs)."""
        shapes = list(itertools.pairwise(self.sizes(problem)))
        drawn = {name: fan_in_layers(generators, shapes, None, dtype) for name in NETWORKS}
        if self.biases == "none":
            for name in ("actor", "values"):
                drawn[name] = [(weights, np.zeros_like(biases)) for weights, biases in drawn[name]]
        if self.slope == "constant":
            drawn["slopes"] = [(np.zeros_like(weights), biases) for weights, biases in drawn["slopes"]]
        return drawn

    def without_phi(self, policy: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Leave out the weights of constant slopes, which are 0."""
        unused = "slopes/weights_" if self.slope == "constant" else "?"
        return {name: array for name, array in policy.items() if not name.startswith(unused)}


class Reference(OffPolicyReference):
    """The decentralised rule batched over the seeds, layer by layer: a column of a layer's matrices is one neuron's."""

    hyperparameters: Hyperparameters

    def __init__(
        self,
        problem: Problem,
        hyperparameters: Hyperparameters,
        seed_sequences: Sequence[np.random.SeedSequence],
        dtype: str = "float32",
    ) -> None:
        super().__init__(problem, hyperparameters, seed_sequences, dtype)
        settings = hyperparameters
        self._sizes = settings.sizes(problem)
        initial = settings.initial(self._noise.initial, problem, dtype)
        self._networks = {name: FlatNetwork(name, layers) for name, layers in initial.items()}
        self._arrays.parts += self._networks.values()
        self._actor_step = self._step(settings.actor_learning_rate, 0.0)
        self._critic_step = self._step(settings.critic_learning_rate, settings.critic_l2)

    def respond(self, observation: NDArray[Any], noise: NDArray[Any]) -> NDArray[Any]:
        shaken = self._tensor(noise)
        units = self.voltages(self._tensor(observation), shaken)
        units[-1] = (units[-1] + shaken[..., -self._outputs :]).clamp_(-1, 1)
        return torch.cat(units, dim=-1)[: self.seeds].numpy()

    def successor(self, next_observation: NDArray[Any]) -> NDArray[Any]:
        units = self.voltages(self._tensor(next_observation[:, None]))
        hidden = [unit[: self.seeds, 0].numpy() for unit in units[:-1]]
        return np.concatenate([next_observation, *hidden], axis=1)

    def voltages(self, observation: Tensor, noise: Tensor | None = None) -> list[Tensor]:
        """Units of layers 1..L, [S, B, n_l], for observation [S, B, d] and noise on the pre-activations [S, B, units or more]."""
        actor, units, start = self._networks["actor"].parameters, [], 0
        value = observation
        for layer in range(1, actor.layers + 1):
            total = actor.affine(layer, value)
            if noise is not None:
                total = total + noise[..., start : start + total.shape[-1]]
            start += total.shape[-1]
            value = self._activate(layer, total)
            units.append(value)
        return units

    def update(self, learning: NDArray[np.bool_], minibatch: list[Tensor]) -> NDArray[np.bool_]:
        observation, stored = minibatch[:2]
        units = list(torch.split(stored, list(self._sizes[1:]), dim=2))
        inputs = [observation, *units[:-1]]
        targets = self.targets(minibatch)
        actor, slopes = self._networks["actor"].parameters, self._networks["slopes"].parameters
        layers = range(1, actor.layers + 1)
        policy = [self._activate(layer, actor.affine(layer, inputs[layer - 1])) for layer in layers]
        by_state = self.hyperparameters.slope == "state"
        deviations = [unit - mean if by_state else unit for unit, mean in zip(units, policy, strict=True)]
        values = []
        for layer in layers:
            base = self._networks["values"].parameters.affine(layer, inputs[layer - 1])
            values.append(base + self._slope(slopes, layer, inputs[layer - 1]) * deviations[layer - 1])
        learning, diverged = self._sound(learning, values, targets)

        # Each neuron's critic steps against the gradient of half its mean squared error.
        errors = [value - target for value, target in zip(values, targets, strict=True)]
        by_slope = [error * deviation for error, deviation in zip(errors, deviations, strict=True)]
        self._descend("values", learning, inputs, errors, self._critic_step)
        self._descend("slopes", learning, inputs, by_slope, self._critic_step)
        # Each neuron's weights ascend its new critic.
        ascents = []
        for layer, mean in zip(layers, policy, strict=True):
            relu = layer < actor.layers and self.hyperparameters.activation == "relu"
            sigma_slope = (mean > 0).to(mean.dtype) if relu else 1 - mean * mean
            ascents.append(-self._slope(slopes, layer, inputs[layer - 1]) * sigma_slope)
        self._descend("actor", learning, inputs, ascents, self._actor_step)
        for network in self._networks.values():
            network.follow(self.hyperparameters.tau, self._padded(learning))
        return diverged

    def targets(self, minibatch: list[Tensor]) -> list[Tensor]:
        """What each neuron's critic learns, [S, K, n_l] by layer: r + gamma Q'(v', mu'(v')) by its own target networks."""
        _, _, reward, worthless, following = minibatch
        next_inputs = torch.split(following, list(self._sizes[:-1]), dim=2)
        actor, values, slopes = (self._networks[name].target for name in NETWORKS)
        targets = []
        for layer, inputs in enumerate(next_inputs, start=1):
            if not self._discount:
                targets.append(reward.expand(-1, -1, self._sizes[layer]))
                continue
            future = values.affine(layer, inputs)
            if self.hyperparameters.slope == "constant":  # with the other slope, the deviation of mu' from itself is 0
                mean = self._activate(layer, actor.affine(layer, inputs))
                future = future + self._slope(slopes, layer, inputs) * mean
            targets.append(reward + self._discount * (1 - worthless) * future)
        return targets

    def _slope(self, slopes: Parameters, layer: int, inputs: Tensor) -> Tensor:
        """The derivative of Q with respect to a of a layer's neurons: [S, 1, n], or [S, K, n] where it depends on the inputs."""
        return slopes.tensors[2 * layer - 1] if self.hyperparameters.slope == "constant" else slopes.affine(layer, inputs)

    def _activate(self, layer: int, total: Tensor) -> Tensor:
        relu = layer < len(self._sizes) - 1 and self.hyperparameters.activation == "relu"
        return torch.relu(total) if relu else torch.tanh(total)

    def _descend(self, name: str, learning: NDArray[np.bool_], inputs: list[Tensor], errors: list[Tensor], step: Step) -> None:
        gradients = []
        for value, error in zip(inputs, errors, strict=True):
            weights, biases = self._networks[name].parameters.outer(value, error)
            if name == "slopes":
                weights = weights if self.hyperparameters.slope == "state" else torch.zeros_like(weights)
            elif self.hyperparameters.biases == "none":
                biases = torch.zeros_like(biases)
            gradients += [weights, biases]
        self._networks[name].descend(gradients, step, self._padded(learning))

    def _step(self, rate: float, l2: float) -> Step:
        if self.hyperparameters.optimiser == "gradient":
            return PlainStep(rate, l2)
        return AdamStep.of(self.hyperparameters, rate, l2)

    def layers(self) -> dict[str, Layers]:
        return {name: network.arrays(self.seeds) for name, network in self._networks.items()}

    def policy(self) -> dict[str, NDArray[Any]]:
        return self.hyperparameters.without_phi(super().policy())
