"""A paper's main claim in a sentence: on which tasks the statements that it is made of agree with our runs, and on which not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from reports.claims.claim import Claim


def tasks_by_verdict(claims: Iterable[Claim], table: pd.DataFrame, tasks: Mapping[str, str]) -> dict[str, list[str]]:
    """Titles of the claims' tasks by verdict, in the order of the claims, a task as often as there are claims about it.

    `table` is `reports.claims.verdicts.verdicts`; `tasks` maps names to titles. Claims without a verdict stand under "".
    """
    verdicts = table.set_index("id")["verdict"]
    found: dict[str, list[str]] = {}
    for claim in claims:
        verdict = verdicts[claim.id]
        found.setdefault("" if pd.isna(verdict) else str(verdict), []).append(tasks[claim.task])
    return found
