"""A bandit in continuous time: a pattern is shown, the network chooses, and a reward comes at once or later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from algorithms.fused.lookahead.streamed import FusedStreamed
from algorithms.shared.lookahead.initial import he_normal
from algorithms.shared.lookahead.streamed import StreamedReference
from algorithms.shared.lookahead.streamed_settings import Shown, StreamedNetwork, StreamedSettings
from experiments.kungl2021.trials.presentation import OrnsteinUhlenbeck, fading

Delay = Literal["immediate", "next_trial", "scrambled"]
ENGINES: dict[str, Callable[..., StreamedNetwork]] = {"fused": FusedStreamed, "reference": StreamedReference}


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """How trials go, with the released values; times have the unit of `StreamedSettings.step`."""

    ramp: float = 5.0
    """How long a pattern takes to fade in, and out."""
    read_out: float = 25.0
    """When the choice is read out."""
    noise_correlation: float = 30.0
    """Correlation time of the noise on the outputs."""
    output_bias: float = 0.5
    """Bias of the outputs; that of the hidden layers is 0, and none of them changes."""
    baseline_rate: float = 0.1
    """Share by which the baseline follows a reward."""
    baseline_form: Literal["mean", "positive"] = "positive"
    """R - Rbar, or R - max(Rbar, 0) as released."""
    delay: Delay = "immediate"
    """When the reward comes: at the read-out, a presentation later, or Gamma-distributed times later."""
    scrambled_shape: float = 2.0
    """Shape of the Gamma distribution."""
    scrambled_scale: float = 15.0
    """Its scale, a time."""


@dataclass
class Outcome:
    """What S runs were rewarded with, and where they diverged."""

    rewards: NDArray[Any]
    """[S, trials]; NaN from the trial on in which a run diverged."""
    diverged: NDArray[Any]
    """Trial, from 0, and layer, int64[S, 2]; -1: nowhere."""


def build(
    settings: StreamedSettings,
    sizes: tuple[int, ...],
    generators: list[np.random.Generator],
    output_bias: float,
    engine: str = "fused",
    dtype: str = "float32",
) -> StreamedNetwork:
    """Networks of these layer sizes, one for each generator, with normal weights of variance 2 / inputs."""
    layers, feedback = initial(sizes, generators, output_bias, settings.feedback != "symmetric", dtype)
    return ENGINES[engine](layers, feedback, settings)


def initial(
    sizes: tuple[int, ...], generators: list[np.random.Generator], output_bias: float, separate: bool, dtype: str
) -> tuple[list[tuple[NDArray[Any], NDArray[Any]]], list[NDArray[Any]]]:
    """Weights and biases that such networks start with, and their feedback, which is empty unless it is `separate`."""
    layers = he_normal(generators, sizes, dtype)
    layers[-1][1][:] = output_bias
    return layers, [weights for weights, _ in he_normal(generators, sizes, dtype)[1:]] if separate else []


@dataclass
class Rewards:
    """Rewards on their way, and the baseline that they are compared with."""

    protocol: Protocol
    seeds: int
    due: list[list[tuple[int, float]]] = field(default_factory=list)
    baseline: NDArray[Any] = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        self.due = [[] for _ in range(self.seeds)]
        self.baseline = np.zeros(self.seeds)

    def modulators(self, start: int, steps: int) -> NDArray[Any]:
        """What weights follow their traces by before each of the steps from `start` on, [S, K]."""
        found = np.zeros((self.seeds, steps))
        for row, due in enumerate(self.due):
            due.sort()
            while due and due[0][0] < start + steps:
                arrival, reward = due.pop(0)
                least = 0.0 if self.protocol.baseline_form == "positive" else -np.inf
                found[row, arrival - start] += reward - max(self.baseline[row], least)
                self.baseline[row] += self.protocol.baseline_rate * (reward - self.baseline[row])
        return found


class Bandit:
    """S networks that learn to choose the number of the pattern that they are shown; those of a seed are its own alone."""

    def __init__(
        self,
        patterns: NDArray[Any],
        hidden_sizes: tuple[int, ...],
        settings: StreamedSettings,
        protocol: Protocol,
        sequences: list[np.random.SeedSequence],
        engine: str = "fused",
        dtype: str = "float32",
    ) -> None:
        """Show `patterns` [K, d]; `sequences` has one for each seed."""
        families = [np.random.SeedSequence(s.entropy, spawn_key=s.spawn_key).spawn(4) for s in sequences]
        initial, noise, order, delays = ([np.random.default_rng(family[i]) for family in families] for i in range(4))
        self._patterns, self._settings, self._protocol = patterns.astype(dtype), settings, protocol
        sizes = (patterns.shape[1], *hidden_sizes, len(patterns))
        self.network = build(settings, sizes, initial, protocol.output_bias, engine, dtype)
        self._noise = OrnsteinUhlenbeck(noise, len(patterns), protocol.noise_correlation)
        self._order, self._delays, self._dtype = order, delays, dtype
        self._rewards = Rewards(protocol, len(sequences))
        self._settled = settings.form == "settled"
        self._steps = 1 if self._settled else settings.steps(settings.presentation)
        self._done = 0

    def run(self, trials: int) -> Outcome:
        """Go on for so many trials."""
        rewards = np.stack([self._trial() for _ in range(trials)], axis=1)
        diverged = self.network.diverged.copy()
        diverged[:, 0] = np.where(diverged[:, 0] < 0, -1, diverged[:, 0] // self._steps)
        return Outcome(rewards, diverged)

    def _trial(self) -> NDArray[Any]:
        shown = np.array([generator.integers(0, len(self._patterns)) for generator in self._order])
        chosen = self._settled_choice(shown) if self._settled else self._streamed_choice(shown)
        self._done += self._steps
        return np.where(self.network.diverged[:, 0] < 0, chosen, np.nan)

    def _streamed_choice(self, shown: NDArray[Any]) -> NDArray[Any]:
        settings, steps = self._settings, self._steps
        window = fading(steps, settings.step, self._protocol.ramp).astype(self._dtype)
        noise = self._noise.next(steps, settings.step).astype(self._dtype)
        at = min(settings.steps(self._protocol.read_out), steps)
        reward = np.zeros(len(shown))
        for first, last in pairwise((0, at, steps)):
            modulators = self._rewards.modulators(self._done + first, last - first).astype(self._dtype)
            part = Shown(self._patterns[shown], window[first : last + 1], noise[:, first : last + 1], modulators)
            self.network.advance(part)
            if first == 0:
                reward = self._earn(shown, self._done + at)
        return reward

    def _settled_choice(self, shown: NDArray[Any]) -> NDArray[Any]:
        noise = self._noise.next(1, self._settings.presentation).astype(self._dtype)
        nothing = np.zeros((len(shown), 0), self._dtype)
        self.network.settle(Shown(self._patterns[shown], np.ones(1, self._dtype), noise[:, 1:], nothing))
        reward = self._earn(shown, self._done)
        self.network.learn(self._rewards.modulators(self._done, 1)[:, 0].astype(self._dtype))
        return reward

    def _earn(self, shown: NDArray[Any], now: int) -> NDArray[Any]:
        """Read the choices out, and send their rewards on their way."""
        rewards = np.where(self.network.read_out.argmax(axis=1) == shown, 1.0, -1.0)
        for due, reward, delay in zip(self._rewards.due, rewards, self._delay(), strict=True):
            due.append((now + delay, float(reward)))
        return rewards

    def _delay(self) -> Iterator[int]:
        """Steps until the reward, of each seed."""
        unit = self._settings.presentation if self._settled else self._settings.step
        for generator in self._delays:
            if self._protocol.delay == "scrambled":
                yield round(generator.gamma(self._protocol.scrambled_shape, self._protocol.scrambled_scale) / unit)
            else:
                yield round(self._settings.presentation / unit) if self._protocol.delay == "next_trial" else 0
