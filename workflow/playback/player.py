"""Act by a trained policy, whatever the method: its parameters are put back into a learner that is never told of rewards."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.interface import create, hyperparameters_of
from algorithms.shared.seed_arrays import SeedArrayLearner
from envs.seeding import learner_sequence
from envs.tasks import TASKS
from records.errors import Refusal
from workflow.playback.finished import Trained

_EPISODES = "episodes"
"""The name, in a learner's state, of how many episodes it has had."""


class Player:
    """One seed's policy. Its random numbers begin anew, so that it plays the same whenever it is asked to."""

    def __init__(self, trained: Trained) -> None:
        """Refuses a method whose learner does not take its own policy back."""
        record = trained.record
        episodes = record["budget"].get("episodes")
        problem = TASKS[record["task"]].problem(1, episodes=episodes)
        settings = hyperparameters_of(record["method"])(**record["hyperparameters"])
        sequence = learner_sequence(record["root_seed"], record["task"], record["method"], trained.seed)
        # The reference: all methods have it, and it need not be compiled for one episode.
        self._learner = create(record["method"], problem, settings, [sequence], "reference", record["dtype"])
        self._parameters = trained.parameters()
        _set_episodes(self._learner, episodes)
        self._put_back()
        shown = self._learner.policy()
        if shown.keys() != self._parameters.keys() or any(
            shown[name].tobytes() != array.tobytes() for name, array in self._parameters.items()
        ):
            file = f"algorithms/{record['method']}.py"
            raise Refusal(f"{file}: its learner does not take its policy back; let `layers` give its own arrays, not copies")

    def act(self, observation: NDArray[np.float32]) -> NDArray[Any]:
        """Draw an action for an observation, float32[d]: a number, or [action_size]."""
        # Some learners move their parameters as they act. An action is drawn before that.
        self._put_back()
        return self._learner.act(observation[None, None])[0, 0]

    def _put_back(self) -> None:
        if not isinstance(self._learner, SeedArrayLearner):
            return
        for network, layers in self._learner.layers().items():
            for number, layer in enumerate(layers, start=1):
                for kind, array in zip(("weights", "biases"), layer, strict=True):
                    given = self._parameters.get(f"{network}/{kind}_{number}", array[:0])
                    if given.shape == array.shape:
                        array[...] = given


def _set_episodes(learner: Any, episodes: int | None) -> None:
    """Tell a learner that counts its episodes that it has had them all: some act otherwise late in a training."""
    state = learner.state()
    if episodes is not None and _EPISODES in state:
        state[_EPISODES][...] = episodes
        learner.load(state)
