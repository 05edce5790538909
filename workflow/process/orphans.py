"""No process works on when the one that it works for is gone: jobs end with snakemake, and snakemake with make.

kill -9 of one process leaves its children running, and a job would go on writing results beside the one that the next call
starts.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import psutil

VARIABLE = "WORKFLOW_STARTED_BY"
"""Environment variable with the number of the process that the ones it has started must not outlive."""

_SECONDS_BETWEEN_LOOKS = 0.5


def end_children_with_this() -> None:
    """From now on, processes that this one starts and that call `end_with_parent` end with it."""
    os.environ[VARIABLE] = str(os.getpid())


def end_with_parent() -> None:
    """End this process at once, as kill -9 does, when the one that `VARIABLE` names has ended; without one do nothing.

    All that is written is written atomically, so that this does no harm.
    """
    number = os.environ.get(VARIABLE, "")
    if number.isdecimal():
        threading.Thread(target=_wait_and_end, args=(int(number),), daemon=True).start()


def _wait_and_end(number: int) -> None:
    # Whose parent has ended gets another one at once. To wait for the end of the process itself would not do: as long as nobody
    # takes notice of it, it is still there, as a zombie.
    while number in _ancestors():
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    os.kill(os.getpid(), signal.SIGKILL)


def _ancestors() -> Iterator[int]:
    number = os.getpid()
    while number:
        try:
            number = psutil.Process(number).ppid()
        except psutil.NoSuchProcess:  # gone meanwhile, and this process with it to another parent
            return
        yield number
