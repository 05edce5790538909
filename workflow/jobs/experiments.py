"""What the rules of the theory's experiments ask of the plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from experiments import SEEDS, Experiment, experiments
from records.errors import Refusal
from records.manifest import examine
from records.results import POLICY
from records.sources import fingerprint, hashes
from workflow.jobs.resources import mebibytes
from workflow.plan.configuration import PAPERS_FOLDER
from workflow.plan.paths import REPORTS, result_path
from workflow.plan.plan import Plan, Run, block_folder
from workflow.plan.sources import theory_sources

_MINUTES = 120


class Experiments:
    """The plan as Snakemake sees it: paths relative to the repository, as text."""

    def __init__(self, plan: Plan) -> None:
        """Refuses a plan without a run that an experiment of one of its papers measures."""
        self._plan = plan
        for paper in plan.papers:
            for name in _experiments_of(paper):
                for key in _keys(name):
                    if key not in plan.runs:
                        needed = f"{'/'.join(key)}, which the experiment {name} measures, is not among them"
                        raise Refusal(f"{PAPERS_FOLDER / paper / 'runs.yaml'}: runs: {needed}; restore its entry")

    def check_tables(self) -> None:
        """Refuse tables that are there, but damaged."""
        for target in self.targets():
            table = Path(target)
            damage = examine(table.with_suffix(".json"), [table]).damage
            if damage is not None:
                raise Refusal(f"{damage.path} {damage.what}; {damage.remedy(table)} and run the same command again")

    def targets(self) -> list[str]:
        """The table of every experiment that a paper's report shows."""
        names = sorted({name for paper in self._plan.papers for name in _experiments_of(paper)})
        return [self._table(name) for name in names]

    def policies(self, wildcards: Any) -> list[str]:
        """policy.npz of every block of seeds whose networks an experiment measures."""
        runs = self._runs(wildcards.experiment)
        return [path for run in runs for path in self._policies(wildcards.experiment, run)]

    def runs(self, wildcards: Any) -> list[dict[str, Any]]:
        """The runs whose networks an experiment measures, as the job takes them."""
        described = []
        for run in self._runs(wildcards.experiment):
            settings = run.settings()
            kept = {key: settings[key] for key in ("method", "task", "hyperparameters", "root_seed", "options")}
            policies = self._policies(wildcards.experiment, run)
            described.append({**kept, "seeds": self._seeds(run), "policies": policies})
        return described

    def sources(self, wildcards: Any) -> str:
        """The fingerprint of the files whose edit makes an experiment's table out of date."""
        return fingerprint(hashes(theory_sources(wildcards.experiment)))

    def mebibytes(self, wildcards: Any, attempt: int) -> int:
        """The memory of an experiment's job."""
        return mebibytes(SEEDS, attempt)

    def minutes(self, wildcards: Any, attempt: int) -> int:
        """The time limit of an experiment's job."""
        return _MINUTES * attempt

    def table(self, wildcards: Any) -> str:
        """The table that a paper's report shows."""
        return self._table(wildcards.experiment)

    def record(self, wildcards: Any) -> str:
        """The record that vouches for it."""
        return f"{self._table(wildcards.experiment).removesuffix('.parquet')}.json"

    def data_files(self, wildcards: Any) -> list[str]:
        """The tables of a paper's experiments beside the other data of its report."""
        experiments = _experiments_of(wildcards.paper) if wildcards.paper in self._plan.papers else ()
        return [f"{REPORTS}/{wildcards.paper}/data/theory_{name}.parquet" for name in experiments]

    def _table(self, name: str) -> str:
        return result_path("theory", self._plan.budget, f"{name}.parquet")

    def _runs(self, name: str) -> list[Run]:
        return [self._plan.runs[key] for key in _keys(name)]

    def _seeds(self, run: Run) -> list[int]:
        return [seed for block in self._plan.blocks(run) for seed in block][:SEEDS]

    def _policies(self, name: str, run: Run) -> list[str]:
        if not _experiment(name).trained:
            return []
        measured = set(self._seeds(run))
        blocks = [block for block in self._plan.blocks(run) if measured & set(block)]
        return [f"{block_folder(self._plan.budget, run, block)}/{POLICY}" for block in blocks]


def _experiment(name: str) -> Experiment:
    return next(found[name] for found in experiments().values() if name in found)


def _keys(name: str) -> list[tuple[str, str, str]]:
    return _experiment(name).keys


def _experiments_of(paper: str) -> tuple[str, ...]:
    """The experiments in a paper's folder; most papers have none."""
    return tuple(experiments().get(paper, ()))
