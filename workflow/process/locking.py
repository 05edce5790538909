"""Locks that the kernel releases when their holder dies, however it does: none of them is ever stale."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 10.0
"""Seconds to wait for a process that holds a lock: what was killed together with it may take a moment to end."""

_HELD = {errno.EWOULDBLOCK, errno.EACCES}
_BETWEEN_TRIES = 0.1


class Held(Exception):
    """Another process holds the lock."""


@contextmanager
def locked(path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock on a file or folder that is there. Raises Held when another process still does after `patience` seconds.

    On a file system that knows no locks this is without effect.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        _wait_for(handle, time.monotonic() + patience)
        yield
    finally:
        os.close(handle)


def acquire(handle: int, kind: int) -> bool:
    """Take a lock (LOCK_EX or LOCK_SH) on an open file unless another process holds one that excludes it; whether that went.

    Raises OSError where the file system knows no locks.
    """
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _HELD:
            return False
        raise
    return True


def _wait_for(handle: int, deadline: float) -> None:
    try:
        while not acquire(handle, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise Held
            time.sleep(_BETWEEN_TRIES)
    except OSError:
        return
