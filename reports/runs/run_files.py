"""What a run's files must hold before a number is taken from them, whoever wrote them."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import pandas as pd
from annotated_types import Ge, MinLen
from pydantic import BaseModel, ConfigDict, ValidationError

from records.wording import first_problem, shortened

_KINDS = {
    **dict.fromkeys(("seed", "episode", "env_steps", "length", "update"), ("iu", "whole numbers")),
    **dict.fromkeys(("return", "mean_reward"), ("f", "finite numbers")),
}
_ENDS = ("terminated", "truncated")


class _Environment(BaseModel):
    id: str


class _Record(BaseModel):
    """What is read of run.json; it holds more."""

    model_config = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False)

    paper: str
    task: str
    method: str
    variant: str
    label: str
    hyperparameters: dict[str, Any]
    options: dict[str, int]
    seeds: Annotated[list[Annotated[int, Ge(0)]], MinLen(1)]
    budget: Annotated[dict[str, float], MinLen(1)]
    environment: _Environment
    sources: dict[str, str] | None = None
    versions: dict[str, str] | None = None
    git: dict[str, Any] | None = None
    failed: Annotated[str, MinLen(1)] | None = None
    diverged: dict[str, Annotated[int, Ge(1)]] = {}
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    agent_steps: float = 0.0
    peak_memory_mib: float = 0.0


def record_problem(record: Any) -> str:
    """What is wrong with the contents of run.json; empty where nothing is."""
    try:
        read = _Record.model_validate(record)
    except ValidationError as error:
        return first_problem(error, record, _Record)[1]
    units = {"episodes", "env_steps", "updates"} & read.budget.keys()
    wanted = "should have either episodes, env_steps or updates"
    return "" if len(units) == 1 else f"budget: {shortened(record['budget'])} {wanted}"


def log_problem(log: pd.DataFrame, columns: tuple[str, ...]) -> str:
    """What is wrong with the table of episodes.parquet, which should have these columns; empty where nothing is."""
    if not log.columns.is_unique:
        return "columns of one name"
    for name in columns:
        if name not in log:
            return f"no column {name}"
        if name in _KINDS:
            kinds, what = _KINDS[name]
            if log[name].dtype.kind not in kinds or not np.isfinite(log[name]).all():
                return f"column {name} should hold {what}"
    return "" if "ended" not in columns or log["ended"].isin(_ENDS).all() else f"column ended should hold {' or '.join(_ENDS)}"
