"""Recorded tables get back the types that they were written from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.regression.artefacts import as_text
from tests.regression.rejudged import typed


def test_a_table_survives_being_written() -> None:
    third = 1 / 3
    table = pd.DataFrame(
        {
            "network": ["all", None],
            "agrees": [True, False],
            "count": [3, 4],
            "mean": [third, np.nan],
            "each": [np.array([third, np.nan, 1e-300]), np.array([0.0])],
        }
    )
    again = typed(as_text(table), table)
    pd.testing.assert_frame_equal(again.drop(columns="each"), table.drop(columns="each"))
    for written, read in zip(table["each"], again["each"], strict=True):
        np.testing.assert_array_equal(read, written)
