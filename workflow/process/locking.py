"""Locks that the kernel releases when their holder dies, however it does: none of them is ever stale."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from records.errors import Refusal
from records.refusals import exit_on_refusal

PATIENCE = 10.0
"""Seconds to wait for a process that holds a lock: what was killed together with it may take a moment to end."""
LOCK = ".lock"
"""The file, in a folder that is locked, that the kernel's lock is on. Left behind by a kill it means nothing."""

_SNAKEMAKE = Path(".snakemake")
_UNTIL_THE_END = ExitStack()


class Held(Exception):
    """Another process holds the lock."""


@contextmanager
def locked(folder: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock on a folder that is there. Raises Held when another process still does after `patience` seconds.

    On a file system that knows no locks this is without effect.
    """
    lock = FileLock(folder / LOCK, mode=0o666, timeout=patience, thread_local=False, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        raise Held from None
    except OSError:
        yield
        return
    try:
        yield
    finally:
        with suppress(OSError):
            (folder / LOCK).unlink(missing_ok=True)  # whoever waits for it sees that, and makes a new one
        lock.release()


def is_locked(folder: Path) -> bool:
    """Whether another process holds the lock on a folder; changes nothing there. False on a file system that knows no locks."""
    try:
        with (folder / LOCK).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def hold_working_directory(patience: float = PATIENCE) -> None:
    """Be the one snakemake that runs jobs in this folder, until this process ends; exit with one line where another does."""
    with exit_on_refusal():
        try:
            _UNTIL_THE_END.enter_context(locked(_SNAKEMAKE, patience))
        except Held:
            raise Refusal(f"{Path.cwd()}: another snakemake runs in this folder; wait for it or end it") from None


def remove_leftovers() -> None:
    """Remove the locks of Snakemake's own that one which was killed has left: it would ask for --unlock."""
    if any((_SNAKEMAKE / "locks").glob("*")):
        with suppress(Held), locked(_SNAKEMAKE, 0):
            for leftover in (_SNAKEMAKE / "locks").iterdir():
                leftover.unlink(missing_ok=True)
