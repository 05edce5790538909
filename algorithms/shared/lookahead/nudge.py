"""What pulls a network's output away from what its input implies: a target, the winner's advantage, noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from algorithms.shared.tensors import Tensor


class Rates(Protocol):
    """What a nudge needs to know of the neurons."""

    def rates(self, voltage: Tensor) -> Tensor:
        """rho(u), of u's shape."""

    def slopes(self, voltage: Tensor) -> Tensor:
        """rho'(u), of u's shape."""


@dataclass(frozen=True)
class Nudge:
    """An error n(u) = offset - pull u + gain M rho(u + shift) of the output u, [S, B, n_L], with M of `over_rivals`.

    A cost beta |target - u|^2 / 2 is `Nudge.towards(target, beta)`; docs/kungl2021.md#nudging has the others.
    """

    offset: Tensor
    """[S, B, n_L], or what broadcasts to it."""
    pull: float = 0.0
    gain: float = 0.0
    """How strongly the winner nudges all; more than 0 needs two outputs at least."""
    shift: Tensor | None = None
    """Noise on the output as the winner is chosen, [S, B, n_L]; None: none."""
    drift: Tensor | None = None
    """The offset's time derivative, of its shape, less that of the pull times u; None: both stand still."""
    shift_drift: Tensor | None = None
    """The shift's time derivative, of its shape; None: it stands still."""

    @classmethod
    def towards(cls, target: Tensor, beta: float, drift: Tensor | None = None) -> Nudge:
        """Pull the output to `target` [S, B, n_L], which moves by `drift`, with strength beta."""
        return cls(beta * target, beta, drift=None if drift is None else beta * drift)

    def error(self, neurons: Rates, output: Tensor) -> Tensor:
        """n(u), [S, B, n_L]."""
        pulled = self.offset - self.pull * output
        return pulled + self.gain * over_rivals(neurons.rates(self._seen(output))) if self.gain else pulled

    def slope(self, neurons: Rates, output: Tensor, x: Tensor) -> Tensor:
        """The derivative of n at u along x, [S, B, n_L]."""
        pulled = -self.pull * x
        return pulled + self.gain * over_rivals(neurons.slopes(self._seen(output)) * x) if self.gain else pulled

    def velocity(self, neurons: Rates, output: Tensor) -> Tensor | None:
        """The time derivative of n at a u that stands still, [S, B, n_L]; None where it is zero."""
        if not self.gain or self.shift_drift is None:
            return self.drift
        carried = self.gain * over_rivals(neurons.slopes(self._seen(output)) * self.shift_drift)
        return carried if self.drift is None else self.drift + carried

    def _seen(self, output: Tensor) -> Tensor:
        return output if self.shift is None else output + self.shift


def over_rivals(rates: Tensor) -> Tensor:
    """M r, [S, B, n] as r: each output's rate less the mean of the others'. M has 1 on the diagonal, -1 / (n - 1) elsewhere."""
    rivals = (rates.sum(dim=-1, keepdim=True) - rates) / (rates.shape[-1] - 1)
    return rates - rivals
