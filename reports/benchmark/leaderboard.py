"""Who does best: on each task, over all tasks, and how often better than the baseline."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports.benchmark import BASELINE
from reports.benchmark.scores import OVERALL, Cell, cells, cells_of, scores
from reports.runs.load import KEYS
from reports.statistics.aggregates import Anchors, enough_for_bootstrap, interquartile_mean, interquartile_mean_interval
from reports.statistics.comparison import Comparison
from reports.statistics.inference import Difference, Interval, mean_interval
from reports.statistics.multiplicity import holm
from reports.statistics.ranks import probability_of_improvement
from reports.statistics.standings import over_tasks, p_higher, p_higher_over_tasks, rank_intervals

Floats = NDArray[np.float64]
_SCORES = ["score", "score_low", "score_high", "iqm", "iqm_low", "iqm_high"]
_RANKS = ["rank", "rank_low", "rank_high"]


def per_task(summary: pd.DataFrame, scale: Mapping[str, Anchors], quantity: str = OVERALL) -> pd.DataFrame:
    """The leaderboard of each task, best first, with the columns

    * task, method, variant, label, n (runs), mean (of `quantity`);
    * score, score_low, score_high: the mean normalised by the task's anchors, with its 95 % t-interval;
    * iqm, iqm_low, iqm_high: interquartile mean of the scores, with its bootstrap interval where there are enough runs for one;
    * rank, rank_low, rank_high: by the mean, with its 95 % interval.

    Scores are missing where the task has no anchors; ranks are not.
    """
    by_task: dict[str, list[Cell]] = {}
    for cell in cells(summary):
        by_task.setdefault(cell.task, []).append(cell)
    rows: list[dict[str, Any]] = []
    for task, own in by_task.items():
        values = [cell.values(quantity) for cell in own]
        means = [float(sample.mean()) for sample in values]
        ranks = rank_intervals(means, p_higher(values))
        for cell, sample, mean, rank in zip(own, values, means, ranks, strict=True):
            row = {**cell.names, "n": len(sample), "mean": mean, **_columns("rank", rank)}
            if task in scale:
                scored = scale[task].normalised(sample)
                row |= _columns("score", mean_interval(scored)) | _columns("iqm", _iqm([scored]))
            rows.append(row)
    table = pd.DataFrame(rows, columns=[*KEYS, "label", "n", "mean", *_SCORES, *_RANKS])
    return table.sort_values(["task", "rank", "method", "variant"], ignore_index=True)


def overall(summary: pd.DataFrame, scale: Mapping[str, Anchors], quantity: str = OVERALL) -> pd.DataFrame:
    """The leaderboard over all tasks that have anchors, which weigh alike, best first, with the columns

    * method, variant, label, tasks (how many of them it has runs on), n (all its runs there);
    * score, score_low, score_high: mean over these tasks with its 95 % interval; iqm, iqm_low, iqm_high as in `per_task`;
    * rank, rank_low, rank_high: among the rules that have runs on all the tasks. The others have no rank, and come last.
    """
    found = scores(summary, scale, quantity)
    labels = _labels(summary)
    complete = [key for key, own in found.items() if own.keys() == scale.keys()]
    samples = [[found[key][task] for task in scale] for key in complete]
    means = [float(np.mean([sample.mean() for sample in own])) for own in samples]
    ranks = dict(zip(complete, rank_intervals(means, p_higher_over_tasks(samples)) if complete else [], strict=True))
    rows: list[dict[str, Any]] = []
    for key, own in found.items():
        mean = over_tasks([Difference.of_pairs(sample) for sample in own.values()]).interval(0.95)
        row: dict[str, Any] = {"method": key[0], "variant": key[1], "label": labels[key], "tasks": len(own)}
        row |= {"n": sum(map(len, own.values()))} | _columns("score", mean) | _columns("iqm", _iqm(list(own.values())))
        rows.append(row | (_columns("rank", ranks[key]) if key in ranks else {}))
    table = pd.DataFrame(rows, columns=["method", "variant", "label", "tasks", "n", *_SCORES, *_RANKS])
    return table.sort_values(["rank", "score"], ascending=[True, False], na_position="last", ignore_index=True)


def improvement(summary: pd.DataFrame, quantity: str = OVERALL, baseline: str = BASELINE) -> pd.DataFrame:
    """How often a rule's run is better than one of the baseline on the same task, ties counting one half, with the columns

    task, method, variant, label, n, n_baseline; probability, low, high (95 %); p: two-sided, of equal returns, Holm-adjusted over
    the table. A row with task "all" is the mean over the tasks that both have runs on; its p is missing. The baseline is the
    first variant of that method that a task has, and has no row of its own.
    """
    found = list(cells(summary))
    base = cells_of(found, baseline)
    rows: list[dict[str, Any]] = []
    for cell in found:
        if cell.task not in base or cell is base[cell.task]:
            continue
        ours, other = cell.values(quantity), base[cell.task].values(quantity)
        p = Comparison.of(ours, other).p_beyond(0.0, 0.0)
        row = {**cell.names, "n": len(ours), "n_baseline": len(other)}
        chance = probability_of_improvement(ours, other)
        rows.append(row | {"probability": chance.estimate, "low": chance.low, "high": chance.high, "p": p})
    columns = [*KEYS, "label", "n", "n_baseline", "probability", "low", "high", "p"]
    table = pd.DataFrame(rows, columns=columns)
    table["p"] = holm(list(table["p"]))
    means = [_mean_chance(own) for _, own in table.groupby(["method", "variant"])]
    return pd.concat([table, pd.DataFrame(means, columns=columns)], ignore_index=True) if means else table


def _mean_chance(own: pd.DataFrame) -> dict[str, Any]:
    """Mean of a rule's chances over its tasks, with bounds made of theirs as those of `performance_profile` are."""
    mean, count = float(own["probability"].mean()), len(own)
    below, above = own["probability"] - own["low"], own["high"] - own["probability"]
    first = own.iloc[0]
    return {
        "task": "all",
        **{name: first[name] for name in ("method", "variant", "label")},
        **{name: int(own[name].sum()) for name in ("n", "n_baseline")},
        "probability": mean,
        "low": mean - math.hypot(*below) / count,
        "high": mean + math.hypot(*above) / count,
        "p": math.nan,
    }


def _labels(summary: pd.DataFrame) -> dict[tuple[str, str], str]:
    """The shortest label of each (method, variant)."""
    labels: dict[tuple[str, str], str] = {}
    for cell in cells(summary):
        label = str(cell.names["label"])
        labels[cell.key] = min(labels.get(cell.key, label), label, key=len)
    return labels


def _iqm(tasks: Sequence[Floats]) -> Interval:
    if enough_for_bootstrap([len(sample) for sample in tasks]):
        return interquartile_mean_interval(tasks)
    weights = np.concatenate([np.full(len(sample), 1 / len(sample)) for sample in tasks])
    return Interval(float(interquartile_mean(np.concatenate(tasks), weights)), math.nan, math.nan)


def _columns(name: str, interval: Interval) -> dict[str, float]:
    return {name: interval.estimate, f"{name}_low": interval.low, f"{name}_high": interval.high}
