"""The pipeline's whole ci scale, run once for all tests in this folder."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from tests.summary import GATE
from tests.workflow.pipeline import Workspace


@pytest.fixture(scope="session")
def reproduced(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A folder in which `snakemake --config scale=ci` has run to its end."""
    workspace = Workspace(tmp_path_factory.mktemp("reproduced"))
    workspace.run("--config", "scale=ci")
    return workspace


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Keeps a text of the regression gate for the end of all tests."""
    return partial(record_property, GATE)
