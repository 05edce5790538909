"""The runs whose networks are measured: their settings, and their parameters before and after training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.interface import Learner, create, hyperparameters_of
from algorithms.shared.parameters import Parameters
from envs.seeding import learner_sequence
from envs.tasks import TASKS
from envs.tasks.multiplexer import Multiplexer
from records.arrays import read_arrays
from records.errors import Refusal

MULTIPLEXER = "Multiplexer-v0"
Policy = Mapping[str, NDArray[Any]]
"""Parameters by name, as in policy.npz: actor/weights_1 [S, in, out], actor/biases_1 [S, out], …"""


@dataclass(frozen=True)
class Setting:
    """The part of a run that its networks depend on."""

    method: str
    task: str
    hyperparameters: Any
    """Settings of the method."""
    root_seed: int
    seeds: tuple[int, ...]
    options: Mapping[str, int]
    """Settings of the task."""

    @property
    def bandit(self) -> Multiplexer:
        """The multiplexer; ValueError for another task."""
        if self.task != MULTIPLEXER:
            raise ValueError(f"{self.task} is not {MULTIPLEXER}")
        return Multiplexer(**self.options)

    def learner(self, batch_size: int = 1) -> Learner:
        """The learner that training starts with: the rule's reference engine, in float64."""
        observation_size = self.bandit.observation_size if self.task == MULTIPLEXER else None
        problem = TASKS[self.task].problem(batch_size, observation_size)
        sequences = [learner_sequence(self.root_seed, self.task, self.method, seed) for seed in self.seeds]
        return create(self.method, problem, self.hyperparameters, sequences, "reference", "float64")

    def generator(self, purpose: str) -> np.random.Generator:
        """Make a separate generator for each purpose on each task."""
        return np.random.default_rng(learner_sequence(self.root_seed, self.task, f"theory/{purpose}", 0))

    def parameters(self, policy: Policy, network: str, rows: Sequence[int] | None = None) -> Parameters:
        """Return the network ("actor" or "critic") of these seeds, one a row; a seed may repeat, and None means each once."""
        index = np.arange(len(self.seeds)) if rows is None else np.asarray(rows)
        layers = range(1, len(self.hyperparameters.hidden_sizes) + 2)
        return Parameters(
            [(policy[f"{network}/weights_{layer}"][index], policy[f"{network}/biases_{layer}"][index]) for layer in layers]
        )


@dataclass(frozen=True)
class Run:
    """A run: its settings and, if wanted, its final parameters."""

    setting: Setting
    policies: tuple[Path, ...] = ()
    """policy.npz of the blocks that hold the setting's seeds."""

    @classmethod
    def of(
        cls,
        method: str,
        task: str,
        hyperparameters: Mapping[str, Any],
        root_seed: int,
        options: Mapping[str, int],
        seeds: Sequence[int],
        policies: Sequence[str],
    ) -> Run:
        """Build a run from the plain data of a Snakemake rule."""
        settings = hyperparameters_of(method)(**hyperparameters)
        return cls(Setting(method, task, settings, root_seed, tuple(seeds), options), tuple(map(Path, policies)))

    def stages(self) -> dict[str, Policy]:
        """The parameters of all seeds in float64, by the name in the column `stage`."""
        return {"untrained": self.setting.learner().policy(), "trained": self._trained()}

    def _trained(self) -> Policy:
        """Read policy.npz, one file for each block of seeds; the first S rows are the setting's seeds."""
        blocks = [_policy(file) for file in self.policies]
        rows = len(self.setting.seeds)
        return {name: np.concatenate([b[name] for b in blocks])[:rows].astype(np.float64) for name in blocks[0]}


def _policy(file: Path) -> Policy:
    try:
        return read_arrays(file)
    except (OSError, ValueError) as error:
        raise Refusal(f"{file}: no parameters there ({error}); delete {file.parent} and run the same command again") from None
