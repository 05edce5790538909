"""What the rules ask of the plan: functions of wildcards, for inputs, parameters and priorities."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from records.errors import Refusal
from records.refusals import check_name, exit_on_refusal
from records.results import EPISODES, FILES, RUN, check_results
from records.sources import ROOT
from reports.pipeline import DATA_FILES, figure_names
from workflow.jobs.dating import trust_dates
from workflow.jobs.preflight import check_claims
from workflow.jobs.resources import Estimates, measurements, mebibytes, summary
from workflow.jobs.stamps import stamp_of, write_stamps
from workflow.plan.configuration import CONFIGURATION_FILE
from workflow.plan.paths import LOGS, REPORTS, RESULTS, SWEEPS, THEORY, check_folders, result_path
from workflow.plan.plan import Plan, Run, block_folder, seeds_of
from workflow.plan.sources import report_sources, training_sources
from workflow.process.disk import check_access, check_writable, trouble
from workflow.process.instructions import NATIVE_NOTICE
from workflow.process.provenance import last_commit
from workflow.training.checkpoint import seconds_between
from workflow.training.job import check_checkpoints

_MOST_BYTES = 2_000_000_000  # some seconds' hashing


class Inputs:
    """The plan as Snakemake sees it: paths relative to the repository, as text."""

    def __init__(self, plan: Plan) -> None:
        """Refuses folders of results that lie elsewhere, and papers whose claims are not about what they run."""
        self.plan = plan
        self._estimates = Estimates(measurements(ROOT))
        # Asked for by every one of what may be ten thousand jobs.
        self._priorities = {key: len(plan.runs) - place for place, key in enumerate(plan.runs)}
        self._settings: dict[tuple[str, str, str], dict[str, Any]] = {}
        for paper in plan.papers:
            check_claims(paper)
        made = [f"{folder}/{paper}" for paper in plan.papers for folder in (REPORTS, SWEEPS)]
        made += [f"{REPORTS}/{paper}/{part}" for paper in plan.papers for part in ("data", "figures", "tables")]
        check_folders([*plan.folders(list(plan.runs.values())), *made, f"{THEORY}/{plan.budget}", LOGS])

    def announce_instructions(self) -> None:
        """Tell the user what `native: true` costs."""
        if self.plan.configuration.native:
            print(NATIVE_NOTICE, file=sys.stderr)

    def check_results(self) -> None:
        """Refuse results that are there, but damaged; tells of those that cannot be checked.

        So many that hashing them would take long are hashed only as each paper's are summarised, and here looked at for being
        whole.
        """
        folders = [Path(folder) for folder in self.plan.folders(list(self.plan.runs.values()))]
        sizes = (path.stat().st_size for folder in folders for name in FILES if (path := folder / name).is_file())
        thoroughly = sum(sizes) <= _MOST_BYTES
        unsealed = [folder for folder in folders if check_results(folder, thoroughly=thoroughly)]
        if unsealed:
            more = f" (and {len(unsealed) - 1} more)" if unsealed[1:] else ""
            what = "written without checksums, so that damage might go unseen; delete it to have it made anew"
            print(f"{unsealed[0] / RUN}{more}: {what}", file=sys.stderr)

    def check_checkpoints(self) -> None:
        """Refuse checkpoints of other configurations, sources or versions where this plan's jobs would meet them.

        And a time between two checkpoints that is none.
        """
        seconds_between()
        runs = self.plan.runs.values()
        blocks = [(run, block, self.plan.budget) for run in runs for block in self.plan.blocks(run)]
        check_checkpoints((run, block, Path(block_folder(budget, run, block))) for run, block, budget in blocks)

    def check_folders(self) -> None:
        """Refuse folders that jobs could not write into."""
        check_writable(map(Path, (RESULTS, f"{RESULTS}/{self.plan.budget}", REPORTS, LOGS)))
        check_access(map(Path, self.plan.folders(list(self.plan.runs.values()))))

    def date_files(self) -> None:
        """See to it that no date of a source or a result misleads Snakemake, and tell the user of a clock that is wrong.

        Trainings know their sources by stamps, which are written once the sources' own dates can be trusted.
        """
        trained = {(run.method, run.task) for run in self.plan.runs.values()}
        try:
            if line := trust_dates(Path(RESULTS)):
                print(line, file=sys.stderr)
            write_stamps({stamp_of(*what): training_sources(*what) for what in sorted(trained)})
        except OSError as error:
            raise Refusal(trouble(error) or str(error)) from None

    def targets(self) -> list[str]:
        """Every paper's PDF, and every result: Snakemake does not miss a file that only a finished report once needed."""
        folders = self.plan.folders(list(self.plan.runs.values()))
        reports = [result_path("reports", f"{paper}.pdf") for paper in self.plan.papers]
        return reports + [f"{folder}/{file}" for folder in folders for file in FILES]

    def training_stamp(self, wildcards: Any) -> str:
        """The file that stands for those whose edit makes a training job's results out of date."""
        run = self._run(wildcards)
        return stamp_of(run.method, run.task)

    def settings(self, wildcards: Any) -> dict[str, Any]:
        """Settings whose change makes a training job's results out of date."""
        run = self._run(wildcards)
        if run.key not in self._settings:
            self._settings[run.key] = run.settings()
        return self._settings[run.key]

    def priority(self, wildcards: Any) -> int:
        """Longer jobs start first, so that no core is left alone with one at the end."""
        return self._priorities[self._run(wildcards).key]

    def minutes(self, wildcards: Any, attempt: int) -> int:
        """The time limit of a training job."""
        return self._estimates.minutes(self._seconds(wildcards), attempt)

    def mebibytes(self, wildcards: Any, attempt: int) -> int:
        """The memory of a training job."""
        return mebibytes(len(seeds_of(wildcards.block)), attempt)

    def summary_mebibytes(self, wildcards: Any, attempt: int) -> int:
        """The memory of a job that summarises a paper's results."""
        return summary(self.plan, wildcards.paper).read_mebibytes * attempt

    def summary_minutes(self, wildcards: Any, attempt: int) -> int:
        """The time limit of a job that summarises a paper's results."""
        return summary(self.plan, wildcards.paper).minutes * attempt

    def shown_mebibytes(self, wildcards: Any, attempt: int) -> int:
        """The memory of a job that draws a figure, or makes tables, of a summary."""
        return summary(self.plan, wildcards.paper).shown_mebibytes * attempt

    def pack(self, wildcards: Any) -> str | None:
        """The group of small training jobs that a cluster runs together with this one; None: it is not small."""
        return self._estimates.pack(self._seconds(wildcards))

    def logs(self, wildcards: Any) -> list[str]:
        """episodes.parquet of every run that a paper's report shows."""
        return [f"{folder}/{EPISODES}" for folder in self.plan.folders(self._reported(wildcards))]

    def records(self, wildcards: Any) -> list[str]:
        """run.json of every run that a paper's report shows."""
        return [f"{folder}/{RUN}" for folder in self.plan.folders(self._reported(wildcards))]

    def seeds(self, wildcards: Any) -> dict[str, list[int]]:
        """The seeds that each run of a paper must have, by "task/method/variant"."""
        return {"/".join(run.key): list(self.plan.seeds[run.key]) for run in self._reported(wildcards)}

    def summary_sources(self, wildcards: Any) -> list[str]:
        """Files whose edit makes a paper's summary out of date."""
        return report_sources(self._paper(wildcards), "__init__")

    def figure_sources(self, wildcards: Any) -> list[str]:
        """Files whose edit makes a paper's figures out of date."""
        return report_sources(self._paper(wildcards), "figures")

    def table_sources(self, wildcards: Any) -> list[str]:
        """Files whose edit makes a paper's tables out of date."""
        folder = Path("reports") / self._paper(wildcards)
        written = [folder / "claims.yaml", folder / "differences.yaml", folder / "measured" / "sweep.csv"]
        sources = {*report_sources(self._paper(wildcards), "tables"), *report_sources(self._paper(wildcards), "facts")}
        return [*sorted(sources), *(path.as_posix() for path in written if path.is_file())]

    def report_texts(self, wildcards: Any) -> list[str]:
        """The text and the layout of a paper's report."""
        folder = Path("reports") / self._paper(wildcards)
        texts = [folder / "choices.yaml", *folder.glob("*.typ"), *Path("reports/document").glob("*.typ")]
        return sorted(path.as_posix() for path in texts)

    def commit(self, wildcards: Any) -> str | None:
        """The commit that last touched what draws a paper's figures, which the report names."""
        return last_commit([f"reports/{self._paper(wildcards)}/figures.py"])

    def figures(self, wildcards: Any) -> list[str]:
        """Every figure of a paper, as the report takes it in."""
        return [f"{REPORTS}/{self._paper(wildcards)}/figures/{name}.svg" for name in figure_names(self._paper(wildcards))]

    def pictures(self, wildcards: Any) -> list[str]:
        """Every figure of a paper, for the report and for everywhere else."""
        return [path.removesuffix(".svg") + kind for path in self.figures(wildcards) for kind in (".svg", ".png")]

    def data_files(self, paper: str = "{paper}") -> list[str]:
        """What the summary of a paper's results consists of."""
        return [f"{REPORTS}/{paper}/data/{name}" for name in DATA_FILES]

    def _seconds(self, wildcards: Any) -> float:
        """What a training job may take of one core."""
        return len(seeds_of(wildcards.block)) * self._estimates.most_seconds(self._run(wildcards))

    @exit_on_refusal()
    def _paper(self, wildcards: Any) -> str:
        """The paper that a target is of: someone may have asked for one that is none."""
        check_name(wildcards.paper, self.plan.papers, "paper", f"command line: {REPORTS}")
        return str(wildcards.paper)

    def _reported(self, wildcards: Any) -> list[Run]:
        return self.plan.reported_runs(self._paper(wildcards))

    @exit_on_refusal()
    def _run(self, wildcards: Any) -> Run:
        key = (wildcards.task, wildcards.method, wildcards.variant)
        if wildcards.budget != self.plan.budget or key not in self.plan.runs:
            scale = self.plan.configuration.scale
            raise Refusal(
                f"{CONFIGURATION_FILE}: scale: results/{wildcards.budget}/{'/'.join(key)} is not among the runs of the scale "
                f"{scale!r}, which go to results/{self.plan.budget}; give its own scale, or another target"
            )
        return self.plan.runs[key]
