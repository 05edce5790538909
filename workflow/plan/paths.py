"""Where results lie. Every path below results/ is made here, of names that lead nowhere else, and through no link."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path

from records.errors import Refusal

RESULTS = "results"
LOGS = "logs"
REPORTS = f"{RESULTS}/reports"
SWEEPS = f"{RESULTS}/sweeps"
THEORY = f"{RESULTS}/theory"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,199}")


def result_path(*names: str) -> str:
    """The path below results/ that these names of folders, and perhaps of a file, make. Refuses a name that is none."""
    for name in names:
        if not _NAME.fullmatch(name):
            raise Refusal(f"{RESULTS}/: {name!r} cannot name a folder or a file of results; use letters, digits, _, - and .")
    return "/".join((RESULTS, *names))


def check_folders(folders: Iterable[str]) -> None:
    """Refuse folders of results that are links or files, or lie behind one: what is written there would land elsewhere.

    `folders` are relative to the working directory. The first folder of each, such as results/ itself, may be a link: that is how
    all results are put on another disk.
    """
    seen: set[Path] = set()
    for folder in map(Path, folders):
        for path in (*reversed(folder.parents[:-1]), folder):
            if path in seen:
                continue
            seen.add(path)
            if not os.path.lexists(path):
                break
            root = len(path.parts) == 1
            if path.is_symlink() and not root:
                raise Refusal(
                    f"{path}: a link; results may not lead out of {path.parts[0]}/: remove it, or link {path.parts[0]}/ itself"
                )
            if not path.exists() or not stat.S_ISDIR(path.stat().st_mode):
                raise Refusal(f"{path}: it must be a folder; move what is there away")


def make_folder(folder: Path, where: str) -> None:
    """Make a folder that a user named, at `where`, if it is not there. Refuses one that cannot be made or written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(0, "it may not be written to")
    except OSError as error:
        raise Refusal(f"{where}: no folder for results there ({error.strerror}); name another") from None
