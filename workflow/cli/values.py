"""NAME=VALUE on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from records.errors import Refusal
from workflow.plan.hyperparameters import parse_value

WHERE = "command line"
"""What a refusal names where a file would stand."""


def pairs(texts: Sequence[str], option: str, example: str) -> dict[str, Any]:
    """What NAME=VALUE given to an option again and again adds up to."""
    settings: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise Refusal(f"{WHERE}: {option} {text}: it must be NAME=VALUE, as in {example}")
        if name in settings:
            raise Refusal(f"{WHERE}: {option} {name}: it is given twice; leave one out")
        settings[name] = parse_value(value, f"{WHERE}: {option} {name}")
    return settings


def add_config(command: argparse.ArgumentParser) -> None:
    """Let a command take what snakemake takes."""
    command.add_argument(
        "--config", action="append", default=[], metavar="KEY=VALUE", help="what snakemake --config is told; repeatable"
    )
