"""Fixtures of the unit tests."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from records.sources import ROOT
from tests.unit.reports.made_reports import SEEDS, make
from tests.unit.reports.synthetic_kubo2022 import write_kubo2022
from tests.unit.reports.synthetic_results import VARIANTS, write_results, write_variants
from tests.unit.workflow.settings_files import CONFIG, RUNS


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A folder with a copy of the configuration and of the paper's runs."""
    for file in (CONFIG, RUNS):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The report of chung2021 on results of full size."""
    return make(tmp_path_factory.mktemp("full"), "full")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The report of chung2021 on results of a hundredth of the size."""
    return make(tmp_path_factory.mktemp("tiny"), "tiny")


@pytest.fixture(scope="session")
def complete(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The report of chung2021 on results of full size, with variants and the theory's experiments."""
    root = tmp_path_factory.mktemp("complete")
    folders = write_results(root / "results", "full", SEEDS["full"])
    folders += write_variants(root / "results", "full", range(6), VARIANTS)
    return make(root, "full", folders, theory=True, allow_partial=True)


@pytest.fixture(scope="session")
def first_version(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The report of chung2020 on results of full size."""
    return make(tmp_path_factory.mktemp("first_version"), "full", paper="chung2020")


@pytest.fixture(scope="session")
def actor_critic(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The report of kubo2022 on results of full size."""
    root = tmp_path_factory.mktemp("actor_critic")
    return make(root, "full", write_kubo2022(root / "results", "full", range(8)), paper="kubo2022", theory=True, seeds=range(8))
