"""The networks that are measured: those that training starts from and those that it ends with, in double precision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from algorithms.map_propagation import Hyperparameters, MapTeam, Reference
from algorithms.shared.output import SoftmaxOutput
from algorithms.shared.parameters import Parameters
from envs.multiplexer import Multiplexer
from envs.tasks import TASKS
from workflow.paper_runs import problem_of
from workflow.seeding import learner_sequence

METHOD = "map_propagation"
CARTPOLE, MULTIPLEXER = "CartPole-v1", "Multiplexer-v0"
Policy = Mapping[str, NDArray[Any]]
"""Parameters by name, as in policy.npz: actor/weights_1 [S, in, out], actor/biases_1 [S, out], …"""


@dataclass(frozen=True)
class Setting:
    """One run of MAP propagation, as far as its networks depend on it."""

    task: str
    hyperparameters: Hyperparameters
    root_seed: int
    seeds: tuple[int, ...]
    options: Mapping[str, int]
    """Settings of the task."""

    @property
    def bandit(self) -> Multiplexer:
        """The task where it is the multiplexer (ValueError: it is another)."""
        if self.task != MULTIPLEXER:
            raise ValueError(f"{self.task} is not {MULTIPLEXER}")
        return Multiplexer(**self.options)

    def learner(self, batch_size: int = 1) -> Reference:
        """The learner that training starts with: the rule's reference engine, in float64."""
        observation_size = self.bandit.observation_size if self.task == MULTIPLEXER else None
        problem = problem_of(TASKS[self.task], batch_size, observation_size)
        sequences = [learner_sequence(self.root_seed, self.task, METHOD, seed) for seed in self.seeds]
        return Reference(problem, self.hyperparameters, sequences, "float64")

    def generator(self, purpose: str) -> np.random.Generator:
        """A generator of its own for each purpose on each task."""
        return np.random.default_rng(learner_sequence(self.root_seed, self.task, f"theory/{purpose}", 0))


@dataclass(frozen=True)
class Networks:
    """The actors, and on an episodic task the critics, of S seeds at one stage of training."""

    setting: Setting
    policy: Policy

    @classmethod
    def untrained(cls, setting: Setting) -> Networks:
        """As training starts with them."""
        return cls(setting, setting.learner().policy())

    @classmethod
    def trained(cls, setting: Setting, files: Sequence[Path]) -> Networks:
        """As training left them in policy.npz, one file a block of seeds; the first S rows are the setting's seeds."""
        blocks = [dict(np.load(file)) for file in files]
        rows = len(setting.seeds)
        return cls(setting, {name: np.concatenate([b[name] for b in blocks])[:rows].astype(np.float64) for name in blocks[0]})

    @property
    def has_critic(self) -> bool:
        """Whether there are critics."""
        return "critic/weights_1" in self.policy

    def actor(self, rows: Sequence[int] | None = None, steps: int | None = None) -> MapTeam:
        """The actors of these seeds, one a row (a seed may be there many times; None: each once), with N = `steps`."""
        learner = self._learner(steps)
        return learner.build_actor(self._parameters("actor", rows), SoftmaxOutput(learner.hyperparameters.softmax_scale))

    def critic(self, rows: Sequence[int] | None = None, steps: int | None = None) -> MapTeam:
        """The critics of these seeds, likewise."""
        return self._learner(steps).build_critic(self._parameters("critic", rows))

    def _learner(self, steps: int | None) -> Reference:
        hyperparameters = self.setting.hyperparameters
        if steps is not None:
            hyperparameters = replace(hyperparameters, ascent_steps=steps)
        return replace(self.setting, hyperparameters=hyperparameters).learner()

    def _parameters(self, name: str, rows: Sequence[int] | None) -> Parameters:
        index = np.arange(len(self.setting.seeds)) if rows is None else np.asarray(rows)
        layers = range(1, len(self.setting.hyperparameters.hidden_sizes) + 2)
        return Parameters(
            [(self.policy[f"{name}/weights_{layer}"][index], self.policy[f"{name}/biases_{layer}"][index]) for layer in layers]
        )


@dataclass(frozen=True)
class Run:
    """A run of MAP propagation: its settings and, where they are wanted, the parameters that it ended with."""

    setting: Setting
    policies: tuple[Path, ...] = ()
    """policy.npz of the blocks that hold the setting's seeds."""

    @classmethod
    def of(
        cls,
        task: str,
        hyperparameters: Mapping[str, Any],
        root_seed: int,
        options: Mapping[str, int],
        seeds: Sequence[int],
        policies: Sequence[str],
    ) -> Run:
        """From plain data, as a rule hands it to its job."""
        setting = Setting(task, Hyperparameters(**hyperparameters), root_seed, tuple(seeds), options)
        return cls(setting, tuple(map(Path, policies)))

    def stages(self) -> dict[str, Networks]:
        """Its networks, by the name in the column `stage`."""
        return {"untrained": Networks.untrained(self.setting), "trained": Networks.trained(self.setting, self.policies)}


def draw(team: MapTeam, observation: Tensor, generator: np.random.Generator) -> Tensor:
    """Let the team act on observation [S, B, d] with fresh noise; its action [S, B] or [S, B, A]."""
    copies = observation.shape[:-1]
    units = sum(tensor.shape[-1] for tensor in team.parameters.tensors[1::2])  # one normal a unit: more than a softmax needs
    normal = torch.from_numpy(generator.standard_normal((*copies, units)))
    return team.sample(observation, normal, torch.from_numpy(generator.random((*copies, 1))))
