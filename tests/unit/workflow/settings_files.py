"""Copies of the configuration and of a paper's runs, for tests to change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

CONFIG = "config/config.yaml"
RUNS = "reports/chung2021/runs.yaml"


def edit(file: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a YAML file in place."""
    contents = yaml.safe_load(file.read_text(encoding="utf-8"))
    change(contents)
    file.write_text(yaml.safe_dump(contents), encoding="utf-8")
