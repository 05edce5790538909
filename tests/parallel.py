"""Tests in several processes at a time: a file goes to one of them, and so do all files that share a pipeline.

xdist's own way of saying the latter, `--dist loadgroup`, has no effect with pytest 9.2.
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadFileScheduling

PIPELINE = "tests/workflow/reproduced/"
"""Folder of the tests that look at one run of the whole ci scale, which takes minutes."""


class FilesAndThePipeline(LoadFileScheduling):  # type: ignore[misc] # xdist has no types
    """What a process is given at a time."""

    def _split_scope(self, nodeid: str) -> str:
        return PIPELINE if nodeid.startswith(PIPELINE) else str(super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> FilesAndThePipeline:
    """How tests are shared out. Their order stays that of the collection."""
    config.option.loadscopereorder = False
    return FilesAndThePipeline(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In several processes, what takes longest begins first, and what needs the kernels that are compiled there comes last."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: (not item.nodeid.startswith(PIPELINE), item.nodeid.startswith("tests/conformance/")))
