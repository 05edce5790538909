"""No process works on when the one that it works for is gone: jobs end with snakemake, and snakemake with make.

kill -9 of one process leaves its children running, and a job would go on writing results beside the one that the next call
starts.
"""

from __future__ import annotations

import os
import threading

import psutil

VARIABLE = "WORKFLOW_STARTED_BY"
"""Environment variable with the number of the process that the ones it has started must not outlive."""


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
    this = psutil.Process()
    # One that is gone already is no ancestor any more, even if its number belongs to another process by now.
    for ancestor in this.parents():
        if ancestor.pid == number:
            ancestor.wait()
    this.kill()
