"""Microseconds that a learner takes for one agent step of one seed, on a task's shapes and at CartPole itself."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle, islice
from time import perf_counter
from typing import Any

import numpy as np
import torch

from algorithms.interface import Engine, Learner, Problem, create, hyperparameters_of
from algorithms.map_propagation import Hyperparameters
from benchmarks.naive_map_propagation import NaiveMapPropagation
from envs.seeding import environment_seed
from envs.tasks import task
from envs.vector import make_vector

CARTPOLE = Problem(observation_size=4, action_size=2, discrete=True)
ACROBOT = Problem(observation_size=6, action_size=3, discrete=True)
IMAGES = Problem(observation_size=100, action_size=3, discrete=True)
ACTION_MAP = "identity"


def make(method: str, seeds: int, engine: Engine, problem: Problem = CARTPOLE, **settings: Any) -> Learner:
    """A learner of these shapes with the method's default settings but for those given, in single precision."""
    hyperparameters = hyperparameters_of(method)(**settings)
    return create(method, problem, hyperparameters, np.random.SeedSequence(0).spawn(seeds), engine, "float32")


def fill_memory(learner: Learner, steps: int) -> Learner:
    """The learner after an episode of so many steps of random observations and rewards: from then on it learns at every step."""
    generator = np.random.default_rng(1)
    shape = (learner.seeds, 1)
    no = np.zeros(shape, bool)
    for step in range(steps + 1):
        observation = generator.standard_normal((*shape, learner.problem.observation_size)).astype(np.float32)
        learner.act(observation)
        ends = np.full(shape, step == steps - 1)
        learner.learn(generator.standard_normal(shape), ends, no, observation)  # the last step only resets
    return learner


def microseconds(learner: Learner, steps: int, repeats: int, clock: Callable[[], float] = perf_counter) -> float:
    """The fastest of `repeats` timings of `steps` agent steps, a step and seed, after one that is not counted."""
    generator = np.random.default_rng(0)
    seeds = learner.seeds
    observations = generator.standard_normal((64, seeds, 1, learner.problem.observation_size)).astype(np.float32)
    reward, no = np.ones((seeds, 1)), np.zeros((seeds, 1), bool)
    fastest = float("inf")
    for repeat in range(repeats + 1):
        begin = clock()
        for observation in islice(cycle(observations), steps):
            learner.act(observation)
            learner.learn(reward, no, no, observation)
        if repeat > 0:
            fastest = min(fastest, (clock() - begin) / (steps * seeds))
    return 1e6 * fastest


def naive_microseconds(steps: int) -> float:
    """The naive implementation's time for one agent step of its one seed, in single precision."""
    settings = Hyperparameters()
    start = make("map_propagation", 1, "reference").policy()
    actor, critic = (
        [tuple(torch.from_numpy(start[f"{name}/{kind}_{i}"][0]) for kind in ("weights", "biases")) for i in (1, 2, 3)]
        for name in ("actor", "critic")
    )
    learner = NaiveMapPropagation(actor, critic, settings)  # type: ignore[arg-type]
    generator = np.random.default_rng(0)
    inputs: list[Any] = [
        (
            torch.from_numpy(generator.standard_normal(4).astype(np.float32)),
            generator.standard_normal(193).astype(np.float32),
            generator.random(1).astype(np.float32),
        )
        for _ in range(steps + 3)
    ]
    begin = 0.0
    for number, (observation, normal, uniform) in enumerate(inputs):
        if number == 3:
            begin = perf_counter()
        learner.step(observation, 1.0, False, False, normal, uniform)
    return 1e6 * (perf_counter() - begin) / steps


def microseconds_while_training(seeds: int, lockstep: int, window: int) -> tuple[float, float]:
    """MAP propagation at CartPole itself: a learner's step in the first and in the last `window` of `lockstep` steps."""
    learner = make("map_propagation", seeds, "fused")
    row = task("CartPole-v1")
    environment = make_vector(row, [environment_seed(0, row.name, seed) for seed in range(seeds)])
    observation = environment.reset()
    taken = np.empty(lockstep)
    for step in range(lockstep):
        begin = perf_counter()
        sample = learner.act(observation[:, None])
        acted = perf_counter()
        observation, reward, terminated, truncated = environment.step(row.to_environment(sample[:, 0], ACTION_MAP))
        stepped = perf_counter()
        learner.learn(reward[:, None], terminated[:, None], truncated[:, None], observation[:, None])
        taken[step] = (acted - begin) + (perf_counter() - stepped)
    environment.close()
    # Medians: a pause of a shared machine in one step is not the learner's.
    early, late = np.median(taken[window // 10 : window]), np.median(taken[-window:])
    return 1e6 * float(early) / seeds, 1e6 * float(late) / seeds
