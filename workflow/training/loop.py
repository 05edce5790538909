"""The training loop: a block of seeds of one method on one task, in lockstep, with little between learner and task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, field
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.interface import Learner
from envs.single_step import SingleStepBatch
from envs.task import Task
from envs.vector import VectorEnvironment
from records.errors import TrainingError
from workflow.training.checkpoint import Checkpoint
from workflow.training.episode_log import EpisodeLog
from workflow.training.lockstep import Actions, Lockstep, check_parameters, diverged_seeds, part

Report = Callable[[int, int, int], None]
"""Told now and then of (seeds still training, episodes, updates or steps of the budget done over all seeds, agent steps done over
all seeds)."""

_STEPS_BETWEEN_CHECKS = 1000


@dataclass
class Clocks:
    """Wall seconds of one training, by what they were spent on."""

    learner: float = 0.0
    environment: float = 0.0
    loop: float = 0.0
    """Everything else: bookkeeping, action maps, checks, checkpoints, progress."""


@dataclass
class Training:
    """What a training leaves behind."""

    log: dict[str, Any]
    """Columns of episodes.parquet: arrays of equal length, ordered by seed and then by episode or update; the column
    `trajectory`, where there is one, is a list of float32 arrays and None."""
    policy: dict[str, NDArray[Any]]
    """Final parameters by name, each with a leading dimension that runs over the seeds."""
    agent_steps: int
    """Over all seeds, steps that only reset an environment included."""
    clocks: Clocks = field(default_factory=Clocks)
    diverged: dict[int, int] | None = None
    """Episode or update in which each seed that diverged did so; None if the learner does not say."""


def train_episodes(
    learner: Learner,
    environment: VectorEnvironment,
    task: Task,
    action_map: str,
    log: EpisodeLog,
    report: Report | None = None,
    checkpoint: Checkpoint | None = None,
) -> Training:
    """Train the seeds of an empty `log` until it has all their episodes or steps; a seed drops out once it has had its own.

    `learner` and `environment` have one row a seed. Raises TrainingError when a return or a parameter is no longer finite,
    ReplayError when the environment does not repeat what led to the checkpoint.
    """
    clocks, start = _clocks(checkpoint)
    block, actions = Lockstep(learner, environment, log.seeds, log), Actions(task)
    if checkpoint is not None and checkpoint.saved is not None:
        block.resume(checkpoint.saved, actions)
    while len(block.rows):
        before = perf_counter()
        sample = learner.act(block.observation[:, None])
        acted = perf_counter()
        action = task.to_environment(sample[:, 0], action_map)
        mapped = perf_counter()
        step = environment.step(action)
        stepped = perf_counter()
        observation, reward, terminated, truncated = step
        learner.learn(reward[:, None], terminated[:, None], truncated[:, None], observation[:, None])
        after = perf_counter()
        clocks.learner += (acted - before) + (after - stepped)
        clocks.environment += stepped - mapped

        block.take(*step)
        if block.steps % _STEPS_BETWEEN_CHECKS == 0 and len(block.rows):
            block.check()
            if report is not None:
                report(len(block.rows), log.done_so_far(), block.agent_steps)
        if checkpoint is not None:
            actions.append(action)
            if after >= checkpoint.due and len(block.rows):
                done = _done(log.done_so_far(), block.agent_steps, clocks, start)
                checkpoint.save({**block.state(actions), **done})
    _stop(clocks, start)
    return Training(log.columns(), block.policies(), block.agent_steps, clocks, block.diverged())


def train_single_step(
    learner: Learner,
    batch: SingleStepBatch,
    seeds: Sequence[int],
    updates: int,
    report: Report | None = None,
    checkpoint: Checkpoint | None = None,
) -> Training:
    """Train each of the seeds for `updates` updates on a single-step task.

    Raises TrainingError when a reward or a parameter is no longer finite.
    """
    rewards = np.empty((len(seeds), updates))
    clocks, start = _clocks(checkpoint)
    first = 0
    if checkpoint is not None and (saved := checkpoint.saved) is not None:
        first = saved["rewards"].shape[1]
        rewards[:, :first] = saved["rewards"]
        batch.load(part(saved, "batch/"))
        learner.load(part(saved, "learner/"))
    for update in range(first, updates):
        before = perf_counter()
        observation = batch.observe()
        observed = perf_counter()
        action = learner.act(observation)
        acted = perf_counter()
        reward = batch.reward(action)
        target = batch.target()
        rewarded = perf_counter()
        learner.learn(reward, target=target)
        after = perf_counter()
        clocks.environment += (observed - before) + (rewarded - acted)
        clocks.learner += (acted - observed) + (after - rewarded)

        reward.mean(axis=1, out=rewards[:, update])
        steps = (update + 1) * len(seeds)
        if (update + 1) % _STEPS_BETWEEN_CHECKS == 0 or update + 1 == updates:
            _check_rewards(rewards[:, : update + 1], seeds)
            check_parameters(learner.policy(), [(seed, f"update {update + 1}") for seed in seeds])
            if report is not None:
                report(len(seeds), steps, steps)
        if checkpoint is not None and after >= checkpoint.due:
            state = {f"learner/{name}": array for name, array in learner.state().items()}
            state |= {f"batch/{name}": array for name, array in batch.state().items()}
            checkpoint.save({"rewards": rewards[:, : update + 1], **state, **_done(steps, steps, clocks, start)})
    _stop(clocks, start)
    log = {
        "seed": np.repeat(np.asarray(seeds, np.int32), updates),
        "update": np.tile(np.arange(1, updates + 1, dtype=np.int32), len(seeds)),
        "mean_reward": rewards.reshape(-1),
    }
    return Training(log, learner.policy(), updates * len(seeds), clocks, diverged_seeds(seeds, learner.diverged))


def done_before(checkpoint: Checkpoint) -> tuple[int, int]:
    """What of the budget, and how many agent steps, over all seeds, a training that goes on from a checkpoint begins with."""
    done, steps = (0, 0) if checkpoint.saved is None else checkpoint.saved["done"].tolist()
    return done, steps


def _done(done: int, agent_steps: int, clocks: Clocks, start: float) -> dict[str, NDArray[Any]]:
    """What a checkpoint says of the way so far; see `done_before`."""
    _stop(clocks, start)
    return {"done": np.array([done, agent_steps]), "clocks": np.array(astuple(clocks))}


def _clocks(checkpoint: Checkpoint | None) -> tuple[Clocks, float]:
    """What was spent before the checkpoint, and when training would have started, had it never been interrupted."""
    clocks = Clocks() if checkpoint is None or checkpoint.saved is None else Clocks(*checkpoint.saved["clocks"].tolist())
    return clocks, perf_counter() - sum(astuple(clocks))


def _stop(clocks: Clocks, start: float) -> None:
    """What neither learner nor environment took since `start` is the loop's."""
    clocks.loop = perf_counter() - start - clocks.learner - clocks.environment


def _check_rewards(rewards: NDArray[np.float64], seeds: Sequence[int]) -> None:
    finite = np.isfinite(rewards)
    if not finite.all():
        row, update = (int(index[0]) for index in np.nonzero(~finite))
        raise TrainingError(f"seed {seeds[row]}, update {update + 1}: the mean reward is {rewards[row, update]}")
