"""One job of the rule `theory`: one experiment, in this process, on one thread."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pandas as pd

from experiments import module_of
from experiments.shared.runs import Run
from records.manifest import sha256_of_file
from records.results import check_results, write_with_record
from records.run_folder import Budget
from workflow.plan.sources import theory_sources
from workflow.process.instructions import check_instructions
from workflow.process.progress import LOGGER, format_seconds
from workflow.process.provenance import THEORY_PACKAGES, origin
from workflow.process.threads import limit_threads


def run_experiment(name: str, budget: Budget, runs: Sequence[Mapping[str, Any]], native: bool, path: Path) -> None:
    """Write the table of the experiment experiments/<paper>/<name>.py and its record; `runs` are the arguments of `Run.of`.

    `native`: with all instructions of this processor. Refuses networks that are damaged, and a process that computes with other
    instructions.
    """
    check_instructions(native)
    limit_threads()
    for policy in (policy for run in runs for policy in run["policies"]):
        check_results(Path(policy).parent)
    described = asked(name, budget, runs, native)
    born = origin(theory_sources(name), THEORY_PACKAGES)  # before measuring: sources may be edited meanwhile
    started, clock = datetime.now(UTC), monotonic()
    table: pd.DataFrame = importlib.import_module(module_of(name)).measure([Run.of(**run) for run in runs], budget)
    seconds = monotonic() - clock
    measured = {"started": started.isoformat(timespec="seconds"), "wall_seconds": round(seconds, 1)}
    write_with_record(path, table.to_parquet(None, index=False), {**described, **born, **measured})
    LOGGER.info("%s: %d rows in %s", name, len(table), format_seconds(seconds))


def asked(name: str, budget: str, runs: Sequence[Mapping[str, Any]], native: bool, root: Path = Path()) -> dict[str, Any]:
    """What a record says that it is of: the runs' settings, and the digests of their networks in `root` as they are now."""
    policies = [policy for run in runs for policy in run["policies"] if (root / policy).is_file()]
    return {
        "experiment": name,
        "budget": budget,
        "runs": [{key: value for key, value in run.items() if key != "policies"} for run in runs],
        "native": native,
        "policies": {policy: sha256_of_file(root / policy) for policy in policies},
    }
