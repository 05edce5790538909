"""Result files: each appears whole or not at all, and run.json, which vouches for the others, appears last."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from workflow.errors import Refusal

EPISODES, POLICY, RUN = "episodes.parquet", "policy.npz", "run.json"
FILES = (EPISODES, POLICY, RUN)
_UNFINISHED = ".unfinished"


def write_results(folder: Path, log: Mapping[str, Any], policy: Mapping[str, NDArray[Any]], run: Mapping[str, Any]) -> None:
    """Write the three files of a run into `folder`, in place of any that are there.

    `log` holds the columns of episodes.parquet, `policy` the arrays of policy.npz and `run` what run.json says. Whatever
    interrupts this leaves no half-written file, and no run.json beside files of another run. Raises OSError as writing does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in (folder / RUN, *folder.glob(f".*{_UNFINISHED}")):
        leftover.unlink(missing_ok=True)
    table = as_table(log)
    write_atomically(folder / EPISODES, lambda file: pq.write_table(table, file, compression="zstd"))
    write_atomically(folder / POLICY, lambda file: np.savez(file, allow_pickle=False, **policy))
    contents = json.dumps(run, indent=1, sort_keys=True, allow_nan=False) + "\n"
    write_atomically(folder / RUN, lambda file: file.write(contents.encode()))


def check_results(folder: Path) -> None:
    """Refuse results that something has damaged since they were written; results that are not there are no fault."""
    for name, is_whole in ((EPISODES, _is_parquet), (POLICY, zipfile.is_zipfile), (RUN, _is_json)):
        path = folder / name
        if path.is_file() and not is_whole(path):
            raise Refusal(f"{path} is truncated or damaged; delete {folder} and run the same command again")


def as_table(log: Mapping[str, Any]) -> pa.Table:
    """The columns of a log as they are stored; `trajectory` becomes lists of float32, null where nothing was recorded."""
    types = {"trajectory": pa.list_(pa.float32())}
    flat = {name: [_flat(row) for row in column] if name in types else column for name, column in log.items()}
    return pa.table({name: pa.array(column, types.get(name)) for name, column in flat.items()})


def write_atomically(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Let `write` fill a file beside `path`, bring it to the disk, and only then give it its name."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=_UNFINISHED, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _is_parquet(path: Path) -> bool:
    try:
        pq.ParquetFile(path).close()
    except (pa.ArrowException, OSError):
        return False
    return True


def _is_json(path: Path) -> bool:
    try:
        return isinstance(json.loads(path.read_text(encoding="utf-8")), dict)
    except ValueError:
        return False


def _flat(row: NDArray[np.float32] | None) -> NDArray[np.float32] | None:
    return None if row is None else row.reshape(-1)


def _umask() -> int:
    """The process's mask, which can only be read by setting it; temporary files ignore it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
