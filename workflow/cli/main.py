"""The command line: `python -m workflow run METHOD TASK` trains one method on one task; `verify` looks at results."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from records.errors import Refusal
from records.refusals import exit_on_refusal
from workflow.cli import cost, run, schemas, verify
from workflow.cli.values import WHERE


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        raise Refusal(f"{WHERE}: {message}; see {self.prog} --help")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code. Bad input leaves with code 2 and one line."""
    with exit_on_refusal():
        options = _parser().parse_args(arguments)
        return int(options.do(options))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m workflow", description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in {"run": run, "cost": cost, "verify": verify, "schemas": schemas}.items():
        command = commands.add_parser(name, help=module.HELP, allow_abbrev=False)
        module.add_arguments(command)
        command.set_defaults(do=module.command)
    return parser
