"""States to measure in, and the result of each action there."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import torch
from gymnasium.envs.classic_control.cartpole import CartPoleEnv
from numpy.typing import NDArray
from torch import Tensor

from envs.tasks import TASKS
from envs.tasks.multiplexer import Multiplexer
from experiments.shared.networks import CARTPOLE, Networks, draw
from experiments.shared.runs import MULTIPLEXER
from experiments.shared.visits import visited


def visited_states(networks: Networks, count: int, generator: np.random.Generator) -> Tensor:
    """Draw `count` observations [S, count, d] that the networks' own actors act on.

    CartPole: drawn without replacement from five times as many steps of each seed. Multiplexer: from its distribution.
    """
    setting = networks.setting
    if setting.task == MULTIPLEXER:
        bandit = setting.bandit
        return torch.from_numpy(np.stack([bandit.observe(generator, count) for _ in setting.seeds]).astype(np.float64))
    actor = networks.actor()

    def act(observation: NDArray[np.float64]) -> NDArray[Any]:
        return draw(actor, torch.from_numpy(observation)[:, None], generator)[:, 0].numpy()

    return torch.from_numpy(visited(setting, act, count, generator))


def signals(networks: Networks, states: Tensor) -> Tensor:
    """Return G for every action in every state, [S, M, n]: the factor of the update when that action is taken there.

    Multiplexer: the reward. CartPole: the TD error R + gamma mu(S') - mu(S) of the networks' own critic, without noise in it.
    Both depend only on state and action, as the decomposition of the variance requires.
    """
    if networks.setting.task == MULTIPLEXER:
        return rewards(networks.setting.bandit, states)
    following, reward, terminated = _cartpole_consequences(states.numpy())
    discount = networks.setting.hyperparameters.discount
    following_value = torch.stack([_values(networks, torch.from_numpy(following[..., action, :])) for action in (0, 1)], dim=-1)
    unended = torch.from_numpy(1.0 - terminated)
    return torch.from_numpy(reward) + discount * unended * following_value - _values(networks, states)[..., None]


def rewards(bandit: Multiplexer, states: Tensor) -> Tensor:
    """The multiplexer's reward for either action in states [..., d]: [..., 2]."""
    answer = bandit.answer(states.numpy().astype(np.float32))
    return torch.from_numpy(np.stack([bandit.reward(np.full_like(answer, action), answer) for action in (0, 1)], axis=-1))


def _values(networks: Networks, states: Tensor) -> Tensor:
    """The critics' values [S, M] of states [S, M, d], every unit at its mean."""
    critic = networks.critic()
    units = sum(tensor.shape[-1] for tensor in critic.parameters.tensors[1::2])
    critic.sample(states, torch.zeros((*states.shape[:-1], units), dtype=states.dtype), states)
    return critic.output_mean()[..., 0]


def _cartpole_consequences(states: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Next state [S, M, 2, 4], reward and termination [S, M, 2] of either action in each state [S, M, 4]."""
    environment = gymnasium.make(TASKS[CARTPOLE].gymnasium_id).unwrapped
    assert isinstance(environment, CartPoleEnv)
    environment.reset(seed=0)
    steps = []
    for state in states.reshape(-1, 4):
        for action in (0, 1):
            environment.state = state
            environment.steps_beyond_terminated = None
            steps.append(environment.step(action)[:3])
    following, reward, terminated = (np.array(column, np.float64) for column in zip(*steps, strict=True))
    pairs = (*states.shape[:2], 2)
    return following.reshape(*pairs, 4), reward.reshape(pairs), terminated.reshape(pairs)
