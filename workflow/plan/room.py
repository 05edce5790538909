"""Disk space that results may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow.plan.plan import Plan, Run

BYTES_OF_RECORDS = 20_000_000
"""What logs and Snakemake's records take, where results/ is on another disk."""

# Measured on compressed files, generously rounded up; a trajectory of MountainCar has 1000 observations of 2 float32.
_BYTES_PER_ROW = 24
_BYTES_PER_TRAJECTORY = 10_000
_BYTES_PER_POLICY = 50_000
_BYTES_BESIDE = 200_000_000  # compiled kernels, figures, reports, logs


def estimated_bytes(plan: Plan) -> int:
    """Disk space that the results of a plan may take."""
    return _BYTES_BESIDE + sum(estimated_bytes_of(run, len(plan.seeds[run.key])) for run in plan.runs.values())


def estimated_bytes_of(run: Run, seeds: int) -> int:
    """Disk space that the results of so many seeds of a run may take."""
    trajectories = len(run.record_trajectories) * _BYTES_PER_TRAJECTORY
    return seeds * (run.longest * _BYTES_PER_ROW + trajectories + _BYTES_PER_POLICY)
