"""A training that is killed at any moment goes on from its last checkpoint, and its results are the same bytes."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from algorithms.interface import Engine, hyperparameters_of, methods
from envs.tasks import TASKS
from envs.vector import EnvPoolVector, Step
from records.errors import Refusal, TrainingError
from records.results import FILES, RUN
from tests.learners import SMALL
from tests.workflow.pipeline import contents
from workflow.cli.main import main
from workflow.plan.plan import Run
from workflow.plan.sources import has_fused_twin
from workflow.plan.stopping import StepBudget, StoppingRule
from workflow.process.locking import locked
from workflow.training import job
from workflow.training.checkpoint import CHECKPOINT, SECONDS_VARIABLE, Checkpoint
from workflow.training.job import run_job

ENGINES = [(method, "reference") for method in methods()] + [(method, "fused") for method in methods() if has_fused_twin(method)]


class Killed(BaseException):
    """What nothing in the program catches."""


def small_run(method: str, task: str, engine: Engine, **changes: Any) -> Run:
    """A method with its own settings on a task, for as long as a test can wait."""
    row = TASKS[task]
    episodic = row.kind == "episodic"
    run = Run(
        paper="none",
        task=task,
        method=method,
        variant="test",
        label=method,
        hyperparameters=asdict(hyperparameters_of(method)(**SMALL.get(method, {}))),
        length=(3 if row.discrete else 2) if episodic else 12,
        batch_size=1 if episodic else 8,
        options=row.options,
        record_trajectories=(1, 2) if episodic else (),
        stop=None,
        root_seed=0,
        engine=engine,
        dtype="float32",
        env_backend="envpool",
        native=False,
    )
    return replace(run, **changes)


def kill_after(saves: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on, a training saves only the checkpoint of this number, and dies."""
    save = Checkpoint.save
    left = saves

    def saving(self: Checkpoint, state: Any) -> None:
        nonlocal left
        left -= 1
        if not left:
            save(self, state)
            raise Killed

    monkeypatch.setattr(Checkpoint, "save", saving)


