"""Result files appear whole or not at all."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from records.files import write_atomically
from records.results import FILES, as_table, check_results, write_results

LOG: dict[str, Any] = {
    "seed": np.array([4, 4, 5, 5], np.int32),
    "episode": np.array([1, 2, 1, 2], np.int32),
    "return": np.array([1.0, 2.0, 3.0, 4.0]),
    "ended": np.array(["terminated", "truncated", "terminated", "terminated"]),
    "trajectory": [np.arange(6, dtype=np.float32).reshape(3, 2), None, np.ones((2, 2), np.float32), None],
}
POLICY = {"actor/weights_1": np.arange(6, dtype=np.float32).reshape(2, 3), "actor/biases_1": np.zeros((2, 3), np.float32)}
RUN = {"task": "CartPole-v1", "method": "reinforce", "variant": "chung2021", "seeds": [4, 5]}


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    folder = tmp_path / "CartPole-v1" / "reinforce" / "chung2021" / "seeds-004-005"
    write_results(folder, LOG, POLICY, RUN)
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    table = pq.read_table(folder / "episodes.parquet")
    assert table.column_names == list(LOG)
    for name in ("seed", "episode", "return", "ended"):
        assert table[name].to_pylist() == LOG[name].tolist()
    assert table["trajectory"].to_pylist() == [[0, 1, 2, 3, 4, 5], None, [1, 1, 1, 1], None]
    assert str(table.schema.field("trajectory").type) == "list<element: float>"
    with np.load(folder / "policy.npz") as policy:
        assert {name: policy[name].tolist() for name in policy.files} == {name: array.tolist() for name, array in POLICY.items()}
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert record.pop("sha256").keys() == set(FILES)
    assert record.pop("sealed") is True
    assert record == RUN
    assert check_results(folder) is False


def test_the_same_results_are_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_results(tmp_path / name, LOG, POLICY, RUN)
    for file in FILES:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, OSError, MemoryError])
def test_an_interrupted_write_leaves_what_was_there(tmp_path: Path, interruption: type[BaseException]) -> None:
    path = tmp_path / "episodes.parquet"
    path.write_bytes(b"old")

    def half(file: IO[bytes]) -> None:
        file.write(b"ne")
        raise interruption

    with pytest.raises(interruption):
        write_atomically(path, half)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("fails_at", range(3))
def test_run_json_vouches_for_the_files_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int) -> None:
    """Whichever of the three files cannot be written, no run.json is left to say that all is well."""
    write_results(tmp_path, LOG, POLICY, RUN)
    replace, calls = os.replace, []

    def failing(source: str, target: Path) -> None:
        calls.append(target)
        if len(calls) - 1 == fails_at:
            raise OSError("disk full")
        replace(source, target)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(OSError, match="disk full"):
        write_results(tmp_path, LOG, POLICY, RUN)
    assert not (tmp_path / "run.json").exists()
    assert not [path for path in tmp_path.iterdir() if path.name not in FILES]


def test_leftovers_of_a_killed_job_are_swept_up(tmp_path: Path) -> None:
    (tmp_path / ".episodes.parquet.abc.unfinished").write_bytes(b"PAR1 half of")
    write_results(tmp_path, LOG, POLICY, RUN)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)


def test_files_have_the_permissions_that_others_have(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    write_results(tmp_path / "run", LOG, POLICY, RUN)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "other", *(tmp_path / "run").iterdir())}
    assert len(modes) == 1


def test_values_that_json_does_not_have_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_results(tmp_path, LOG, POLICY, {"x": float("nan")})
    assert not (tmp_path / "run.json").exists()


def test_columns_are_stored_as_arrow_itself_would() -> None:
    columns = {
        "bool": np.arange(19) % 3 == 0,
        "int32": np.arange(38, dtype=np.int32)[::2],
        "float64": np.array([np.nan, -0.0, np.inf] + [1.5] * 16),
        "float32": np.ones(19, np.float32),
        "str": np.where(np.arange(19) % 2, "truncated", "terminated"),
    }
    columns["none"] = columns["bool"][:0]
    for column in columns.values():
        made, expected = as_table({"a": column}), pa.table({"a": pa.array(column)})
        assert made.schema == expected.schema
        assert repr(made["a"].to_pylist()) == repr(expected["a"].to_pylist())  # in which NaN is NaN
