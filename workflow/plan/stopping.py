"""When a run of an episodic task has had enough: of episodes, or of steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class StoppingRule:
    """A run that goes on beyond its episodes until it solves its task (chung2020, section 5.3)."""

    mean: float
    """It stops once the mean return of its last 100 episodes is at least this."""
    most_episodes: int
    """It stops here in any case."""

    WINDOW: ClassVar[int] = 100

    def met(self, returns: NDArray[np.float64]) -> bool:
        """Whether the returns so far, the last of them last, let a run stop."""
        if len(returns) >= self.most_episodes:
            return True
        # Rounding must not keep a mean of exactly 500 from counting as 500.
        return len(returns) >= self.WINDOW and returns[-self.WINDOW :].mean() >= self.mean - 1e-9


@dataclass(frozen=True)
class StepBudget:
    """A run whose length is in steps: a seed ends with the episode in which it reaches them, however many it had."""

    env_steps: int
    """Steps of the environment; those that only reset it do not count."""


def stop_of(settings: Mapping[str, Any]) -> StoppingRule | StepBudget:
    """The rule whose fields these are."""
    return StepBudget(**settings) if "env_steps" in settings else StoppingRule(**settings)
