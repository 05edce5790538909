"""More than eight parameters are a missing noun."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("algorithms", "envs", "experiments", "records", "reports", "workflow", "benchmarks")
MOST = 8


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """Names of a function's parameters but for `self` and `cls`; `*arguments` are not counted."""
    given = function.args
    names = [argument.arg for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def functions_with_too_many(source: str) -> Iterator[str]:
    """Names of the functions of this source text that have more than `MOST` parameters."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and len(parameters(node)) > MOST:
            yield node.name


@pytest.mark.parametrize("package", PACKAGES)
def test_functions_have_at_most_eight_parameters(package: str) -> None:
    modules = sorted((ROOT / package).rglob("*.py"))
    assert modules
    found = {
        f"{path.relative_to(ROOT).as_posix()}: {name}"
        for path in modules
        for name in functions_with_too_many(path.read_text(encoding="utf-8"))
    }
    assert not found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f(a, b, c, d, e, f, g, h): ...", []),
        ("def f(a, b, c, d, e, f, g, h, i): ...", ["f"]),
        ("class C:\n    def f(self, a, b, c, d, e, f, g, h): ...", []),
        ("class C:\n    def f(self, a, b, c, d, e, f, g, h, i): ...", ["f"]),
        ("def f(a, /, b, c, d, *, e, f, g, h, i): ...", ["f"]),
        ("def f(*arguments): ...", []),
    ],
)
def test_nine_parameters_are_found(source: str, found: list[str]) -> None:
    assert list(functions_with_too_many(source)) == found
