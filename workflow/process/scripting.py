"""What every script of the pipeline does around its work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from records.errors import Refusal, ResultError, TrainingError
from workflow.process.disk import trouble
from workflow.process.orphans import end_with_parent
from workflow.process.progress import LOGGER, log_to


@contextmanager
def logged_job(job: Any) -> Iterator[None]:
    """Send progress to stderr and to the job's log; end with one line and exit code 1 where it fails for a reason we know.

    `job` is what Snakemake gives to its scripts. Any other exception is logged with its traceback. The process ends with the
    snakemake that started it.
    """
    end_with_parent()
    log_to(Path(job.log[0]))
    try:
        yield
    except (Refusal, ResultError, TrainingError) as error:
        LOGGER.error("error: %s", error)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        LOGGER.error("interrupted; no results were written")
        raise SystemExit(130) from None
    except Exception as error:
        if isinstance(error, OSError) and (line := trouble(error)):
            LOGGER.error("error: %s", line)
        else:
            LOGGER.exception("error:")
        raise SystemExit(1) from None
