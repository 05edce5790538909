"""Find the finished training whose policy is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from records.arrays import read_arrays
from records.errors import Refusal
from records.results import POLICY, RUN
from records.run_folder import FILES, examine_run
from records.sources import ROOT, hashes
from records.staleness import difference
from records.wording import shortened, suggestion
from workflow.plan.configuration import available_papers
from workflow.plan.paths import RESULTS
from workflow.plan.plan import block_folder, read_plan, seeds_of
from workflow.plan.runs_file import Paper

_BUDGETS = ("full", "single", "tenth", "tiny")
"""Folders of results, the longest trainings first; `single` is that of `python -m workflow run`."""


class Wanted(NamedTuple):
    """A policy that is asked for."""

    method: str
    task: str
    seed: int
    variant: str | None = None
    """None: the main run of a paper, or else the only variant."""
    paper: str | None = None
    """None: the first that has both."""


class Trained(NamedTuple):
    """The policy of one seed of a finished training."""

    folder: Path
    record: Mapping[str, Any]
    """What run.json says."""
    seed: int

    def parameters(self) -> dict[str, NDArray[Any]]:
        """Its parameters by name, each with a leading dimension of 1. Refuses a file that holds no arrays."""
        row = self.record["seeds"].index(self.seed)
        try:
            return {name: np.array(array[row : row + 1]) for name, array in read_arrays(self.folder / POLICY).items()}
        except (OSError, ValueError) as error:
            raise Refusal(f"{self.folder / POLICY}: {error}; delete {self.folder} and train anew") from None


def find(root: Path, wanted: Wanted, where: str) -> Trained:
    """The finished training in `root` that has the policy, the longest first; `where` names the question in a refusal.

    Refuses what is not there, with the command that makes it; a damaged result; and one of other sources than today's.
    """
    found = list(_candidates(root, wanted))
    if not found:
        as_variant = f" as {shortened(wanted.variant)}" if wanted.variant else ""
        what = f"{wanted.method} on {wanted.task}{as_variant} with seed {wanted.seed}"
        raise Refusal(f"{where}: no finished training of {what}; {_remedy(root, wanted)}")
    main = [trained for trained in found if trained.folder.parent.name == trained.record["paper"]]
    variants = sorted({trained.folder.parent.name for trained in main or found})
    if not main and len(variants) > 1:
        raise Refusal(f"{where}: seed {wanted.seed} was trained as {', '.join(variants)}; choose one by --variant")
    chosen = next(trained for trained in main or found if trained.folder.parent.name == variants[0])
    if why := chosen.record.get("failed"):
        raise Refusal(
            f"{chosen.folder}: its training failed ({why}), so that there is no policy; delete the folder to train again"
        )
    if changed := _other_sources(chosen.record):
        raise Refusal(f"{chosen.folder}: its policy is of {changed}; go back to them, or {_remedy(root, wanted)}")
    return chosen


def _candidates(root: Path, wanted: Wanted) -> Iterator[Trained]:
    """The finished trainings that hold the seed. Refuses one that is damaged."""
    for budget in _BUDGETS:
        for folder in sorted((root / RESULTS / budget / wanted.task / wanted.method).glob("*/seeds-*")):
            if wanted.variant not in (None, folder.parent.name) or not _holds(folder, wanted.seed):
                continue
            found = examine_run(folder)
            if found.damage is not None:
                raise Refusal(f"{found.damage.path} {found.damage.what}; {found.damage.remedy(folder)} and train anew")
            if found.record is None or not all((folder / name).is_file() for name in FILES):
                continue
            if wanted.seed in found.record["seeds"] and wanted.paper in (None, found.record["paper"]):
                yield Trained(folder, found.record, wanted.seed)


def _holds(folder: Path, seed: int) -> bool:
    try:
        return seed in seeds_of(folder.name)
    except ValueError:
        return False


def _remedy(root: Path, wanted: Wanted) -> str:
    """The command that trains what is wanted, or why there is none."""
    method, task, seed, variant, paper = wanted
    if variant is None or variant in (paper, *available_papers(root)):
        whose = f" --paper {'none' if paper == Paper.none().name else paper or variant}" if paper or variant else ""
        return f"make it by: python -m workflow run {method} {task} --seeds {seed}{whose}"
    known: set[str] = set()
    for scale in ("paper", "extended"):
        plan = read_plan(root, {"scale": scale})
        known |= {of for task_of, method_of, of in plan.runs if (task_of, method_of) == (task, method)}
        run = plan.runs.get((task, method, variant))
        if run and paper in (None, run.paper):
            for seeds in (block for block in plan.blocks(run) if seed in block):
                return f"make it by: snakemake --config scale={scale} -- {block_folder(plan.budget, run, seeds)}/{RUN}"
    return "no paper asks for that seed" if variant in known else f"no paper has that variant; {suggestion(variant, known)}"


def _other_sources(record: Mapping[str, Any]) -> str | None:
    """In what the sources of a result differ from today's, in words; None where in nothing."""
    theirs = record["sources"]
    ours = hashes(path for path in theirs if (ROOT / path).is_file())
    nothing: dict[str, Any] = {"configuration": {}, "versions": {}}
    return difference({**nothing, "sources": theirs}, {**nothing, "sources": ours})
