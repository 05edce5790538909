"""Actors of equilibrium propagation, each with a minibatch, and two gradients: the rule's own, and the gradient through time.

The gradient through time is that of the mean of A log o_a at the end of a settled free phase. It goes backwards step by step,
with each step's derivatives from automatic differentiation. So one pass gives it for every length of truncation, and separates
the weights' forward use from their use as feedback.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from algorithms.equilibrium_propagation import Hyperparameters
from algorithms.shared.parameters import Parameters
from algorithms.shared.replay.actor_critic import normalised
from algorithms.shared.replay.equilibrium_network import EquilibriumNetwork, State
from algorithms.shared.square_root import square_root
from experiments.shared.runs import Policy, Run, Setting
from experiments.shared.tables import Scale, layer_names, row
from experiments.shared.visits import visited
from records.run_folder import Budget

SAMPLES: dict[Budget, int] = {"full": 20, "tenth": 10, "tiny": 4}
"""K, transitions in a minibatch; full size is the paper's number."""
RULES = ("S5", "S6")
LIMIT = 1000
"""Most steps that a relaxation may take."""
POSSIBLE = 1e-200
"""Actions of smaller probability are not drawn, because their logarithm would be lost."""
UNRESOLVED = 1e-8
"""A gradient of a smaller norm is lost in rounding: all actions were almost certain, and there is nothing to learn."""
NEGLIGIBLE = 1e-17
"""Least distance; geometric means need one above 0."""
_CHUNK = 50
_VANISHED = 1e-18
"""An error this small adds nothing more to a gradient."""
_OUT_OF_RANGE = 1e3
"""A softmax output this large will not come back."""

SCALES: tuple[Scale, Scale] = ("fisher_z", "logarithms")

Gradients = list[Tensor]
"""One tensor for each of W^1, b^1, …: [S, in, out] and [S, 1, out]."""


