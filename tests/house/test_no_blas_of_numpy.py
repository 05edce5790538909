"""No number goes through numpy's BLAS or LAPACK, whose kernels the processor chooses, nor through PyTorch's square root.

These round differently. PyTorch's BLAS is pinned, see `workflow.process.instructions`. What packages do inside themselves,
`test_processors` looks at.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from records.sources import ROOT

PACKAGES = ("algorithms", "envs", "experiments", "records", "reports", "workflow")
_FUNCTIONS = {
    *("dot", "vdot", "inner", "matmul", "matvec", "vecmat", "vecdot", "tensordot", "einsum", "linalg", "polynomial"),
    *("polyfit", "roots", "cov", "corrcoef", "convolve", "correlate"),
}
"""Of numpy; `polynomial` for its quadratures and fits."""
_METHODS = {"dot", "corr", "cov"}
"""Of arrays and of data frames."""
_ROOTS = {"sqrt", "sqrt_"}
_ROUNDED_ALIKE = {"math.sqrt", "np.sqrt"}
_MODULES = ("scipy.linalg.", "numpy.linalg.", "numpy.polynomial.")


def faults(text: str, file: str) -> Iterator[str]:
    """Whatever in a module's text may call BLAS or LAPACK; beside PyTorch, `@` is taken for a product of its tensors."""
    tree = ast.parse(text, file)
    imported = {name for node in ast.walk(tree) for name in _imported(node)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.MatMult) and "torch" not in imported:
            yield f"{file}:{node.lineno}: @"
        elif isinstance(node, ast.Attribute):
            name = ast.unparse(node)
            if name in {f"np.{function}" for function in _FUNCTIONS} or (node.attr in _METHODS and not name.startswith("torch.")):
                yield f"{file}:{node.lineno}: {name}"
            elif node.attr in _ROOTS and name not in _ROUNDED_ALIKE:
                yield f"{file}:{node.lineno}: {name}, see algorithms.shared.square_root"
    for module in sorted(imported):
        if f"{module}.".startswith(_MODULES):
            yield f"{file}: imports {module}"


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module
        yield from (alias.name for alias in node.names if node.module == "algorithms.shared.tensors")
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_calls_none(path: Path) -> None:
    assert list(faults(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())) == []


@pytest.mark.parametrize(
    "text",
    [
        "import numpy as np\ny = x @ w",
        "import numpy as np\nx @= w",
        "import numpy as np\ny = np.dot(x, w)",
        "import torch\nimport numpy as np\ny = np.linalg.norm(x)",
        "y = x.dot(w)",
        "from scipy import linalg",
        "y = x.sqrt()",
        "import torch\ny = torch.sqrt(x)",
        "from numpy.polynomial.hermite_e import hermegauss",
    ],
)
def test_a_call_would_be_noticed(text: str) -> None:
    assert list(faults(text, "some.py"))
