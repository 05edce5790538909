"""Jobs that Snakemake finds stale, done one after the other in this process.

`python -m tests.regression.rerun FOLDER` reads what a dry run of the ci scale said, does those of its jobs whose outputs the gate
looks at, and writes what came out into FOLDER, as expectations. To start a process for each job, as Snakemake does, takes ten
times as long as most trainings of the ci scale.
"""

from __future__ import annotations

from workflow.process import prepare_process

prepare_process()  # one thread everywhere, before anything numerical is imported

import re  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable, Iterator, Mapping  # noqa: E402
from pathlib import Path  # noqa: E402
from types import SimpleNamespace  # noqa: E402

from reports.pipeline import summarise_to_files, take_theory, write_tables  # noqa: E402
from tests.regression.artefacts import CI, collect  # noqa: E402
from tests.regression.expectations import write_expectations  # noqa: E402
from tests.regression.platforms import present_platform  # noqa: E402
from tests.workflow.pipeline import announced  # noqa: E402
from workflow.inputs import Inputs  # noqa: E402
from workflow.job import run_job  # noqa: E402
from workflow.plan import block_folder, make_plan, seeds_of  # noqa: E402
from workflow.theory.inputs import Experiments  # noqa: E402
from workflow.theory.job import run_experiment  # noqa: E402

_WILDCARDS = re.compile(r"^wildcards: (.*)$", re.MULTILINE)


def planned(said: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Rule and wildcards of every job that a dry run announced."""
    for rule, described in announced(said):
        found = _WILDCARDS.search(described)
        yield rule, dict(pair.split("=", 1) for pair in found[1].split(", ")) if found else {}


class Rules:
    """What the rules do whose outputs the gate looks at, in the working directory."""

    def __init__(self) -> None:
        self._plan = make_plan(Path(), CI)
        self._inputs, self._experiments = Inputs(self._plan), Experiments(self._plan)

    def rerun(self, said: str) -> None:
        """Do the jobs of these rules that a dry run announced, inputs before what is made of them."""
        jobs = list(planned(said))
        for rule, do in self._all().items():
            for wildcards in (wildcards for name, wildcards in jobs if name == rule):
                do(SimpleNamespace(**wildcards))

    def _all(self) -> Mapping[str, Callable[[SimpleNamespace], object]]:
        return {
            "train": self._train,
            "theory": self._theory,
            "theory_data": self._theory_data,
            "summarise": self._summarise,
            "tables": self._tables,
        }

    def _train(self, wildcards: SimpleNamespace) -> None:
        run = self._plan.runs[wildcards.task, wildcards.method, wildcards.variant]
        seeds = seeds_of(wildcards.block)
        run_job(run, seeds, Path(block_folder(self._plan.budget, run, seeds)))

    def _theory(self, wildcards: SimpleNamespace) -> None:
        table = Path(self._experiments.table(wildcards))
        table.parent.mkdir(parents=True, exist_ok=True)
        run_experiment(wildcards.experiment, wildcards.budget, self._experiments.runs(wildcards), table)

    def _theory_data(self, wildcards: SimpleNamespace) -> None:
        into = self._data(wildcards) / f"theory_{wildcards.experiment}.parquet"
        into.parent.mkdir(parents=True, exist_ok=True)
        take_theory(Path(self._experiments.table(wildcards)), into)

    def _summarise(self, wildcards: SimpleNamespace) -> None:
        folders = [Path(record).parent for record in self._inputs.records(wildcards)]
        summarise_to_files(wildcards.paper, folders, self._inputs.seeds(wildcards), self._data(wildcards))

    def _tables(self, wildcards: SimpleNamespace) -> None:
        data = self._data(wildcards)
        write_tables(wildcards.paper, data, data.parent / "tables", self._plan.configuration.scale)

    def _data(self, wildcards: SimpleNamespace) -> Path:
        return Path(self._inputs.data_files(wildcards.paper)[0]).parent


if __name__ == "__main__":
    Rules().rerun(sys.stdin.read())
    write_expectations(Path(sys.argv[1]), collect(Path()), present_platform())
