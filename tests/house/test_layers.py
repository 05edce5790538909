"""Imports run down only, folders hold few modules, and files are short."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from records.sources import ROOT

BELOW = {
    "records": (),
    "algorithms": (),
    "envs": ("algorithms.interface",),
    "reports": ("records",),
    "experiments": ("algorithms", "envs", "records", "reports.statistics"),
    "workflow": ("algorithms", "envs", "experiments", "records", "reports"),
}
"""What each package may import beside itself."""
MOST_MODULES = 14
MOST_LINES = 310


def modules(package: str) -> list[Path]:
    """Every module of a package."""
    return sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def forbidden(package: str, module: str) -> bool:
    """Whether a module of `package` may not import `module`."""
    if module.partition(".")[0] not in BELOW.keys() - {package}:
        return False
    return not any(f"{module}.".startswith(f"{allowed}.") for allowed in BELOW[package])


@pytest.mark.parametrize("package", BELOW)
def test_imports_run_down(package: str) -> None:
    assert modules(package)
    wrong = [
        (str(path.relative_to(ROOT)), name) for path in modules(package) for name in imported(path) if forbidden(package, name)
    ]
    assert not wrong


def test_what_runs_up_is_found() -> None:
    assert forbidden("records", "reports.runs.load")
    assert forbidden("envs", "algorithms.shared.noise")
    assert forbidden("experiments", "workflow.training.loop")
    assert not forbidden("workflow", "reports.pipeline")
    assert not forbidden("envs", "envs.tasks")


@pytest.mark.parametrize("package", BELOW)
def test_folders_and_files_are_small(package: str) -> None:
    folders = [path.parent for path in modules(package) if path.name != "__init__.py"]
    assert not {str(folder) for folder in folders if folders.count(folder) > MOST_MODULES}
    assert not [str(path) for path in modules(package) if len(path.read_text(encoding="utf-8").splitlines()) > MOST_LINES]
