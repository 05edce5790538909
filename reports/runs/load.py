"""Reading results: every file is checked, against its record's manifest too, before a number is taken from it.

A run folder, `results/<budget>/<task>/<method>/<variant>/seeds-<first>-<last>`, holds `run.json` (what was run) and
`episodes.parquet`, one row per seed and episode (from 1) or, for single-step tasks, per seed and update (from 1).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from records import run_folder
from records.errors import ResultError
from records.manifest import examine, parse_json
from records.run_folder import examine_run
from reports.runs.run_files import log_problem, record_problem

KEYS = list(run_folder.KEYS)
"""What a run is identified by, beside its seed."""

ExpectedSeeds = Sequence[int] | Mapping[str, Sequence[int]]
"""Seeds that every task × method × variant must have, or those of each, by "task/method/variant"."""

_EPISODIC = ("seed", "episode", "env_steps", "length", "return", "ended")
_SINGLE_STEP = ("seed", "update", "mean_reward")
SUMMARY = ("summary.parquet", "curves.parquet", "trajectories.parquet", "runs.json")
"""What the runs of a report are reduced to."""
RECORD = "record.json"
"""The record that vouches for it."""
_AGAIN = "then run the same command again"


@dataclass(frozen=True)
class Run:
    """One block of seeds of one task × method × variant, as it lies in one folder."""

    info: dict[str, Any]
    """The contents of run.json."""
    log: pd.DataFrame
    """The contents of episodes.parquet, sorted by seed and episode (or update)."""

    @property
    def key(self) -> tuple[str, str, str]:
        """(task, method, variant)."""
        return self.info["task"], self.info["method"], self.info["variant"]

    @property
    def failed(self) -> str | None:
        """The error that ended the training where it did, and the log is empty."""
        return self.info.get("failed")

    @property
    def episodic(self) -> bool:
        """Whether a row is an episode; else it is an update of a single-step task."""
        return "episode" in self.log

    def by_seed(self) -> Iterator[tuple[int, pd.DataFrame]]:
        """Each seed with its part of the log."""
        for seed in sorted(self.info["seeds"]):
            yield seed, self.log[self.log["seed"] == seed]

    @property
    def index(self) -> str:
        """Name of the column that counts within a seed, from 1."""
        return "episode" if self.episodic else "update"

    @property
    def value(self) -> str:
        """Name of the column that is learned to be large."""
        return "return" if self.episodic else "mean_reward"


@dataclass(frozen=True)
class ReportData:
    """What figures and tables are made of; the columns are described where they are made, in `reports.runs.summarise`."""

    summary: pd.DataFrame
    curves: pd.DataFrame
    trajectories: pd.DataFrame
    runs: list[dict[str, Any]]
    theory: dict[str, pd.DataFrame] = field(default_factory=dict)
    """The experiments of `experiments` that the paper's report shows, by name; their columns are described there."""

    def labels(self) -> dict[tuple[str, str, str], str]:
        """The name in legends of each (task, method, variant)."""
        return {(run["task"], run["method"], run["variant"]): run["label"] for run in self.runs}


def load(folders: Sequence[Path], expected_seeds: ExpectedSeeds, *, allow_partial: bool = False) -> list[Run]:
    """Read and check the runs in `folders`, which may hold several blocks of seeds of one task × method × variant.

    Runs that failed are among them. Raises ResultError for a missing, truncated or foreign file, for a seed that is there twice
    or is not among its `expected_seeds`, for a missing seed unless `allow_partial`, and for native results among others.
    """
    runs = [_load_run(Path(folder)) for folder in folders]
    if not runs:
        raise ResultError("there are no results to report: train at least one method on one task first")
    found: dict[tuple[str, str, str], dict[int, Path]] = defaultdict(dict)
    for folder, run in zip(folders, runs, strict=True):
        expected = _expected(expected_seeds, run.key)
        for seed in run.info["seeds"]:
            if seed in found[run.key]:
                raise ResultError(f"{folder}: seed {seed} is also in {found[run.key][seed]}; delete one of the two folders")
            if seed not in expected:
                raise ResultError(f"{folder}: seed {seed} is not asked for ({_span(expected)}); leave this folder out")
            found[run.key][seed] = Path(folder)
    _check_instructions(runs, folders)
    for key, seeds in found.items():
        missing = sorted(set(_expected(expected_seeds, key)) - set(seeds))
        if missing and not allow_partial:
            folder = next(iter(seeds.values())).parent
            raise ResultError(
                f"{folder}: no results for {_span(missing)}; run the same command again to train what is missing, "
                "or allow partial results"
            )
    return runs


def read_report_data(folder: Path) -> ReportData:
    """Read what `reports.pipeline` wrote: a summary of the runs, and the tables of the theory's experiments.

    Raises ResultError where a file is missing or not as it was written.
    """
    check(folder / RECORD, [folder / name for name in SUMMARY], folder)
    for path in folder.glob("theory_*.parquet"):
        check(path.with_suffix(".json"), [path], folder)
    summary, curves, trajectories = (_read_parquet(folder / f"{name}.parquet") for name in ("summary", "curves", "trajectories"))
    theory = {path.stem.removeprefix("theory_"): _read_parquet(path) for path in sorted(folder.glob("theory_*.parquet"))}
    return ReportData(summary, curves, trajectories, _read_json(folder / "runs.json"), theory)


