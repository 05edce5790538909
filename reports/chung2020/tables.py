"""The table that chung2020 has of its own; those that every paper has are in reports/tables/common.py."""

from __future__ import annotations

import pandas as pd

from reports.claims.kinds.mean import Mean
from reports.claims.quantities import EVENTS
from reports.report import Report
from reports.runs.load import KEYS
from reports.runs.lookup import runs_of

_DECIDED = ("n", "ours", "paper", "paper_n", "p_unadjusted", "p", "verdict", "seeds", "note")


def table_1(report: Report) -> pd.DataFrame:
    """Episodes to the first perfect score and to solving the task, one row per published mean, with the columns

    * task, method, variant, label, quantity ("first_perfect" or "solved"); reached: how many of our n runs got there;
    * n, ours, paper, paper_n, p_unadjusted, p, verdict, seeds, note: as in `reports.claims.verdicts.verdicts`.
    """
    by_claim = report.decided.set_index("id")
    rows = []
    for claim in report.claims.of(Mean):
        if claim.quantity in EVENTS:
            runs = runs_of(report.data.summary, claim.task, claim.method, claim.variant)
            own = dict(zip(KEYS, claim.keys[0], strict=True)) | {"label": report.claims.labels[claim.keys[0]]}
            row = {**own, "quantity": claim.quantity, "reached": int(runs[claim.quantity].notna().sum())}
            rows.append(row | {name: by_claim.at[claim.id, name] for name in _DECIDED})
    return pd.DataFrame(rows, columns=[*KEYS, "label", "quantity", "reached", *_DECIDED])
