"""The reference actor-critic of Chung (2020, 2021), Algorithm 2, or 1 for single-step tasks; each rule adds its networks."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from algorithms.interface import Problem
from algorithms.shared.noise import NoiseStreams, glorot_uniform
from algorithms.shared.output import GaussianOutput, SoftmaxOutput
from algorithms.shared.parameters import Parameters, layer_rates
from algorithms.shared.seed_arrays import SeedArrayLearner, SeedArrays
from algorithms.shared.settings import ActorCriticHyperparameters, learning_rates
from algorithms.shared.tensors import Tensor, torch
from algorithms.shared.traces.adam import Adam
from algorithms.shared.traces.critic import BackpropCritic


class Network(Protocol):
    """Actor or critic of a rule."""

    parameters: Parameters

    def sample(self, observation: Tensor, normal: Tensor, uniform: Tensor) -> Tensor:
        """Act on observation [S, B, d]: the action's number [S, B] or its values [S, B, A]."""

    def output_mean(self) -> Tensor:
        """The output's mean of the last step, [S, B, A]; the critic's is the value of the state."""

    def eligibility(self, weight: Tensor | None = None) -> list[Tensor]:
        """Return the last action's addition to the trace of every W^l and b^l: mean over the batch, weighted by weight [S, B]."""


