"""The pipeline's whole ci scale, run once for all tests that look at it."""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import partial

import pytest

from tests.workflow.pipeline import Workspace
from workflow.parent import end_children_with_this

end_children_with_this()  # a test that is killed leaves no pipeline running

# A test run in the background ignores Ctrl-C, and would bequeath that to the pipelines it starts. Only the main thread may say
# otherwise, and tests start pipelines from others.
signal.signal(signal.SIGINT, signal.default_int_handler)

_GATE = "regression gate"
"""Property of a test's report that holds what the gate had to say; reports reach the end of all tests from every worker."""


@pytest.hookimpl(tryfirst=True)  # before xdist looks at the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests that look at the pipeline's whole ci scale to one worker, so that it is run once."""
    for item in items:
        if "reproduced" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("reproduced"))


@pytest.fixture(scope="session")
def reproduced(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A folder in which `snakemake --config scale=ci` has run to its end."""
    workspace = Workspace(tmp_path_factory.mktemp("reproduced"))
    workspace.run("--config", "scale=ci")
    return workspace


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Keeps a text of the regression gate for the end of all tests."""
    return partial(record_property, _GATE)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the gate's table where all can see it, whether anything moved or not."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    for text in {text for report in reports for name, text in report.user_properties if name == _GATE}:
        terminalreporter.section(_GATE)
        terminalreporter.line(text)


@pytest.fixture
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A folder in which nothing has run yet."""
    return Workspace(tmp_path_factory.mktemp("workspace"))
