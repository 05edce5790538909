"""What the whole matrix says, in a few sentences that are made of its tables."""

from __future__ import annotations

import pandas as pd

from reports.statistics.decisions import ALPHA


def sentences(board: pd.DataFrame, chances: pd.DataFrame, times: pd.DataFrame, outcomes: pd.DataFrame) -> list[str]:
    """Sentences about who is ahead, who beats the baseline, what is solved and what failed.

    `board` is the table of `leaderboard.overall`, `chances` of `leaderboard.improvement`, `times` of `cells.solving`, `outcomes`
    of `cells.outcomes`; a table without rows leaves its sentence out.
    """
    ahead, beyond = _ahead(board[board["rank"].notna()]), _beyond_baseline(chances[chances["p"].notna()])
    return [*ahead, *beyond, *_solved(times), *_failed(outcomes)]


def _ahead(board: pd.DataFrame) -> list[str]:
    if board.empty:
        return []
    best, rivals = board.iloc[0], board.iloc[1:]
    score = f"{best['score']:.2f}"
    if pd.notna(best["score_low"]):
        score += f" (95 % interval {best['score_low']:.2f} to {best['score_high']:.2f})"
    found = [
        f"Over {_counted(int(best['tasks']), 'task')}, {best['label']} has the highest mean score, {score}, "
        "where the random policy has 0 and the thresholds have 1."
    ]
    if len(rivals):
        rivals_left = int(best["rank_high"]) - 1
        first = f"{rivals_left} of the other {len(rivals)} rules may be as good" if rivals_left else "It is ahead of all others"
        found.append(f"{first}, as far as {_counted(int(best['n']), 'run')} of it can tell.")
    return found


def _beyond_baseline(chances: pd.DataFrame) -> list[str]:
    if chances.empty:
        return []
    clear = chances[chances["p"] <= ALPHA]
    better, worse = clear[clear["probability"] > 0.5], clear[clear["probability"] < 0.5]
    return [
        f"Task by task, the other rules are better than the baseline in {len(better)} and worse in {len(worse)} of "
        f"{_counted(len(chances), 'cell')}, at {100 * ALPHA:g} % after Holm's adjustment{_listed(better)}."
    ]


def _solved(times: pd.DataFrame) -> list[str]:
    if times.empty:
        return []
    runs, reached = int(times["n"].sum()), int(times["reached"].sum())
    unsolved = [str(task) for task, own in times.groupby("task") if not own["reached"].any()]
    none = f"; nobody solved {', '.join(unsolved)}" if unsolved else ""
    return [f"{reached} of {_counted(runs, 'run')} solved their task{none}."]


def _failed(outcomes: pd.DataFrame) -> list[str]:
    failed = outcomes[outcomes["failed"] > 0]
    if failed.empty:
        return []
    names = ", ".join(f"{label} on {task}" for label, task in failed[["label", "task"]].itertuples(index=False))
    count, whole = int(failed["failed"].sum()), int(outcomes["n"].sum())
    return [f"{count} of {_counted(whole, 'run')} ended with an error, and have no numbers: {names}."]


def _listed(better: pd.DataFrame) -> str:
    names = [f"{label} on {task}" for label, task in better[["label", "task"]].itertuples(index=False)]
    return f": {', '.join(names)} are better" if len(names) > 1 else f": {names[0]} is better" if names else ""


def _counted(count: int, noun: str) -> str:
    """`1 run`, `2 runs`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
