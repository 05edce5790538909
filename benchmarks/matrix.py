"""What Snakemake takes to plan everything at the extended scale for many seeds, before the first job of it is run."""

from __future__ import annotations

import re
import resource
from pathlib import Path
from time import monotonic

from benchmarks import clones

NOTES = Path(__file__).parent / "matrix.csv"
_JOBS = re.compile(r"^total +(\d+)$", re.MULTILINE)


def measure(seeds: int, seeds_per_job: int) -> None:
    """Dry-run it in a fresh clone, and note the jobs, the seconds (on the clock and of a core) and the memory that it took."""
    with clones.fresh_clone() as clone:
        before, begin = _seconds_of_children(), monotonic()
        config = ("scale=extended", f"seeds={seeds}", f"seeds_per_job={seeds_per_job}")
        said = clone.snakemake("--dry-run", "--quiet", "rules", "--config", *config, quietly=True)
        seconds, of_a_core = monotonic() - begin, _seconds_of_children() - before
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    jobs = int(_JOBS.findall(said)[-1])
    taken = {"seconds": f"{seconds:.1f}", "core_seconds": f"{of_a_core:.1f}", "GiB": f"{memory:.1f}"}
    clones.note(NOTES, clone.commit, seeds=seeds, seeds_per_job=seeds_per_job, jobs=jobs, **taken)


def _seconds_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def markdown() -> str:
    """All notes as a table."""
    about = "All papers at the extended scale, nothing made yet (`python -m benchmarks --matrix SEEDS`), the newest last."
    return clones.markdown(NOTES, "Planning many seeds", about)
