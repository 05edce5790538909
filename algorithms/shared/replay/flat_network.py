"""A network's parameters as one row a seed, so that Adam and the step of a target network pass over them once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from algorithms.shared.parameters import Parameters
from algorithms.shared.replay.off_policy_settings import OffPolicyHyperparameters
from algorithms.shared.seed_arrays import SeedArrays
from algorithms.shared.tensors import Tensor, torch

# Rows are as long as a multiple of the widest registers: what would be left over takes another path, which rounds differently.
_MULTIPLE = 64
Layers = list[tuple[NDArray[Any], NDArray[Any]]]
"""Weights [S, in, out] and biases [S, out] of every layer."""


class FlatNetwork(SeedArrays):
    """The parameters of one network for S seeds, those of its target network, and Adam's moments.

    Attributes:
        rows: [S, P], weights and biases layer by layer, then zeros.
        target_rows: [S, P], of the target network.
        first, second: [S, P], Adam's moments; `updates` int64[S] counts each seed's steps.
    """

    def __init__(self, name: str, layers: Layers) -> None:
        """`layers` holds weights [S, in, out] and biases [S, out]; a single seed's row is doubled."""
        super().__init__(least=2)
        self._shapes = [weights.shape[1:] for weights, _ in layers]
        flat = np.concatenate([array.reshape(len(array), -1) for layer in layers for array in layer], axis=1)
        padded = np.zeros((max(2, len(flat)), -flat.shape[1] % _MULTIPLE + flat.shape[1]), flat.dtype)
        padded[:, : flat.shape[1]] = flat
        self.rows = torch.from_numpy(padded)
        self.target_rows = self.rows.clone()
        self.first, self.second = torch.zeros_like(self.rows), torch.zeros_like(self.rows)
        self.updates = np.zeros(len(padded), np.int64)
        self._made: dict[str, tuple[Tensor, Parameters]] = {}
        for attribute in ("rows", "target_rows", "first", "second", "updates"):
            self.hold(f"{name}/{attribute}", vars(self), attribute)

    @property
    def parameters(self) -> Parameters:
        """The learned parameters; views of `rows`, as long as no seed is dropped."""
        return self._views("rows")

    @property
    def target(self) -> Parameters:
        """The target network's parameters; views of `target_rows`."""
        return self._views("target_rows")

    def arrays(self, seeds: int) -> Layers:
        """Weights [S, in, out] and biases [S, out] of every layer, of the first `seeds`."""
        return self.parameters.arrays(seeds)

    def descend(self, gradients: list[Tensor], step: Step, learning: NDArray[np.bool_]) -> None:
        """Step against the gradients of every W^l and b^l, for the seeds that are `learning` [S]."""
        seeds = len(self.rows)
        padding = self.rows.shape[1] - sum(gradient[0].numel() for gradient in gradients)
        flat = torch.cat([*(gradient.reshape(seeds, -1) for gradient in gradients), self.rows.new_zeros(seeds, padding)], dim=1)
        self.updates += learning
        counts = torch.from_numpy(self.updates.astype(np.float32))  # as PyTorch's Adam has them: exact up to 2^24
        buffers = [list(tensor.unbind()) for tensor in (self.rows, flat, self.first, self.second, counts)]
        if not learning.all():
            buffers = [[rows[seed] for seed in np.flatnonzero(learning)] for rows in buffers]
        step.apply(*buffers)

    def follow(self, tau: float, learning: NDArray[np.bool_]) -> None:
        """Move the target network to tau theta + (1 - tau) theta', for the seeds that are `learning` [S]."""
        if learning.all():
            self.target_rows.lerp_(self.rows, tau)
            return
        for seed in np.flatnonzero(learning).tolist():
            self.target_rows[seed].lerp_(self.rows[seed], tau)

    def _views(self, name: str) -> Parameters:
        rows = getattr(self, name)
        made_of, parameters = self._made.get(name, (None, None))
        if parameters is None or made_of is not rows:  # dropping seeds makes new rows
            tensors, start = [], 0
            for inputs, outputs in self._shapes:
                middle, stop = start + inputs * outputs, start + (inputs + 1) * outputs
                tensors += [rows[:, start:middle].unflatten(1, (inputs, outputs)), rows[:, None, middle:stop]]
                start = stop
            parameters = Parameters.of(tensors)
            self._made[name] = (rows, parameters)
        return parameters


class Step(Protocol):
    """How gradients become steps."""

    def apply(
        self, rows: list[Tensor], gradients: list[Tensor], first: list[Tensor], second: list[Tensor], counts: list[Tensor]
    ) -> None:
        """One step in place against each row's gradient, with its moments; `counts` numbers each row's update, from 1."""


@dataclass(frozen=True)
class PlainStep:
    """Steps of `rate` times the gradient and weight decay."""

    rate: float
    l2: float

    def apply(
        self, rows: list[Tensor], gradients: list[Tensor], first: list[Tensor], second: list[Tensor], counts: list[Tensor]
    ) -> None:
        """See `Step`; there are no moments."""
        for row, gradient in zip(rows, gradients, strict=True):
            row.sub_(self.rate * (gradient + self.l2 * row))


@dataclass(frozen=True)
class AdamStep:
    """The numbers of Adam (Kingma and Ba, 2015) with weight decay in the gradient."""

    rate: float
    l2: float
    beta1: float
    beta2: float
    epsilon: float

    @classmethod
    def of(cls, settings: OffPolicyHyperparameters, rate: float, l2: float = 0.0) -> AdamStep:
        """With the settings' constants."""
        return cls(rate, l2, settings.adam_beta1, settings.adam_beta2, settings.adam_epsilon)

    def apply(
        self, rows: list[Tensor], gradients: list[Tensor], first: list[Tensor], second: list[Tensor], counts: list[Tensor]
    ) -> None:
        """See `Step`."""
        # What torch.optim.Adam(fused=True) calls, without its bookkeeping, which takes as long as a small network's step.
        torch._fused_adam_(
            rows,
            gradients,
            first,
            second,
            [],
            counts,
            lr=self.rate,
            beta1=self.beta1,
            beta2=self.beta2,
            weight_decay=self.l2,
            eps=self.epsilon,
            amsgrad=False,
            maximize=False,
        )


def fan_in_layers(
    generators: Sequence[np.random.Generator], shapes: Sequence[tuple[int, int]], last_bound: float | None, dtype: str
) -> Layers:
    """Draw weights and biases in ±1 / sqrt(in) for layers of `shapes` (in, out), and the last one's in ±`last_bound` if given.

    As Lillicrap et al. (2016), section 7.
    """
    layers = []
    for number, (inputs, outputs) in enumerate(shapes, start=1):
        bound = last_bound if last_bound is not None and number == len(shapes) else inputs**-0.5
        drawn = np.stack([generator.uniform(-bound, bound, (inputs + 1, outputs)) for generator in generators]).astype(dtype)
        layers.append((drawn[:, :-1], drawn[:, -1]))
    return layers
