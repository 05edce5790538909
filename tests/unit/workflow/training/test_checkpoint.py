"""Checkpoints as files: what is saved reads back, what is of something else is refused, what is damaged is not believed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from envs.tasks import TASKS
from records.errors import Refusal
from workflow.process.progress import LOGGER
from workflow.training import checkpoint as module
from workflow.training.checkpoint import Checkpoint, Spent, foreign
from workflow.training.lockstep import Actions

KEY: dict[str, dict[str, Any]] = {
    "configuration": {"length": 10, "hyperparameters": {"discount": 0.95, "hidden_sizes": [64, 32]}, "seeds": [0, 1]},
    "sources": {"algorithms/rule.py": "aa", "envs/vector.py": "bb"},
    "versions": {"numpy": "2.1", "python": "3.11"},
}
STATE: dict[str, NDArray[Any]] = {
    "actions": np.arange(6, dtype=np.uint8),
    "learner/weights": np.linspace(0, 1, 4).reshape(2, 2),
    "done": np.array([3, 6]),
}


def changed(kind: str, **values: Any) -> Mapping[str, Mapping[str, Any]]:
    return {**KEY, kind: {**KEY[kind], **values}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a checkpoint of `KEY` has been written, into a folder that was not there."""
    file = tmp_path / "block" / "training.checkpoint"
    Checkpoint(file, KEY).save(STATE)
    return file


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Warnings, in their order."""
    lines: list[str] = []
    monkeypatch.setattr(LOGGER, "warning", lambda text, *values: lines.append(text % values))
    return lines


def test_what_is_saved_reads_back(path: Path) -> None:
    saved = Checkpoint(path, KEY).saved
    assert saved is not None
    assert saved.keys() == STATE.keys()
    for name, array in STATE.items():
        assert (saved[name].dtype, saved[name].tobytes()) == (array.dtype, array.tobytes())
    assert foreign(path, KEY) is None
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_without_a_file_training_begins_from_the_start(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "none", KEY)
    assert checkpoint.saved is None
    assert foreign(tmp_path / "none", KEY) is None
    checkpoint.discard()
    assert not list(tmp_path.iterdir())


def test_the_last_save_counts_and_a_discarded_one_is_gone(path: Path) -> None:
    checkpoint = Checkpoint(path, KEY)
    checkpoint.save({"actions": np.ones(3)})
    saved = Checkpoint(path, KEY).saved
    assert saved is not None
    assert saved["actions"].tolist() == [1, 1, 1]
    checkpoint.discard()
    assert not path.exists()


@pytest.mark.parametrize(
    ("key", "difference"),
    [
        (changed("configuration", length=20), "another configuration (length was 10, is 20)"),
        (
            changed("configuration", hyperparameters={"discount": 0.9, "hidden_sizes": [64]}),
            "another configuration (hyperparameters.discount was 0.95, is 0.9 and 1 more)",
        ),
        (changed("sources", **{"envs/vector.py": "cc"}), "other sources (envs/vector.py)"),
        (changed("sources", **{"envs/new.py": "dd"}), "other sources (envs/new.py)"),
        (changed("versions", numpy="2.2"), 'other versions (numpy was "2.1", is "2.2")'),
    ],
)
def test_a_checkpoint_of_something_else_is_refused_in_one_line(path: Path, key: Any, difference: str) -> None:
    assert foreign(path, key) == difference
    before = path.read_bytes()
    with pytest.raises(Refusal) as caught:
        Checkpoint(path, key)
    line = f"{path}: a checkpoint of {difference}; delete it to train anew, or undo the change to go on from it"
    assert str(caught.value) == line
    assert path.read_bytes() == before


def test_tuples_and_lists_are_the_same_configuration(path: Path) -> None:
    key = changed("configuration", seeds=(0, 1), hyperparameters={"discount": 0.95, "hidden_sizes": (64, 32)})
    assert Checkpoint(path, key).saved is not None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(data=st.data())
def test_a_damaged_checkpoint_is_as_good_as_none(path: Path, data: st.DataObject) -> None:
    """Cut anywhere, or with any byte changed."""
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    flip = data.draw(st.integers(0, 255))
    damaged = path.with_name("damaged")
    damaged.write_bytes(whole[:place] + (bytes([whole[place] ^ flip]) + whole[place + 1 :] if flip else b""))
    assert Checkpoint(damaged, KEY).saved is None
    assert foreign(damaged, changed("configuration", length=20)) in (None, "another configuration (length was 10, is 20)")


def test_a_damaged_checkpoint_is_logged(path: Path, logged: list[str]) -> None:
    path.write_bytes(path.read_bytes()[:-1])
    Checkpoint(path, KEY)
    assert logged == [f"{path}: truncated or damaged, so training begins from the start"]


def test_nothing_is_pickled(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pickle"):
        Checkpoint(tmp_path / "x", KEY).save({"actions": np.array([{}, None])})
    assert not list(tmp_path.iterdir())


def test_a_full_disk_stops_no_training(path: Path, logged: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_atomically", full)
    before = path.read_bytes()
    Checkpoint(path, KEY).save({"actions": np.ones(3)})
    assert logged == [f"{path}: not written, training goes on without: No space left on device"]
    assert path.read_bytes() == before


def test_what_was_spent_before_counts_and_so_does_every_new_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.setattr(time, "process_time", lambda: now / 2)
    path = tmp_path / "x"
    for processes in range(3):
        checkpoint = Checkpoint(path, KEY)
        now += 10
        assert checkpoint.spent() == Spent(10 * (processes + 1), 5 * (processes + 1), processes)
        checkpoint.save(STATE)
        now += 7  # lost


def test_the_next_is_due_after_a_while_that_grows_with_what_one_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, takes = 100.0, 0.5

    def slow(*_: Any) -> None:
        nonlocal now
        now += takes

    monkeypatch.setattr(time, "perf_counter", lambda: now)
    monkeypatch.setattr(module, "write_atomically", slow)
    checkpoint = Checkpoint(tmp_path / "x", KEY, every=60)
    assert checkpoint.due == 160
    checkpoint.save(STATE)
    assert checkpoint.due == 160.5
    takes = 9
    checkpoint.save(STATE)
    assert checkpoint.due == 109.5 + 3 * 60


@pytest.mark.parametrize("text", ["often", "-1", "nan"])
def test_an_interval_that_is_none_is_refused(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKFLOW_CHECKPOINT_SECONDS", text)
    with pytest.raises(Refusal, match=f"WORKFLOW_CHECKPOINT_SECONDS: '{text}' must be a number of seconds"):
        Checkpoint(tmp_path / "x", KEY)


@pytest.mark.parametrize(("task", "dtype"), [("CartPole-v1", np.uint8), ("LunarLanderContinuous-v2", np.float32)])
def test_actions_are_kept_small_and_in_order_however_many(task: str, dtype: Any) -> None:
    actions, generator = Actions(TASKS[task]), np.random.default_rng(0)
    shape = () if TASKS[task].discrete else (TASKS[task].action_size,)
    steps = [generator.integers(0, 2, (seeds, *shape)) for seeds in [3000] * 12 + [1] * 5]
    for action in steps:
        actions.append(action)
    assert actions.taken().dtype == dtype
    assert (actions.taken() == np.concatenate(steps)).all()
