"""Which claims were put into numbers, or changed, after the commit that froze them: such ones are post hoc.

claims.yaml names the commit by the key `frozen`. What a claim says is what stands under its id, but for the place in our report
where it is shown.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from records.git import git
from records.located_yaml import parse, read_document
from reports.claims.sentence import shared_out

_FOLDER = Path(__file__).parents[1]
_OURS = frozenset({"shown"})
"""Keys that say nothing of the paper."""

NO, YES, UNKNOWN, UNFROZEN = "no", "yes", "unknown", "not frozen"
"""Unknown: the repository's history is not here, or not so far back. Not frozen: no commit is named yet."""


def post_hoc(paper: str, folder: Path = _FOLDER) -> dict[str, str]:
    """For each entry of a paper's claims.yaml and each part of one, by id, whether it is post hoc, as one of the words above.

    Empty where there is no such file.
    """
    if not os.path.lexists(folder / paper / "claims.yaml"):
        return {}
    now = read_document(folder / paper / "claims.yaml").contents
    commit = now.get("frozen")
    words = statements(now)
    if commit is None:
        return dict.fromkeys(words, UNFROZEN)
    text = git("show", "--end-of-options", f"{commit}:reports/{paper}/claims.yaml")
    if text is None:
        return dict.fromkeys(words, UNKNOWN)
    try:
        then = statements(parse(text))
    except ValueError:
        return dict.fromkeys(words, UNKNOWN)
    return {name: NO if then.get(name) == said else YES for name, said in words.items()}


def statements(contents: Mapping[str, Any]) -> dict[str, Any]:
    """What a claims file says under each id of a sentence or part, `contents` being its plain data."""
    found: dict[str, Any] = {}
    for entry in contents["claims"]:
        if "parts" in entry:
            whole = shared_out(entry)
            parts = [_said(part) for part in whole["parts"]]
            found |= {part["id"]: part for part in parts} | {entry["id"]: {**whole, "parts": parts}}
        else:
            found[entry["id"]] = _said(entry)
    return found


def _said(claim: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in claim.items() if name not in _OURS}
