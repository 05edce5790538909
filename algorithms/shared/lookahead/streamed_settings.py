"""Settings of a network that learns while it is simulated in continuous time, and what it is shown."""

from __future__ import annotations

import math
from dataclasses import dataclass as plain_dataclass
from typing import Annotated, Any, Literal, Protocol

from annotated_types import Ge, Gt, Lt
from numpy.typing import NDArray
from pydantic.dataclasses import dataclass

from algorithms.interface import HYPERPARAMETER_CONFIG
from algorithms.shared.lookahead.settings import Count, StreamSettings
from algorithms.shared.settings import NotNegative, Positive


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class StreamedSettings(StreamSettings):
    """Settings, with the bandit's values (docs/kungl2021.md#streamed-trials); times have the unit of `step`."""

    form: Literal["exact", "lagged", "without_look_ahead", "settled"] = "exact"  # type: ignore[assignment]
    """What moves the voltages; settled: no time passes, each presentation is settled at once."""
    activation_scale: Positive = 0.3
    """s of the rate s log(1 + exp(u / s)) of a neuron with voltage u."""
    settling_steps: Count = 4
    """Gauss-Newton steps at each presentation; used if `form` is settled."""
    tolerance: Positive = 1e-4
    """Largest relative error of du/dt."""
    sweeps: Count = 12
    """Sweeps at each Euler step at most."""
    krylov_steps: Annotated[int, Ge(0)] = 40
    """Dimensions of the Krylov space where the sweeps do not suffice; 0: no fallback."""
    # docs/kungl2021.md#streamed-trials
    beta: Annotated[float, Gt(0)] = 0.1
    """Strength of the nudging; weight changes are divided by it."""
    winner_gain: NotNegative = 0.8
    """How strongly the winner nudges all, times the strength of the matrix M; 0: noise or a target alone nudges."""
    noise: NotNegative = 0.3
    """Factor on the exploring noise on the outputs; it is both read out and, times beta, nudges."""
    learning_rate: NotNegative = 0.003
    """eta: change of weights for a modulator and a trace of 1; with `plastic`, in a presentation for a mismatch of 1."""
    plastic: bool = False
    """Whether weights follow their local changes at every Euler step, without modulator: supervised learning."""
    foresees_plasticity: bool = True
    """Whether the look-ahead sees the weights move; used if `plastic`."""
    trace_time_constant: Positive = 0.1
    """Time constant of the eligibility trace, a low-pass of the local changes."""
    readout_time_constant: Positive = 10.0
    """Time constant of the low-pass of the output rates that are read out."""
    # docs/kungl2021.md#feedback-weights
    feedback: Literal["symmetric", "random", "learned"] = "symmetric"
    """Weights that errors go down through."""
    feedback_decay: Annotated[float, Ge(0), Lt(1)] = 1e-3
    """Share by which forward and feedback weights decay in a presentation; used if feedback is learned."""
    # docs/kungl2021.md#homeostasis
    homeostasis_rate: NotNegative = 0.001
    """Rate of a pull of every voltage to `homeostasis_target`, in proportion to the modulator's size."""
    homeostasis_target: float = 1.0
    """The voltage that it pulls to."""
    border: Positive = 1.25
    """Voltages beyond plus or minus this are pulled back at every update."""
    border_rate: NotNegative = 0.003
    """Rate of that pull."""

    def steps(self, duration: float) -> int:
        """Euler steps in a time."""
        return round(duration / self.step)

    def keep(self, time_constant: float) -> float:
        """Share that a low-pass of this time constant keeps in an Euler step, or in a presentation if settled."""
        return math.exp(-(self.presentation if self.form == "settled" else self.step) / time_constant)

    @property
    def plastic_rate(self) -> float:
        """dW/dt for a mismatch and a rate of 1."""
        return self.learning_rate / (self.beta * self.presentation)

    @property
    def decay(self) -> float:
        """Share by which weights decay at an update: a presentation's, or an Euler step's if they are plastic."""
        return self.feedback_decay * (self.step / self.presentation if self.plastic else 1.0)


@plain_dataclass(frozen=True)
class Shown:
    """What a network is shown during K Euler steps; what moves is given at the beginning of each and at the end of the last."""

    inputs: NDArray[Any]
    """The pattern of each seed, [S, d]."""
    window: NDArray[Any]
    """Factor on the pattern, and on the pull to the target, [K + 1]."""
    fluctuation: NDArray[Any]
    """Noise on the output, with variance 1, [S, K + 1, n_L]."""
    modulators: NDArray[Any]
    """What weights follow their traces by before an Euler step; 0: they stand still, [S, K]."""
    target: NDArray[Any] | None = None
    """Voltages that the output is pulled to, [S, n_L]; None: no pull."""


class StreamedNetwork(Protocol):
    """S networks that learn in continuous time, one a seed, which do not disturb one another."""

    @property
    def read_out(self) -> NDArray[Any]:
        """Low-passed rates of the outputs with their noise, [S, n_L]."""

    @property
    def diverged(self) -> NDArray[Any]:
        """Where voltages stopped to be finite, int64[S, 2]: the Euler step, from 0, and the layer; -1: nowhere.

        A network that has diverged stands still.
        """

    def advance(self, shown: Shown) -> None:
        """Take Euler steps, and learn."""

    def settle(self, shown: Shown) -> None:
        """Settle over what is shown at the beginning of the first step."""

    def learn(self, modulator: NDArray[Any]) -> None:
        """Let weights follow their traces times modulator [S], and pull voltages back; nothing happens where that is 0."""

    def voltages(self) -> list[NDArray[Any]]:
        """Voltages of the layers 1 to L, each [S, n_l]."""

    def layers(self) -> list[tuple[NDArray[Any], NDArray[Any]]]:
        """Weights [S, in, out] and biases [S, out] of every layer."""

    def traces(self) -> list[NDArray[Any]]:
        """Eligibility traces of the weights of every layer, [S, in, out]: low-passed local changes, undivided by beta."""
