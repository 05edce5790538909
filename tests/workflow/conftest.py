"""The pipeline's whole ci scale, run once for all tests that look at it."""

from __future__ import annotations

import pytest

from tests.workflow.pipeline import Workspace


@pytest.fixture(scope="session")
def reproduced(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A folder in which `snakemake --config scale=ci` has run to its end."""
    workspace = Workspace(tmp_path_factory.mktemp("reproduced"))
    workspace.run("--config", "scale=ci")
    return workspace


@pytest.fixture
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A folder in which nothing has run yet."""
    return Workspace(tmp_path_factory.mktemp("workspace"))
