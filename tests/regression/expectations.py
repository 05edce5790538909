"""The committed expectations: artefacts as text files, an index of their hashes, and since which commit each stands.

`<paper>/<kind>.csv` holds all artefacts of a kind whose artefacts have the same columns, `<paper>/<kind>/<name>.csv` one of any
other kind. `index.csv` has a line for each artefact, of which git knows the commit: nothing of the kind is written down.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from pathlib import Path

import pandas as pd

from records.git import git
from records.sources import ROOT
from tests.regression.artefacts import Artefacts
from tests.regression.platforms import Platform, read_platform, write_platform

EXPECTED = ROOT / "tests" / "regression" / "expected"
INDEX, PLATFORM, TIMES = "index.csv", "platform.json", "times.csv"
_TOGETHER = frozenset({"training", "figure"})
"""Kinds whose artefacts share a file."""


def write_expectations(folder: Path, artefacts: Artefacts, platform: Platform) -> None:
    """Write artefacts and the platform they were made on, in place of all that were there; times are left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _read_index(folder)["artefact"]:  # nothing else that may lie in this folder
        (folder / _file(name)).unlink(missing_ok=True)
    shared: dict[Path, list[pd.DataFrame]] = defaultdict(list)
    for name, frame in artefacts.items():
        path = folder / _file(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if _kind(name) in _TOGETHER:
            shared[path].append(frame.assign(artefact=_own_name(name))[["artefact", *frame.columns]])
        else:
            path.write_text(_csv(frame), encoding="utf-8")
    for path, frames in shared.items():
        path.write_text(_csv(pd.concat(frames, ignore_index=True)), encoding="utf-8")
    index = [(name, hashlib.sha256(_csv(artefacts[name]).encode()).hexdigest()) for name in sorted(artefacts)]
    (folder / INDEX).write_text(_csv(pd.DataFrame(index, columns=["artefact", "sha256"])), encoding="utf-8")
    write_platform(folder / PLATFORM, platform)


def read_expectations(folder: Path) -> tuple[Artefacts, dict[str, str]]:
    """Artefacts and the platform they were made on; none of either where nothing was accepted yet.

    Raises ValueError where files and index do not belong together, as after an edit by hand.
    """
    artefacts: Artefacts = {}
    shared: dict[Path, dict[str, pd.DataFrame]] = {}
    index = _read_index(folder)
    for name, expected_hash in zip(index["artefact"], index["sha256"], strict=True):
        path = folder / _file(name)
        if _kind(name) in _TOGETHER:
            if path not in shared:
                parts = _read(path).groupby("artefact", sort=False)
                shared[path] = {str(own): part.drop(columns="artefact").reset_index(drop=True) for own, part in parts}
            frame = shared[path].get(_own_name(name))
        else:
            frame = _read(path) if path.is_file() else None
        if frame is None or hashlib.sha256(_csv(frame).encode()).hexdigest() != expected_hash:
            raise ValueError(f"{path}: {name} is not what {INDEX} says; restore both, or run make regression-accept")
        artefacts[name] = frame
    return artefacts, read_platform(folder / PLATFORM)


def standing_since(folder: Path) -> dict[str, str]:
    """The commit that last changed each artefact's line of the index, `not committed` where none has, by artefact.

    Empty outside a git repository.
    """
    blamed = git("-C", str(folder), "blame", "--line-porcelain", "--", INDEX) or ""
    since: dict[str, str] = {}
    commit = ""
    for line in blamed.splitlines():
        if line.startswith("\t"):
            since[line[1:].rpartition(",")[0].strip('"')] = commit
        elif len(word := line.partition(" ")[0]) == 40 and set(word) <= set("0123456789abcdef"):
            commit = word[:10] if set(word) != {"0"} else "not committed"
    since.pop("artefact", None)  # the header
    return since


def _kind(name: str) -> str:
    return name.split("/")[1]


def _own_name(name: str) -> str:
    return name.split("/", 2)[2]


def _file(name: str) -> str:
    paper, kind, own = name.split("/", 2)
    return f"{paper}/{kind}.csv" if kind in _TOGETHER else f"{paper}/{kind}/{own}.csv"


def _read_index(folder: Path) -> pd.DataFrame:
    return _read(folder / INDEX) if (folder / INDEX).is_file() else pd.DataFrame(columns=["artefact", "sha256"])


def _csv(frame: pd.DataFrame) -> str:
    return frame.to_csv(index=False, lineterminator="\n")


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)
