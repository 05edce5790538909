"""The k-bit multiplexer: k address bits select which of 2^k data bits the action must repeat (docs/chung2021.md#multiplexer)."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium.spaces import Box, Discrete
from numpy.typing import NDArray

from envs.contextual_bandit import ContextualBandit
from envs.task import Task


class Multiplexer(ContextualBandit):
    """Inputs are k + 2^k independent fair coins, -1 or +1; the reward is +1 for the right action and -1 for the other.

    The address comes first, its most significant bit first. Action 0 stands for -1 and action 1 for +1.
    """

    def __init__(self, address_bits: int = 5) -> None:
        """`address_bits` is k, at least 1 (ValueError); chung2021 has 5, hence 37 inputs."""
        if address_bits < 1:
            raise ValueError(f"address_bits must be at least 1, not {address_bits}")
        self.address_bits = address_bits
        self.observation_size = address_bits + 2**address_bits
        self.observation_space = Box(-1.0, 1.0, (self.observation_size,), np.float32)
        self.action_space = Discrete(2)
        self._place_values = 2 ** np.arange(address_bits)[::-1]

    def observe(self, generator: np.random.Generator, batch_size: int) -> NDArray[np.float32]:
        """Fair coins, -1 or +1: float32[batch_size, k + 2^k]."""
        coins = generator.integers(0, 2, (batch_size, self.observation_size), dtype=np.bool_)
        return 2 * coins.astype(np.float32) - 1

    def answer(self, observation: NDArray[np.float32]) -> NDArray[np.int64]:
        """0 or 1, the addressed data bit: [..., k + 2^k] -> [...]."""
        bits = observation > 0
        address = (bits[..., : self.address_bits] * self._place_values).sum(axis=-1)
        addressed = np.take_along_axis(bits, self.address_bits + address[..., None], axis=-1)
        return addressed[..., 0].astype(np.int64)

    def reward(self, action: NDArray[Any], answer: NDArray[Any]) -> NDArray[np.float64]:
        """+1 where action and answer agree, else -1: [...], [...] -> [...]."""
        return np.where(action == answer, 1.0, -1.0)


TASKS = (
    Task(
        name="Multiplexer-v0",
        title="Multiplexer",
        gymnasium_id="Multiplexer-v0",
        kind="single_step",
        bandit=Multiplexer,
        observation_size=37,
        action_size=2,
        discrete=True,
        options={"address_bits": 5},
    ),
)
