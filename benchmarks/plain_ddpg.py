"""DDPG as one writes it with PyTorch's modules, autograd and Adam, for one seed: what the batched learners are timed beside."""

from __future__ import annotations

from copy import deepcopy
from itertools import pairwise

import torch
from torch import Tensor, nn

from algorithms.ddpg import Hyperparameters


class Critic(nn.Module):
    """Q(s, a), whose second layer the action enters."""

    def __init__(self, observation: int, actions: int, hidden: tuple[int, ...]) -> None:
        super().__init__()
        self.first = nn.Linear(observation, hidden[0])
        self.rest = network((hidden[0] + actions, *hidden[1:], 1))

    def forward(self, observation: Tensor, action: Tensor) -> Tensor:
        """Q(s, a), [K, 1]."""
        return self.rest(torch.cat([torch.relu(self.first(observation)), action], dim=-1))


def network(sizes: tuple[int, ...], output: type[nn.Module] = nn.Identity) -> nn.Sequential:
    """Linear layers with rectified units between them."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1], output())


class PlainDdpg:
    """Actor and critic with their target networks; `update` is one step of Algorithm 1 of Lillicrap et al. (2016)."""

    def __init__(self, observation: int, actions: int, settings: Hyperparameters) -> None:
        self.settings = settings
        self.actor = network((observation, *settings.hidden_sizes, actions), nn.Tanh)
        self.critic = Critic(observation, actions, settings.critic_hidden_sizes)
        self.targets = deepcopy(self.actor), deepcopy(self.critic)
        self.actor_adam = torch.optim.Adam(self.actor.parameters(), settings.actor_learning_rate)
        self.critic_adam = torch.optim.Adam(
            self.critic.parameters(), settings.critic_learning_rate, weight_decay=settings.critic_l2
        )

    def update(self, observation: Tensor, action: Tensor, reward: Tensor, worthless: Tensor, following: Tensor) -> None:
        """One step of all networks from a minibatch; each argument is [K, …]."""
        with torch.no_grad():
            future = self.targets[1](following, self.targets[0](following))
            aim = reward + self.settings.discount * (1 - worthless) * future
        self.critic_adam.zero_grad()
        nn.functional.mse_loss(self.critic(observation, action), aim).backward()
        self.critic_adam.step()
        self.actor_adam.zero_grad()
        (-self.critic(observation, self.actor(observation)).mean()).backward()
        self.actor_adam.step()
        with torch.no_grad():
            for target, learned in zip(self.targets, (self.actor, self.critic), strict=True):
                for slow, fast in zip(target.parameters(), learned.parameters(), strict=True):
                    slow.lerp_(fast, self.settings.tau)
