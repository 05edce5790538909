"""What the rule `train` asks of the plan: functions of wildcards."""

from __future__ import annotations

from typing import Any

from records.errors import Refusal
from records.refusals import exit_on_refusal
from records.results import FILES
from records.sources import ROOT, fingerprint, hashes
from workflow.jobs.resources import Estimates, measurements, mebibytes
from workflow.plan.configuration import CONFIGURATION_FILE
from workflow.plan.plan import Plan, Run, seeds_of
from workflow.plan.sources import training_sources


class Trainings:
    """The plan's trainings as Snakemake sees them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._estimates = Estimates(measurements(ROOT))
        # Snakemake asks again for each of what may be ten thousand jobs.
        self._priorities = {key: len(plan.runs) - place for place, key in enumerate(plan.runs)}
        self._settings: dict[tuple[str, str, str], dict[str, Any]] = {}
        self._fingerprints: dict[tuple[str, str], str] = {}

    def targets(self) -> list[str]:
        """Every file of every training: Snakemake does not miss a file that only a finished report once needed."""
        return [f"{folder}/{file}" for folder in self.plan.folders(list(self.plan.runs.values())) for file in FILES]

    def sources(self, wildcards: Any) -> str:
        """The fingerprint of the files whose edit makes a training's results out of date."""
        run = self._run(wildcards)
        key = run.method, run.task
        if key not in self._fingerprints:
            self._fingerprints[key] = fingerprint(hashes(training_sources(*key)))
        return self._fingerprints[key]

    def settings(self, wildcards: Any) -> dict[str, Any]:
        """Settings whose change makes a training's results out of date."""
        run = self._run(wildcards)
        if run.key not in self._settings:
            self._settings[run.key] = run.settings()
        return self._settings[run.key]

    def priority(self, wildcards: Any) -> int:
        """Start longer jobs first, so that no core is left alone with one at the end."""
        return self._priorities[self._run(wildcards).key]

    def minutes(self, wildcards: Any, attempt: int) -> int:
        """The time limit of a training job."""
        return self._estimates.minutes(self._seconds(wildcards), attempt)

    def mebibytes(self, wildcards: Any, attempt: int) -> int:
        """The memory of a training job."""
        return mebibytes(len(seeds_of(wildcards.block)), attempt)

    def pack(self, wildcards: Any) -> str | None:
        """The group of small training jobs that a cluster runs together with this one; None: it is not small."""
        return self._estimates.pack(self._seconds(wildcards))

    def _seconds(self, wildcards: Any) -> float:
        """What a training job may take of one core."""
        return len(seeds_of(wildcards.block)) * self._estimates.most_seconds(self._run(wildcards))

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
