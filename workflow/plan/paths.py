"""Where results lie, and where inputs are sought."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from records.errors import Refusal
from records.sources import ROOT

RESULTS = "results"
LOGS = "logs"
REPORTS = f"{RESULTS}/reports"
SWEEPS = f"{RESULTS}/sweeps"
THEORY = f"{RESULTS}/theory"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,199}")


def input_path(root: Path, path: Path) -> Path:
    """An input such as config/config.yaml in the folder `root`; in the repository where `root` has no config/ of its own."""
    return (root if (root / path.parts[0]).is_dir() else ROOT) / path


def result_path(*names: str) -> str:
    """The path below results/ that these names of folders, and perhaps of a file, make. Refuses a name that is none."""
    for name in names:
        if not _NAME.fullmatch(name):
            raise Refusal(f"{RESULTS}/: {name!r} cannot name a folder or a file of results; use letters, digits, _, - and .")
    return "/".join((RESULTS, *names))


def training_log(folder: str) -> str:
    """Where the log of the training that fills a folder of results lies; workflow/rules/train.smk says the same."""
    return f"{LOGS}/train/{folder.removeprefix(f'{RESULTS}/')}.log"


def check_folders(folders: Iterable[str]) -> None:
    """Refuse what stands in place of a folder, relative to the working directory, and is none: a file, or a link to nowhere."""
    seen: set[Path] = set()
    for folder in map(Path, folders):
        for path in (*reversed(folder.parents[:-1]), folder):
            if path not in seen and os.path.lexists(path) and not path.is_dir():
                raise Refusal(f"{path}: it must be a folder; move what is there away")
            seen.add(path)


def make_folder(folder: Path, where: str) -> None:
    """Make a folder that a user named, at `where`, if it is not there. Refuses one that cannot be made or written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(0, "it may not be written to")
    except OSError as error:
        raise Refusal(f"{where}: no folder for results there ({error.strerror}); name another") from None
