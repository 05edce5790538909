"""One training job: build learner and task for a block of seeds, train them, write what came out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from algorithms.interface import create, describe, hyperparameters_of
from envs.seeding import environment_seed, environment_sequence, learner_sequence
from envs.single_step import make_batch
from envs.tasks import TASKS
from envs.vector import make_vector
from records.errors import Refusal, TrainingError
from records.results import RUN, write_results
from records.staleness import Key
from workflow.jobs.dating import Clock
from workflow.plan.hyperparameters import action_map_of
from workflow.plan.plan import Run
from workflow.process.instructions import check_instructions
from workflow.process.locking import Held, locked
from workflow.process.progress import LOGGER, Progress, format_seconds
from workflow.process.provenance import certificate, peak_memory_mib
from workflow.process.threads import limit_threads
from workflow.training.checkpoint import CHECKPOINT, Checkpoint, foreign, remedy
from workflow.training.episode_log import EpisodeLog
from workflow.training.lockstep import ReplayError
from workflow.training.loop import Report, Training, done_before, train_episodes, train_single_step


def train(run: Run, seeds: Sequence[int], report: Report | None = None, checkpoint: Checkpoint | None = None) -> Training:
    """Train a block of seeds in this process, on one thread, from the checkpoint on where that holds one.

    Raises TrainingError where the numbers break down, ReplayError as `train_episodes` does. Refuses a process that computes with
    other instructions than the run asks for.
    """
    _prepare(run)
    task = TASKS[run.task]
    hyperparameters = hyperparameters_of(run.method)(**run.hyperparameters)
    sequences = [learner_sequence(run.root_seed, run.task, run.method, seed) for seed in seeds]
    if task.kind == "single_step":
        environments = [environment_sequence(run.root_seed, run.task, seed) for seed in seeds]
        batch = make_batch(task, environments, run.batch_size, **run.options)
        problem = task.problem(run.batch_size, batch.observation_size)
        learner = create(run.method, problem, hyperparameters, sequences, run.engine, run.dtype)
        return train_single_step(learner, batch, seeds, run.length, report, checkpoint)
    learner = create(run.method, task.problem(1, episodes=run.episodes), hyperparameters, sequences, run.engine, run.dtype)
    environment = make_vector(task, [environment_seed(run.root_seed, run.task, seed) for seed in seeds], run.env_backend)
    try:
        action_map = action_map_of(hyperparameters)
        log = EpisodeLog(seeds, run.length, run.record_trajectories, run.stop)
        return train_episodes(learner, environment, task, action_map, log, report, checkpoint)
    finally:
        environment.close()


def run_job(run: Run, seeds: Sequence[int], folder: Path) -> Training:
    """Train a block of seeds and write its three result files into `folder`, which holds a checkpoint until then.

    Goes on from a checkpoint that is there. Refuses one of another configuration, of other sources or of other versions, and one
    that the environments do not lead back to; refuses a folder that another process trains into. Raises TrainingError, having
    written nothing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with locked(folder):
            return _run_job(run, seeds, folder)
    except Held:
        raise Refusal(f"{folder}: another process is training into this folder; wait for it or end it") from None


def _run_job(run: Run, seeds: Sequence[int], folder: Path) -> Training:
    _prepare(run)
    born = certificate(run.method, TASKS[run.task], run.env_backend)  # before training: sources may be edited meanwhile
    name = f"{run.task} {run.method} {run.variant}"
    unit = next(iter(run.budget))
    checkpoint = Checkpoint(folder / CHECKPOINT, checkpoint_key(run, seeds, born))
    LOGGER.info("%s: %s, %d %s each", name, _span(seeds), run.budget[unit], unit)
    started, before = datetime.now(UTC), done_before(checkpoint)
    clock = Clock()
    if checkpoint.saved is not None:
        LOGGER.info("%s: going on from its checkpoint, after %d %s over all seeds", name, before[0], unit)
    try:
        training = train(run, seeds, Progress(name, unit, run.most * len(seeds), before=before), checkpoint)
    except TrainingError as error:
        checkpoint.discard()  # it would only break down again
        raise TrainingError(f"{name}: {error}") from None
    except ReplayError as error:
        raise Refusal(f"{checkpoint.path}: replaying its actions does not lead back to it ({error}); delete it") from None
    spent = checkpoint.spent()
    measured = {
        "wall_seconds": round(spent.wall_seconds, 3),
        "cpu_seconds": round(spent.cpu_seconds, 3),
        "clocks": {key: round(value, 3) for key, value in vars(training.clocks).items()},
        "peak_memory_mib": round(peak_memory_mib(), 1),
        "agent_steps": training.agent_steps,
        "resumed": spent.resumed,
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    if change := clock.change():
        LOGGER.warning("%s: %s meanwhile: the times of day in %s are the clock's, but all durations are right", name, change, RUN)
    outcome = {} if training.diverged is None else {"diverged": {str(seed): when for seed, when in training.diverged.items()}}
    write_results(folder, training.log, training.policy, {**identity(run, seeds), **born, **outcome, **measured})
    checkpoint.discard()
    rate = training.agent_steps / max(spent.wall_seconds, 1e-3)
    LOGGER.info("%s: done in %s, %s steps/s", name, format_seconds(spent.wall_seconds), f"{rate:,.0f}")
    return training


def checkpoint_key(run: Run, seeds: Sequence[int], born: Mapping[str, Any]) -> Key:
    """What a checkpoint must share with a run that goes on from it; `born` is the run's certificate."""
    names = {"paper", "label", "variant"}  # which decide no numbers
    configuration = {name: value for name, value in run.settings().items() if name not in names}
    versions = {**born["versions"], "python": born["python"]}
    return {"configuration": {**configuration, "seeds": list(seeds)}, "sources": born["sources"], "versions": versions}


def check_checkpoints(blocks: Iterable[tuple[Run, Sequence[int], Path]]) -> None:
    """Refuse checkpoints, in the folders of blocks of seeds, that the jobs of these blocks would refuse."""
    refused = []
    for run, seeds, folder in blocks:
        path = folder / CHECKPOINT
        if path.is_file():
            born = certificate(run.method, TASKS[run.task], run.env_backend)
            if difference := foreign(path, checkpoint_key(run, seeds, born)):
                refused.append((path, difference))
    if refused:
        raise Refusal(remedy(*refused[0], others=len(refused) - 1))


def identity(run: Run, seeds: Sequence[int]) -> dict[str, Any]:
    """What run.json says of what was asked for."""
    settings = run.settings()
    kept = (
        "paper",
        "task",
        "method",
        "variant",
        "label",
        "hyperparameters",
        "options",
        "root_seed",
        "engine",
        "dtype",
        "env_backend",
        "native",
    )
    return {
        **{key: settings[key] for key in kept},
        "hyperparameter_descriptions": describe(hyperparameters_of(run.method)),
        "seeds": list(seeds),
        "budget": run.budget,
    }


def _prepare(run: Run) -> None:
    """Limit this process to one thread. Refuses a process that computes with other instructions than the run asks for."""
    limit_threads(with_torch=run.engine == "reference")
    check_instructions(run.native)


def _span(seeds: Sequence[int]) -> str:
    return f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"
