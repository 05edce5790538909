"""Commands in a fresh clone of the committed state, and notes of what they took: a CSV file each, the newest line last."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from records.sources import ROOT


@dataclass(frozen=True)
class Clone:
    """A clone in a folder, whose code imports its own packages and not those of this checkout."""

    folder: Path
    commit: str

    def snakemake(self, *arguments: str, quietly: bool = False) -> str:
        """Run snakemake there, with the packages installed here; what it printed, where `quietly` kept it from being seen.

        Raises subprocess.CalledProcessError where it fails.
        """
        command = [str(Path(sys.executable).with_name("snakemake")), *arguments]
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        output = subprocess.PIPE if quietly else None
        done = subprocess.run(command, check=True, cwd=self.folder, env=environment, stdout=output, stderr=output, text=True)
        return f"{done.stdout}{done.stderr}" if quietly else ""


@contextmanager
def fresh_clone(keep: Path | None = None) -> Iterator[Clone]:
    """Clone into the new folder `keep`, or, if that is None, into one that goes afterwards."""
    with TemporaryDirectory() as temporary:
        folder = keep or Path(temporary) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
        head = subprocess.run(["git", "rev-parse", "HEAD"], check=True, cwd=folder, capture_output=True, text=True)
        yield Clone(folder, head.stdout[:10])


def note(path: Path, commit: str, **measured: object) -> None:
    """Append a line, with commit and date."""
    row = {**measured, "commit": commit, "date": datetime.now(UTC).date().isoformat()}
    fresh = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, row, lineterminator="\n")
        if fresh:
            writer.writeheader()
        writer.writerow(row)
    print(", ".join(f"{name} {value}" for name, value in row.items()), f"\nNoted in {path.relative_to(ROOT)}")


def markdown(path: Path, title: str, about: str) -> str:
    """All notes as a table under a title, or nothing."""
    if not path.exists():
        return ""
    return f"\n## {title}\n\n{about}\n\n{pd.read_csv(path, dtype=str).to_markdown(index=False)}\n"
