"""What every script of the pipeline does around its work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reports.errors import ResultError
from workflow.errors import Refusal, TrainingError
from workflow.progress import LOGGER, log_to


@contextmanager
def logged_job(log: str) -> Iterator[None]:
    """Send progress to stderr and to `log`; end with one line and exit code 1 where the work fails for a reason we know.

    Any other exception is logged with its traceback.
    """
    log_to(Path(log))
    try:
        yield
    except (Refusal, ResultError, TrainingError) as error:
        LOGGER.error("error: %s", error)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        LOGGER.error("interrupted; no results were written")
        raise SystemExit(130) from None
    except Exception:
        LOGGER.exception("error:")
        raise SystemExit(1) from None
