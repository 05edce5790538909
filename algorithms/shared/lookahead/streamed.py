"""A network that learns while it is simulated in continuous time: reference of `algorithms.fused.lookahead.streamed`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.shared.lookahead.dynamics import Stream, settle
from algorithms.shared.lookahead.network import Drive, LayeredNetwork, Voltages
from algorithms.shared.lookahead.nudge import Nudge
from algorithms.shared.lookahead.solve import Solver
from algorithms.shared.lookahead.streamed_settings import Shown, StreamedSettings
from algorithms.shared.parameters import Parameters
from algorithms.shared.tensors import Tensor, torch


class StreamedReference:
    """S networks with voltages, traces and a read-out (docs/kungl2021.md#streamed-trials); biases never change."""

    def __init__(
        self,
        layers: list[tuple[NDArray[Any], NDArray[Any]]],
        feedback: Sequence[NDArray[Any]],
        settings: StreamedSettings,
    ) -> None:
        """Take initial weights [S, in, out] and biases [S, out]; feedback [S, n_l, n_(l+1)], none if it is symmetric."""
        self._settings = settings
        parameters = Parameters(layers)
        self.network = LayeredNetwork(parameters, settings.activation_scale, [torch.from_numpy(w.copy()) for w in feedback])
        self._seeds = len(layers[0][0])
        form = "exact" if settings.form == "settled" else settings.form
        solver = Solver(settings.tolerance, settings.sweeps, settings.krylov_steps)
        rest = self.network.rest(self._seeds, 1)
        self._stream = Stream(self.network, form, settings.time_constant, settings.step, rest, solver)
        self._traces = [torch.zeros_like(weights) for weights in parameters.tensors[::2]]
        self._read = torch.zeros_like(self._stream.voltages[-1])
        self._inputs = torch.zeros(())
        self._steps = 0
        self.diverged = np.full((self._seeds, 2), -1)

    @property
    def read_out(self) -> NDArray[Any]:
        return self._read[:, 0].numpy()

    def voltages(self) -> list[NDArray[Any]]:
        return [voltage[:, 0].numpy() for voltage in self._stream.voltages]

    def layers(self) -> list[tuple[NDArray[Any], NDArray[Any]]]:
        return self.network.parameters.arrays(self._seeds)

    def traces(self) -> list[NDArray[Any]]:
        return [trace.numpy() for trace in self._traces]

    def advance(self, shown: Shown) -> None:
        settings, stream = self._settings, self._stream
        pattern, window, fluctuation, target = _tensors(shown)
        for step in range(shown.modulators.shape[1]):
            self._inputs = window[step] * pattern
            self.learn(shown.modulators[:, step])
            standing = torch.from_numpy(self.diverged[:, :1, None] >= 0)
            before = [stream.voltages, stream.velocity]
            velocity = (window[step + 1] - window[step]) / settings.step * pattern
            nudge = self._nudge(window, fluctuation, target, step)
            changes = self.network.local_changes(stream.voltages, self._inputs)[::2]
            drift = None
            if settings.plastic and settings.foresees_plasticity:
                drift = self.network.plastic_drift(stream.voltages, self._inputs, settings.plastic_rate)
            self._observe(changes, nudge, standing)
            stream.advance(Drive(self._inputs, nudge, velocity, drift))
            stream.voltages = _choose(standing, before[0], stream.voltages)
            stream.velocity = _choose(standing, before[1], stream.velocity)
            if settings.plastic:
                rate = settings.plastic_rate * settings.step
                self._change([torch.where(standing, 0, rate * change) for change in changes], ~standing)
            self._note_divergence()
            self._steps += 1

    def settle(self, shown: Shown) -> None:
        pattern, window, fluctuation, target = _tensors(shown)
        self._inputs = window[0] * pattern
        nudge = self._nudge(window, fluctuation, target, 0)
        drive = Drive(self._inputs, nudge)
        standing = torch.from_numpy(self.diverged[:, :1, None] >= 0)
        settled = settle(self.network, self._stream.voltages, drive, self._settings.settling_steps)
        self._stream.voltages = _choose(standing, self._stream.voltages, settled)
        self._note_divergence()
        standing = torch.from_numpy(self.diverged[:, :1, None] >= 0)
        self._observe(self.network.local_changes(self._stream.voltages, self._inputs)[::2], nudge, standing)
        self._steps += 1

    def learn(self, modulator: NDArray[Any]) -> None:
        settings = self._settings
        going = (modulator != 0) & (self.diverged[:, 0] < 0)
        if not going.any():
            return
        factor = torch.from_numpy(np.where(going, modulator, 0))[:, None, None].to(self._read.dtype)
        pulls = []
        for voltage in self._stream.voltages:
            pull = settings.border_rate * (voltage.clamp(-settings.border, settings.border) - voltage)
            pulls.append(pull + settings.homeostasis_rate * factor.abs() * (settings.homeostasis_target - voltage))
        presynaptic = self.network.presynaptic(self._stream.voltages, self._inputs)
        taught = [settings.learning_rate / settings.beta * factor * trace for trace in self._traces]
        pulled = [torch.bmm(rates.mT, pull) for rates, pull in zip(presynaptic, pulls, strict=True)]
        self._change([torch.where(factor != 0, a + b, 0) for a, b in zip(taught, pulled, strict=True)], factor != 0)

    def _nudge(self, window: Tensor, fluctuation: Tensor, target: Tensor | None, step: int) -> Nudge:
        settings, last = self._settings, min(step + 1, len(window) - 1)
        shift, shift_drift = (
            settings.noise * fluctuation[:, step, None],
            settings.noise * (fluctuation[:, last, None] - fluctuation[:, step, None]) / settings.step,
        )
        offset, drift, pull = settings.beta * shift, settings.beta * shift_drift, 0.0
        if target is not None:
            pull = settings.beta * float(window[step])
            changing = settings.beta * (window[last] - window[step]) / settings.step
            offset = offset + pull * target
            drift = drift + changing * (target - self._stream.voltages[-1])
        return Nudge(offset, pull, settings.beta * settings.winner_gain, shift, drift, shift_drift)

    def _observe(self, changes: list[Tensor], nudge: Nudge, standing: Tensor) -> None:
        """Low-pass the local changes and the outputs' rates."""
        settings = self._settings
        kept, read = settings.keep(settings.trace_time_constant), settings.keep(settings.readout_time_constant)
        filtered = [kept * trace + (1 - kept) * change for trace, change in zip(self._traces, changes, strict=True)]
        self._traces = _choose(standing, self._traces, filtered)
        shift = torch.zeros(()) if nudge.shift is None else nudge.shift
        rates = self.network.rates(self._stream.voltages[-1] + shift)
        self._read = torch.where(standing, self._read, read * self._read + (1 - read) * rates)

    def _change(self, changes: list[Tensor], going: Tensor) -> None:
        """Add to the weights, and to feedback that learns to be their transpose."""
        weights = self.network.parameters.tensors[::2]
        learned = self._settings.feedback == "learned"
        kept = 1 - self._settings.decay * going.to(self._read.dtype)
        for tensor, change in zip(weights, changes, strict=True):
            tensor.add_(change)
        if learned:
            for tensor, feedback, change in zip(weights[1:], self.network.feedback, changes[1:], strict=True):
                feedback.add_(change).mul_(kept)
                tensor.mul_(kept)

    def _note_divergence(self) -> None:
        for layer, voltage in enumerate(self._stream.voltages, start=1):
            lost = ~voltage.isfinite().all(dim=-1)[:, 0].numpy() & (self.diverged[:, 0] < 0)
            self.diverged[lost] = self._steps, layer


def _choose(where: Tensor, chosen: Voltages, otherwise: Voltages) -> Voltages:
    return [torch.where(where, a, b) for a, b in zip(chosen, otherwise, strict=True)]


def _tensors(shown: Shown) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    """Pattern [S, 1, d], window [K + 1], fluctuation [S, K + 1, n_L] and target [S, 1, n_L]."""
    target = None if shown.target is None else torch.from_numpy(shown.target)[:, None]
    return torch.from_numpy(shown.inputs)[:, None], torch.from_numpy(shown.window), torch.from_numpy(shown.fluctuation), target
