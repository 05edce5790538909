"""Tables of what was run: the hyperparameters of every method, and the record of every run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from reports.runs.load import KEYS, ReportData


def hyperparameters(data: ReportData, tasks: Mapping[str, str], methods: Sequence[str]) -> pd.DataFrame:
    """One row per hyperparameter and set of rules that agree on it, with the columns name, description, rules (their labels, or
    "all"), common (the value where it is the same on all their tasks, else empty) and one per task × variant, under its name.

    The name has the part of the variant that follows the paper's name in brackets. A rule agrees with others if it has the same
    value as they on every task that they share; a value is missing where none of the rules was run.
    """
    records = {(run["task"], run["method"], run["variant"]): run for run in data.runs}
    known = [*tasks, *sorted({task for task, _, _ in records} - set(tasks))]
    columns = {
        (task, variant): _heading(tasks.get(task, task), variant)
        for task in known
        for variant in sorted({v for t, _, v in records if t == task})
    }
    found = [*methods, *sorted({m for _, m, _ in records} - set(methods))]
    runs = {method: {(t, v): run for (t, m, v), run in records.items() if m == method} for method in found}
    runs = {method: of_method for method, of_method in runs.items() if of_method}
    labels = {method: min((run["label"] for run in of_method.values()), key=len) for method, of_method in runs.items()}
    rows = []
    for name in sorted({name for run in records.values() for name in run["hyperparameters"]}):
        for group, values in _agreeing(name, runs):
            distinct = set(values.values())
            described = next(iter(runs[group[0]].values())).get("hyperparameter_descriptions") or {}
            row = {
                "name": name,
                "description": described.get(name, "").replace("`", ""),
                "rules": "all" if len(group) == len(runs) else ", ".join(labels[method] for method in group),
                "common": distinct.pop() if len(distinct) == 1 else "",
            }
            rows.append(row | {heading: values.get(key, "") for key, heading in columns.items()})
    return pd.DataFrame(rows, columns=["name", "description", "rules", "common", *columns.values()])


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
            return ", ".join(value_text(item) for item in value) or "none"
    return str(value)


def run_records(data: ReportData, tasks: Sequence[str], methods: Sequence[str]) -> pd.DataFrame:
    """What was run, one row per task × method × variant, over all its blocks of seeds, with the columns

    task, method, variant, label, environment, jobs, n (seeds), agent_steps (sum over the jobs), commit and fingerprint (each
    distinct one).
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
                "agent_steps": _total(runs, "agent_steps"),
                "commit": ", ".join(sorted({str((run.get("git") or {}).get("commit") or "unknown")[:10] for run in runs})),
                "fingerprint": ", ".join(sorted({str(run.get("source_fingerprint", ""))[:12] for run in runs})),
            }
        )
    order = {name: place for place, name in enumerate((*tasks, *methods))}
    rows.sort(key=lambda row: (order.get(str(row["task"]), 99), order.get(str(row["method"]), 99), str(row["variant"])))
    return pd.DataFrame(rows)


def costs(records: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """What the runs of these run.json's took, one row per task × method × variant, over all its blocks of seeds, with the columns

    task, method, variant, label, jobs, agent_steps, wall_seconds, cpu_seconds (sums over the jobs), peak_memory_mib (of the
    largest job), started (the first of them) and finished (the last). No two makings of the same results agree in them.
    """
    rows = []
    for key in dict.fromkeys(tuple(record[name] for name in KEYS) for record in records):
        runs = [record for record in records if tuple(record[name] for name in KEYS) == key]
        rows.append(
            {
                **dict(zip(KEYS, key, strict=True)),
                "label": runs[0]["label"],
                "jobs": len(runs),
                **{name: _total(runs, name) for name in ("agent_steps", "wall_seconds", "cpu_seconds")},
                "peak_memory_mib": max(float(run.get("peak_memory_mib") or 0) for run in runs),
                "started": min((str(run["started"]) for run in runs if run.get("started")), default=""),
                "finished": max((str(run["finished"]) for run in runs if run.get("finished")), default=""),
            }
        )
    return pd.DataFrame(rows)


def _agreeing(
    name: str, runs: Mapping[str, Mapping[tuple[str, str], Mapping[str, Any]]]
) -> list[tuple[list[str], dict[tuple[str, str], str]]]:
    """Sets of methods that agree on a hyperparameter, with its value for each task and variant that any of them was run on."""
    groups: list[tuple[list[str], dict[tuple[str, str], str]]] = []
    for method, of_method in runs.items():
        own = {key: value_text(run["hyperparameters"][name]) for key, run in of_method.items() if name in run["hyperparameters"]}
        if not own:
            continue
        for members, values in groups:
            if all(values.get(key, value) == value for key, value in own.items()):
                members.append(method)
                values.update(own)
                break
        else:
            groups.append(([method], own))
    return groups


def _heading(title: str, variant: str) -> str:
    suffix = variant.partition("-")[2]
    return f"{title} ({suffix})" if suffix else title


def _total(runs: Sequence[Mapping[str, Any]], name: str) -> float:
    return sum(float(run.get(name) or 0) for run in runs)
