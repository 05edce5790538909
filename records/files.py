"""Writing a file so that it appears whole or not at all."""

from __future__ import annotations

import glob
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

import psutil

UNFINISHED = ".unfinished"
"""How names end of files that are still being written, or were when something was killed."""


def write_atomically(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Let `write` fill a file beside `path`, bring it to the disk, and only then give it its name.

    What a writer of the same file that was killed left behind is removed; one that is still writing is let be, and whoever is
    done last has its way. Raises OSError, with the path, as writing does.
    """
    try:
        for leftover in path.parent.glob(f".{glob.escape(path.name)}.*{UNFINISHED}"):
            if not _is_being_written(leftover):
                leftover.unlink(missing_ok=True)
        _write(path, write)
    except OSError as error:  # of which those of a full disk do not say where
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 file atomically."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, contents: bytes) -> None:
    """Write a file atomically."""
    write_atomically(path, lambda file: file.write(contents))


def _write(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.{os.getpid()}.", suffix=UNFINISHED, dir=path.parent)
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


def _is_being_written(unfinished: Path) -> bool:
    """Whether the process that its name holds is alive. A file that is written from several machines needs a lock besides."""
    number = unfinished.name.split(".")[-3]
    return number.isdecimal() and psutil.pid_exists(int(number))


def _umask() -> int:
    """The process's mask, which can only be read by setting it; temporary files ignore it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
