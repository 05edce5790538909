"""`python -m workflow verify`: which results are sound, which are stale and why, which are damaged."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from workflow.cli.verify_made import verify_measured, verify_reports, verify_searches, verify_theory
from workflow.cli.verify_runs import Finding, Plans, Status, verify_runs, verify_single

FAILING: tuple[Status, ...] = ("damaged", "stale")
"""What makes the exit code 1."""
_LISTED: tuple[Status, ...] = (*FAILING, "unfinished", "not planned", "older")
_UNLISTED: tuple[Status, ...] = ("unsealed", "sound")
"""There may be thousands: they are counted."""


def verify(root: Path, overrides: Mapping[str, Any]) -> tuple[str, bool]:
    """The table of all results in `root`, and whether none is damaged or stale; `overrides` as those of `read_configuration`.

    Nothing is changed, and nothing is made. Raises Refusal for a configuration or a paper that is not valid.
    """
    plans = Plans(root, overrides)
    parts = (verify_runs, verify_single, verify_theory, verify_searches, verify_reports, verify_measured)
    findings = [finding for part in parts for finding in part(plans)]
    return table(findings), not any(finding.status in FAILING for finding in findings)


def table(findings: Iterable[Finding]) -> str:
    """What was found, by what is to be said of it, the worst first; and how many of each kind."""
    groups: dict[tuple[Status, str], list[str]] = defaultdict(list)
    for path, status, why in findings:
        groups[status, why].append(path)
    lines = []
    for status in _LISTED:
        for (of, why), paths in groups.items():
            if of == status:
                lines += [f"{status}: {why}", *(f"    {path}" for path in paths)]
    for status in _UNLISTED:
        for (of, why), paths in groups.items():
            if of == status and why:
                lines.append(f"{status}, {len(paths)} of them: {why}")
    counts = Counter(dict.fromkeys((*_LISTED, *_UNLISTED), 0))
    for (status, _), paths in groups.items():
        counts[status] += len(paths)
    total = ", ".join(f"{counts[status]} {status}" for status in reversed((*_LISTED, *_UNLISTED)) if counts[status])
    return "\n".join([*lines, total or "there are no results"])
