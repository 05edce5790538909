"""How fast updates are by width: speed.csv, which `python -m benchmarks --widths` measures."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

FILE = Path(__file__).with_name("speed.csv")


def read_speed() -> pd.DataFrame:
    """Rows of one width, method and number of cores (columns: `benchmarks.widths.measure`)."""
    return pd.read_csv(FILE)
