"""What the rules of the papers' reports ask of the plan: functions of wildcards."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property
from typing import Any

from envs.tasks import TASKS
from records.errors import Refusal
from records.refusals import check_name, exit_on_refusal
from records.results import EPISODES, POLICY, RUN
from records.sources import ROOT, fingerprint, hashes
from reports.page.room import room_for_films
from reports.pipeline import DATA_FILES, figure_names, has_page
from workflow.jobs.resources import Summary, summary
from workflow.plan.paths import REPORTS, result_path
from workflow.plan.plan import Plan, Run
from workflow.plan.sources import report_sources, training_sources
from workflow.process.provenance import last_commit

_FEW = 2
"""Cells of which films are made at the scale `ci`."""


class Reports:
    """The plan's reports as Snakemake sees them."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def targets(self) -> list[str]:
        """Every paper's PDF, and the page of those that have one."""
        pages = [result_path("reports", f"{paper}.html") for paper in self._plan.papers if has_page(paper)]
        return [result_path("reports", f"{paper}.pdf") for paper in self._plan.papers] + pages

    def summary_mebibytes(self, wildcards: Any, attempt: int) -> int:
        """The memory of a job that summarises a paper's results."""
        return self._summary(wildcards.paper).read_mebibytes * attempt

    def summary_minutes(self, wildcards: Any, attempt: int) -> int:
        """The time limit of a job that summarises a paper's results."""
        return self._summary(wildcards.paper).minutes * attempt

    def shown_mebibytes(self, wildcards: Any, attempt: int) -> int:
        """The memory of a job that draws a figure, or makes tables, of a summary."""
        return self._summary(wildcards.paper).shown_mebibytes * attempt

    def logs(self, wildcards: Any) -> list[str]:
        """episodes.parquet of every run that a paper's report shows."""
        return [f"{folder}/{EPISODES}" for folder in self._plan.folders(self._reported(wildcards))]

    def records(self, wildcards: Any) -> list[str]:
        """run.json of every run that a paper's report shows."""
        return [f"{folder}/{RUN}" for folder in self._plan.folders(self._reported(wildcards))]

    def seeds(self, wildcards: Any) -> dict[str, list[int]]:
        """The seeds that each run of a paper must have, by "task/method/variant"."""
        return {"/".join(run.key): list(self._plan.seeds[run.key]) for run in self._reported(wildcards)}

    def origins(self, wildcards: Any) -> dict[str, dict[str, str]]:
        """Where the settings of a paper's runs are from, by "task/method/variant", of those that are not its own."""
        keys = {run.key for run in self._reported(wildcards)}
        return {"/".join(key): origin._asdict() for key, origin in self._plan.origins.items() if key in keys}

    def summary_sources(self, wildcards: Any) -> str:
        """The fingerprint of the files whose edit makes a paper's summary out of date."""
        return self._fingerprint(self._paper(wildcards), "__init__")

    def figure_sources(self, wildcards: Any) -> str:
        """The fingerprint of the files whose edit makes a paper's figures out of date."""
        return self._fingerprint(self._paper(wildcards), "figures")

    def table_sources(self, wildcards: Any) -> str:
        """The fingerprint of the files whose edit makes a paper's tables out of date."""
        paper = self._paper(wildcards)
        texts = (f"reports/{paper}/{name}" for name in ("claims.yaml", "differences.yaml", "measured/sweep.csv"))
        return self._fingerprint(paper, "tables", "facts", *texts)

    def report_sources(self, wildcards: Any) -> str:
        """The fingerprint of the files whose edit makes a paper's PDF out of date: code, text and layout."""
        paper = self._paper(wildcards)
        layouts = [path for folder in (paper, "document") for path in sorted((ROOT / "reports" / folder).glob("*.typ"))]
        texts = [f"reports/{paper}/choices.yaml", *(path.relative_to(ROOT).as_posix() for path in layouts)]
        return self._fingerprint(paper, "__init__", *texts)

    def page_sources(self, wildcards: Any) -> str:
        """The fingerprint of the files whose edit makes a paper's page out of date: code, script and style."""
        paper = self._paper(wildcards)
        shown = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "reports" / "page").glob("page.*"))]
        return self._fingerprint(paper, *(["page"] if has_page(paper) else []), *shown)

    def commit(self, wildcards: Any) -> str | None:
        """The commit that last touched what draws a paper's figures, which the report names."""
        return self._commit(self._paper(wildcards))

    def figures(self, wildcards: Any) -> list[str]:
        """Every figure of a paper, as the report takes it in."""
        return [f"{REPORTS}/{self._paper(wildcards)}/figures/{name}.svg" for name in figure_names(self._paper(wildcards))]

    def pictures(self, wildcards: Any) -> list[str]:
        """Every figure of a paper, for the report and for everywhere else."""
        return [path.removesuffix(".svg") + kind for path in self.figures(wildcards) for kind in (".svg", ".png")]

    def data_files(self, paper: str = "{paper}") -> list[str]:
        """What the summary of a paper's results consists of."""
        return [f"{REPORTS}/{paper}/data/{name}" for name in DATA_FILES]

    def films(self, wildcards: Any) -> list[str]:
        """The films of every cell of a page that has some."""
        return [f"{REPORTS}/{run.paper}/films/{'/'.join(run.key)}.json" for run in self._filmed(self._paper(wildcards))]

    @exit_on_refusal()
    def policies(self, wildcards: Any) -> list[str]:
        """policy.npz of every block of seeds of a cell that films are asked of."""
        key = (wildcards.task, wildcards.method, wildcards.variant)
        runs = [run for run in self._filmed(self._paper(wildcards)) if run.key == key]
        if not runs:
            raise Refusal(f"{REPORTS}/{wildcards.paper}/films: no film of {'/'.join(key)} belongs to the page at this scale")
        return [f"{folder}/{POLICY}" for folder in self._plan.folders(runs)]

    def film_bytes(self, wildcards: Any) -> int:
        """The room for one film: the page's, without what it holds beside films, shared out among them all."""
        paper = self._paper(wildcards)
        cells, filmed = self._reported(wildcards), self._filmed(paper)
        seeds = [len(self._plan.seeds[run.key]) for run in cells]
        count = sum(min(2, len(self._plan.seeds[run.key])) for run in filmed)
        return room_for_films(seeds) // count

    def film_sources(self, wildcards: Any) -> str:
        """The fingerprint of the files whose edit makes the films of a cell out of date."""
        playing = [f"workflow/playback/{name}.py" for name in ("cell", "film", "player")]
        return fingerprint(hashes({*playing, *training_sources(wildcards.method, wildcards.task)}))

    def _filmed(self, paper: str) -> list[Run]:
        """The cells whose films a page shows, by name: all with episodes; at the scale `ci` the first `_FEW`."""
        runs = [run for run in self._plan.reported_runs(paper) if has_page(paper) and TASKS[run.task].kind == "episodic"]
        return sorted(runs, key=lambda run: run.key)[: _FEW if self._plan.configuration.scale == "ci" else None]

    # Snakemake asks again for each figure and each attempt.
    @cached_property
    def _summary(self) -> Callable[[str], Summary]:
        return cache(lambda paper: summary(self._plan, paper))

    @cached_property
    def _commit(self) -> Callable[[str], str | None]:
        return cache(lambda paper: last_commit([f"reports/{paper}/figures.py"]))

    @cached_property
    def _fingerprint(self) -> Callable[..., str]:
        return cache(_fingerprint)

    @exit_on_refusal()
    def _paper(self, wildcards: Any) -> str:
        """The paper that a target is of: someone may have asked for one that is none."""
        check_name(wildcards.paper, self._plan.papers, "paper", f"command line: {REPORTS}")
        return str(wildcards.paper)

    def _reported(self, wildcards: Any) -> list[Run]:
        return self._plan.reported_runs(self._paper(wildcards))


def _fingerprint(paper: str, *parts: str) -> str:
    """One hash for modules of a paper, with all that they import, and for those of its other files that are there."""
    modules = [part for part in parts if "/" not in part]
    texts = [part for part in parts if "/" in part and (ROOT / part).is_file()]
    return fingerprint(hashes({*texts, *(path for module in modules for path in report_sources(paper, module))}))
