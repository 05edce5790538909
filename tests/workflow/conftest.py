"""Pipelines for tests, each in a folder of its own."""

from __future__ import annotations

import signal

import pytest

from tests.workflow.pipeline import Workspace
from workflow.process.orphans import end_children_with_this

end_children_with_this()  # a test that is killed leaves no pipeline running

# A test run in the background ignores Ctrl-C, and would bequeath that to the pipelines it starts. Only the main thread may say
# otherwise, and tests start pipelines from others.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A folder in which nothing has run yet."""
    return Workspace(tmp_path_factory.mktemp("workspace"))
