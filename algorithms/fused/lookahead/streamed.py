"""Fused twin of `algorithms.shared.lookahead.streamed`: one call takes every seed through all Euler steps of what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.fused.lookahead.streamed_kernels import ROWS, Networks, Scratch, Seen, advance, learn_all, settle_all
from algorithms.fused.lookahead.streamed_step import FEEDBACK, TRACE, VOLTAGES, WEIGHTS, Numbers
from algorithms.fused.shared.flat import Layers, flatten, unflatten
from algorithms.shared.lookahead.streamed_settings import Shown, StreamedSettings

_FORMS = ("exact", "lagged", "without_look_ahead")


class FusedStreamed:
    """As `algorithms.shared.lookahead.streamed.StreamedReference`, with the same order of operations."""

    def __init__(self, layers: Layers, feedback: Sequence[NDArray[Any]], settings: StreamedSettings) -> None:
        weights = flatten(layers)
        self._dtype = weights.dtype
        seeds = len(weights)
        self.sizes = (layers[0][0].shape[1], *(biases.shape[1] for _, biases in layers))
        blocks = np.zeros((seeds, 3, weights.shape[1]), self._dtype)
        blocks[:, WEIGHTS] = weights
        if feedback:
            nothing = [(np.zeros_like(layers[0][0]), np.zeros_like(layers[0][1]))]
            blocks[:, FEEDBACK] = flatten(nothing + [(w, np.zeros_like(w[:, 0])) for w in feedback])
        units, outputs = sum(self.sizes), self.sizes[-1]
        form = 0 if settings.form == "settled" else _FORMS.index(settings.form)
        choices = (form, settings.sweeps, settings.krylov_steps, len(feedback) > 0, settings.feedback == "learned")
        self._networks = Networks(
            np.array(self.sizes),
            blocks,
            np.zeros((seeds, 2, units), self._dtype),
            np.zeros((seeds, outputs), self._dtype),
            np.full((seeds, 2), -1),
            np.array(_numbers(settings), self._dtype),
            np.array([*choices, settings.settling_steps]),
        )
        dimensions = settings.krylov_steps + 1
        rows, basis = np.zeros((ROWS, max(units, 6 * outputs))), np.zeros((dimensions, units))
        self._scratch = Scratch(*map(self._cast, (rows, basis, np.zeros((dimensions + 3, dimensions)))))
        self._inputs = self._cast(np.zeros((seeds, self.sizes[0])))
        self._steps = 0

    @property
    def diverged(self) -> NDArray[Any]:
        return self._networks.outcomes

    @property
    def read_out(self) -> NDArray[Any]:
        return self._networks.reads

    def voltages(self) -> list[NDArray[Any]]:
        return np.split(self._networks.states[:, VOLTAGES], np.cumsum(self.sizes)[:-1], axis=1)[1:]

    def layers(self) -> Layers:
        return unflatten(self._networks.blocks[:, WEIGHTS], self.sizes)

    def traces(self) -> list[NDArray[Any]]:
        return [weights for weights, _ in unflatten(self._networks.blocks[:, TRACE], self.sizes)]

    def advance(self, shown: Shown) -> None:
        steps = shown.modulators.shape[1]
        advance(self._networks, self._seen(shown), self._scratch, self._steps)
        if steps:
            self._inputs = self._cast(shown.window[steps - 1] * shown.inputs)
        self._steps += steps

    def settle(self, shown: Shown) -> None:
        settle_all(self._networks, self._seen(shown), self._scratch, self._steps)
        self._inputs = self._cast(shown.window[0] * shown.inputs)
        self._steps += 1

    def learn(self, modulator: NDArray[Any]) -> None:
        learn_all(self._networks, self._inputs, self._cast(modulator), self._scratch)

    def _seen(self, shown: Shown) -> Seen:
        target = np.zeros((len(shown.inputs), 0)) if shown.target is None else shown.target
        return Seen(*map(self._cast, (shown.inputs, shown.window, shown.fluctuation, shown.modulators, target)))

    def _cast(self, array: NDArray[Any]) -> NDArray[Any]:
        return np.ascontiguousarray(array, dtype=self._dtype)


def _numbers(settings: StreamedSettings) -> Numbers:
    plastic = settings.plastic_rate if settings.plastic else 0.0
    return Numbers(
        scale=settings.activation_scale,
        tau=settings.time_constant,
        step=settings.step,
        tolerance=settings.tolerance,
        beta=settings.beta,
        gain=settings.beta * settings.winner_gain,
        noise=settings.noise,
        learning_rate=settings.learning_rate / settings.beta,
        plastic_step=plastic * settings.step,
        foreseen_rate=plastic if settings.foresees_plasticity else 0.0,
        trace_keep=settings.keep(settings.trace_time_constant),
        read_keep=settings.keep(settings.readout_time_constant),
        feedback_keep=1 - settings.decay,
        homeostasis_rate=settings.homeostasis_rate,
        homeostasis_target=settings.homeostasis_target,
        border=settings.border,
        border_rate=settings.border_rate,
    )
