"""A paper as small as one can be: the template of a new one, with one rule on one task."""

from __future__ import annotations

from pathlib import Path

from workflow.cli.new import write_new

NAME = "tiny2099"
"""It must not be the name of a paper that there is."""


def write_paper(root: Path) -> Path:
    """Add the paper to a copy of the repository; returns its folder."""
    write_new("paper", NAME, root)
    return root / "reports" / NAME
