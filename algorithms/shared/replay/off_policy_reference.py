"""What the references of DDPG and of its decentralised forms share: minibatches as tensors, and which seeds have diverged."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.shared.replay.off_policy import OffPolicyLearner
from algorithms.shared.tensors import Tensor, torch


class OffPolicyReference(OffPolicyLearner):
    """Learner batched over the seeds; a single seed is computed twice."""

    @abstractmethod
    def update(self, learning: NDArray[np.bool_], minibatch: list[Tensor]) -> NDArray[np.bool_]:
        """One step of all networks; `minibatch` has the parts of transitions, each [S, K, …].

        Returns which of the seeds that are `learning` [S] have diverged and so were not updated.
        """

    def learn_from_memory(self, learning: NDArray[np.bool_], draws: NDArray[Any]) -> NDArray[np.bool_]:
        drawn = self._tensor(self._memory.draw(draws, learning))
        return self.update(learning, list(torch.split(drawn, list(self._parts), dim=2)))

    def learn_from_batch(
        self, learning: NDArray[np.bool_], observation: NDArray[Any], stored: NDArray[Any], reward: NDArray[Any]
    ) -> NDArray[np.bool_]:
        following = np.zeros((*reward.shape, self._parts[-1]))
        parts = (observation, stored, reward[..., None], np.ones((*reward.shape, 1)), following)
        return self.update(learning, [self._tensor(part) for part in parts])

    @property
    def _discount(self) -> float:
        return self.hyperparameters.discount if self.problem.episodic else 0.0

    def _sound(
        self, learning: NDArray[np.bool_], values: list[Tensor], targets: list[Tensor]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which of the seeds that are `learning` go on, and which have diverged (docs/guss2016.md#divergence)."""
        largest = torch.stack([tensor.abs().amax(dim=(1, 2)) for tensor in (*values, *targets)]).amax(dim=0)
        sound = largest[: self.seeds].numpy() <= self.hyperparameters.diverged_above  # not so for NaN
        return learning & sound, learning & ~sound

    def _padded(self, array: NDArray[Any]) -> NDArray[Any]:
        # A batched product over one seed takes another path and gives other bits.
        return array if len(array) >= 2 else np.repeat(array, 2, axis=0)

    def _tensor(self, array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(self._padded(np.asarray(array, dtype=self._dtype)))
