"""Docstrings stand on their own: none begins by pointing at another one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from records.sources import ROOT

PACKAGES = ("algorithms", "envs", "experiments", "records", "reports", "workflow")
_POINTING = ("Of ", "The same", "Likewise")


def faults(text: str, file: str) -> Iterator[str]:
    """Docstrings of modules, classes, functions and fields that begin with one of those words."""
    for node in ast.walk(ast.parse(text, file)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            docstring = node.value.value.strip()
            if docstring.startswith(_POINTING):
                yield f"{file}:{node.lineno}: {docstring.splitlines()[0]}"


@pytest.mark.parametrize("package", PACKAGES)
def test_docstrings_stand_on_their_own(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    assert [
        fault for path in files for fault in faults(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())
    ] == []


@pytest.mark.parametrize(
    "text",
    [
        '"""The same for others."""',
        'class A:\n    x: int\n    """Of x."""',
        'def f():\n    """Likewise."""',
    ],
)
def test_such_a_docstring_would_be_noticed(text: str) -> None:
    assert list(faults(text, "some.py"))
