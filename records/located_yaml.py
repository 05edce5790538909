"""YAML whose values know in which line they stand, so that a mistake is reported with file and line.

All YAML of this repository is read here, the workflow's too. Reading runs nothing that a file says.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.composer import Composer, ComposerError
from yaml.constructor import ConstructorError

from records.errors import ResultError

_LARGEST = 200_000  # bytes; the largest file here has 20 000
_LARGEST_INTEGER = 2**63
_NO_BEGINNING = "cannot start any token"


@dataclass(frozen=True)
class Document:
    """The contents of a YAML file, and where in it they stand."""

    path: Path
    contents: Any
    root: yaml.Node | None

    def place(self, location: Sequence[str | int]) -> str:
        """`FILE:LINE` of the value at a path of keys and indices, or of the nearest thing around it that is there."""
        node = self.root
        for part in location:
            inner = _child(node, part)
            if inner is None:
                break
            node = inner
        return f"{self.path}:{node.start_mark.line + 1 if node else 1}"


def read_document(path: Path) -> Document:
    """Read a YAML file. Raises ResultError, with the line, where it is not YAML, gives a key twice, or is beyond all measure."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ResultError(f"{path}: it is not a file; put a file in its place")
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise ResultError(f"{path}: cannot be read ({error.strerror}); restore it, or run this where it is") from error
    if len(data) > _LARGEST:
        raise ResultError(f"{path}: it has more than {_LARGEST:,} bytes; this cannot be the file that is meant")
    try:
        return _document(path, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ResultError(f"{path}:{line}: not UTF-8 text; save it as UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ResultError(f"{path}:{mark.line + 1 if mark else 1}: {_problem(error)}; correct the file") from error


def parse(text: str) -> Any:
    """The value that a short text stands for in YAML. Raises ValueError, with the reason, for a text that is none."""
    try:
        return _document(Path(), text[:_LARGEST]).contents
    except yaml.YAMLError as error:
        raise ValueError(_problem(error)) from None


class _Loader(Composer, yaml.CSafeLoader):
    """Only plain data. The scanner is libyaml's, which takes a tenth of the time of PyYAML's; what composes is PyYAML's own."""

    def __init__(self, text: str) -> None:
        yaml.CSafeLoader.__init__(self, text)
        Composer.__init__(self)

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        node = super().compose_node(parent, index)
        if node is not None:
            _check_keys(node)
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            value = super().construct_object(node, deep)
            if isinstance(value, int) and abs(value) >= _LARGEST_INTEGER:
                raise OverflowError
            return value
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            kind = node.tag.rpartition(":")[2]
            raise ConstructorError(None, None, f"this cannot be a value of the kind {kind}", node.start_mark) from error


# YAML 1.1 takes 1e-3 for text, since it has no point; nobody means that.
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+$"), list("-+0123456789"))


def _document(path: Path, text: str) -> Document:
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        # Constructing also resolves `<<: *alias`, in the nodes too, so that lines of merged keys are found.
        return Document(path, loader.construct_document(root) if root else None, root)
    except RecursionError:
        raise yaml.YAMLError("values within values, too deep to be meant") from None


def _problem(error: yaml.YAMLError) -> str:
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    if _NO_BEGINNING in problem:
        return f"{problem}: indent with spaces, not tabs, and put quotes around what begins with a sign such as @ or %"
    return problem


def _child(node: yaml.Node | None, part: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        values = [value for key, value in node.value if key.value == part]
        return values[-1] if values else None  # a merged key stands before the one that overrides it
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part]
    return None


def _check_keys(node: yaml.Node) -> None:
    """Refuse a key that stands a second time in one mapping, of which YAML would silently take the last."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise ComposerError(None, None, f"the key {key.value!r} is given twice", key.start_mark)
                seen.add(key.value)
