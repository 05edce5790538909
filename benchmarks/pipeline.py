"""Wall time of whole reproductions, each in a fresh clone with the packages already installed."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import pandas as pd

from workflow.sources import ROOT

NOTES = Path(__file__).parent / "pipeline.csv"
COLUMNS = ("scale", "papers", "minutes", "cores", "commit", "date")


def measure(scale: str, papers: str, keep: Path | None) -> None:
    """Clone the committed state, reproduce `papers` ("all", or one) at this scale on two cores, and note the minutes it took.

    The clone, with its results, stays in the new folder `keep`, or goes if that is None.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = keep or Path(temporary) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
        head = subprocess.run(["git", "rev-parse", "HEAD"], check=True, cwd=folder, capture_output=True, text=True)
        snakemake = Path(sys.executable).with_name("snakemake")
        command = [str(snakemake), "--cores", "2", "--config", f"scale={scale}", f"papers={papers}"]
        # The clone imports its own packages, not those of this checkout.
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        begin = monotonic()
        subprocess.run(command, check=True, cwd=folder, env=environment)
        minutes = (monotonic() - begin) / 60
    fresh = not NOTES.exists()
    with NOTES.open("a", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        if fresh:
            writer.writerow(COLUMNS)
        writer.writerow([scale, papers, f"{minutes:.1f}", 2, head.stdout[:10], datetime.now(UTC).date().isoformat()])
    print(f"{scale}, {papers}: {minutes:.1f} minutes, noted in {NOTES.relative_to(ROOT)}")


def markdown() -> str:
    """All notes as a table, the newest last, or nothing."""
    if not NOTES.exists():
        return ""
    notes = pd.read_csv(NOTES, dtype=str)
    about = "Each in a fresh clone (`python -m benchmarks --pipeline SCALE --papers PAPER`), the newest last."
    return f"\n## Whole reproductions\n\n{about}\n\n{notes.to_markdown(index=False)}\n"
