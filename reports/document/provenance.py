"""Where figures and results come from: the commit that last touched what drew each figure, and the records of the runs."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from records.git import git
from records.manifest import MANIFEST
from records.run_folder import KEYS, digest_of_settings

_DISTINCT = ("instructions", "python", "platform", "engine", "dtype", "env_backend", "threads")
_ROOT = Path(__file__).resolve().parents[2]


def provenance(runs: Sequence[Mapping[str, Any]], figures: Mapping[str, Callable[..., Any]]) -> dict[str, Any]:
    """`figures`: name to function, file and commit; `runs`: what the run.json's have in common and where they differ."""
    return {"figures": {name: drawn_by(function) for name, function in figures.items()}, **condense(runs)}


def drawn_by(function: Callable[..., Any]) -> dict[str, Any]:
    """The function's name, its file within the repository, and the last commit of that file.

    `commit` is empty outside a git repository; `changed` says that the file is not as committed.
    """
    file = Path(inspect.getsourcefile(function) or "").resolve().relative_to(_ROOT).as_posix()
    return {
        "function": function.__name__,
        "file": file,
        "commit": git("log", "-1", "--format=%h", "--abbrev=10", "--", file) or "",
        "changed": bool(git("status", "--porcelain", "--", file)),
    }


def condense(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Commits with the day of the last, packages, machines, engines and sources of all runs, each value once.

    `settings` has a digest of what was asked for, by "task/method/variant"; `unsealed` counts the runs without checksums.
    """
    sources: dict[str, set[str]] = defaultdict(set)
    packages: dict[str, set[str]] = defaultdict(set)
    for run in runs:
        for path, digest in (run.get("sources") or {}).items():
            sources[path].add(digest[:12])
        for package, version in (run.get("versions") or {}).items():
            packages[package].add(version)
    commits = sorted({_commit(run.get("git") or {}) for run in runs})
    return {
        "commits": commits,
        "unsealed": sum(MANIFEST not in run for run in runs),
        "dirty": any((run.get("git") or {}).get("dirty") for run in runs),
        "settings": {"/".join(str(run[key]) for key in KEYS): digest_of_settings(run) for run in runs},
        "sources": {path: sorted(digests) for path, digests in sorted(sources.items())},
        "packages": {package: sorted(versions) for package, versions in sorted(packages.items())},
        "committed": max((_day(commit) for commit in commits), default=""),
        **{name: _distinct(runs, name) for name in _DISTINCT},
    }


def _commit(state: Mapping[str, Any]) -> str:
    return str(state.get("commit") or "unknown")[:10]


def _day(commit: str) -> str:
    """When a commit was made; empty where the repository does not have it."""
    return git("show", "--no-patch", "--format=%cs", "--end-of-options", commit) or ""


def _distinct(runs: Sequence[Mapping[str, Any]], name: str) -> list[str]:
    return sorted({str(run[name]) for run in runs if run.get(name) is not None})