def check(record: Path, files: Sequence[Path], again: Path) -> None:
    """Raise ResultError where a record or one of the `files` that it vouches for is damaged; `again` is to be deleted then."""
    damage = examine(record, files).damage
    if damage is not None:
        raise ResultError(f"{damage.path} {damage.what}; {damage.remedy(again)}, {_AGAIN}")


def _expected(seeds: ExpectedSeeds, key: tuple[str, str, str]) -> Sequence[int]:
    return seeds.get("/".join(key), ()) if isinstance(seeds, Mapping) else seeds


def _check_instructions(runs: Sequence[Run], folders: Sequence[Path]) -> None:
    """Raise ResultError where some results were computed with the shared instructions, others with all of some processor."""
    first: dict[bool, tuple[Path, str]] = {}
    for folder, run in zip(folders, runs, strict=True):
        instructions = str(run.info.get("instructions"))
        first.setdefault(instructions.startswith("native"), (Path(folder), instructions))
    if len(first) == 2:
        (one, its), (other, others) = first.values()
        raise ResultError(
            f"{one} was computed with the instructions {its}, {other} with {others}, and the two round differently; delete those "
            f"that you do not want, {_AGAIN}"
        )


def _load_run(folder: Path) -> Run:
    info, damage = examine_run(folder)
    if damage is not None:
        raise ResultError(f"{damage.path} {damage.what}; {damage.remedy(folder)}, {_AGAIN}")
    if info is None:
        raise _missing(folder / "run.json")
    if problem := record_problem(info):
        raise ResultError(f"{folder / 'run.json'}: not a record of a run ({problem}); delete {folder}, {_AGAIN}")
    path = folder / "episodes.parquet"
    log = _read_parquet(path)
    expected = _SINGLE_STEP if "updates" in info["budget"] else _EPISODIC
    if problem := log_problem(log, expected):
        raise ResultError(f"{path}: not a log of {info['task']} ({problem}); delete {folder}, {_AGAIN}")
    index = expected[1]
    if info.get("failed"):
        if len(log):
            raise ResultError(f"{path}: it has {index}s, though its training failed; delete {folder}, {_AGAIN}")
        return Run(info, log)
    log = log.sort_values(["seed", index], ignore_index=True)
    if sorted(log["seed"].unique()) != sorted(info["seeds"]):
        raise ResultError(f"{path}: its seeds are not those of run.json beside it; delete {folder}, {_AGAIN}")
    misnumbered = log[index] != log.groupby("seed").cumcount() + 1
    of_another_length, asked = _of_another_length(log, index, info["budget"])
    wrong = of_another_length | misnumbered.groupby(log["seed"]).any()
    if wrong.any():
        raise ResultError(f"{path}: seed {wrong.idxmax()} does not have just the {index}s {asked}; delete {folder}, {_AGAIN}")
    return Run(info, log)


def _of_another_length(log: pd.DataFrame, index: str, budget: Mapping[str, Any]) -> tuple[pd.Series, str]:
    """Whether each seed has fewer or more rows than its budget asks for, and what that asks for in words."""
    if "env_steps" in budget:
        # The episode in which a seed reaches its steps is its last.
        reached = (log["env_steps"] >= budget["env_steps"]).groupby(log["seed"])
        return (reached.sum() != 1) | ~reached.last(), f"1 to the one that reaches step {budget['env_steps']}, each once"
    fewest = budget[f"{index}s"]
    most = budget.get("most_episodes", fewest)
    asked = f"1 to {fewest}" if most == fewest else f"1 to between {fewest} and {most}"
    return ~log.groupby("seed").size().between(fewest, most), f"{asked}, each once"


def _read_parquet(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise _missing(path)
    try:
        table: pd.DataFrame = pq.read_table(path).to_pandas()
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise ResultError(f"{path} is truncated or not a Parquet file; delete it, {_AGAIN}") from error
    return table


def _read_json(path: Path) -> Any:
    if not path.is_file():
        raise _missing(path)
    try:
        return parse_json(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ResultError(f"{path} is truncated or not JSON; delete it, {_AGAIN}") from error


def _missing(path: Path) -> ResultError:
    return ResultError(f"{path} is missing; run the same command again to make it")


def _span(seeds: Iterable[int]) -> str:
    """`seeds 0, 3-5` for [0, 3, 4, 5]."""
    parts: list[list[int]] = []
    for seed in sorted(seeds):
        if parts and parts[-1][-1] == seed - 1:
            parts[-1].append(seed)
        else:
            parts.append([seed])
    names = ", ".join(str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)
    return ("seeds " if sum(map(len, parts)) > 1 else "seed ") + names
