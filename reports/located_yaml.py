"""YAML whose values know in which line they stand, so that a mistake is reported with file and line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from reports.errors import ResultError


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
    """Read a YAML file. Raises ResultError, with the line, where it is not YAML or gives a key twice."""
    try:
        loader = yaml.SafeLoader(path.read_text(encoding="utf-8"))
        root = loader.get_single_node()
        for key in _repeated_keys(root):
            raise ResultError(f"{path}:{key.start_mark.line + 1}: the key {key.value!r} is given twice; delete one of the two")
        # Constructing also resolves `<<: *alias`, in the nodes too, so that lines of merged keys are found.
        return Document(path, loader.construct_document(root) if root else None, root)
    except OSError as error:
        raise ResultError(f"{path}: cannot be read ({error.strerror}); restore it") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "not UTF-8 text"
        raise ResultError(f"{path}:{mark.line + 1 if mark else 1}: {reason}; correct the file") from error


def _child(node: yaml.Node | None, part: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        values = [value for key, value in node.value if key.value == part]
        return values[-1] if values else None  # a merged key stands before the one that overrides it
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part]
    return None


def _repeated_keys(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """Keys that stand a second time in one mapping, of which YAML would silently take the last."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                yield key
            seen.add(str(key.value))
            yield from _repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated_keys(item)
