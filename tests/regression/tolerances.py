"""What may differ on another platform than that of the expectations, by kind of artefact and column."""

from __future__ import annotations

import numpy as np
import pandas as pd


def within_tolerance(name: str, column: str, expected: pd.DataFrame, observed: pd.DataFrame) -> np.ndarray:
    """Whether cells of a column are as much alike as another platform leaves them, [rows] of bool."""
    return (expected[column] == observed[column]).to_numpy()
