"""How the voltages move: tau du/dt = W r - u + e, in the forms that docs/kungl2021.md#forms-of-the-dynamics compares."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from algorithms.shared.lookahead.network import Drive, LayeredNetwork, Linearisation, Voltages
from algorithms.shared.lookahead.solve import Solver
from algorithms.shared.tensors import Tensor, torch


def exact_velocity(
    network: LayeredNetwork, voltages: Voltages, drive: Drive, tau: float, last: Voltages, solver: Solver
) -> Voltages:
    """du/dt with rates and errors that look ahead: F + tau dF/dt = 0, solved for du/dt from `last` as a first guess."""
    linear = Linearisation(network, voltages, drive)
    return solver.solve(linear, _wanted(network, voltages, linear.residuals, drive, tau), last).x


def lagged_velocity(network: LayeredNetwork, voltages: Voltages, drive: Drive, tau: float, last: Voltages) -> Voltages:
    """du/dt with rates and errors that look ahead by the du/dt of the step before, `last`.

    Stable only while the largest singular value of I - W P is below the square root of 2, however short the step.
    """
    linear = Linearisation(network, voltages, drive)
    parts = zip(last, _wanted(network, voltages, linear.residuals, drive, tau), linear.product(last), strict=True)
    return [before + wanted - seen for before, wanted, seen in parts]


def plain_velocity(network: LayeredNetwork, voltages: Voltages, drive: Drive, tau: float) -> Voltages:
    """du/dt without look-ahead: neurons pass on their low-passed rates and errors, so that every layer adds a delay."""
    return [-part / tau for part in network.residuals(voltages, drive)]


def newton_step(network: LayeredNetwork, voltages: Voltages, drive: Drive, solver: Solver) -> Voltages:
    """Voltages after an exact Euler step of length tau under a drive that stands still: one step of Newton's method."""
    linear = Linearisation(network, voltages, drive)
    return _less(voltages, solver.solve(linear, linear.residuals, [torch.zeros_like(u) for u in voltages]).x)


def settle(network: LayeredNetwork, voltages: Voltages, drive: Drive, steps: int) -> Voltages:
    """Voltages of the settled network, F = 0, after so many Gauss-Newton steps: Newton steps without D and N.

    After a jump of the input each step makes one more layer right; from then on the distance shrinks in proportion to the
    nudging. With D and N a step from afar may lead anywhere (docs/kungl2021.md#the-settled-network).
    """
    for _ in range(steps):
        linear = Linearisation(network, voltages, drive)
        voltages = _less(voltages, linear.sweep(linear.residuals))
    return voltages


Velocity = Callable[[LayeredNetwork, Voltages, Drive, float, Voltages, Solver], Voltages]

STREAMED: dict[str, Velocity] = {
    "exact": exact_velocity,
    "lagged": lambda network, voltages, drive, tau, last, _: lagged_velocity(network, voltages, drive, tau, last),
    "without_look_ahead": lambda network, voltages, drive, tau, *_: plain_velocity(network, voltages, drive, tau),
}
"""What moves the voltages in continuous time, by the name of the form."""


@dataclass
class Stream:
    """A network in continuous time: its voltages, and their velocity at the last Euler step."""

    network: LayeredNetwork
    form: str
    """A key of `STREAMED`."""
    tau: float
    """Time constant of the neurons."""
    step: float
    """dt of an Euler step, at most tau."""
    voltages: Voltages
    solver: Solver
    velocity: Voltages = field(default_factory=list)

    def __post_init__(self) -> None:
        check_times(self.tau, self.step)
        self.velocity = self.velocity or [torch.zeros_like(voltage) for voltage in self.voltages]

    def advance(self, drive: Drive) -> None:
        """Take one Euler step."""
        self.velocity = STREAMED[self.form](self.network, self.voltages, drive, self.tau, self.velocity, self.solver)
        self.voltages = [u + self.step * v for u, v in zip(self.voltages, self.velocity, strict=True)]

    def present(self, drive: Drive, duration: float) -> None:
        """Take Euler steps under one drive for a presentation of this duration, rounded to whole steps."""
        for _ in range(round(duration / self.step)):
            self.advance(drive)


def check_times(tau: float, step: float, presentation: float = math.inf) -> None:
    """Raise ValueError, naming the setting, for times that no Euler integration can use.

    F decays by 1 - step / tau an Euler step: it changes sign at every step if that is negative, and grows beyond 2 tau.
    """
    if not tau > 0:
        raise ValueError(f"time_constant: {tau:g} must be positive")
    if not step > 0:
        raise ValueError(f"step: {step:g} must be positive")
    if step > tau:
        raise ValueError(f"step: an Euler step of {step:g} is unstable or overshoots; at most the time constant, {tau:g}")
    if not presentation >= step:
        raise ValueError(f"presentation: {presentation:g} is shorter than one step, {step:g}")


def _less(voltages: Voltages, x: list[Tensor]) -> Voltages:
    return [u - part for u, part in zip(voltages, x, strict=True)]


def _wanted(network: LayeredNetwork, voltages: Voltages, residuals: list[Tensor], drive: Drive, tau: float) -> list[Tensor]:
    """-F / tau - dF/dt at fixed voltages: what J du/dt must be."""
    wanted = [-part / tau for part in residuals]
    if drive.velocity is not None:
        wanted[0] = wanted[0] + torch.bmm(drive.velocity, network.parameters.tensors[0])
    if (moved := drive.nudge.velocity(network, voltages[-1])) is not None:
        wanted[-1] = wanted[-1] + moved
    if drive.plasticity is not None:
        wanted = [part + moved for part, moved in zip(wanted, drive.plasticity, strict=True)]
    return wanted
