"""What has happened to results since they were written is seen, named in one line, and nothing is taken from them."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records.errors import Refusal, ResultError
from records.manifest import examine, sealed
from records.results import FILES, check_results, write_results
from reports.runs.load import load
from tests.unit.reports.synthetic_results import run_record

KEY = ("CartPole-v1", "reinforce", "chung2021")


def written(parent: Path, seeds: tuple[int, ...] = (0, 1), reward: float = 1.0, **changes: Any) -> Path:
    """A block of seeds of `KEY`, three episodes each, as a job writes it."""
    record = {**run_record(*KEY, "REINFORCE", 3, seeds), **changes}
    count = len(seeds)
    log = {
        "seed": np.repeat(np.asarray(seeds, np.int32), 3),
        "episode": np.tile(np.arange(1, 4, dtype=np.int32), count),
        "env_steps": np.tile(np.array([10, 20, 30]), count),
        "length": np.full(3 * count, 10, np.int32),
        "return": np.full(3 * count, reward),
        "ended": np.full(3 * count, "terminated"),
    }
    folder = parent.joinpath(record["task"], record["method"], record["variant"], f"seeds-{seeds[0]:03d}-{seeds[-1]:03d}")
    write_results(folder, log, {"actor/weights_1": np.full((count, 4), reward, np.float32)}, record)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Results as they were written."""
    return written(tmp_path / "results")


def test_the_manifest_can_be_checked_with_nothing_but_the_files(folder: Path) -> None:
    """As whoever finds the results years later would."""
    record = json.loads((folder / "run.json").read_text())
    own = record["sha256"].pop("run.json")
    assert record["sha256"] == {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES[:-1]}
    assert own == hashlib.sha256(json.dumps(record, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def test_what_is_sound_is_taken(folder: Path) -> None:
    assert check_results(folder) is False
    (run,) = load([folder], [0, 1])
    assert len(run.log) == 6


def _cut(name: str, keep: int) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:keep])


def _garble(name: str) -> Callable[[Path], None]:
    """Another byte in the middle; the size stays."""

    def garble(folder: Path) -> None:
        whole = bytearray((folder / name).read_bytes())
        whole[len(whole) // 2] ^= 1
        (folder / name).write_bytes(whole)

    return garble


def _replace_by_another_runs(name: str) -> Callable[[Path], object]:
    return lambda folder: shutil.copy(written(folder.parents[4] / "other", reward=2.0) / name, folder / name)


def _make_a_folder(name: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).mkdir()

    return make


def _edit(**changes: Any) -> Callable[[Path], object]:
    def edit(folder: Path) -> None:
        record = json.loads((folder / "run.json").read_text())
        (folder / "run.json").write_text(json.dumps({**record, **changes}))

    return edit


def _replace_all_by_another_blocks(folder: Path) -> None:
    other = written(folder.parents[4] / "other", seeds=(2, 3))
    for name in FILES:
        shutil.copy(other / name, folder / name)


VOUCHES = "is not the file that run.json vouches for: damaged, edited or of another run"
EDITED = "is damaged or was edited"
UNREADABLE = "is truncated or not a record in JSON"
A_FOLDER = "is a folder, where a file should be"


def _lose_the_manifest(folder: Path) -> None:
    record = json.loads((folder / "run.json").read_text())
    del record["sha256"]
    (folder / "run.json").write_text(json.dumps(record))


DAMAGES: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "an empty log": ("episodes.parquet", _cut("episodes.parquet", 0), VOUCHES),
    "a truncated log": ("episodes.parquet", _cut("episodes.parquet", -20), VOUCHES),
    "a garbled log": ("episodes.parquet", _garble("episodes.parquet"), VOUCHES),
    "another run's log": ("episodes.parquet", _replace_by_another_runs("episodes.parquet"), VOUCHES),
    "a folder for a log": ("episodes.parquet", _make_a_folder("episodes.parquet"), A_FOLDER),
    "an empty policy": ("policy.npz", _cut("policy.npz", 0), VOUCHES),
    "a truncated policy": ("policy.npz", _cut("policy.npz", -20), VOUCHES),
    "a garbled policy": ("policy.npz", _garble("policy.npz"), VOUCHES),
    "another run's policy": ("policy.npz", _replace_by_another_runs("policy.npz"), VOUCHES),
    "a folder for a policy": ("policy.npz", _make_a_folder("policy.npz"), A_FOLDER),
    "an empty record": ("run.json", _cut("run.json", 0), UNREADABLE),
    "a truncated record": ("run.json", _cut("run.json", -20), UNREADABLE),
    "brackets without end": ("run.json", lambda folder: (folder / "run.json").write_text("[" * 100_000), UNREADABLE),
    "bytes that are no text": ("run.json", lambda folder: (folder / "run.json").write_bytes(b"\xff\xfe{}"), UNREADABLE),
    "an edited record": ("run.json", _edit(root_seed=1), EDITED),
    "a record of other files": ("run.json", _edit(sha256={"episodes.parquet": "", "policy.npz": "", "run.json": ""}), EDITED),
    "a manifest lost": ("run.json", _lose_the_manifest, EDITED),
    "a manifest of nothing": ("run.json", _edit(sha256={}), EDITED),
    "a manifest that is none": ("run.json", _edit(sha256=[1]), EDITED),
    "another run's record": ("episodes.parquet", _replace_by_another_runs("run.json"), VOUCHES),
    "a folder for a record": ("run.json", _make_a_folder("run.json"), A_FOLDER),
    "another block's files": (
        "run.json",
        _replace_all_by_another_blocks,
        "belongs to CartPole-v1/reinforce/chung2021/seeds-002-003, not to this folder",
    ),
}


