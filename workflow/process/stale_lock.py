"""Snakemake's lock on a working directory, which counts only while a process that took it lives.

Snakemake locks by files that name inputs and outputs. Killed, it leaves them behind, and refuses to start again until it is told
`--unlock`. Here each snakemake holds a lock of the kernel's beside them: where nobody does, they are leftovers.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import snakemake.api  # first: snakemake.workflow alone cannot be imported
import snakemake.workflow
from snakemake.exceptions import WorkflowError
from snakemake.logging import logger
from snakemake.persistence.file import FilePersistence

from records.errors import Refusal
from records.refusals import exit_on_refusal
from workflow.process.disk import trouble
from workflow.process.locking import PATIENCE, acquire

_LIVING = "living.lock"
"""Every snakemake that runs jobs shares the kernel's lock on this file; who gets it alone is the only one."""


class Persistence(FilePersistence):  # type: ignore[misc]  # which has no types
    """What Snakemake remembers of a working directory, in files.

    `lock` is not called for `--nolock`, `--dry-run`, `--report`, `--unlock` and all else that runs no jobs.
    """

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold Snakemake's lock. Ends the process with one line and exit code 2 where another that lives has it."""
        handle = self._open()
        try:
            with exit_on_refusal():
                self._join(handle)
            with super().lock():
                yield
        finally:
            os.close(handle)

    def _join(self, handle: int) -> None:
        """Be one of those that run jobs. Refuses where another works on the same files, or if it was killed, still does."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                alone = acquire(handle, fcntl.LOCK_EX)
            except OSError:  # a file system without such locks, where Snakemake's own must do
                return
            if alone and any(super()._read_locks()):
                self._delete_locks()
                os.makedirs(self._lockdir, exist_ok=True)
                logger.info("The lock of a snakemake that was killed is removed; this one goes on with what is missing.")
            # Exchanging a lock for a shared one may let another process in between, which then finds nothing to remove.
            fcntl.flock(handle, fcntl.LOCK_SH)
            if not self.locked:
                return
            if time.monotonic() > deadline:
                folder = self.path.parent
                raise Refusal(f"{folder}: another snakemake is making the same files in this folder; wait for it or end it")
            fcntl.flock(handle, fcntl.LOCK_UN)
            time.sleep(0.2)

    def _read_locks(self) -> Iterable[tuple[str, str]]:
        handle = self._open()
        try:
            leftovers = acquire(handle, fcntl.LOCK_EX)
        except OSError:
            leftovers = False
        finally:
            os.close(handle)
        return () if leftovers else super()._read_locks()

    def _io_write(self, *arguments: Any, **settings: Any) -> None:
        with _one_line():
            super()._io_write(*arguments, **settings)

    def _write_locks(self, *arguments: Any) -> None:
        with _one_line():
            super()._write_locks(*arguments)

    def _open(self) -> int:
        return os.open(Path(self.path) / _LIVING, os.O_RDWR | os.O_CREAT, 0o666)


@contextmanager
def _one_line() -> Iterator[None]:
    """A full disk gets its line from Snakemake, too."""
    try:
        yield
    except OSError as error:
        line = trouble(error)
        if line is None:
            raise
        raise WorkflowError(line) from None


def lock_while_alive() -> None:
    """Have Snakemake use this from now on. It has no setting for that, hence by the name that its workflow knows."""
    assert snakemake.workflow.FilePersistence in {FilePersistence, Persistence}
    snakemake.workflow.FilePersistence = Persistence
