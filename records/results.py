"""Result files: each appears whole or not at all, and run.json, which vouches for the others, appears last."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from records.errors import Refusal
from records.files import UNFINISHED, write_bytes
from records.manifest import IS_A_FOLDER, Damage, sealed, sha256, text_of
from records.run_folder import FILES as RUN_FILES
from records.run_folder import examine_run

FILES = RUN_FILES
EPISODES, POLICY, RUN = FILES


def write_results(folder: Path, log: Mapping[str, Any], policy: Mapping[str, NDArray[Any]], run: Mapping[str, Any]) -> None:
    """Write the three files of a run into `folder`, in place of any that are there.

    `log` holds the columns of episodes.parquet, `policy` the arrays of policy.npz and `run` what run.json says. Whatever
    interrupts this leaves no half-written file, and no run.json beside files of another run. Raises OSError as writing does.
    """
    table = as_table(log)
    files = {
        EPISODES: _bytes(lambda file: pq.write_table(table, file, compression="zstd")),
        POLICY: _bytes(lambda file: np.savez(file, allow_pickle=False, **policy)),
    }
    # Of what is written, not of what a disk gives back: that may be damaged already.
    record = sealed(run, RUN, {name: sha256(contents) for name, contents in files.items()})
    files[RUN] = text_of(record).encode()
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in (folder / RUN, *folder.glob(f".*{UNFINISHED}")):
        leftover.unlink(missing_ok=True)
    for name, contents in files.items():
        write_bytes(folder / name, contents)


def write_with_record(path: Path, contents: bytes, record: Mapping[str, Any]) -> None:
    """Write one file, and last, beside it and under its name with the ending .json, the record that vouches for it."""
    beside = path.with_suffix(".json")
    beside.unlink(missing_ok=True)
    write_bytes(path, contents)
    text = text_of(sealed(record, beside.name, {path.name: sha256(contents)}))
    write_bytes(beside, text.encode())


def check_results(folder: Path, *, thoroughly: bool = True) -> bool:
    """Refuse results that something has damaged since they were written; results that are not there are no fault.

    Files are compared with the manifest in run.json or, unless `thoroughly` or where that has none, only looked at for whether
    they are whole. Says whether it has none.
    """
    found = examine_run(folder, thoroughly=thoroughly)
    damage = found.damage or (None if found.sealed and thoroughly else _broken(folder))
    if damage is not None:
        raise Refusal(f"{damage.path} {damage.what}; {damage.remedy(folder)} and run the same command again")
    return found.record is not None and not found.sealed


def as_table(log: Mapping[str, Any]) -> pa.Table:
    """The columns of a log as they are stored; `trajectory` becomes lists of float32, null where nothing was recorded."""
    types = {"trajectory": pa.list_(pa.float32())}
    flat = {name: [_flat(row) for row in column] if name in types else column for name, column in log.items()}
    return pa.table({name: _array(column, types.get(name)) for name, column in flat.items()})


def _array(column: Any, of: pa.DataType | None) -> pa.Array:
    """The column as Arrow has it. `pa.array` would import pandas to see whether it is one of its own."""
    if not isinstance(column, np.ndarray):
        return pa.array(column, of)
    if column.dtype.kind == "U":
        letters = column.astype(np.bytes_)
        ends = np.concatenate([[0], np.strings.str_len(letters).cumsum()]).astype(np.int32)
        text = np.frombuffer(letters.tobytes(), np.uint8)
        return pa.StringArray.from_buffers(len(column), pa.py_buffer(ends), pa.py_buffer(text[text != 0]))
    values = np.packbits(column, bitorder="little") if column.dtype == np.bool_ else np.ascontiguousarray(column)
    return pa.Array.from_buffers(pa.from_numpy_dtype(column.dtype), len(column), [None, pa.py_buffer(values)])


def _broken(folder: Path) -> Damage | None:
    """The first file that is not what its name says."""
    for name, is_whole in ((EPISODES, _is_parquet), (POLICY, zipfile.is_zipfile)):
        path = folder / name
        if path.is_dir():
            return Damage(path, IS_A_FOLDER)
        if path.exists() and not is_whole(path):
            return Damage(path, "is truncated or damaged")
    return None


def _is_parquet(path: Path) -> bool:
    try:
        pq.ParquetFile(path).close()
    except (pa.ArrowException, OSError):
        return False
    return True


def _bytes(write: Callable[[IO[bytes]], object]) -> bytes:
    """What `write` makes of a file."""
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def _flat(row: NDArray[np.float32] | None) -> NDArray[np.float32] | None:
    return None if row is None else row.reshape(-1)
