"""All that the ci scale leaves behind, as tables of text: trainings, theory, summaries, tables, verdicts, what figures
show, and the digests of files.

An artefact is named `<paper>/<kind>/<name>`; numbers are written with all their digits, so that equal text means equal bits.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from records.results import EPISODES, POLICY
from records.sources import ROOT
from reports.pipeline import make_tables
from reports.runs.load import KEYS, ReportData, read_report_data
from tests.regression.drawings import digest, drawn
from tests.regression.files import file_digests
from workflow.plan.plan import Plan, make_plan

Artefacts = dict[str, pd.DataFrame]
"""By name; every cell is text, and empty where there is no value."""
CI = {"scale": "ci"}

_MEASURED = {"wall_seconds", "cpu_seconds", "cpu_hours", "peak_memory_mib", "commit", "fingerprint"}
"""What differs between two runs of the same, or from commit to commit whatever comes out: the machine's time and memory, and
hashes of sources."""
_LOGGED = 12
"""Episodes or updates of a seed that are written down, evenly spread; the hashes are over all."""


def collect(folder: Path) -> Artefacts:
    """The artefacts of a folder in which the ci scale has run; those whose files are not there are left out.

    Figures are drawn anew, and tables made anew with verdicts, which the pipeline gives at no such scale: only so does a fault in
    the judging show.
    """
    plan = make_plan(ROOT, CI)
    found = dict(_trainings(plan, folder))
    for paper in plan.papers:
        found |= {f"{paper}/files/{name}": frame for name, frame in file_digests(plan, paper, folder)}
        reports = folder / "results" / "reports" / paper
        if not (reports / "data" / "runs.json").is_file():
            continue
        data = read_report_data(reports / "data")
        found |= {f"{paper}/summary/{name}": as_text(frame) for name, frame in _summaries(data).items()}
        found |= {f"{paper}/theory/{name}": as_text(frame) for name, frame in data.theory.items()}
        found |= {f"{paper}/table/{name}": table for name, table in _written(reports / "tables")}
        judged = make_tables(paper, data, True)
        found |= {f"{paper}/judged/{name}": as_text(lasting(table)) for name, table in judged.items()}
        found |= {f"{paper}/figure/{name}": frame for name, frame in _figures(paper, data)}
    return found


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every cell as text: floats with all digits, arrays as theirs between blanks, missing values empty."""
    return pd.DataFrame({str(name): [_text(value) for value in frame[name]] for name in frame.columns}, dtype=str)


def training(folder: Path) -> pd.DataFrame:
    """One block of seeds: what, value, length, ended, norm and sha256 for each seed.

    `what` is an episode or update (value: its return or mean reward), a column of the log or an array of the policy (value: its
    mean; norm: its Euclidean norm).
    """
    log = pd.read_parquet(folder / EPISODES)
    step, value = ("episode", "return") if "episode" in log else ("update", "mean_reward")
    with np.load(folder / POLICY) as policy:
        arrays = {name: policy[name] for name in sorted(policy.files)}
    rows: list[dict[str, Any]] = []
    for place, (seed, own) in enumerate(log.groupby("seed")):
        chosen = np.unique(np.linspace(0, len(own) - 1, min(len(own), _LOGGED)).round().astype(int))
        for _, row in own.iloc[chosen].iterrows():
            lasted = {name: row[name] for name in ("length", "ended") if name in own}
            rows.append({"seed": seed, "what": f"{step} {row[step]}", "value": row[value], **lasted})
        for name in own.columns.drop("seed"):
            rows.append({"seed": seed, "what": f"log/{name}", **_digested(own[name])})
        for name, array in arrays.items():
            rows.append({"seed": seed, "what": name, **_digested(array[place])})
    columns = ["seed", "what", "value", "length", "ended", "norm", "sha256"]
    return as_text(pd.DataFrame(rows, columns=columns).astype(object))


def _trainings(plan: Plan, folder: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    for run in sorted(plan.runs.values(), key=lambda run: (run.paper, run.key)):
        blocks = [folder / block for block in plan.folders([run])]
        if all((block / POLICY).is_file() for block in blocks):
            frames = [training(block) for block in blocks]
            yield f"{run.paper}/training/{'/'.join(run.key)}", pd.concat(frames, ignore_index=True)


def _summaries(data: ReportData) -> dict[str, pd.DataFrame]:
    curves = [
        {**dict(zip([*KEYS, "seed"], key, strict=True)), "n": len(own), "x": digest(own["x"]), "value": digest(own["value"])}
        for key, own in data.curves.groupby([*KEYS, "seed"])
    ]
    return {"runs": data.summary, "curves": pd.DataFrame(curves)}


def _written(folder: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    """What the pipeline itself wrote: tables as they are, and facts.json as names and values."""
    for path in sorted(folder.glob("*.csv")):
        yield path.stem, lasting(pd.read_csv(path, dtype=str, keep_default_na=False))
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    rows = [(name, json.dumps(value, ensure_ascii=False)) for name, value in sorted(_flat(facts)) if name not in _MEASURED]
    yield "facts", pd.DataFrame(rows, columns=["name", "value"], dtype=str)


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of nested mappings and lists, by dotted name."""
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _flat(item, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list) and value:
        for place, item in enumerate(value):
            yield from _flat(item, f"{name}.{place}")
    else:
        yield name, value


def _figures(paper: str, data: ReportData) -> Iterator[tuple[str, pd.DataFrame]]:
    import importlib

    import matplotlib.pyplot as plt

    from reports.pipeline import figure_names

    module = importlib.import_module(f"reports.{paper}.figures")
    for name in figure_names(paper):
        figure = getattr(module, name)(data)
        yield name, drawn(figure)
        plt.close(figure)


def lasting(table: pd.DataFrame) -> pd.DataFrame:
    """A table without what differs from run to run, or from commit to commit."""
    return table.drop(columns=[name for name in table.columns if name in _MEASURED])


def _digested(values: Any) -> dict[str, Any]:
    array = np.asarray(values)
    if array.dtype.kind in "iufb":
        exact = array.astype(np.float64)
        return {"value": exact.mean(), "norm": np.sqrt(np.square(exact).sum()), "sha256": digest(array)}
    if array.dtype == object:  # recorded episodes: arrays of float32, and nothing where none was recorded
        return {"sha256": digest(np.array(["" if item is None else digest(item) for item in array]))}
    return {"sha256": digest(array)}


def _text(value: Any) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, (float, np.floating)):
        return repr(float(value))
    if isinstance(value, np.ndarray):  # one number for each network that an experiment measured
        return " ".join(repr(float(number)) for number in value)
    return " / ".join(str(value).splitlines())
