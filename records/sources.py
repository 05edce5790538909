"""Source files: which ones a module imports, and the fingerprint of their contents."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The repository; sources are named relative to it."""

_LOCAL_PACKAGES = frozenset({"algorithms", "envs", "experiments", "records", "reports", "workflow"})


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
