"""Tables of what was run: the hyperparameters of every method, and the record of every run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from reports.data import KEYS, ReportData


def hyperparameters(data: ReportData, tasks: Mapping[str, str], methods: Sequence[str]) -> pd.DataFrame:
    """One row per method and hyperparameter, with the columns method, label, name, description, common (its value where it is the
    same in all runs of the method, else empty) and one column per task × variant that was run, under its printed name.

    The name has the part of the variant that follows the paper's name in brackets.
    """
    records = {(run["task"], run["method"], run["variant"]): run for run in data.runs}
    known = [*tasks, *sorted({task for task, _, _ in records} - set(tasks))]
    columns = {
        (task, variant): _heading(tasks.get(task, task), variant)
        for task in known
        for variant in sorted({v for t, _, v in records if t == task})
    }
    rows = []
    for method in [*methods, *sorted({m for _, m, _ in records} - set(methods))]:
        runs = {(task, variant): run for (task, m, variant), run in records.items() if m == method}
        names = dict.fromkeys(name for run in runs.values() for name in run["hyperparameters"])
        for name in names:
            values = {
                key: value_text(run["hyperparameters"][name]) for key, run in runs.items() if name in run["hyperparameters"]
            }
            distinct = set(values.values())
            first = next(iter(runs.values()))
            row: dict[str, Any] = {
                "method": method,
                "label": min((run["label"] for run in runs.values()), key=len),
                "name": name,
                "description": (first.get("hyperparameter_descriptions") or {}).get(name, ""),
                "common": distinct.pop() if len(distinct) == 1 else "",
            }
            rows.append(row | {heading: values.get(key, "") for key, heading in columns.items()})
    return pd.DataFrame(rows, columns=["method", "label", "name", "description", "common", *columns.values()])


def environment_name(run: Mapping[str, Any]) -> str:
    """The environment that was stepped, which is another than the task's where gymnasium has dropped that (LunarLander-v2)."""
    return str(run["environment"].get("id") or run["task"])


def value_text(value: Any) -> str:
    """A hyperparameter as it is printed: `none`, `0.02, 2e-5, 2e-6`, `50 000`."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case int() if abs(value) >= 10_000:
            return f"{value:,}".replace(",", "\u2009")
        case float() if value != 0 and abs(value) < 1e-3:
            mantissa, exponent = f"{value:.3e}".split("e")
            return f"{float(mantissa):g}e{int(exponent)}"
        case float():
            return f"{value:g}"
        case list() | tuple():
            return ", ".join(value_text(item) for item in value)
    return str(value)


def run_records(data: ReportData, tasks: Sequence[str], methods: Sequence[str]) -> pd.DataFrame:
    """What was run, one row per task × method × variant, over all its blocks of seeds, with the columns

    task, method, variant, label, environment, jobs, n (seeds), agent_steps, wall_seconds, cpu_seconds (sums over the jobs),
    peak_memory_mib (of the largest job), commit and fingerprint (each distinct one).
    """
    rows = []
    for key, label in data.labels().items():
        runs = [run for run in data.runs if (run["task"], run["method"], run["variant"]) == key]
        rows.append(
            {
                **dict(zip(KEYS, key, strict=True)),
                "label": label,
                "environment": environment_name(runs[0]),
                "jobs": len(runs),
                "n": sum(len(run["seeds"]) for run in runs),
                **{name: _total(runs, name) for name in ("agent_steps", "wall_seconds", "cpu_seconds")},
                "peak_memory_mib": max((float(run.get("peak_memory_mib") or 0) for run in runs), default=0.0),
                "commit": ", ".join(sorted({str((run.get("git") or {}).get("commit") or "unknown")[:10] for run in runs})),
                "fingerprint": ", ".join(sorted({str(run.get("source_fingerprint", ""))[:12] for run in runs})),
            }
        )
    order = {name: place for place, name in enumerate((*tasks, *methods))}
    rows.sort(key=lambda row: (order.get(str(row["task"]), 99), order.get(str(row["method"]), 99), str(row["variant"])))
    return pd.DataFrame(rows)


def _heading(title: str, variant: str) -> str:
    suffix = variant.partition("-")[2]
    return f"{title} ({suffix})" if suffix else title


def _total(runs: Sequence[Mapping[str, Any]], name: str) -> float:
    return sum(float(run.get(name) or 0) for run in runs)
