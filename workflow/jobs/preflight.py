"""What is looked at before anything runs, so that a mistake costs one line and no time."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from algorithms.interface import hyperparameters_of
from records.errors import Refusal
from records.refusals import refused
from records.results import FILES, RUN, check_results
from reports.claims.choices import check_choices
from reports.claims.differences import read_differences
from reports.claims.read import read_claims
from reports.tables.searches import read_search
from workflow.jobs.dating import trust_dates
from workflow.plan.configuration import PAPERS_FOLDER
from workflow.plan.paths import LOGS, REPORTS, RESULTS, SWEEPS, THEORY, check_folders, input_path
from workflow.plan.plan import Plan, block_folder
from workflow.process.disk import check_access, check_writable, trouble
from workflow.process.instructions import NATIVE_NOTICE
from workflow.training.checkpoint import seconds_between
from workflow.training.job import check_checkpoints

_MOST_BYTES = 2_000_000_000  # some seconds' hashing


def check_before_running(plan: Plan, *, dry: bool) -> None:
    """Refuse whatever would stop a job later on; `dry`: nothing is going to be written."""
    folders = plan.folders(list(plan.runs.values()))
    for paper in plan.papers:
        check_claims(paper, [run.method for run in plan.reported_runs(paper)])
    parts = [f"{REPORTS}/{paper}/{part}" for paper in plan.papers for part in ("data", "figures", "tables")]
    check_folders([*folders, *parts, SWEEPS, f"{THEORY}/{plan.budget}", LOGS])
    if plan.configuration.native:
        print(NATIVE_NOTICE, file=sys.stderr)
    _check_results([Path(folder) for folder in folders])
    seconds_between()
    blocks = [(run, block) for run in plan.runs.values() for block in plan.blocks(run)]
    check_checkpoints((run, block, Path(block_folder(plan.budget, run, block))) for run, block in blocks)
    try:
        if line := trust_dates(Path(RESULTS)):
            print(line, file=sys.stderr)
    except OSError as error:
        raise Refusal(trouble(error) or str(error)) from None
    if not dry:
        check_writable(map(Path, (RESULTS, f"{RESULTS}/{plan.budget}", REPORTS, LOGS)))
        check_access(map(Path, folders))


def check_claims(paper: str, methods: Iterable[str] = ()) -> None:
    """Refuse, with file and line, what is wrong with a paper's claims.yaml, differences.yaml, choices.yaml or sweep.csv.

    Choices may name the settings of the methods that claims are about or, where there are none, of these, which the paper runs.
    """
    folder = input_path(Path(), PAPERS_FOLDER)
    with refused():
        claims = read_claims(paper, folder)
        read_differences(paper, claims, folder)
        claimed = {key[1] for key in claims.labels.keys() - claims.measured.keys()}
        switches = {name for method in claimed or set(methods) for name in hyperparameters_of(method).__pydantic_fields__}
        check_choices(paper, switches, folder)
        read_search(paper)


def _check_results(folders: list[Path]) -> None:
    """Refuse results that are damaged, and tell of those that cannot be checked.

    So many that hashing them would take long are only looked at for being whole; each paper's are hashed as they are summarised.
    """
    sizes = (path.stat().st_size for folder in folders for name in FILES if (path := folder / name).is_file())
    thoroughly = sum(sizes) <= _MOST_BYTES
    unsealed = [folder for folder in folders if check_results(folder, thoroughly=thoroughly)]
    if unsealed:
        more = f" (and {len(unsealed) - 1} more)" if unsealed[1:] else ""
        what = "written without checksums, so that damage might go unseen; delete it to have it made anew"
        print(f"{unsealed[0] / RUN}{more}: {what}", file=sys.stderr)
