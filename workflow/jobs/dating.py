"""Dates of files that cannot be trusted: Snakemake looks at the contents of what is newer than a result, and at nothing else.

So a source that was replaced by one with an older date would not be noticed. And a file dated in the future, as when a clock was
ahead and has been set right, would make any edit look old; Snakemake even deletes what a job made of it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from records.files import write_text
from records.manifest import sha256

SEEN = Path(".snakemake") / "sources.json"
"""Hashes of all sources when snakemake last looked at them."""

_FOLDERS = ("algorithms", "envs", "experiments", "records", "reports", "workflow")
_KINDS = {".csv", ".py", ".typ", ".yaml"}
_DIRECTORY_STAMP = ".snakemake_timestamp"  # by which Snakemake dates an output that is a folder
_SECOND = 10**9
_NOTABLE = 60.0  # seconds by which a clock may drift without a word


class Clock:
    """Notices that the clock of the machine is set."""

    def __init__(self) -> None:
        self._start = time.time() - time.monotonic()

    def change(self) -> str | None:
        """What happened to the clock since this was made, in words; None where it only went on."""
        change = time.time() - time.monotonic() - self._start
        if abs(change) < _NOTABLE:
            return None
        if change > 0:
            return f"the clock was set forward by {change:.0f} s, or the machine slept"
        return f"the clock was set back by {-change:.0f} s"


def trust_dates(results: Path) -> str | None:
    """Date the sources in the working directory, and all results, so that their dates tell what is newer than what.

    What is dated in the future is dated now, and so is a source whose contents are other than when this was last called. Returns
    a line for the user where something was dated in the future.
    """
    sources = sorted(_sources())
    ahead = date_until_now([*sources, *_files(results)])
    hashes = {path.as_posix(): sha256(path.read_bytes()) for path in sources}
    try:
        seen = json.loads(SEEN.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        seen = {}
    for path in sources:
        if seen.get(path.as_posix(), hashes[path.as_posix()]) != hashes[path.as_posix()]:
            os.utime(path)
    if seen != hashes:
        SEEN.parent.mkdir(exist_ok=True)
        write_text(SEEN, json.dumps(hashes, indent=1) + "\n")
    if not ahead:
        return None
    path, date = next(iter(ahead.items()))
    others = f" and {len(ahead) - 1} more files are" if ahead.keys() - {path} else " is"
    return (
        f"{path} ({datetime.fromtimestamp(date):%Y-%m-%d %H:%M}){others} dated in the future: a clock is wrong, or was; "
        "dated now, nothing is made again unless contents have changed"
    )


def date_until_now(paths: Iterable[Path]) -> dict[Path, float]:
    """Date what is dated in the future just before now; its dates before that, as seconds of Unix time."""
    now, ahead = time.time_ns(), {}
    for path in paths:
        try:
            date = path.stat().st_mtime_ns
            if date > now:
                # All the same, as what depends on what is known; and older than all that is made or changed from now on.
                os.utime(path, ns=(now - _SECOND, now - _SECOND))
                ahead[path] = date / _SECOND
        except FileNotFoundError:  # gone meanwhile
            continue
    return ahead


def with_stamps(paths: Iterable[str]) -> Iterator[Path]:
    """Paths, and where one is a folder also the file that dates it."""
    for path in map(Path, paths):
        yield path
        if path.is_dir():
            yield path / _DIRECTORY_STAMP


def _sources() -> Iterator[Path]:
    return (path for folder in _FOLDERS for path in _files(Path(folder)) if path.suffix in _KINDS)


def _files(folder: Path) -> Iterator[Path]:
    return (Path(parent) / name for parent, _, names in os.walk(folder) for name in names)
