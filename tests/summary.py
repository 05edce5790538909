"""What is printed after all tests."""

from __future__ import annotations

import pytest

GATE = "regression gate"
"""Property of a test's report that holds what the gate had to say. Reports come from whatever process ran the test."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the gate's table where all can see it, whether anything moved or not."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    for text in {text for report in reports for name, text in report.user_properties if name == GATE}:
        terminalreporter.section(GATE)
        terminalreporter.line(text)
