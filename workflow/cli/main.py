"""The command line: `python -m workflow run METHOD TASK` trains one method on one task; `--help` lists the other commands."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import NoReturn

from records.errors import Refusal
from records.refusals import exit_on_refusal
from workflow.cli.values import WHERE

COMMANDS = ("run", "watch", "status", "cost", "verify", "new", "schemas")
"""Each is the module of this package that has its name."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        raise Refusal(f"{WHERE}: {message}; see {self.prog} --help")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code. Bad input leaves with code 2 and one line."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    with exit_on_refusal():
        options = _parser(given).parse_args(given)
        return int(options.do(options))


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Parse the command that is asked for; all of them where none is, to list them. Each imports what it alone needs."""
    parser = _Parser(prog="python -m workflow", description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in [name for name in COMMANDS if name in arguments[:1]] or COMMANDS:
        module = importlib.import_module(f"workflow.cli.{name}")
        command = commands.add_parser(name, help=module.HELP, allow_abbrev=False)
        module.add_arguments(command)
        command.set_defaults(do=module.command)
    return parser
