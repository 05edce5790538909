"""Theorem 2.2.2: is the gradient of a neuron's own Q that of the agent's Q, and in which reading?

Both plants are smooth, bounded and nonlinear, s' = tanh(A s + B a), and their Q over a short horizon is exact. Task "plant" has
the reward w tanh(C s + D a). Task "regulator" has minus the mean square of s', so that the best action depends on the state.
Actors are untrained tanh networks. A neuron's gradient is the slope of its Q(v, a) with respect to its output a, times sigma' v.
The agent's is that of Q(s, mu(s)) by automatic differentiation. In either, the policy of later steps stands still. All rows have
stage "untrained"; layer "1" is the first hidden one, and the last is the output. Further columns:

* hidden: number of hidden layers.
* reading: what a neuron's Q is.
  responds: the agent's Q, where everything downstream responds to the neuron's output;
  held: the agent's Q, where all other voltages are held fixed;
  linear: the best fit to `responds` that is linear in the neuron's inputs and output, as in experiment 2;
  state_slope: the best fit whose slope is linear in the inputs, as in the repaired rule;
  aliased: `responds`, averaged over states that the actor's inputs do not tell apart, against the gradient in each state;
  aliased_mean: the neuron's Q as in `aliased`, against the mean of the gradients in these states.

Quantities:

* cosine [z]: of the angle between all states' gradients of the layer as one long vector. No row where a gradient is 0.
* distance: norm of the difference of these vectors, in units of the agent's.
* agreement: 1 less that distance: 1 where they are equal, 0 or less where as much is wrong as there is to find.
* norm_ratio: norm of the neurons' vector, in units of the agent's.
* mean_cosine [z]: of the angle between the gradients' means over the states, which is what a large minibatch follows.
* least_cosine, greatest_cosine: of the angle between these means for single neurons of the layer: the least and the greatest.
* contradicted: share of pairs of a neuron and a state in which the two slopes have opposite signs.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from algorithms.shared.parameters import Parameters
from algorithms.shared.replay.flat_network import fan_in_layers
from algorithms.shared.replay.rectified_network import layer_shapes
from algorithms.shared.square_root import square_root
from envs.seeding import learner_sequence
from experiments.shared.runs import Run
from experiments.shared.tables import row
from experiments.shared.updates import Update
from records.run_folder import Budget

RUNS = {"method": "ddpg", "variant": "guss2016", "tasks": (), "trained": False}

SEEDS: dict[Budget, range] = {"full": range(200, 220), "tenth": range(100, 104), "tiny": range(100, 102)}
STATES: dict[Budget, int] = {"full": 256, "tenth": 128, "tiny": 32}
TASKS = ("plant", "regulator")
HIDDEN = (1, 2, 3, 4)
"""Numbers of hidden layers."""
WIDTH, STATE, SEEN, ACTIONS, FEATURES = 8, 4, 2, 2, 6
"""Units of a hidden layer; numbers of a state, those of them that are seen where states alias, of an action, and of the reward's
features."""
DISCOUNT, HORIZON = 0.9, 6
ALIKE = 4
"""States that look alike, where they do."""
DEVIATION = 0.2
"""Standard deviation of a neuron's output around its mean, where Q is fitted."""


class Judge(Protocol):
    """What knows the exact Q of an agent."""

    def value(self, state: Tensor, action: Tensor, actor: Actor) -> Tensor:
        """Q(s, a) [S, K, 1] for states [S, K, d] and actions [S, K, n]; the actor goes on from s'."""


@dataclass(frozen=True)
class Plant:
    """The plants of S seeds: matrices [S, in, out]."""

    state: Tensor
    action: Tensor
    reward_of_state: Tensor
    reward_of_action: Tensor
    weights: Tensor
    regulated: bool = False
    """Whether the reward is minus the mean square of the next state."""

    @classmethod
    def draw(cls, generators: Sequence[np.random.Generator]) -> Plant:
        """Draw normal matrices, of variance 1 / inputs but for the action's, which is 1."""
        shapes = ((STATE, STATE), (ACTIONS, STATE), (STATE, FEATURES), (ACTIONS, FEATURES), (FEATURES, 1))
        scales = (STATE**-0.5, 1.0, STATE**-0.5, 1.0, FEATURES**-0.5)
        return cls(*(scale * normal(generators, shape) for shape, scale in zip(shapes, scales, strict=True)))

    def value(self, state: Tensor, action: Tensor, actor: Actor) -> Tensor:
        """Q(s, a) [S, K, 1], exact over the horizon, for states [S, K, d] and actions [S, K, n]; the actor goes on from s'."""
        total = torch.zeros_like(state[..., :1])
        for step in range(HORIZON):
            if step:
                action = actor.voltages(state)[-1]
            features = torch.tanh(torch.bmm(state, self.reward_of_state) + torch.bmm(action, self.reward_of_action))
            state = torch.tanh(torch.bmm(state, self.state) + torch.bmm(action, self.action))
            reward = -(state * state).mean(dim=-1, keepdim=True) if self.regulated else torch.bmm(features, self.weights)
            total = total + DISCOUNT**step * reward
        return total


