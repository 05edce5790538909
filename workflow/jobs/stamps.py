"""One file that stands for all sources of a training, so that Snakemake has one input of each to look at, and not forty.

Of a thousand seeds it plans thirteen thousand trainings, and more than a third of the time that took went into their sources. A
stamp holds the hashes of all of them, as `sha256sum` prints them. It is written anew when one has changed, and so is then newer
than what was trained; otherwise it keeps its date.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from records.files import write_text
from records.manifest import sha256

FOLDER = Path(".snakemake") / "training_sources"


def stamp_of(method: str, task: str) -> str:
    """The stamp of a method's trainings on a task."""
    return (FOLDER / method / f"{task}.sha256").as_posix()


def write_stamps(sources: Mapping[str, Sequence[str]]) -> None:
    """Write the stamps that are new, or of which a source has changed; `sources` has those of each, by its path.

    One that is new is as old as the newest of its sources: what is there already may have been made from them. Raises OSError as
    reading and writing do.
    """
    hashes = {path: sha256(Path(path).read_bytes()) for path in {path for paths in sources.values() for path in paths}}
    for stamp, paths in sources.items():
        file, text = Path(stamp), "".join(f"{hashes[path]}  {path}\n" for path in paths)
        if not file.is_file():
            file.parent.mkdir(parents=True, exist_ok=True)
            write_text(file, text)
            newest = max(Path(path).stat().st_mtime_ns for path in paths)
            os.utime(file, ns=(newest, newest))
        elif file.read_text(encoding="utf-8") != text:
            write_text(file, text)
