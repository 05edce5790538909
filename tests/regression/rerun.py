"""Jobs that Snakemake finds stale, done one after the other in this process.

`python -m tests.regression.rerun [FOLDER [RECORDED]]` reads what a dry run of the ci scale said and does its jobs. It writes what
came out into FOLDER, as expectations and, given the expectations RECORDED, what is now made of their summaries into
FOLDER/rejudged. To start a process for each job, as Snakemake does, takes ten times as long as most trainings of the ci scale.
"""

from __future__ import annotations

from workflow.process.threads import prepare_process

prepare_process()  # one thread everywhere, before anything numerical is imported

import re  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable, Iterator, Mapping  # noqa: E402
from pathlib import Path  # noqa: E402
from types import SimpleNamespace  # noqa: E402

from reports.pipeline import (  # noqa: E402
    build_report,
    draw_figures,
    summarise_to_files,
    take_theory,
    write_provenance,
    write_tables,
)
from tests.regression.artefacts import CI, collect  # noqa: E402
from tests.regression.expectations import read_expectations, write_expectations  # noqa: E402
from tests.regression.platforms import present_platform  # noqa: E402
from tests.regression.rejudged import rejudged  # noqa: E402
from tests.workflow.pipeline import announced  # noqa: E402
from workflow.jobs.experiments import Experiments  # noqa: E402
from workflow.jobs.measurement import run_experiment  # noqa: E402
from workflow.jobs.reports import Reports  # noqa: E402
from workflow.plan.plan import block_folder, make_plan, seeds_of  # noqa: E402
from workflow.training.job import run_job  # noqa: E402

REJUDGED = "rejudged"
_WILDCARDS = re.compile(r"^wildcards: (.*)$", re.MULTILINE)


def planned(said: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Rule and wildcards of every job that a dry run announced."""
    for rule, described in announced(said):
        found = _WILDCARDS.search(described)
        yield rule, dict(pair.split("=", 1) for pair in found[1].split(", ")) if found else {}


class Rules:
    """What the rules do, in the working directory."""

    def __init__(self) -> None:
        self._plan = make_plan(Path(), CI)
        self._reports, self._experiments = Reports(self._plan), Experiments(self._plan)

    def rerun(self, said: str) -> None:
        """Do the jobs that a dry run announced, inputs before what is made of them."""
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
            "figure": self._figure,
            "tables": self._tables,
            "provenance": self._provenance,
            "report": self._report,
        }

    def _train(self, wildcards: SimpleNamespace) -> None:
        run = self._plan.runs[wildcards.task, wildcards.method, wildcards.variant]
        seeds = seeds_of(wildcards.block)
        run_job(run, seeds, Path(block_folder(self._plan.budget, run, seeds)))

    def _theory(self, wildcards: SimpleNamespace) -> None:
        table = Path(self._experiments.table(wildcards))
        table.parent.mkdir(parents=True, exist_ok=True)
        run_experiment(wildcards.experiment, wildcards.budget, self._experiments.runs(wildcards), False, table)

    def _theory_data(self, wildcards: SimpleNamespace) -> None:
        into = self._data(wildcards) / f"theory_{wildcards.experiment}.parquet"
        into.parent.mkdir(parents=True, exist_ok=True)
        take_theory(Path(self._experiments.table(wildcards)), into)

    def _summarise(self, wildcards: SimpleNamespace) -> None:
        folders = [Path(record).parent for record in self._reports.records(wildcards)]
        seeds, origins = self._reports.seeds(wildcards), self._reports.origins(wildcards)
        summarise_to_files(wildcards.paper, folders, seeds, self._data(wildcards), origins=origins)

    def _tables(self, wildcards: SimpleNamespace) -> None:
        data = self._data(wildcards)
        write_tables(wildcards.paper, data, data.parent / "tables", self._plan.configuration.scale)

    def _figure(self, wildcards: SimpleNamespace) -> None:
        data = self._data(wildcards)
        draw_figures(wildcards.paper, data, data.parent / "figures", [wildcards.figure])

    def _provenance(self, wildcards: SimpleNamespace) -> None:
        made = self._data(wildcards).parent
        write_provenance(wildcards.paper, made / "data", made / "tables", made / "figures", made / "provenance.json")

    def _report(self, wildcards: SimpleNamespace) -> None:
        made = self._data(wildcards).parent
        pdf, scale = made.with_name(f"{wildcards.paper}.pdf"), self._plan.configuration.scale
        build_report(wildcards.paper, made / "figures", made / "tables", made / "provenance.json", pdf, scale)

    def _data(self, wildcards: SimpleNamespace) -> Path:
        return Path(self._reports.data_files(wildcards.paper)[0]).parent


if __name__ == "__main__":
    Rules().rerun(sys.stdin.read())
    for into in map(Path, sys.argv[1:2]):
        write_expectations(into, collect(Path()), present_platform())
        for recorded in map(Path, sys.argv[2:]):
            write_expectations(into / REJUDGED, rejudged(read_expectations(recorded)[0], Path()), present_platform())