@dataclass(frozen=True)
class Actor:
    """The tanh networks of S seeds, which see the first numbers of a state."""

    parameters: Parameters
    seen: int

    @classmethod
    def draw(cls, generators: Sequence[np.random.Generator], sizes: Sequence[int]) -> Actor:
        """Draw weights and biases in ±1 / sqrt(inputs), for layers 0 to L of these sizes."""
        return cls(Parameters(fan_in_layers(generators, layer_shapes(sizes), None, "float64")), sizes[0])

    def voltages(self, state: Tensor, probes: Sequence[Tensor] = ()) -> list[Tensor]:
        """Units of layers 0 to L for states [S, K, d]; `probes` are added to the pre-activations of layers 1 to L."""
        units = [state[..., : self.seen]]
        for layer in range(1, self.parameters.layers + 1):
            total = self.parameters.affine(layer, units[-1])
            units.append(torch.tanh(total + probes[layer - 1] if probes else total))
        return units

    def act(self, layer: int, units: Tensor) -> Tensor:
        """The action, if the units of a layer are these [S, K, n_l] and everything downstream responds."""
        for above in range(layer + 1, self.parameters.layers + 1):
            units = torch.tanh(self.parameters.affine(above, units))
        return units


def measure(runs: Sequence[Run], budget: Budget) -> pd.DataFrame:
    """Measure every depth; the module's docstring describes the table. No runs are needed."""
    rows: list[dict[str, Any]] = []
    for task, hidden in itertools.product(TASKS, HIDDEN):
        sequences = [learner_sequence(0, "plant", "theorem", seed).spawn(3) for seed in SEEDS[budget]]
        first, second, third = ([np.random.default_rng(family[i]) for family in sequences] for i in range(3))
        plant = replace(Plant.draw(first), regulated=task == "regulator")
        states = torch.tanh(normal(third, (STATES[budget], STATE)))
        above = (*[WIDTH] * hidden, ACTIONS)
        keys = {"task": task, "stage": "untrained", "hidden": hidden}
        rows += [{**keys, **line} for line in observed(plant, Actor.draw(second, (STATE, *above)), states, third)]
        rows += [{**keys, **line} for line in aliased(plant, Actor.draw(second, (SEEN, *above)), states)]
    return pd.DataFrame(rows)


def observed(plant: Plant, actor: Actor, states: Tensor, generators: Sequence[np.random.Generator]) -> Iterator[dict[str, Any]]:
    """Yield the rows of all readings where the actor sees the whole state."""
    units = actor.voltages(states)
    agent = agent_slopes(plant, actor, states)
    for layer in range(1, len(units)):
        slopes = {
            "responds": responding_slopes(plant, actor, states, layer),
            "held": held_slopes(plant, actor, states, layer),
            **fitted_slopes(plant, actor, states, layer, normal(generators, tuple(units[layer].shape[1:]))),
        }
        for reading, own in slopes.items():
            for line in compared(units, layer, own, agent[layer - 1]):
                yield {"layer": str(layer), "reading": reading, **line}


def aliased(plant: Plant, actor: Actor, states: Tensor) -> Iterator[dict[str, Any]]:
    """Yield the rows of both readings where several states look alike; of each group, the first's visible numbers are all's."""
    alike = states.unflatten(1, (-1, ALIKE)).clone()
    alike[..., : actor.seen] = alike[:, :, :1, : actor.seen]
    states = alike.flatten(1, 2)
    units = actor.voltages(states)
    agent = agent_slopes(plant, actor, states)
    for layer in range(1, len(units)):
        own = averaged_slopes(plant, actor, states, layer)
        references = {"aliased": agent[layer - 1], "aliased_mean": by_group(agent[layer - 1])}
        for reading, reference in references.items():
            for line in compared(units, layer, own, reference):
                yield {"layer": str(layer), "reading": reading, **line}


def agent_slopes(judge: Judge, actor: Actor, states: Tensor) -> list[Tensor]:
    """The gradient of Q(s, mu(s)) at the pre-activations of layers 1 to L, [S, K, n_l], by automatic differentiation."""
    shapes = [unit.shape for unit in actor.voltages(states)[1:]]
    probes = [torch.zeros(shape, dtype=states.dtype, requires_grad=True) for shape in shapes]
    value = judge.value(states, actor.voltages(states, probes)[-1], actor)
    return list(torch.autograd.grad(value.sum(), probes))


def responding_slopes(judge: Judge, actor: Actor, states: Tensor, layer: int) -> Tensor:
    """The slope of each neuron's Q times sigma', [S, K, n_l], if everything downstream responds to its output."""
    unit = actor.voltages(states)[layer].requires_grad_()
    (slope,) = torch.autograd.grad(judge.value(states, actor.act(layer, unit), actor).sum(), unit)
    return slope * (1 - unit.detach() ** 2)