@dataclass(frozen=True)
class Minibatch:
    """The data of one update of S actors: K transitions each."""

    network: EquilibriumNetwork
    observation: Tensor
    """[S, K, d], from states that the actors themselves visit."""
    action: Tensor
    """[S, K, n], one-hot, drawn evenly from all possible actions; a trained actor's own action is almost certain."""
    advantage: Tensor
    """[S, K], standard normal, then normalised over the minibatch as in training."""

    def to(self, dtype: torch.dtype) -> Minibatch:
        """Convert to another precision; parameters are stored in single precision, so they are not rounded."""
        parameters = Parameters.of([tensor.to(dtype) for tensor in self.network.parameters.tensors])
        network = EquilibriumNetwork(parameters, self.network.output, self.network.step_size)
        return Minibatch(network, self.observation.to(dtype), self.action.to(dtype), self.advantage.to(dtype))

    def without(self, dropped: Tensor) -> Minibatch:
        """Remove these transitions, bool [S, K], from the gradient by setting their advantage to 0."""
        return Minibatch(self.network, self.observation, self.action, self.advantage.masked_fill(dropped, 0.0))

    def rest(self) -> State:
        """Return the state that every free phase starts from."""
        return self.network.rest(self.observation)

    def relax(self, state: State, steps: int, beta: float = 0.0) -> State:
        """Relax by `steps` steps, nudged if beta is above 0."""
        if beta == 0:
            return self.network.relax(self.observation, state, steps)
        return self.network.relax(self.observation, state, steps, beta * self.advantage, self.action)

    def settle(self, state: State, beta: float = 0.0) -> tuple[State, Tensor]:
        """Relax to rest; return the state, and which transitions did not rest within `LIMIT` steps, bool [S, K].

        At rest no unit changes by more than two units of rounding. A free phase ends with one step of size 1. It takes units that
        decay towards 0 or a tiny probability there at once, to all digits; the others stay.
        """
        tolerance = 2 * torch.finfo(self.observation.dtype).eps
        for _ in range(LIMIT // _CHUNK):
            before = self.relax(state, _CHUNK - 1, beta)
            state = self.relax(before, 1, beta)
            change = torch.stack([(new - old).abs().amax(dim=-1) for new, old in zip(state, before, strict=True)]).amax(dim=0)
            lost = ~(state[-1].abs().amax(dim=-1) < _OUT_OF_RANGE)
            if bool(((change <= tolerance) | lost).all()):
                break
        if beta == 0:
            state = EquilibriumNetwork(self.network.parameters, self.network.output, 1.0).relax(self.observation, state, 1)
        return state, (change > 1000 * tolerance) | lost

    def equilibrium_gradients(self, free: State, nudged: State, beta: float) -> dict[str, Gradients]:
        """Return equilibrium propagation's update from the ends of both phases, by rule, in double precision."""
        return {
            rule: [g.double() for g in self.network.gradients(self.observation, free, nudged, beta, rule)]  # type: ignore[arg-type]
            for rule in RULES
        }

    def gradients_through_time(self, free: State, steps: Iterable[int]) -> Iterator[tuple[int, dict[str, Gradients]]]:
        """Backpropagate through the last `steps` steps (ascending) of a free phase that has settled at `free`; yield by rule.

        S6 is with respect to weights that serve in both directions; S5 is with respect to their forward use, with feedback held.
        """
        network, leaves, feedback = self._differentiable()
        state = [layer.detach().clone().requires_grad_() for layer in free]
        new = network.relax(self.observation, state, 1)
        score = (self.advantage * (self.action * state[-1]).sum(dim=-1).log()).mean(dim=1).sum()
        error = torch.autograd.grad(score, state, materialize_grads=True)
        total = [torch.zeros_like(leaf) for leaf in (*leaves, *feedback)]
        done, units = 0, len(state)
        for wanted in steps:
            for _ in range(wanted - done):
                if all(float(part.abs().max()) < _VANISHED for part in error):
                    break
                # At the fixed point every step has the same derivatives, so one step's serve for all.
                slopes = torch.autograd.grad(new, [*state, *leaves, *feedback], error, retain_graph=True, materialize_grads=True)
                error = slopes[:units]
                for own, slope in zip(total, slopes[units:], strict=True):
                    own += slope
            done = wanted
            forward = [own.clone() for own in total[: len(leaves)]]
            both = [own + back for own, back in zip(forward, total[len(leaves) :], strict=True)]
            yield done, {"S5": forward, "S6": both}

    def gradient_through_all_time(self, free: State) -> dict[str, Gradients]:
        """Backpropagate through `LIMIT` steps, where the gradient no longer changes."""
        return next(self.gradients_through_time(free, (LIMIT,)))[1]

    def _differentiable(self) -> tuple[EquilibriumNetwork, list[Tensor], list[Tensor]]:
        """Return the network, its weights and their copies for feedback, both differentiable."""
        tensors = self.network.parameters.tensors
        leaves, feedback = ([tensor.clone().requires_grad_() for tensor in tensors] for _ in range(2))
        return EquilibriumNetwork(_Untied(leaves, feedback), self.network.output, self.network.step_size), leaves, feedback


class _Untied(Parameters):
    """Parameters with separate weights for transposed products."""

    def __init__(self, tensors: list[Tensor], feedback: list[Tensor]) -> None:
        super().__init__([])
        self.tensors = tensors
        self._feedback = Parameters.of(feedback)

    def transposed(self, layer: int, errors: Tensor) -> Tensor:
        return self._feedback.transposed(layer, errors)


def settings_of(run: Run) -> Hyperparameters:
    """Return the settings of a run of equilibrium propagation; TypeError for another method."""
    settings = run.setting.hyperparameters
    if not isinstance(settings, Hyperparameters):
        raise TypeError(f"{run.setting.method} does not relax")
    return settings


def minibatches(run: Run, size: int, purpose: str) -> Iterator[tuple[dict[str, Any], Minibatch]]:
    """Yield the common keys of the rows, and a minibatch in double precision, for a run's networks at every stage."""
    for stage, policy in run.stages().items():
        generator = run.setting.generator(f"{purpose}/{stage}")
        yield {"task": run.setting.task, "stage": stage}, draw(run.setting, policy, settings_of(run), size, generator)


def draw(setting: Setting, policy: Policy, settings: Hyperparameters, size: int, generator: np.random.Generator) -> Minibatch:
    """Draw a minibatch of `size` transitions for these networks, from states that they visit."""
    rounded = {name: array.astype(np.float32).astype(np.float64) for name, array in policy.items()}
    network = EquilibriumNetwork(setting.parameters(rounded, "actor"), "softmax", settings.step_size)

    def probabilities(observation: Tensor) -> Tensor:
        return network.relax(observation, network.rest(observation), settings.free_steps)[-1]

    def act(observation: NDArray[np.float64]) -> NDArray[Any]:
        return _chosen(probabilities(torch.from_numpy(observation)[:, None]), generator)[:, 0]

    observation = torch.from_numpy(visited(setting, act, size, generator))
    free = network.relax(observation, network.rest(observation), settings.free_steps)
    output = EquilibriumNetwork(network.parameters, "softmax", 1.0).relax(observation, free, 1)[-1]
    possible = (output > POSSIBLE).double()
    chosen = torch.from_numpy(_chosen(possible / possible.sum(dim=-1, keepdim=True), generator)).long()
    action = torch.nn.functional.one_hot(chosen, output.shape[-1])
    advantage = normalised(torch.from_numpy(generator.standard_normal(observation.shape[:2])))
    return Minibatch(network, observation, action.double(), advantage)


def _chosen(probabilities: Tensor, generator: np.random.Generator) -> NDArray[Any]:
    """Draw an action [S, K] from each row of probabilities [S, K, n]."""
    cumulative = probabilities.cumsum(dim=-1)[..., :-1].numpy()
    return (cumulative <= generator.random((*cumulative.shape[:-1], 1))).sum(axis=-1).astype(np.int32)


def compare(ours: Gradients, reference: Gradients) -> tuple[Tensor, Tensor]:
    """Return cosine and distance from the reference, in units of its norm, by layer and, last, for all: [L + 1, S].

    Both are nan for seeds whose reference is below `UNRESOLVED`, and for layers where it is 0.
    """
    difference = [a - b for a, b in zip(ours, reference, strict=True)]
    pairs = ((ours, reference), (ours, ours), (reference, reference), (difference, difference))
    product, square, reference_square, distance = (_by_layer(*pair) for pair in pairs)
    # Through few steps, the gradient of the lower layers is 0.
    unresolved = (reference_square[-1] < UNRESOLVED**2) | (reference_square == 0)
    cosine, error = (
        product / square_root(square * reference_square),
        square_root(distance / reference_square).clamp_min(NEGLIGIBLE),
    )
    return cosine.masked_fill(unresolved, math.nan), error.masked_fill(unresolved, math.nan)


def comparison(ours: Gradients, reference: Gradients) -> Iterator[dict[str, Any]]:
    """Yield rows cosine and relative_error by layer and for all, over seeds with a resolved reference, if there are any."""
    for values, quantity, scale in zip(compare(ours, reference), ("cosine", "relative_error"), SCALES, strict=True):
        for layer, own in zip(layer_names(len(values) - 1), values, strict=True):
            resolved = own[~own.isnan()]
            if len(resolved):
                yield row(resolved, quantity, mean_of=scale, layer=layer)


def _by_layer(first: Gradients, second: Gradients) -> Tensor:
    """Inner products by layer, weights and biases together, and their sum: [L + 1, S]."""
    products = [(a * b).flatten(start_dim=1).sum(dim=1) for a, b in zip(first, second, strict=True)]
    layers = torch.stack([weights + biases for weights, biases in zip(products[::2], products[1::2], strict=True)])
    return torch.cat([layers, layers.sum(dim=0, keepdim=True)])
