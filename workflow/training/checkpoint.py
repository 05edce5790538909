"""Checkpoints: a training that was killed goes on from its last one, and comes to the same bits as if nothing had happened.

A checkpoint is one file beside the results of its block of seeds: a line that says of what it is, then arrays (npz), each with
its SHA-256.
Snakemake knows nothing of it, or would delete it with the outputs of the job that was killed.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from records.arrays import read_arrays
from records.errors import Refusal
from records.files import write_atomically
from records.staleness import Key, difference
from workflow.process.progress import LOGGER

CHECKPOINT = "training.checkpoint"
SECONDS = 60.0
"""Wall seconds between two checkpoints; more where one takes longer than `_LONG`, so that they never take 5 % of the time."""
SECONDS_VARIABLE = "WORKFLOW_CHECKPOINT_SECONDS"
"""Environment variable with another number in place of `SECONDS`; 0: after every step, for tests."""

_FORMAT = 1
_LONG = 3.0  # seconds that one may take, as on a disk that many write to
_SPENT = "checkpoint/spent"


class Spent(NamedTuple):
    """What all processes that worked on a training took, up to their last checkpoints."""

    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    resumed: int = 0
    """How often it went on from a checkpoint."""


class Checkpoint:
    """The checkpoint of one block of seeds: read when this is made, written now and then, discarded once it is not needed."""

    def __init__(self, path: Path, key: Key, every: float | None = None) -> None:
        """`every` goes before `SECONDS`. Refuses a file of another key; one that is damaged is as good as none, and logged."""
        self.path = path
        self.saved = _read(path, key)
        """The arrays to go on from; None: from the start."""
        self._key = key
        self._every = seconds_between() if every is None else every
        wall, cpu, resumed = (0.0, 0.0, -1) if self.saved is None else self.saved.pop(_SPENT).tolist()
        self._before = Spent(wall, cpu, int(resumed) + 1)
        self._start = Spent(time.monotonic(), time.process_time())
        self.due = time.perf_counter() + self._every
        """When `save` should be called next, on the clock of `time.perf_counter`."""

    def save(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Put `state` in place of what was saved before. A disk that takes no more is logged, but stops no training."""
        start = time.perf_counter()
        arrays = io.BytesIO()
        np.savez(arrays, allow_pickle=False, **state, **{_SPENT: np.array(self.spent())})
        body = arrays.getbuffer()
        header = json.dumps({"format": _FORMAT, "key": self._key, "sha256": _sha256(body)}).encode()
        line = f"{_sha256(header)} ".encode() + header + b"\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self.path, lambda file: file.writelines([line, body]))
        except OSError as error:
            LOGGER.warning("%s: not written, training goes on without: %s", self.path, error.strerror)
        end = time.perf_counter()
        self.due = end + self._every * max(1.0, (end - start) / _LONG)

    def discard(self) -> None:
        """Remove the file, if there is one."""
        self.path.unlink(missing_ok=True)

    def spent(self) -> Spent:
        """What the training has taken so far; work that a crash made undone does not count."""
        wall, cpu = time.monotonic() - self._start.wall_seconds, time.process_time() - self._start.cpu_seconds
        return Spent(self._before.wall_seconds + wall, self._before.cpu_seconds + cpu, self._before.resumed)


def foreign(path: Path, key: Key) -> str | None:
    """What a checkpoint is of, where it is not of `key`; None where it is, and where there is none or it is damaged."""
    try:
        with path.open("rb") as file:
            header = _header(file.readline())
    except FileNotFoundError:
        return None
    return None if header is None else difference(header["key"], key)


def remedy(path: Path, other: str, others: int = 0) -> str:
    """The line that refuses a foreign checkpoint, and perhaps `others` like it."""
    more = f" (and {others} more of other blocks)" if others else ""
    them = "them" if others else "it"
    return f"{path}: a checkpoint of {other}{more}; delete {them} to train anew, or undo the change to go on from {them}"


def _read(path: Path, key: Key) -> dict[str, NDArray[Any]] | None:
    try:
        line, _, body = path.read_bytes().partition(b"\n")
    except FileNotFoundError:
        return None
    header = _header(line)
    if header is not None and (other := difference(header["key"], key)):
        raise Refusal(remedy(path, other))
    if header is None or _sha256(body) != header["sha256"]:
        LOGGER.warning("%s: truncated or damaged, so training begins from the start", path)
        return None
    try:
        arrays = read_arrays(io.BytesIO(body))
    except ValueError as error:
        LOGGER.warning("%s: %s, so training begins from the start", path, error)
        return None
    return arrays


def _header(line: bytes) -> dict[str, Any] | None:
    """The first line of a checkpoint; None for one that no checkpoint begins with."""
    digest, _, text = line.rstrip(b"\n").partition(b" ")
    if _sha256(text).encode() != digest:
        return None
    try:
        header = json.loads(text)
    except (ValueError, RecursionError):
        return None
    known = isinstance(header, dict) and header.get("format") == _FORMAT
    return header if known and isinstance(header.get("key"), dict) and isinstance(header.get("sha256"), str) else None


def _sha256(data: bytes | memoryview) -> str:
    return hashlib.sha256(data).hexdigest()


def seconds_between() -> float:
    """`SECONDS`, or what the environment says in its place. Refuses what is no number of seconds."""
    text = os.environ.get(SECONDS_VARIABLE, str(SECONDS))
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not seconds >= 0:
        raise Refusal(f"environment variable {SECONDS_VARIABLE}: {text!r} must be a number of seconds, 0 or more")
    return seconds
