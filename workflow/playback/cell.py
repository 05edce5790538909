"""The films of one cell of a page: its best and its median seed, made to fit what room the page has."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from envs.tasks import TASKS
from records.errors import Refusal
from records.results import RUN
from reports.runs.load import read_report_data
from reports.runs.lookup import runs_of
from workflow.playback.film import check_shown, fitted, play
from workflow.playback.finished import Trained
from workflow.process.threads import limit_threads

WIDTH = 160
"""Pixels of a film on a page, at most."""
FINAL = "final_mean"
"""The column of the summary that decides which seed is the best."""


def films_of_cell(data_folder: Path, folders: Sequence[Path], key: tuple[str, str, str], most_bytes: int) -> dict[str, Any]:
    """What a page shows of a cell (task, method, variant), as JSON has it: `cell`, `films` ([caption, GIF in base64]) and `why`.

    `folders` are those of its blocks of seeds, `data_folder` that of the report's summary. Without a film `why` says why not.
    """
    shown: dict[str, Any] = {"cell": list(key), "films": [], "why": ""}
    runs = runs_of(read_report_data(data_folder).summary, *key)
    if runs.empty:
        return shown | {"why": "every run of it failed"}
    limit_threads()
    try:
        check_shown(TASKS[key[0]])
        trained = _by_seed(folders)
        for name, seed in chosen(dict(zip(runs["seed"].astype(int), runs[FINAL].astype(float), strict=True))):
            played = play(trained[seed], WIDTH)
            gif = fitted(played.pictures, most_bytes)
            if gif is None:
                return shown | {"films": [], "why": f"the page has room for {most_bytes} bytes of each film, and it takes more"}
            caption = f"{name}, {seed}: return {played.total:.1f} in {played.steps} steps"
            shown["films"].append([caption, b64encode(gif).decode()])
    except Refusal as refusal:
        return shown | {"films": [], "why": str(refusal)}
    return shown


def chosen(finals: Mapping[int, float]) -> list[tuple[str, int]]:
    """The best seed and the median one, by their last means: of an even number the worse of the two; of equal ones the first."""
    order = sorted(finals, key=lambda seed: (-finals[seed], seed))
    best, median = order[0], order[len(order) // 2]
    return [("Best seed", best)] + ([("Median seed", median)] if median != best else [])


def _by_seed(folders: Sequence[Path]) -> dict[int, Trained]:
    """The policy of each seed."""
    records = [(folder, json.loads((folder / RUN).read_text(encoding="utf-8"))) for folder in folders]
    return {seed: Trained(folder, record, seed) for folder, record in records for seed in record["seeds"]}
