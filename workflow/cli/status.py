"""`python -m workflow status`: which trainings are done, running, failed or missing, by what lies on the disk now.

Nothing is remembered from one call to the next. A training that failed is tried again by the next snakemake, unless the paper's
runs.yaml says that a failure is an outcome.
"""

from __future__ import annotations

import argparse
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from records.run_folder import FILES, SETTINGS, examine_run
from records.sources import ROOT, fingerprint, hashes
from workflow.cli.values import add_config, pairs
from workflow.jobs.resources import Estimates, measurements
from workflow.plan.paths import training_log
from workflow.plan.plan import Plan, Run, block_folder, read_plan
from workflow.plan.sources import training_sources
from workflow.process.locking import is_locked
from workflow.process.progress import format_seconds
from workflow.training.checkpoint import CHECKPOINT

HELP = "which planned trainings are done, running, failed or missing, and how long the rest takes"
State = Literal["done", "running", "failed", "missing", "interrupted", "stale"]
"""`interrupted`: it began, and ended without a result or a reason, as after Ctrl-C, a kill or too little memory.
`stale`: its result is of other settings or sources, so that it would be made anew."""
_ALWAYS: tuple[State, ...] = ("done", "running", "failed", "missing")
_TOLD: Mapping[State, int] = {"failed": 3, "interrupted": 1, "running": 1}
"""Lines of a log's end that are shown, by state, in this order."""
_MOST_TOLD = 20
_AN_OUTCOME = "the report shows this as the outcome; to train again, delete the folder"
_END_OF_LOG = 20_000  # bytes
_FAILED = re.compile(r"^\d\d:\d\d:\d\d error:", re.MULTILINE)
_FINISHED = re.compile(r": done in [^\n]*\n?\Z")
_PROGRESS = re.compile(r": \d+ seeds, (\d+) of (\d+) (?:episodes|updates|env_steps) \(")

add_arguments = add_config


class Block(NamedTuple):
    """What there is to say of the seeds that one job trains."""

    run: Run
    seeds: int
    folder: str
    state: State
    left: float
    """The share of its training that is still to be done, by its log."""
    lines: tuple[str, ...] = ()
    """The last ones of its log, or what is wrong with its result."""


class Left(NamedTuple):
    """Seconds of one core that are still to come."""

    seconds: float
    measured: bool
    """False where part of them is an upper bound."""

    def __str__(self) -> str:
        return f"{'' if self.measured else 'at most '}{format_seconds(max(1.0, self.seconds))}" if self.seconds else ""


def command(options: argparse.Namespace) -> int:
    """Print the table and the ends of logs."""
    plan = read_plan(Path(), pairs(options.config, "--config", "scale=paper"))
    blocks = [block for run in plan.runs.values() for block in look(Path(), plan, run)]
    print("\n".join([table(plan, blocks), *told(blocks)]))
    return 0


def look(root: Path, plan: Plan, run: Run) -> Iterable[Block]:
    """What lies in `root` of each block of seeds of a run."""
    for seeds in plan.blocks(run):
        folder = block_folder(plan.budget, run, seeds)
        log = _end_of(root / training_log(folder))
        state, why = _state(root / folder, run, log)
        left = 0.0 if state == "done" or why == _AN_OUTCOME else 1.0
        if state == "running" or (state == "interrupted" and (root / folder / CHECKPOINT).is_file()):
            steps = _PROGRESS.findall(log)
            left = 1 - int(steps[-1][0]) / int(steps[-1][1]) if steps else 1.0
        lines = [line for line in log.splitlines() if line.strip()][-_TOLD[state] :] if state in _TOLD else []
        yield Block(
            run, len(seeds), folder, state, left, (*lines, why) if why == _AN_OUTCOME else (why,) if why else tuple(lines)
        )


