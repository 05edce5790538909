"""`python -m workflow run METHOD TASK`: train one method on one task."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import numpy as np

from algorithms.interface import Engine, methods
from envs.tasks import TASKS
from records.errors import Refusal, TrainingError
from records.refusals import check_name
from records.sources import ROOT
from records.wording import shortened
from workflow.cli.values import WHERE, pairs
from workflow.plan.configuration import EnvBackend, available_papers, read_configuration
from workflow.plan.paths import make_folder
from workflow.plan.plan import Named, Run, block_name, make_run
from workflow.plan.room import estimated_bytes_of
from workflow.plan.runs_file import Paper
from workflow.plan.validation import MOST_ROWS
from workflow.process.disk import check_room, check_writable, trouble
from workflow.process.instructions import NATIVE_NOTICE
from workflow.process.progress import log_to
from workflow.training.job import run_job

HELP = "train one method on one task"
_MOST_SEEDS = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    parser.add_argument("method", help="a file in algorithms/, without .py")
    parser.add_argument("task", help="a task of envs/tasks")
    parser.add_argument("--seeds", default="0:1", metavar="FIRST:STOP", help="which seeds, as Python counts them (0:1)")
    parser.add_argument("--episodes", "--updates", type=int, metavar="N", help="how long; the paper's budget if left out")
    parser.add_argument("--paper", help="whose settings; 'none' for the method's defaults; else the first paper that has both")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", dest="settings", help="another hyperparameter; repeatable"
    )
    parser.add_argument("--engine", choices=get_args(Engine), help="as in config/config.yaml if left out")
    parser.add_argument("--env-backend", choices=get_args(EnvBackend), help="as in config/config.yaml if left out")
    parser.add_argument("--output", default="results/single", metavar="DIR", help="where to write (results/single)")


def command(options: argparse.Namespace) -> int:
    """Train, and print a line of summary; returns the exit code."""
    run, seeds = _requested(options), _seeds(options.seeds)
    if not options.output:
        raise Refusal(f"{WHERE}: --output: it must name a folder")
    folder = Path(options.output) / run.task / run.method / run.variant / block_name(seeds)
    make_folder(folder, f"{WHERE}: --output {options.output}")
    fewer = "choose fewer episodes or seeds"
    check_room(estimated_bytes_of(run, len(seeds)), folder, f"{WHERE}: --episodes: the results", fewer)
    check_writable([folder])
    log_to(None)
    if run.native:
        print(NATIVE_NOTICE, file=sys.stderr)
    try:
        training = run_job(run, seeds, folder)
    except TrainingError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        if line := trouble(error):
            print(line, file=sys.stderr)
            return 1
        raise
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from the last checkpoint, if there is one", file=sys.stderr)
        return 130
    print(f"{run.task}, {run.label} ({run.variant}): {summary(training.log)}")
    print(f"results in {folder}")
    return 0


def _requested(options: argparse.Namespace) -> Run:
    """The run that the command line asks for. Refuses unknown names and unfitting values."""
    check_name(options.method, methods(), "method", WHERE)
    check_name(options.task, TASKS, "task", WHERE)
    settings = pairs(options.settings, "--set", "ascent_steps=5")
    paper = _paper(options.paper, options.method, options.task)
    chosen = {"engine": options.engine, "env_backend": options.env_backend}
    configuration = read_configuration(ROOT, {"scale": "paper"} | {key: value for key, value in chosen.items() if value})
    hyperparameters = paper.hyperparameters(options.method, options.task, settings, f"{WHERE}: --set")
    if options.episodes is None and options.task not in paper.entries.tasks:
        raise Refusal(f"{WHERE}: {paper.name} has no budget for {options.task}; add --episodes N")
    if options.episodes is not None and not 1 <= options.episodes <= MOST_ROWS:
        raise Refusal(f"{WHERE}: --episodes: {shortened(options.episodes)} must be at least 1 and at most {MOST_ROWS}")
    variant = "custom" if settings or options.episodes else paper.name
    label = paper.label(options.method)
    task, method = options.task, options.method
    named, asked = Named(task, method, variant, label), options.env_backend
    return make_run(paper, named, hyperparameters, configuration, length=options.episodes, env_backend=asked)


def _paper(name: str | None, method: str, task: str) -> Paper:
    available = available_papers(ROOT)
    if name is None:
        papers = (Paper.read(ROOT, candidate) for candidate in available)
        return next((paper for paper in papers if paper.has(method, task)), Paper.none())
    check_name(name, [*available, "none"], "paper", WHERE)
    return Paper.none() if name == "none" else Paper.read(ROOT, name)


def _seeds(text: str) -> tuple[int, ...]:
    """The seeds of `3` or `0:10`. Refuses anything else, none at all and more than one process can train."""
    match = re.fullmatch(r"([0-9]{1,9})(?::([0-9]{1,9}))?", text)
    first, stop = (int(match[1]), int(match[2] or int(match[1]) + 1)) if match else (0, 0)
    if not 1 <= stop - first <= _MOST_SEEDS:
        raise Refusal(f"{WHERE}: --seeds {text}: it must be a number, or FIRST:STOP with 1 to {_MOST_SEEDS} seeds below 10^9")
    return tuple(range(first, stop))


def summary(log: Mapping[str, Any]) -> str:
    """Mean and spread over the seeds of what a seed got on average; seeds may have differently many episodes."""
    episodic = "return" in log
    values, seed = np.asarray(log["return" if episodic else "mean_reward"]), np.asarray(log["seed"])
    runs = [values[seed == one] for one in np.unique(seed)]
    unit, last = ("episode", 100) if episodic else ("update", 10)
    means, ends = np.array([run.mean() for run in runs]), np.array([run[-last:].mean() for run in runs])
    spread = f" (SD {means.std(ddof=1):.2f}, n = {len(runs)} seeds)" if len(runs) > 1 else ""
    name, fewest, most = "return" if episodic else "reward", min(map(len, runs)), max(map(len, runs))
    count = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    whole, end = f"{means.mean():.2f}{spread} over {count} {unit}s", f"{ends.mean():.2f} over the last {last}"
    return f"mean {name} {whole}, {end}" if fewest > last else f"mean {name} {whole}"
