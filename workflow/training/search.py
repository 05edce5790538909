"""One search for settings: train every candidate, choose the best, and write what came out."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from envs.tasks import TASKS
from records.errors import TrainingError
from records.files import write_text
from records.manifest import sha256, sha256_of_file
from records.results import write_with_record
from reports.runs.load import check
from workflow.plan.sweep_file import Search
from workflow.process.progress import LOGGER, Progress, format_seconds
from workflow.process.provenance import certificate
from workflow.training.job import train
from workflow.training.outcome import NOT_THE_METHODS, last_line

COLUMNS = (
    *("sweep", "task", "method", "candidate", "first_seed", "seeds", "length"),
    *("mean", "sd", "sem", "failed", "chosen", "edge", "margin_se"),
)
"""`candidate`: JSON of its settings; `length`: episodes, updates or, of a budget in steps, steps; `mean`, `sd`, `sem`: over
seeds, of a seed's mean return over all episodes (or mean reward over all updates), and the standard error of `mean`; `failed`:
whether the training of a seed broke down; `edge`: whether the candidate lies at an end of an axis that has an order; `margin_se`:
how far its mean lies above the best of the others (below it where negative), in standard errors of that difference."""

_GATHERED = ("git", "source_fingerprint", "versions", "python", "platform", "instructions", "cpu", "started", "wall_seconds")


def run_search(search: Search, table: Path) -> None:
    """Train all candidates one after the other in this process; write their table, and beside it the record of its making.

    Raises TrainingError where no candidate's training came to its end, unless the search may fail.
    """
    first = search.candidates[0].run
    born = certificate(first.method, TASKS[first.task], first.env_backend)  # before training: sources may be edited meanwhile
    started, clock = datetime.now(UTC), time.monotonic()
    means = [_mean_returns(search, number) for number in range(len(search.candidates))]
    text = outcome(search, means).to_csv(index=False, float_format="%.8g", lineterminator="\n")
    seconds = time.monotonic() - clock
    made = {"started": started.isoformat(timespec="seconds"), "wall_seconds": round(seconds, 1)}
    write_with_record(table, text.encode(), {"settings": search.settings(), **born, **made})
    LOGGER.info("%s: done in %s", search.name, format_seconds(seconds))


def outcome(search: Search, means: Sequence[NDArray[np.float64] | None]) -> pd.DataFrame:
    """The table of a search, one row a candidate.

    `means` has each candidate's [S] means over all episodes or updates; None for one whose training broke down, which is out. Of
    equally good ones the first is chosen, and of others that with the highest mean, if it has the search's lead over the first.
    Where all broke down none is chosen, and TrainingError is raised unless the search may fail.
    """
    mean = np.array([np.nan if values is None else values.mean() for values in means])
    sd = np.array([np.nan if values is None else values.std(ddof=1) for values in means])
    failed = np.isnan(mean)
    if failed.all() and not search.may_fail:
        raise TrainingError(f"{search.name}: the training of every candidate broke down")
    sem = sd / np.sqrt(search.seeds)
    chosen = None if failed.all() else _choice(mean, sem, search.lead)
    rows = []
    for number, candidate in enumerate(search.candidates):
        run = candidate.run
        rows.append(
            {
                "sweep": search.name,
                "task": run.task,
                "method": run.method,
                "candidate": json.dumps(candidate.settings),
                "first_seed": search.first_seed,
                "seeds": search.seeds,
                "length": run.most,
                "mean": mean[number],
                "sd": sd[number],
                "sem": sem[number],
                "failed": failed[number],
                "chosen": number == chosen,
                "edge": candidate.edge,
                "margin_se": _margin(mean, sem, number),
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def gather(tables: Sequence[Path], records: Sequence[Path], file: Path, table: Path, record: Path) -> None:
    """One table of all of a paper's searches, and where they come from: the file that declares them, and each one's making.

    Raises ResultError where one of the tables is not as its record vouches for.
    """
    for path, vouching in zip(tables, records, strict=True):
        check(vouching, [path], path)
    # As text, so that no number is written otherwise than its search did.
    parts = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in tables]
    text = pd.concat(parts).to_csv(index=False, lineterminator="\n")
    write_text(table, text)
    read = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in records}
    made = {name: {key: whole[key] for key in _GATHERED} for name, whole in read.items()}
    declared = {"file": file.as_posix(), "sha256": sha256_of_file(file), "table_sha256": sha256(text.encode())}
    write_text(record, json.dumps({**declared, "sweeps": made}, indent=1) + "\n")


def _mean_returns(search: Search, number: int) -> NDArray[np.float64] | None:
    """Each seed's mean over all its episodes or updates, [S]; None where the training broke down."""
    candidate = search.candidates[number]
    run, seeds = candidate.run, range(search.first_seed, search.first_seed + search.seeds)
    name = f"{search.name}, {number + 1} of {len(search.candidates)}"
    LOGGER.info("%s: %s", name, json.dumps(candidate.settings))
    try:
        log = train(run, seeds, Progress(name, next(iter(run.budget)), run.most * len(seeds))).log
    except NOT_THE_METHODS:
        raise
    except Exception as error:
        if not (search.may_fail or isinstance(error, TrainingError)):
            raise
        LOGGER.info("%s: out, %s", name, last_line(error))
        return None
    values = log["return"] if "return" in log else log["mean_reward"]
    means = np.array([np.asarray(values, np.float64)[log["seed"] == seed].mean() for seed in seeds])
    LOGGER.info("%s: mean %.6g", name, means.mean())
    return means


def _choice(mean: NDArray[np.float64], sem: NDArray[np.float64], lead: float) -> int:
    """The number of the best candidate, or 0, where it does not lie more than `lead` standard errors ahead of that one."""
    best = int(np.nanargmax(mean))
    ahead = np.isnan(mean[0]) or mean[best] - mean[0] > lead * np.hypot(sem[best], sem[0])
    return best if ahead else 0


def _margin(mean: NDArray[np.float64], sem: NDArray[np.float64], number: int) -> float:
    """How far a mean lies above the best of the others, in standard errors of the difference; NaN where nothing compares."""
    others = np.delete(mean, number)
    if np.isnan(mean[number]) or np.isnan(others).all():
        return np.nan
    rival = int(np.nanargmax(others))
    error = np.hypot(sem[number], np.delete(sem, number)[rival])
    return float((mean[number] - others[rival]) / error) if error > 0 else np.nan
