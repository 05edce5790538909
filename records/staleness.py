"""In what something that was made differs from what would be made now, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Key = Mapping[str, Mapping[str, Any]]
"""All that what is made depends on: plain data, by name, of each of `_KINDS`."""

_KINDS = {"configuration": "another configuration", "sources": "other sources", "versions": "other versions"}
_LONGEST_VALUE = 40


def difference(theirs: Mapping[str, Any], ours: Key) -> str | None:
    """The first kind of difference of `theirs` from `ours`, with its first value; None where they are the same."""
    for kind, name in _KINDS.items():
        there, here = _flat(theirs.get(kind)), _flat(json.loads(json.dumps(ours[kind])))
        differing = sorted(key for key in there.keys() | here.keys() if there.get(key) != here.get(key))
        if differing and kind == "sources":
            return f"{name} ({', '.join(differing)})"
        if differing:
            first, *others = differing
            more = f" and {len(others)} more" if others else ""
            return f"{name} ({first} was {_short(there.get(first))}, is {_short(here.get(first))}{more})"
    return None


def _flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """A tree of dictionaries by dotted keys."""
    if not isinstance(value, dict):
        return {prefix: value}
    return {
        key: item for name, branch in value.items() for key, item in _flat(branch, f"{prefix}.{name}" if prefix else name).items()
    }


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