@pytest.mark.parametrize("case", DAMAGES)
def test_damage_is_named_and_nothing_is_taken_from_it(case: str, folder: Path) -> None:
    file, spoil, what = DAMAGES[case]
    spoil(folder)
    with pytest.raises(Refusal) as refused:
        check_results(folder)
    assert str(refused.value) == f"{folder / file} {what}; delete {folder} and run the same command again"
    with pytest.raises(ResultError) as caught:
        load([folder], [0, 1])
    assert str(caught.value) == f"{folder / file} {what}; delete {folder}, then run the same command again"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(data=st.data())
def test_no_change_of_a_byte_goes_unseen(folder: Path, data: st.DataObject) -> None:
    """Unless it changes nothing of what a record says, such as the space between its entries."""
    path = folder / data.draw(st.sampled_from(FILES))
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(changed)
    try:
        found = examine(folder / "run.json", [folder / name for name in FILES[:-1]])
        assert found.damage or (path.name == "run.json" and found.record == json.loads(whole))
    finally:
        path.write_bytes(whole)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_missing_is_no_damage_but_nothing_can_be_taken(name: str, folder: Path) -> None:
    (folder / name).unlink()
    assert check_results(folder) is False
    if name != "policy.npz":  # in which no report has an interest
        with pytest.raises(ResultError, match="is missing; run the same command again"):
            load([folder], [0, 1])


def test_results_that_are_not_there_are_no_fault(tmp_path: Path) -> None:
    assert check_results(tmp_path / "nowhere") is False


def _unseal(folder: Path) -> None:
    record = json.loads((folder / "run.json").read_text())
    del record["sha256"], record["sealed"]
    (folder / "run.json").write_text(json.dumps(record))


@pytest.mark.parametrize("thoroughly", [True, False])
@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("keep", [0, 10, -4])
def test_what_cannot_be_compared_is_looked_at_for_being_whole(thoroughly: bool, file: str, keep: int, folder: Path) -> None:
    if thoroughly:
        _unseal(folder)
    assert check_results(folder, thoroughly=thoroughly) is thoroughly
    _cut(file, keep)(folder)
    with pytest.raises(Refusal, match="is truncated or"):
        check_results(folder, thoroughly=thoroughly)


def test_records_in_any_spelling_are_the_same(tmp_path: Path) -> None:
    record = sealed({"é": [1.0, 1e300, -0.0, 2**70], "b": {10: "x", 9: (1, 2)}, "nothing": None}, "record.json", {})
    for indent, ascii_only in ((None, True), (3, False)):
        (tmp_path / "record.json").write_text(json.dumps(record, indent=indent, ensure_ascii=ascii_only), encoding="utf-8")
        assert examine(tmp_path / "record.json", ()) == (record, None)


def test_what_must_not_be_read_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open

    def forbidden(path: Path, *arguments: Any, **options: Any) -> Any:
        if path.name == "policy.npz":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", forbidden)
    with pytest.raises(Refusal) as refused:
        check_results(folder)
    what = "cannot be read (Permission denied); see to its permissions and its disk"
    assert str(refused.value) == f"{folder / 'policy.npz'} {what} and run the same command again"
