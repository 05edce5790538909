"""Networks that an experiment measured, as runs that a claim can be about: one row a network."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from records.errors import ResultError
from reports.paper import Measured

EACH = "each"
"""The column of an experiment's table that has the value of every network."""
COLUMNS = ("task", "method", "variant", "label", "seed", "kind", "measured")


def measured_runs(theory: Mapping[str, pd.DataFrame], measured: Mapping[tuple[str, str, str], Measured]) -> pd.DataFrame:
    """One row a network of every condition that was measured, with the columns

    task, method (the experiment), variant (the condition), label, seed (the network's number), kind ("experiment"), and measured
    (its value). Raises ResultError where a condition has several rows.
    """
    parts = [_networks(key, condition, theory[key[1]]) for key, condition in measured.items() if key[1] in theory]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def _networks(key: tuple[str, str, str], condition: Measured, table: pd.DataFrame) -> pd.DataFrame:
    task, experiment, name = key
    wanted = {"task": task, "quantity": condition.quantity, **condition.where}
    found = table[np.logical_and.reduce([table[column] == value for column, value in wanted.items()])]
    if len(found) > 1:
        raise ResultError(f"{experiment}: {len(found)} rows are {name}; say in MEASURED which one is meant")
    values = np.asarray(found[EACH].iloc[0], dtype=float) if len(found) else np.empty(0)
    rows = {"seed": range(len(values)), "measured": values}
    own = {"task": task, "method": experiment, "variant": name, "label": condition.label, "kind": "experiment"}
    return pd.DataFrame(rows).assign(**own)[list(COLUMNS)]
