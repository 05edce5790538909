"""Tables that every paper has; each takes its name, the results, the published claims and what was decided on these.

`decided` is the table of `reports.tables.published.verdicts`, which is made once for all of them.
"""

from __future__ import annotations

import pandas as pd

from reports.claims.claim_kinds import Event
from reports.claims.differences import differences as explained_differences
from reports.claims.differences import read_differences
from reports.claims.read import Claims
from reports.figures import ablations as ablation
from reports.paper import declared
from reports.runs.load import ReportData
from reports.runs.variants import experiments, own_runs
from reports.tables import published as comparison
from reports.tables import settings
from reports.tables.searches import searches as tried


def verdicts(paper: str, data: ReportData, claims: Claims, decided: pd.DataFrame) -> pd.DataFrame:
    """Every claim of the paper beside ours (columns: `reports.tables.published.verdicts`)."""
    return decided


def verdict_summary(paper: str, data: ReportData, claims: Claims, decided: pd.DataFrame) -> pd.DataFrame:
    """How many claims of each kind agree, differ or stay open (columns: `reports.tables.published.verdict_summary`)."""
    return comparison.verdict_summary(decided)


def differences(paper: str, data: ReportData, claims: Claims, decided: pd.DataFrame) -> pd.DataFrame:
    """What was tried where a claim differs (columns: `reports.claims.differences.differences`)."""
    return explained_differences(data, claims, decided, read_differences(paper, claims))


def orderings(paper: str, data: ReportData, claims: Claims, decided: pd.DataFrame) -> pd.DataFrame:
    """Who does better than whom (columns: `reports.tables.published.published_orderings`)."""
    return comparison.published_orderings(data, claims, decided)


def first_perfect(paper: str, data: ReportData, claims: Claims, decided: pd.DataFrame) -> pd.DataFrame:
    """Episodes to the first perfect score (columns: `reports.tables.published.times_to`)."""
    return _times(paper, data, claims, "first_perfect")


def solved(paper: str, data: ReportData, claims: Claims, decided: pd.DataFrame) -> pd.DataFrame:
    """Episodes to solving the task (columns: `reports.tables.published.times_to`)."""
    return _times(paper, data, claims, "solved")


def single_step(paper: str, data: ReportData, claims: Claims, decided: pd.DataFrame) -> pd.DataFrame:
    """Rewards of the single-step tasks (columns: `reports.tables.published.checkpoint_rewards`)."""
    of = declared(paper)
    own = own_runs(data, of.OWN_VARIANTS)
    return comparison.checkpoint_rewards(own, claims, tuple(of.SINGLE_STEP), of.METHODS, of.CHECKPOINTS, decided)


def ablations(paper: str, data: ReportData, claims: Claims, decided: pd.DataFrame) -> pd.DataFrame:
    """Each variant beside the paper's own setting (columns: `reports.figures.ablations.ablations`)."""
    return ablation.ablations(data, experiments(data, declared(paper).OWN_VARIANTS, declared(paper).EXPERIMENTS))


def searches(paper: str, data: ReportData, claims: Claims, decided: pd.DataFrame) -> pd.DataFrame:
    """The searches for settings that are recorded nowhere (columns: `reports.tables.searches.searches`)."""
    return tried(paper, own_runs(data, declared(paper).OWN_VARIANTS))


def hyperparameters(paper: str, data: ReportData, claims: Claims, decided: pd.DataFrame) -> pd.DataFrame:
    """The settings of the paper's own runs (columns: `reports.tables.settings.hyperparameters`)."""
    of = declared(paper)
    return settings.hyperparameters(own_runs(data, of.OWN_VARIANTS), of.TASKS, of.METHODS)


def runs(paper: str, data: ReportData, claims: Claims, decided: pd.DataFrame) -> pd.DataFrame:
    """What was run, variants included (columns: `reports.tables.settings.run_records`)."""
    return settings.run_records(data, tuple(declared(paper).TASKS), declared(paper).METHODS)


def _times(paper: str, data: ReportData, claims: Claims, event: Event) -> pd.DataFrame:
    of = declared(paper)
    own = own_runs(data, of.OWN_VARIANTS)
    return comparison.times_to(own, claims, event, tuple(of.EPISODIC), of.METHODS, of.METHODS[0])
