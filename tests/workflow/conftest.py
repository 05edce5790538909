"""The pipeline's whole ci scale, run once for all tests that look at it."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from tests.workflow.pipeline import Workspace

# A test run in the background ignores Ctrl-C, and would bequeath that to the pipelines it starts. Only the main thread may say
# otherwise, and tests start pipelines from others.
signal.signal(signal.SIGINT, signal.default_int_handler)

_GATE = pytest.StashKey[str]()
"""What the regression gate had to say."""


@pytest.fixture(scope="session")
def reproduced(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A folder in which `snakemake --config scale=ci` has run to its end."""
    workspace = Workspace(tmp_path_factory.mktemp("reproduced"))
    workspace.run("--config", "scale=ci")
    return workspace


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Keeps a text of the regression gate for the end of all tests."""

    def keep(text: str) -> None:
        request.config.stash[_GATE] = text

    return keep


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the gate's table where all can see it, whether anything moved or not."""
    if text := config.stash.get(_GATE, None):
        terminalreporter.section("regression gate")
        terminalreporter.line(text)


@pytest.fixture
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A folder in which nothing has run yet."""
    return Workspace(tmp_path_factory.mktemp("workspace"))