def resumed_everywhere(run: Run, seeds: Sequence[int], folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Train, killed again and again just after a checkpoint, some steps apart; how often that was."""
    generator, kills = random.Random(f"{run.method} {run.task} {run.engine}"), 0
    monkeypatch.setenv(SECONDS_VARIABLE, "0")
    while True:
        with monkeypatch.context() as patch:
            kill_after(generator.randint(1, 40 if TASKS[run.task].kind == "episodic" else 4), patch)
            try:
                run_job(run, seeds, folder)
            except Killed:
                kills += 1
                assert (folder / CHECKPOINT).is_file()
            else:
                return kills


@pytest.mark.slow
@pytest.mark.parametrize("task", ["CartPole-v1", "LunarLanderContinuous-v2", "Multiplexer-v0", "ScalarRegression-v0"])
@pytest.mark.parametrize(("method", "engine"), ENGINES)
def test_every_method_goes_on_bit_for_bit(
    method: str, engine: Engine, task: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seeds drop out at different times, and their first episodes are recorded step by step."""
    run, seeds = small_run(method, task, engine), [3, 0, 8]
    run_job(run, seeds, tmp_path / "undisturbed")
    kills = resumed_everywhere(run, seeds, tmp_path / "killed", monkeypatch)
    assert kills >= 2
    assert json.loads((tmp_path / "killed" / RUN).read_text())["resumed"] == kills
    assert contents(tmp_path / "killed") == contents(tmp_path / "undisturbed")


WAYS: list[dict[str, Any]] = [
    {"env_backend": "gymnasium"},
    {"dtype": "float64"},
    {"stop": StoppingRule(21.0, 6)},
    {"stop": StepBudget(70), "length": 1, "record_trajectories": ()},
]


@pytest.mark.parametrize("changes", WAYS, ids=str)
def test_whatever_steps_and_stops_a_run(changes: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, seeds = small_run("reinforce_thomas", "CartPole-v0", "reference", **changes), [0, 1]
    run_job(run, seeds, tmp_path / "undisturbed")
    assert resumed_everywhere(run, seeds, tmp_path / "killed", monkeypatch) >= 2
    assert contents(tmp_path / "killed") == contents(tmp_path / "undisturbed")


def test_what_changes_after_a_share_of_the_episodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The temperature drops after two of four episodes: before that all is as without, after it not, and resuming keeps count."""
    run, seeds = small_run("backprop_replay", "CartPole-v0", "reference", length=4), [0, 1]
    dropping = replace(run, hyperparameters={**run.hyperparameters, "low_temperature_from": 0.5})
    never, dropped = (run_job(r, seeds, tmp_path / name).log["length"] for r, name in ((run, "never"), (dropping, "dropped")))
    halves = [(never.reshape(2, 4)[:, half] == dropped.reshape(2, 4)[:, half]).all() for half in (slice(2), slice(2, 4))]
    assert halves == [True, False]
    assert resumed_everywhere(dropping, seeds, tmp_path / "killed", monkeypatch) >= 2
    assert contents(tmp_path / "killed") == contents(tmp_path / "dropped")


def test_a_checkpoint_does_not_disturb_and_a_run_without_one_needs_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = small_run("reinforce", "CartPole-v1", "reference")
    run_job(run, [0], tmp_path / "none")
    monkeypatch.setenv(SECONDS_VARIABLE, "0")
    run_job(run, [0], tmp_path / "many")
    assert contents(tmp_path / "many") == contents(tmp_path / "none")
    assert contents(tmp_path / "many").keys() == set(FILES)


def interrupted(run: Run, seeds: Sequence[int], folder: Path, saves: int = 30) -> None:
    """Leave behind what a training does that dies after so many steps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SECONDS_VARIABLE, "0")
        kill_after(saves, patch)
        with pytest.raises(Killed):
            run_job(run, seeds, folder)


def test_a_kill_before_the_checkpoint_is_removed_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The results are there already; the same command makes them again."""
    run = small_run("reinforce", "CartPole-v1", "reference")
    interrupted(run, [0], tmp_path / "a")
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "discard", lambda _: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            run_job(run, [0], tmp_path / "a")
    before = contents(tmp_path / "a")
    assert before.keys() == {*FILES, CHECKPOINT}
    run_job(run, [0], tmp_path / "a")
    del before[CHECKPOINT]
    assert contents(tmp_path / "a") == before


def test_an_environment_that_does_not_repeat_itself_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, folder = small_run("reinforce", "CartPole-v1", "reference"), tmp_path / "a"
    interrupted(run, [0, 1], folder)
    step = EnvPoolVector.step

    def shifted(self: EnvPoolVector, action: NDArray[Any]) -> Step:
        observation, reward, terminated, truncated = step(self, action)
        return np.nextafter(observation, np.float32(9)), reward, terminated, truncated

    def longer(self: EnvPoolVector, action: NDArray[Any]) -> Step:
        observation, reward, terminated, truncated = step(self, action)
        return observation, reward, np.zeros_like(terminated), truncated

    for other, found in ((shifted, "observation differs"), (longer, "return so far differs")):
        with monkeypatch.context() as patch:
            patch.setattr(EnvPoolVector, "step", other)
            with pytest.raises(Refusal) as caught:
                run_job(run, [0, 1], folder)
        line = f"{folder / CHECKPOINT}: replaying its actions does not lead back to it ({found}); delete it"
        assert str(caught.value) == line
        assert [file.name for file in folder.iterdir()] == [CHECKPOINT]
    run_job(run, [0, 1], folder)  # which repeats itself


def test_a_training_that_broke_down_leaves_no_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = small_run("reinforce", "CartPole-v1", "reference")
    broken = replace(run, hyperparameters={**run.hyperparameters, "actor_learning_rates": (1e30, 1e30, 1e30)})
    monkeypatch.setenv(SECONDS_VARIABLE, "0")
    with pytest.raises(TrainingError):
        run_job(broken, [0], tmp_path)
    assert not list(tmp_path.iterdir())


def test_two_processes_never_train_into_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, folder = small_run("reinforce", "CartPole-v1", "reference"), tmp_path / "a"
    monkeypatch.setattr(job, "locked", partial(locked, patience=0))
    folder.mkdir()
    with locked(folder), pytest.raises(Refusal) as caught:
        run_job(run, [0], folder)
    assert str(caught.value) == f"{folder}: another process is training into this folder; wait for it or end it"
    assert not list(folder.iterdir())
    run_job(run, [0], folder)


COMMAND = ["run", "reinforce", "CartPole-v1", "--paper", "none", "--engine", "reference", "--episodes", "4", "--seeds", "0:2"]


def test_the_command_line_refuses_a_checkpoint_of_another_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [*COMMAND, "--output", str(tmp_path)]
    file = tmp_path / "CartPole-v1" / "reinforce" / "custom" / "seeds-000-001" / CHECKPOINT
    with monkeypatch.context() as patch:
        patch.setenv(SECONDS_VARIABLE, "0")
        kill_after(10, patch)
        with pytest.raises(Killed):
            main(command)
    capsys.readouterr()
    with pytest.raises(SystemExit) as caught:
        main([*command, "--set", "discount=0.9"])
    assert caught.value.code == 2
    printed = capsys.readouterr()
    assert not printed.out
    assert len(printed.err.splitlines()) == 1
    assert printed.err.startswith(f"{file}: a checkpoint of another configuration (hyperparameters.discount was ")
    assert ", is 0.9); delete it to train anew, or undo the change" in printed.err
    assert file.is_file()

    # Of no use to anyone, and so not in the way.
    file.write_bytes(file.read_bytes()[:-9])
    assert main(command) == 0
    assert f"{file}: truncated or damaged" in capsys.readouterr().err
    assert {path.name for path in file.parent.iterdir()} == set(FILES)
