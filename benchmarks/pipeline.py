"""Wall time of whole reproductions, each in a fresh clone with the packages already installed."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

from benchmarks import clones

NOTES = Path(__file__).parent / "pipeline.csv"


def measure(scale: str, papers: str, keep: Path | None) -> None:
    """Clone the committed state, reproduce `papers` ("all", or one) at this scale on two cores, and note the minutes it took.

    The clone, with its results, stays in the new folder `keep`, or goes if that is None.
    """
    with clones.fresh_clone(keep) as clone:
        begin = monotonic()
        clone.snakemake("--cores", "2", "--config", f"scale={scale}", f"papers={papers}")
        minutes = (monotonic() - begin) / 60
    clones.note(NOTES, clone.commit, scale=scale, papers=papers, minutes=f"{minutes:.1f}", cores=2)


def markdown() -> str:
    """All notes as a table."""
    about = "Each in a fresh clone (`python -m benchmarks --pipeline SCALE --papers PAPER`), the newest last."
    return clones.markdown(NOTES, "Whole reproductions", about)
