"""Settings that all learners of look-ahead neurons share (kungl2021, which prints none: docs/kungl2021.md#settings)."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt
from pydantic import Field
from pydantic.dataclasses import dataclass

from algorithms.interface import HYPERPARAMETER_CONFIG, Problem
from algorithms.shared.lookahead.dynamics import check_times
from algorithms.shared.settings import Fraction, NotNegative, Positive, Rates, fits

Count = Annotated[int, Gt(0)]


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class StreamSettings:
    """Times of a network that is simulated in continuous time, all in one unit (docs/kungl2021.md#forms-of-the-dynamics)."""

    form: Literal["exact", "lagged", "without_look_ahead"] = "exact"
    """What moves the voltages."""
    time_constant: float = 10.0
    """tau of the neurons."""
    step: float = 0.1
    """dt of an Euler step, at most tau."""
    presentation: float = 30.0
    """How long an input is shown."""

    def __post_init__(self) -> None:
        check_times(self.time_constant, self.step, self.presentation)


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class LookaheadHyperparameters:
    """Settings of a learner whose network settles at every environment step."""

    hidden_sizes: Annotated[tuple[Count, ...], Field(min_length=1)] = (32,)
    """Units in each hidden layer."""
    # docs/kungl2021.md#the-equations
    activation_scale: Positive = 0.3
    """s of the rate s log(1 + exp(u / s)) of a neuron with voltage u (released code)."""
    # docs/kungl2021.md#learning-in-the-environments
    output_factor: NotNegative = 0.0
    """Factor on the output weights that networks start with; 0: no action is preferred and no state is worth anything yet."""
    # docs/kungl2021.md#the-settled-network
    settling_steps: Count = 4
    """Gauss-Newton steps that the network takes at each environment step."""
    # docs/kungl2021.md#learning-in-the-environments
    beta: Annotated[float, Gt(0), Le(1)] = 0.03
    """Strength of the nudging; traces are divided by it."""
    noise: NotNegative = 0.5
    """Standard deviation of the exploring noise on the outputs."""
    noise_correlation: Annotated[float, Ge(0), Lt(1)] = 0.0
    """Share of the noise that stays from one environment step to the next (Ornstein-Uhlenbeck); 0: white noise."""
    quiet_from: Fraction | None = None
    """Share of the episodes after which outputs have no noise, so that returns are the network's own; none: never."""
    # docs/kungl2021.md#nudging
    winner_gain: NotNegative = 0.0
    """How strongly the winner nudges all, relative to the noise; 0: noise alone nudges. More needs discrete actions."""
    # docs/kungl2021.md#feedback-weights
    feedback: Literal["symmetric", "random", "learned"] = "symmetric"
    """Weights that errors go down through: the transposed forward weights, fixed random ones, or random ones that learn."""
    feedback_decay: Annotated[float, Ge(0), Lt(1)] = 1e-4
    """Share by which forward and feedback weights decay at an update; used if feedback is learned."""
    # docs/kungl2021.md#homeostasis
    border: Positive = 2.0
    """Voltages beyond plus or minus this are pulled back."""
    border_rate: NotNegative = 0.03
    """Learning rate of that pull."""
    homeostasis_rate: NotNegative = 0.0
    """Learning rate of a pull of every voltage to `homeostasis_target`, in proportion to the modulator's size."""
    homeostasis_target: float = 1.0
    """The voltage that `homeostasis_rate` pulls to (released code, where the rate is .001)."""
    # docs/kungl2021.md#learning-in-the-environments
    actor_learning_rates: Rates = (0.05, 0.05)
    """eta of the actor's layers, input side first, by plain steps."""
    observation_scales: tuple[Positive, ...] = ()
    """Factor on each element of an observation; none: 1."""
    modulator_clip: Positive | None = 0.5
    """The modulator is clipped to ± this; none: unclipped."""
    action_map: str = "identity"
    """Which of the task's affine maps leads from a sampled continuous action to the environment's (a name in `envs.tasks`)."""

    def layer_sizes(self, inputs: int, outputs: int) -> tuple[int, ...]:
        """Units of every layer, from the input (layer 0) to the output (layer L)."""
        return (inputs, *self.hidden_sizes, outputs)

    def check(self, problem: Problem) -> None:
        """Raise ValueError where settings do not fit one another or this problem."""
        fits("actor_learning_rates", self.actor_learning_rates, {len(self.hidden_sizes) + 1})
        fits("observation_scales", self.observation_scales, {0, problem.observation_size})
        if self.quiet_from is not None and not problem.episodic:
            raise ValueError("quiet_from: a single-step task has no episodes")
        if self.winner_gain > 0 and not problem.discrete:
            raise ValueError("winner_gain: a continuous action has no winner")