class ActorCriticReference(SeedArrayLearner):
    """Actor-critic whose agent step follows the released order (docs/chung2021.md#order-of-updates).

    `learn` only notes what happened; the next `act` samples both networks on the new observation *before* their parameters
    move, forms the TD error, moves both networks along their old traces, and then adds this step to the traces.
    On a single-step task `act` samples and `learn` updates at once, with the reward as the return.
    """

    hyperparameters: Any

    def __init__(
        self,
        problem: Problem,
        hyperparameters: ActorCriticHyperparameters,
        seed_sequences: Sequence[np.random.SeedSequence],
        dtype: str = "float32",
    ) -> None:
        hyperparameters.check(problem)
        self.problem = problem
        self.hyperparameters = hyperparameters
        self.seeds = len(seed_sequences)
        self._dtype = dtype
        batch = problem.batch_size
        units = sum(hyperparameters.hidden_sizes)
        self._actor_noise = self.count_actor_noise(units)
        self._critic_normals = self.count_critic_normals(units) if problem.episodic else 0
        self._noise = NoiseStreams(
            seed_sequences, batch * (self._actor_noise[0] + self._critic_normals), batch * self._actor_noise[1], dtype
        )
        self._networks = [self.build_actor(self._initial(problem.action_size, self._noise.initial), self._output())]
        if problem.episodic:
            self._networks.append(self.build_critic(self._initial(1, self._noise.initial)))
        self._adams = [Adam(network.parameters.tensors, hyperparameters) for network in self._networks]
        self._traces = [[torch.zeros_like(p) for p in network.parameters.tensors] for network in self._networks]
        self._agent_steps = 0
        self._transition = torch.zeros(
            (4, self._rows, batch), dtype=getattr(torch, dtype)
        )  # reward, terminated, truncated, reset
        self._value = torch.zeros((self._rows, batch), dtype=getattr(torch, dtype))
        held = SeedArrays(least=2)
        for name, tensors in self._seed_tensors().items():
            held.hold_all(name, tensors)
        for name, adam in zip(("actor", "critic"), self._adams, strict=False):
            held.hold(f"{name}/updates", vars(adam), "updates", axis=None)
        held.hold_attributes(self, "_agent_steps", axis=None)
        held.hold_attributes(self, "_transition", axis=1)
        held.hold_attributes(self, "_value")
        self._arrays = SeedArrays(held, self._noise)

    @abstractmethod
    def count_actor_noise(self, hidden_units: int) -> tuple[int, int]:
        """Normal and uniform numbers that one action consumes."""

    def count_critic_normals(self, hidden_units: int) -> int:
        """Normal numbers that one evaluation of the critic consumes; a deterministic critic needs none."""
        return 0

    @abstractmethod
    def build_actor(self, parameters: Parameters, output: SoftmaxOutput | GaussianOutput) -> Network:
        """The actor around these initial parameters."""

    def build_critic(self, parameters: Parameters) -> Network:
        """The critic around these initial parameters; it has one output. Trained by backpropagation unless a rule can."""
        return BackpropCritic(parameters)

    @abstractmethod
    def output_variances(self) -> tuple[float, float]:
        """sigma^2 of a Gaussian actor's output, and what its score is divided by."""

    def act(self, observation: NDArray[Any]) -> NDArray[Any]:
        seen = self._tensor(observation)
        normal, uniform = (self._tensor(numbers) for numbers in self._noise.next())
        batch = self.problem.batch_size
        split = batch * self._actor_noise[0]
        actor_normal = normal[:, :split].unflatten(1, (batch, self._actor_noise[0]))
        uniform = uniform.unflatten(1, (batch, self._actor_noise[1]))
        action = self._networks[0].sample(seen, actor_normal, uniform)
        if self.problem.episodic:
            critic = self._networks[1]
            critic.sample(seen, normal[:, split:].unflatten(1, (batch, self._critic_normals)), uniform)
            value = critic.output_mean()[..., 0]
            if self._agent_steps > 0:  # nothing was learned before the first step, and Adam does not count it as an update
                self._follow_traces(self._td_error(value))
            self._agent_steps += 1
            self._accumulate_traces()
            # The value that the next TD error compares with is of the means before the ascent, and of the old parameters.
            self._value = value
        rows = action[: self.seeds].numpy()
        return rows.astype(np.int32) if self.problem.discrete else rows

    def learn(
        self,
        reward: NDArray[Any],
        terminated: NDArray[np.bool_] | None = None,
        truncated: NDArray[np.bool_] | None = None,
        next_observation: NDArray[Any] | None = None,
        target: NDArray[Any] | None = None,
    ) -> None:
        if not self.problem.episodic:
            gradients = self.single_step_gradients(self._tensor(reward), None if target is None else self._tensor(target))
            self._ascend(0, _sums(gradients, self.actor_bonus()))
            self._agent_steps += 1
            return
        ended = torch.maximum(self._transition[1], self._transition[2])
        self._transition = torch.stack([self._tensor(reward), self._tensor(terminated), self._tensor(truncated), ended])

    def single_step_gradients(self, reward: Tensor, target: Tensor | None) -> list[Tensor]:
        """Algorithm 1 for an episode of one step: the reward [S, B] is the return. Target [S, B] where the task has one."""
        return self._networks[0].eligibility(reward)

    def actor_bonus(self) -> list[Tensor]:
        """Return what every update of the actor adds for W^l and b^l whatever the reward; an empty list adds nothing."""
        return []

    def _td_error(self, value: Tensor) -> Tensor:
        """R + gamma mu(S') - mu(S), with mu(S') = 0 after a terminal step; 0 on a step that only resets.

        The released rules for ends: docs/chung2021.md#ends-of-episodes.
        """
        settings = self.hyperparameters
        reward, terminated, truncated, reset = self._transition
        if settings.reward_clip is not None:
            reward = reward.clamp(-settings.reward_clip, settings.reward_clip)
        unvalued = torch.maximum(terminated, truncated) if settings.time_limit == "terminal" else terminated
        silent = torch.maximum(reset, truncated) if settings.time_limit == "no_error" else reset
        return (1 - silent) * (reward + settings.discount * value * (1 - unvalued) - self._value)

    def _follow_traces(self, td_error: Tensor) -> None:
        bonus = self.actor_bonus()
        for index, traces in enumerate(self._traces):
            # One copy a seed: the TD error's batch dimension is 1 and broadcasts over the trace.
            directions = [trace * td_error[..., None] for trace in traces]
            self._ascend(index, _sums(directions, bonus) if index == 0 else directions)

    def _accumulate_traces(self) -> None:
        decay = self.hyperparameters.discount * self.hyperparameters.trace_decay
        kept = (1 - self._transition[3])[..., None] * decay
        for network, traces in zip(self._networks, self._traces, strict=True):
            for trace, gradient in zip(traces, network.eligibility(), strict=True):
                trace.mul_(kept).add_(gradient)

    def _ascend(self, index: int, gradients: list[Tensor]) -> None:
        settings = self.hyperparameters
        start = (settings.actor_learning_rates, settings.critic_learning_rates)[index]
        end = (settings.actor_learning_rates_end, settings.critic_learning_rates_end)[index]
        rates = layer_rates(learning_rates(start, end, settings.anneal_steps, self._agent_steps))
        self._adams[index].ascend(self._networks[index].parameters.tensors, gradients, rates)

    def _output(self) -> SoftmaxOutput | GaussianOutput:
        if self.problem.discrete:
            return SoftmaxOutput(self.hyperparameters.softmax_scale)
        return GaussianOutput(*self.output_variances())

    def _initial(self, outputs: int, generators: Sequence[np.random.Generator]) -> Parameters:
        sizes = self.hyperparameters.layer_sizes(self.problem.observation_size, outputs)
        layers = glorot_uniform(generators, sizes, self._dtype)
        return Parameters([(self._padded(weights), self._padded(biases)) for weights, biases in layers])

    @property
    def _rows(self) -> int:
        """Seeds computed: at least two, because a batched product over one seed takes another path and gives other bits."""
        return max(2, self.seeds)

    def _padded(self, array: NDArray[Any]) -> NDArray[Any]:
        return array if len(array) >= 2 else np.repeat(array, 2, axis=0)

    def _tensor(self, array: NDArray[Any] | None) -> Tensor:
        if array is None:
            raise ValueError("an episodic task's learner must be told of terminated and truncated steps")
        return torch.from_numpy(self._padded(np.asarray(array, dtype=self._dtype)))

    def _seed_tensors(self) -> dict[str, list[Tensor]]:
        named = {}
        names = ("actor", "critic")
        for name, network, adam, traces in zip(names, self._networks, self._adams, self._traces, strict=False):
            named[f"{name}/parameters"] = network.parameters.tensors
            named[f"{name}/first"], named[f"{name}/second"], named[f"{name}/traces"] = adam.first, adam.second, traces
        return named

    def layers(self) -> dict[str, list[tuple[NDArray[Any], NDArray[Any]]]]:
        networks = zip(("actor", "critic"), self._networks, strict=False)
        return {name: network.parameters.arrays(self.seeds) for name, network in networks}


def _sums(gradients: list[Tensor], bonus: list[Tensor]) -> list[Tensor]:
    return [a + b for a, b in zip(gradients, bonus, strict=True)] if bonus else gradients
