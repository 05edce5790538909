"""What learners of look-ahead neurons share: settle at every environment step, then learn by modulated traces."""

from __future__ import annotations

import itertools
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.interface import Problem
from algorithms.shared.lookahead.divergence import Divergence
from algorithms.shared.lookahead.dynamics import settle
from algorithms.shared.lookahead.initial import he_normal, named_feedback
from algorithms.shared.lookahead.network import Drive, LayeredNetwork
from algorithms.shared.lookahead.nudge import Nudge
from algorithms.shared.lookahead.quiet import Quiet
from algorithms.shared.lookahead.settings import LookaheadHyperparameters
from algorithms.shared.noise import NoiseStreams
from algorithms.shared.parameters import Parameters, layer_rates
from algorithms.shared.seed_arrays import SeedArrayLearner, SeedArrays
from algorithms.shared.tensors import Tensor, torch


class SettlingNetwork(LayeredNetwork):
    """A network with the voltages that it has settled at, and a trace for every parameter."""

    def __init__(self, layers: list[tuple[NDArray[Any], NDArray[Any]]], feedback: list[NDArray[Any]], settings: Any) -> None:
        super().__init__(Parameters(layers), settings.activation_scale, [torch.from_numpy(weights) for weights in feedback])
        self._settings = settings
        self.voltages: list[Tensor] = []
        self.traces = [torch.zeros_like(tensor) for tensor in self.parameters.tensors]
        self._presynaptic: list[Tensor] = []
        self._mismatches: list[Tensor] = []

    def settle(self, inputs: Tensor, nudge: Nudge) -> None:
        """Settle over inputs [S, B, d], from where the last inputs left the voltages."""
        self.voltages[:] = settle(self, self.voltages, Drive(inputs, nudge), self._settings.settling_steps)
        self._presynaptic = self.presynaptic(self.voltages, inputs)
        self._mismatches = self.mismatches(self.voltages, inputs)

    def eligibility(self, weight: Tensor | None = None) -> list[Tensor]:
        """Mean over the copies of mismatch / beta times rate, weighted by weight [S, B], for every W_l and b_l."""
        return self._outer(
            [
                c / self._settings.beta if weight is None else c * (weight[..., None] / self._settings.beta)
                for c in self._mismatches
            ]
        )

    def homeostasis(self, modulator: Tensor, layers: int) -> list[Tensor]:
        """Changes that pull the voltages of the first `layers` back, for every W_l and b_l of these; modulator is [S, B]."""
        settings = self._settings
        pulls = []
        for voltage in self.voltages[:layers]:
            pull = settings.border_rate * (voltage.clamp(-settings.border, settings.border) - voltage)
            if settings.homeostasis_rate:
                pull = pull + settings.homeostasis_rate * modulator.abs()[..., None] * (settings.homeostasis_target - voltage)
            pulls.append(pull)
        return self._outer(pulls)

    def change(self, changes: list[Tensor], rates: Sequence[float]) -> None:
        """Add changes times rates to the first parameters; feedback that learns follows the weights that it stands for."""
        for number, (change, rate) in enumerate(zip(changes, rates, strict=False)):
            self.parameters.tensors[number].add_(change, alpha=rate)
            if self._settings.feedback == "learned" and number >= 2 and number % 2 == 0:
                self.feedback[number // 2 - 1].add_(change, alpha=rate)

    def decay(self) -> None:
        """Let forward weights above the first layer, and the feedback, decay, so that they become each other's transpose."""
        for weights, feedback in zip(self.parameters.tensors[2::2], self.feedback, strict=True):
            weights.mul_(1 - self._settings.feedback_decay)
            feedback.mul_(1 - self._settings.feedback_decay)

    def silence(self, rows: Tensor) -> None:
        """Set all that the seeds bool[S] have to 0."""
        for tensor in (*self.parameters.tensors, *self.feedback, *self.traces, *self.voltages):
            tensor[rows] = 0

    def _outer(self, errors: list[Tensor]) -> list[Tensor]:
        return list(itertools.chain(*map(self.parameters.outer, self._presynaptic, errors)))


class LookaheadReference(SeedArrayLearner):
    """Acts on outputs with noise, is nudged by that noise, and learns by a modulator times traces of local changes.

    On an episodic task `learn` only notes what happened; the next `act` settles on the new observation, forms the modulator,
    moves the weights along the old traces, and adds this step to the traces. On a single-step task `learn` learns at once.
    """

    hyperparameters: Any

    def __init__(
        self,
        problem: Problem,
        hyperparameters: LookaheadHyperparameters,
        seed_sequences: Sequence[np.random.SeedSequence],
        dtype: str = "float32",
    ) -> None:
        hyperparameters.check(problem)
        self.problem = problem
        self.hyperparameters = hyperparameters
        self.seeds = len(seed_sequences)
        self._dtype = dtype
        self._noise = NoiseStreams(seed_sequences, problem.batch_size * problem.action_size, 0, dtype)
        outputs = [problem.action_size, 1] if self.has_critic else [problem.action_size]
        self._networks = [self._network(count) for count in outputs]
        self._rates = [layer_rates(rates) for rates in self.learning_rates()]
        copies = (max(2, self.seeds), problem.batch_size)
        self._fluctuation = torch.zeros((*copies, problem.action_size), dtype=getattr(torch, dtype))
        # Reward, terminated, truncated, reset; like a reset step, the first step teaches nothing.
        self._transition = torch.zeros((4, *copies), dtype=getattr(torch, dtype))
        self._transition[3] = 1.0
        self._scales = torch.tensor(hyperparameters.observation_scales or (1.0,), dtype=getattr(torch, dtype))
        held = SeedArrays(least=2)
        for name, network in zip(("actor", "critic"), self._networks, strict=False):
            network.voltages = network.rest(*copies)
            held.hold_all(f"{name}/parameters", network.parameters.tensors)
            held.hold_all(f"{name}/traces", network.traces)
            held.hold_all(f"{name}/voltages", network.voltages)
            held.hold_all(f"{name}/feedback", network.feedback)
        held.hold_attributes(self, "_fluctuation")
        held.hold_attributes(self, "_transition", axis=1)
        self._held = held
        self._quiet = Quiet(problem, hyperparameters, self.seeds)
        self._divergence = Divergence(self.seeds)
        self._arrays = SeedArrays(held, self._noise, self._quiet, self._divergence)

    @property
    def diverged(self) -> NDArray[np.int64]:
        return self._divergence.at

    @property
    def has_critic(self) -> bool:
        """Whether a second network of these neurons learns the value of what is observed."""
        return False

    @abstractmethod
    def learning_rates(self) -> list[tuple[float, ...]]:
        """eta of every network's layers."""

    @abstractmethod
    def trace_keep(self) -> float:
        """Share of a trace that is left after an environment step."""

    @abstractmethod
    def modulator(self, transition: Tensor) -> Tensor:
        """What the traces are multiplied by, [S, 1], unclipped; `transition` is [4, S, 1]; 0 where it says reset."""

    @abstractmethod
    def single_step_modulator(self, reward: Tensor) -> Tensor:
        """What a single-step task's local changes are multiplied by, unclipped, for its reward [S, B]."""

    def single_step_target(self, target: Tensor) -> bool:
        """Settle on the right answer [S, B] if this is what the learner learns from, and say so."""
        return False

    def act(self, observation: NDArray[Any]) -> NDArray[Any]:
        settings = self.hyperparameters
        inputs = self._tensor(observation) * self._scales
        drawn = self._noise.next()[0]
        self._quiet.silence(drawn, self._fluctuation)
        normal = self._tensor(drawn).unflatten(1, (self.problem.batch_size, self.problem.action_size))
        kept = settings.noise_correlation
        self._fluctuation = kept * self._fluctuation + (1 - kept**2) ** 0.5 * normal
        noise = settings.noise * self._fluctuation
        self._inputs = inputs
        self._networks[0].settle(inputs, Nudge(settings.beta * noise, gain=settings.beta * settings.winner_gain, shift=noise))
        if self.has_critic:
            self._networks[1].settle(inputs, Nudge(torch.full_like(noise[..., :1], settings.beta)))
        output = self._networks[0].voltages[-1] + noise
        if self.problem.episodic:
            self._learn_from_traces()
        output[self._silenced()] = 0
        if self.problem.discrete:
            return output[: self.seeds].argmax(dim=-1).numpy().astype(np.int32)
        return output[: self.seeds].numpy()

    def learn(
        self,
        reward: NDArray[Any],
        terminated: NDArray[np.bool_] | None = None,
        truncated: NDArray[np.bool_] | None = None,
        next_observation: NDArray[Any] | None = None,
        target: NDArray[Any] | None = None,
    ) -> None:
        if self.problem.episodic:
            if terminated is None or truncated is None:
                raise ValueError("an episodic task's learner must be told of terminated and truncated steps")
            ended = torch.maximum(self._transition[1], self._transition[2])
            self._transition = torch.stack([*map(self._tensor, (reward, terminated, truncated)), ended])
            self._quiet.count(terminated, truncated)
            self._divergence.count((terminated | truncated)[:, 0])
            return
        if target is not None and self.single_step_target(self._tensor(target)):
            modulator = torch.ones_like(self._tensor(reward))
        else:
            modulator = self._clipped(self.single_step_modulator(self._tensor(reward)))
        self._change(modulator, [network.eligibility(modulator) for network in self._networks])
        self._silenced()
        self._divergence.count(np.ones(self.seeds, dtype=bool))

    def _silenced(self) -> Tensor:
        """Silence the seeds that have diverged, and say which they are."""
        diverged = self._divergence.note([network.voltages[-1][: self.seeds].numpy() for network in self._networks])
        rows = torch.from_numpy(self._padded(diverged))
        if diverged.any():
            for network in self._networks:
                network.silence(rows)
        return rows

    def _learn_from_traces(self) -> None:
        modulator = self._clipped(self.modulator(self._transition))
        kept = (1 - self._transition[3])[..., None] * self.trace_keep()
        newest = [network.eligibility() for network in self._networks]
        self._change(modulator, [[trace * modulator[..., None] for trace in network.traces] for network in self._networks])
        for network, changes in zip(self._networks, newest, strict=True):
            for trace, change in zip(network.traces, changes, strict=True):
                trace.mul_(kept).add_(change)

    def _change(self, modulator: Tensor, changes: list[list[Tensor]]) -> None:
        for index, network in enumerate(self._networks):
            # An output that stands for a number must be free to take any.
            layers = network.layers if index == 0 and self.problem.discrete else network.layers - 1
            homeostasis = network.homeostasis(modulator, layers)
            network.change(changes[index], self._rates[index])
            network.change(homeostasis, [1.0] * len(homeostasis))
            if self.hyperparameters.feedback == "learned":
                network.decay()

    def _clipped(self, modulator: Tensor) -> Tensor:
        most = self.hyperparameters.modulator_clip
        return modulator if most is None else modulator.clamp(-most, most)

    def _network(self, outputs: int) -> SettlingNetwork:
        settings = self.hyperparameters
        sizes = settings.layer_sizes(self.problem.observation_size, outputs)
        drawn = he_normal(self._noise.initial, sizes, self._dtype, settings.output_factor)
        layers = [(self._padded(weights), self._padded(biases)) for weights, biases in drawn]
        feedback = [] if settings.feedback == "symmetric" else he_normal(self._noise.fixed, sizes, self._dtype)[1:]
        return SettlingNetwork(layers, [self._padded(weights) for weights, _ in feedback], settings)

    def _padded(self, array: NDArray[Any]) -> NDArray[Any]:
        # A batched product over one seed takes another path and gives other bits.
        return array if len(array) >= 2 else np.repeat(array, 2, axis=0)

    def _tensor(self, array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(self._padded(np.asarray(array, dtype=self._dtype)))

    def layers(self) -> dict[str, list[tuple[NDArray[Any], NDArray[Any]]]]:
        networks = zip(("actor", "critic"), self._networks, strict=False)
        return {name: network.parameters.arrays(self.seeds) for name, network in networks}

    def policy(self) -> dict[str, NDArray[Any]]:
        networks = zip(("actor", "critic"), self._networks, strict=False)
        feedback = {name: [weights.numpy()[: self.seeds] for weights in network.feedback] for name, network in networks}
        return super().policy() | named_feedback(feedback)
