"""The networks of MAP propagation that the experiments measure, in double precision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from algorithms.map_propagation import MapTeam, Reference
from algorithms.shared.output import SoftmaxOutput
from experiments.shared.runs import Policy, Run, Setting

CARTPOLE = "CartPole-v1"


@dataclass(frozen=True)
class Networks:
    """The actors, and on an episodic task the critics, of S seeds at one stage of training."""

    setting: Setting
    policy: Policy

    @classmethod
    def untrained(cls, setting: Setting) -> Networks:
        """The networks that training starts with."""
        return cls(setting, setting.learner().policy())

    @classmethod
    def stages(cls, run: Run) -> dict[str, Networks]:
        """The networks of a run, by the name in the column `stage`."""
        return {stage: cls(run.setting, policy) for stage, policy in run.stages().items()}

    @property
    def has_critic(self) -> bool:
        """Whether these networks include critics."""
        return "critic/weights_1" in self.policy

    def actor(self, rows: Sequence[int] | None = None, steps: int | None = None) -> MapTeam:
        """Build the actors of these seeds, one a row, with N = `steps`; a seed may repeat, and None means each once."""
        learner = self._learner(steps)
        parameters = self.setting.parameters(self.policy, "actor", rows)
        return learner.build_actor(parameters, SoftmaxOutput(learner.hyperparameters.softmax_scale))

    def critic(self, rows: Sequence[int] | None = None, steps: int | None = None) -> MapTeam:
        """Build the critics of these seeds, with rows and steps as in `actor`."""
        return self._learner(steps).build_critic(self.setting.parameters(self.policy, "critic", rows))

    def _learner(self, steps: int | None) -> Reference:
        hyperparameters = self.setting.hyperparameters
        if steps is not None:
            hyperparameters = replace(hyperparameters, ascent_steps=steps)
        learner = replace(self.setting, hyperparameters=hyperparameters).learner()
        assert isinstance(learner, Reference)
        return learner


def draw(team: MapTeam, observation: Tensor, generator: np.random.Generator) -> Tensor:
    """Act on observation [S, B, d] with fresh noise; return the action [S, B] or [S, B, A]."""
    copies = observation.shape[:-1]
    units = sum(tensor.shape[-1] for tensor in team.parameters.tensors[1::2])  # one normal a unit: more than a softmax needs
    normal = torch.from_numpy(generator.standard_normal((*copies, units)))
    return team.sample(observation, normal, torch.from_numpy(generator.random((*copies, 1))))
