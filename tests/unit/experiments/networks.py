"""Small networks for the tests of the theory's experiments."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from algorithms.map_propagation import Hyperparameters
from experiments.shared.networks import CARTPOLE, Networks
from experiments.shared.runs import MULTIPLEXER, Setting


def small(task: str = CARTPOLE, seeds: int = 3, **hyperparameters: Any) -> Networks:
    """Untrained networks of 6 and 5 hidden units for CartPole, or for the multiplexer with one address bit."""
    settings = Hyperparameters(hidden_sizes=(6, 5), actor_variances=(0.3, 1.0), critic_variances=(0.3, 0.3, 1.0))
    options = {"address_bits": 1} if task == MULTIPLEXER else {}
    setting = Setting("map_propagation", task, replace(settings, **hyperparameters), 0, tuple(range(seeds)), options)
    return Networks.untrained(setting)


def observations(networks: Networks, count: int) -> Tensor:
    """Random ones, [S, count, d]."""
    inputs = networks.policy["actor/weights_1"].shape[1]
    generator = np.random.default_rng(5)
    return torch.from_numpy(generator.standard_normal((len(networks.setting.seeds), count, inputs)))
