"""Which source files a result depends on: Snakemake's inputs, a run's fingerprint, and the key of compiled kernels.

Snakemake does not see edits in imported modules, and numba's cache does not see edits in functions that a kernel calls, so
both are told here.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from envs.tasks import task_sources

ROOT = Path(__file__).resolve().parents[1]
"""The repository; sources are named relative to it."""

_LOOP = tuple(f"workflow/{name}.py" for name in ("episode_log", "lockstep", "seeding", "training"))
_LOCAL_PACKAGES = frozenset({"algorithms", "envs", "reports", "workflow"})


def training_sources(method: str, task: str) -> list[str]:
    """The files that decide the numbers of a method on a task, sorted.

    They are the method's own file, its fused twin and what these import of `algorithms`; the task's files; and the training
    loop. Methods never import one another, so an edit of one method concerns that method alone.
    """
    roots = ["algorithms/interface.py", f"algorithms/{method}.py", *([_twin(method)] if has_fused_twin(method) else [])]
    return sorted({*import_closure(roots, "algorithms"), *task_sources(task), *_LOOP})


def has_fused_twin(method: str) -> bool:
    """Whether a method has a compiled form beside its reference."""
    return (ROOT / _twin(method)).is_file()


def report_sources(paper: str, module: str) -> list[str]:
    """The files of `reports` that decide what reports/<paper>/<module>.py makes of results, sorted."""
    roots = [f"reports/{paper}/__init__.py", f"reports/{paper}/{module}.py", "reports/pipeline.py"]
    return import_closure(roots, "reports")


def theory_sources(experiment: str) -> list[str]:
    """The files that decide the numbers of an experiment of `workflow.theory`, sorted."""
    closure = import_closure([f"workflow/theory/{experiment}.py"], "workflow/theory", "algorithms", "envs")
    return sorted({*closure, *_LOOP, "reports/statistics.py"})


def import_closure(roots: Iterable[str], *packages: str) -> list[str]:
    """The files `roots` and all that they import, directly or not, from `packages`, sorted."""
    folders = tuple(f"{package}/" for package in packages)
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += (imported for imported in _imports(path) if imported.startswith(folders))
    return sorted(found)


def hashes(paths: Iterable[str]) -> dict[str, str]:
    """SHA-256 of each file, by path relative to the repository."""
    return {path: hashlib.sha256((ROOT / path).read_bytes()).hexdigest() for path in paths}


def fingerprint(file_hashes: dict[str, str]) -> str:
    """One hash for a set of files and their contents."""
    return hashlib.sha256("\n".join(f"{path} {value}" for path, value in sorted(file_hashes.items())).encode()).hexdigest()


def _twin(method: str) -> str:
    return f"algorithms/fused/{method}.py"


@cache
def _imports(path: str) -> tuple[str, ...]:
    """Files of this repository that one of its files imports by name, anywhere in it."""
    imported: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"), path)):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for module in modules:
            imported.update(_files_of(module))
    return tuple(sorted(imported))


def _files_of(module: str) -> list[str]:
    """The file of a local module and those of the packages around it; none for a module of someone else's."""
    parts = module.split(".")
    if parts[0] not in _LOCAL_PACKAGES:
        return []
    packages = ["/".join([*parts[:depth], "__init__.py"]) for depth in range(1, len(parts) + 1)]
    return [path for path in (*packages, "/".join(parts) + ".py") if (ROOT / path).is_file()]