def table(plan: Plan, blocks: Iterable[Block]) -> str:
    """How many seeds of each run are in which state, in Markdown, with the time that the rest takes."""
    blocks = list(blocks)
    estimates = Estimates(measurements(ROOT))
    found = {block.state for block in blocks}
    states = [state for state in get_args(State) if state in _ALWAYS or state in found]
    rows, total, all_left = [], Counter[State](), Left(0.0, True)
    for run in sorted(plan.runs.values(), key=lambda run: (run.paper, run.key)):
        own = [block for block in blocks if block.run.key == run.key]
        counts, left = Counter[State](), _left(own, estimates, plan)
        for block in own:
            counts[block.state] += block.seeds
        total += counts
        all_left = Left(all_left.seconds + left.seconds, all_left.measured and left.measured)
        rows.append([run.paper, run.task, run.method, run.variant, *(str(counts[state] or "") for state in states), str(left)])
    rows.append(["all", "", "", "", *(str(total[state]) for state in states), str(all_left)])
    head = ["paper", "task", "method", "variant", *states, "time left of one core"]
    rule = [":--"] * 4 + ["--:"] * (len(states) + 1)
    lines = [f"| {' | '.join(row)} |" for row in (head, rule, *rows)]
    cores = os.cpu_count() or 1
    if all_left.seconds and cores > 1:
        shared = all_left._replace(seconds=all_left.seconds / cores)
        lines.append(f"\nOn the {cores} cores of this machine: {shared}.")
    return "\n".join(lines)


def told(blocks: Iterable[Block]) -> list[str]:
    """The ends of the logs of what failed, was interrupted or runs."""
    lines: list[str] = []
    blocks = list(blocks)
    for state in _TOLD:
        some = [block for block in blocks if block.state == state]
        for block in some[:_MOST_TOLD]:
            lines += ["", f"{state}: {block.folder}", *(f"    {line}" for line in block.lines)]
        if some[_MOST_TOLD:]:
            lines += ["", f"{state}: {len(some) - _MOST_TOLD} more"]
    return lines


def _state(folder: Path, run: Run, log: str) -> tuple[State, str | None]:
    """The state of a block of seeds, and what is wrong with its result, if anything is."""
    if is_locked(folder):
        return "running", None
    found = examine_run(folder, thoroughly=False)
    if found.damage is not None:
        return "failed", f"{found.damage.path.name} {found.damage.what}; {found.damage.remedy(folder)}"
    whole = found.record is not None and all((folder / name).is_file() for name in FILES)
    if whole and found.record is not None and _is_wanted(found.record, run):
        return ("failed", _AN_OUTCOME) if found.record.get("failed") else ("done", None)
    if _FAILED.search(log):
        return "failed", None
    if whole:
        return "stale", None
    begun = (folder / CHECKPOINT).is_file() or (log and not _FINISHED.search(log))
    return ("interrupted" if begun else "missing"), None


def _is_wanted(record: Mapping[str, Any], run: Run) -> bool:
    """Whether a result is of the settings and sources that it would be made with now."""
    settings = json.loads(json.dumps({**run.settings(), "budget": run.budget}))
    asked = {name: settings[name] for name in SETTINGS if name in settings}
    same_settings = all(record.get(name) == value for name, value in asked.items())
    return same_settings and record.get("source_fingerprint") == _sources_now(run.method, run.task)


@cache
def _sources_now(method: str, task: str) -> str:
    return fingerprint(hashes(training_sources(method, task)))


def _left(blocks: Iterable[Block], estimates: Estimates, plan: Plan) -> Left:
    """What remains of the blocks of one run."""
    shares = [(block.run, block.left * block.seeds) for block in blocks if block.left]
    if not shares:
        return Left(0.0, True)
    seconds, measured = estimates.seconds(shares[0][0], plan.budget == "full")
    return Left(seconds * sum(share for _, share in shares), measured)


def _end_of(log: Path) -> str:
    """The last lines of a log; nothing where there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _END_OF_LOG))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
