"""Fixtures of the unit tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.unit.settings_files import CONFIG, RUNS
from workflow.sources import ROOT


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A folder with a copy of the configuration and of the paper's runs."""
    for file in (CONFIG, RUNS):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path
