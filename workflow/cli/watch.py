"""`python -m workflow watch METHOD TASK --seed K`: an episode of a trained policy as an animated picture."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from algorithms.interface import methods
from envs.tasks import TASKS
from records.errors import Refusal
from records.files import write_bytes
from records.refusals import check_name
from records.sources import ROOT
from workflow.cli.values import WHERE
from workflow.plan.configuration import available_papers
from workflow.plan.paths import make_folder
from workflow.plan.runs_file import Paper
from workflow.playback.film import check_shown, film
from workflow.playback.finished import Trained, Wanted, find
from workflow.process.threads import limit_threads

HELP = "show an episode of a trained policy as an animated GIF"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    parser.add_argument("method", help="a file in algorithms/, without .py")
    parser.add_argument("task", help="a task with episodes")
    parser.add_argument("--seed", required=True, metavar="K", help="which seed of the training")
    parser.add_argument("--variant", help="which variant; a paper's main run if left out, or the only one")
    parser.add_argument("--paper", help="whose run; 'none' for one with the method's defaults")
    parser.add_argument("--output", metavar="FILE", help="where to write (results/watch/…gif)")


def command(options: argparse.Namespace) -> int:
    """Write the picture, and say what it shows."""
    wanted = _wanted(options)
    check_shown(TASKS[wanted.task])
    trained = find(Path(), wanted, WHERE)
    file = Path(_default(trained) if options.output is None else options.output)
    if file.suffix != ".gif" or file.is_dir():
        raise Refusal(f"{WHERE}: --output {options.output}: it must name a file that ends in .gif")
    make_folder(file.parent, f"{WHERE}: --output {file}")
    limit_threads()
    shown = film(trained)
    try:
        write_bytes(file, shown.gif)
    except OSError as error:
        raise Refusal(f"{WHERE}: --output {file}: not written ({error.strerror}); name another file") from None
    shown_as = TASKS[wanted.task].gymnasium_id
    note = f", as gymnasium's {shown_as}" if shown_as != wanted.task else ""
    print(f"{file}: return {shown.total:.1f} in {shown.steps} steps{note}")
    print(f"policy of seed {trained.seed} in {trained.folder}")
    return 0


def _wanted(options: argparse.Namespace) -> Wanted:
    """What the command line asks for. Refuses unknown names and what is no seed."""
    check_name(options.method, methods(), "method", WHERE)
    check_name(options.task, TASKS, "task", WHERE)
    if not re.fullmatch("[0-9]{1,9}", options.seed):
        raise Refusal(f"{WHERE}: --seed {options.seed}: it must be a number below 10^9")
    paper = options.paper
    if paper is not None:
        check_name(paper, [*available_papers(ROOT), "none"], "paper", WHERE)
        paper = Paper.none().name if paper == "none" else paper
    return Wanted(options.method, options.task, int(options.seed), options.variant, paper)


def _default(trained: Trained) -> str:
    task, method, variant = trained.folder.parts[-4:-1]
    return f"results/watch/{task}-{method}-{variant}-seed-{trained.seed:03d}.gif"
