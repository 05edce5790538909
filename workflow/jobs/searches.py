"""What the rules of the open searches for settings ask of the plan: functions of wildcards."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from records.refusals import check_name, exit_on_refusal
from records.sources import ROOT, fingerprint, hashes
from workflow.jobs.resources import Estimates, measurements, mebibytes
from workflow.plan.paths import SWEEPS, input_path, result_path
from workflow.plan.plan import Plan
from workflow.plan.sources import training_sources
from workflow.plan.sweep_file import Search, read_searches, sweep_file


class Searches:
    """What the rules ask of the papers' searches: functions of wildcards, for inputs, parameters and priorities."""

    def __init__(self, root: Path, plan: Plan) -> None:
        """Read the searches of those of the plan's papers that have any. Refuses what a sweep.yaml does not say rightly."""
        self._estimates = Estimates(measurements(ROOT))
        searched = [paper for paper in plan.papers if os.path.lexists(input_path(root, sweep_file(paper)))]
        self._searches = {paper: read_searches(root, paper, plan.configuration) for paper in searched}
        every = [(paper, search) for paper in searched for search in self._searches[paper].values()]
        every.sort(key=lambda item: item[1].size)
        self._places = {(paper, search.name): place for place, (paper, search) in enumerate(every)}

    def targets(self) -> list[str]:
        """The table of every paper that has searches."""
        return [result_path("sweeps", paper, "sweep.csv") for paper in self._searches]

    def sources(self, wildcards: Any) -> str:
        """The fingerprint of the files whose edit makes a search's outcome out of date."""
        run = self._search(wildcards).candidates[0].run
        return fingerprint(hashes(training_sources(run.method, run.task)))

    def file(self, wildcards: Any) -> str:
        """The file that declares a paper's searches."""
        return input_path(Path(), sweep_file(wildcards.paper)).as_posix()

    def settings(self, wildcards: Any) -> dict[str, Any]:
        """Settings whose change makes a search's outcome out of date."""
        return self._search(wildcards).settings()

    def priority(self, wildcards: Any) -> int:
        """Start longer searches first, so that no core is left alone with one at the end."""
        self._search(wildcards)
        return self._places[wildcards.paper, wildcards.sweep]

    def mebibytes(self, wildcards: Any, attempt: int) -> int:
        """The memory of a search's job."""
        return mebibytes(self._search(wildcards).seeds, attempt)

    def minutes(self, wildcards: Any, attempt: int) -> int:
        """The time limit of a search's job."""
        search = self._search(wildcards)
        seconds = sum(self._estimates.most_seconds(candidate.run) for candidate in search.candidates)
        return self._estimates.minutes(search.seeds * seconds, attempt)

    def tables(self, wildcards: Any) -> list[str]:
        """What came out of each search of a paper."""
        return self._files(wildcards, "csv")

    def records(self, wildcards: Any) -> list[str]:
        """Where each search of a paper was made, and with what."""
        return self._files(wildcards, "json")

    def _files(self, wildcards: Any, kind: str) -> list[str]:
        return [result_path("sweeps", wildcards.paper, f"{name}.{kind}") for name in self._of(wildcards)]

    @exit_on_refusal()
    def _of(self, wildcards: Any) -> dict[str, Search]:
        check_name(wildcards.paper, self._searches, "paper", f"command line: {SWEEPS}")
        return self._searches[wildcards.paper]

    @exit_on_refusal()
    def _search(self, wildcards: Any) -> Search:
        searches = self._of(wildcards)
        check_name(wildcards.sweep, searches, "search", str(sweep_file(wildcards.paper)))
        return searches[wildcards.sweep]
