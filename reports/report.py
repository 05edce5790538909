"""One report in the making: what all its tables are made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from reports.claims.read import Claims
from reports.paper import Paper, declared
from reports.runs.load import ReportData
from reports.runs.variants import own_runs


@dataclass(frozen=True)
class Report:
    """A paper, the results of its runs, its claims, and what was decided on these."""

    paper: str
    data: ReportData
    claims: Claims
    decided: pd.DataFrame
    """The table of `reports.claims.verdicts.verdicts`, made once for all that show a part of it."""

    @property
    def of(self) -> Paper:
        """The paper's declarations."""
        return declared(self.paper)

    @cached_property
    def own(self) -> ReportData:
        """The results of the paper's own runs, without variants of ours."""
        return own_runs(self.data, self.of.OWN_VARIANTS)
