"""One job of the rule `theory`: one experiment, in this process, on one thread."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

import pandas as pd

from workflow.configuration import Budget
from workflow.process import limit_threads
from workflow.progress import LOGGER, format_seconds
from workflow.theory.runs import Run


def run_experiment(name: str, budget: Budget, runs: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write the table of the experiment workflow/theory/<name>.py; `runs` are the arguments of `Run.of`."""
    limit_threads()
    started = monotonic()
    table: pd.DataFrame = importlib.import_module(f"workflow.theory.{name}").measure([Run.of(**run) for run in runs], budget)
    table.to_parquet(path, index=False)
    LOGGER.info("%s: %d rows in %s", name, len(table), format_seconds(monotonic() - started))