def held_slopes(judge: Judge, actor: Actor, states: Tensor, layer: int) -> Tensor:
    """The slope of each neuron's Q times sigma', [S, K, n_l], if all other voltages stay as they are."""
    voltages = [unit.clone().requires_grad_() for unit in actor.voltages(states)]
    # The action is read off the output neurons' voltages, which do not know of the others.
    value = judge.value(states, voltages[-1], actor)
    (slope,) = torch.autograd.grad(value.sum(), [voltages[layer]], materialize_grads=True)
    return slope * (1 - voltages[layer].detach() ** 2)


def averaged_slopes(judge: Judge, actor: Actor, states: Tensor, layer: int) -> Tensor:
    """As `responding_slopes`, for a Q that is averaged over states that look alike."""
    alike = actor.voltages(states)[layer].unflatten(1, (-1, ALIKE))[:, :, 0].requires_grad_()
    unit = alike.repeat_interleave(ALIKE, dim=1)
    value = judge.value(states, actor.act(layer, unit), actor).unflatten(1, (-1, ALIKE)).mean(dim=2)
    (slope,) = torch.autograd.grad(value.sum(), alike)
    return (slope * (1 - alike.detach() ** 2)).repeat_interleave(ALIKE, dim=1)


def fitted_slopes(judge: Judge, actor: Actor, states: Tensor, layer: int, noise: Tensor) -> dict[str, Tensor]:
    """The slopes of the two fits times sigma', [S, K, n_l], by reading; `noise` [S, K, n_l] is standard normal.

    Each deviation is taken in both directions, else the fit would mistake what Q gets from the state for the deviation's.
    """
    below, unit = actor.voltages(states)[layer - 1 : layer + 1]
    constant = torch.ones_like(below[..., :1])
    twice, inputs = torch.cat([states, states], dim=1), torch.cat([torch.cat([below, constant], dim=-1)] * 2, dim=1)
    own: dict[str, list[Tensor]] = {"linear": [], "state_slope": []}
    for neuron in range(unit.shape[-1]):
        shift = DEVIATION * noise[..., neuron : neuron + 1]
        deviation = torch.cat([shift, -shift], dim=1)
        shaken = torch.cat([unit, unit], dim=1)
        shaken[..., neuron : neuron + 1] += deviation
        value = judge.value(twice, actor.act(layer, shaken), actor)
        plain = torch.cat([inputs, shaken[..., neuron : neuron + 1]], dim=-1)
        own["linear"].append(least_squares(plain, value)[:, -1:].expand(-1, unit.shape[1], -1))
        repaired = torch.cat([inputs, deviation * inputs], dim=-1)
        slope = least_squares(repaired, value)[:, inputs.shape[-1] :]
        own["state_slope"].append(torch.bmm(inputs[:, : unit.shape[1]], slope))
    return {reading: torch.cat(slopes, dim=-1) * (1 - unit**2) for reading, slopes in own.items()}


def least_squares(inputs: Tensor, values: Tensor) -> Tensor:
    """The parameters [S, p, 1] with which inputs [S, K, p] best give values [S, K, 1], by an orthogonal decomposition."""
    basis, triangle = torch.linalg.qr(inputs)
    return torch.linalg.solve_triangular(triangle, torch.bmm(basis.mT, values), upper=True)


def compared(units: list[Tensor], layer: int, own: Tensor, agent: Tensor) -> Iterator[dict[str, Any]]:
    """Yield a layer's quantities from the slopes at its pre-activations [S, K, n_l]: the neurons' own, and the agent's."""
    ours, theirs, difference = (Update.of([units[layer - 1]], [errors]) for errors in (own, agent, own - agent))
    product, square, wanted, missing = (
        left.inner(right)[0].sum(dim=-1)
        for left, right in ((ours, theirs), (ours, ours), (theirs, theirs), (difference, difference))
    )
    distance = square_root(missing / wanted)
    yield row(distance, "distance")
    yield row(1 - distance, "agreement", each=True)
    yield row(square_root(square / wanted), "norm_ratio")
    if (square == 0).any():
        return
    yield row(product / square_root(square * wanted), "cosine", mean_of="fisher_z")
    mean, aim = ours.means()[0], theirs.means()[0]
    yield row(cosines(mean.flatten(1), aim.flatten(1)), "mean_cosine", mean_of="fisher_z")
    single = cosines(mean.mT, aim.mT)
    yield row(single.amin(dim=-1), "least_cosine")
    yield row(single.amax(dim=-1), "greatest_cosine")
    yield row((own * agent < 0).double().mean(dim=(1, 2)), "contradicted")


def cosines(left: Tensor, right: Tensor) -> Tensor:
    """Cosines of the angles between vectors along the last dimension."""
    return (left * right).sum(-1) / square_root((left * left).sum(-1) * (right * right).sum(-1))


def by_group(slopes: Tensor) -> Tensor:
    """Each state's slopes replaced by the mean over the states that look like it."""
    return slopes.unflatten(1, (-1, ALIKE)).mean(dim=2).repeat_interleave(ALIKE, dim=1)


def normal(generators: Sequence[np.random.Generator], shape: tuple[int, ...]) -> Tensor:
    """Standard normal numbers of each seed's own, [S, …]."""
    return torch.from_numpy(np.stack([generator.standard_normal(shape) for generator in generators]))
