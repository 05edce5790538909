"""The regression gate: does the ci scale still give what it gave? `make regression`, and `make regression-accept`.

Exit code 1 when an artefact moved, appeared or disappeared; times only ever warn.
"""

from __future__ import annotations

from workflow.process.threads import prepare_process

prepare_process()  # one thread everywhere, before anything numerical is imported

import argparse  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
from collections.abc import Sequence  # noqa: E402
from contextlib import nullcontext  # noqa: E402
from pathlib import Path  # noqa: E402

from tests.regression import times  # noqa: E402
from tests.regression.expectations import EXPECTED, TIMES, write_expectations  # noqa: E402
from tests.regression.gate import check, times_text  # noqa: E402
from tests.regression.platforms import present_platform  # noqa: E402
from tests.regression.recompute import recomputed  # noqa: E402
from workflow.process.instructions import TARGET, instructions_in_force  # noqa: E402


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.regression", description=__doc__)
    parser.add_argument("command", nargs="?", default="check", choices=["check", "accept", "times"])
    parser.add_argument(
        "--results", type=Path, metavar="FOLDER", help="where the ci scale has run already; else it is recomputed"
    )
    parser.add_argument("--expected", type=Path, metavar="FOLDER", default=EXPECTED, help="the expectations (%(default)s)")
    parser.add_argument("--no-times", action="store_true", help="compare results alone")
    options = parser.parse_args(arguments)
    moved = False
    if options.command != "times":
        try:
            moved = _results(options.results, options.expected, options.command == "accept")
        except subprocess.CalledProcessError as error:
            print(
                error.output[-4000:], "The ci scale could not be recomputed; its last words are above.", sep="\n", file=sys.stderr
            )
            return 1
        except ValueError as error:
            print(error, file=sys.stderr)
            return 1
    if not options.no_times:
        _times(options.expected, options.command == "accept")
    return int(moved)


def _results(results: Path | None, expected: Path, accept: bool) -> bool:
    """Compare, print and, if asked to, accept; whether anything moved that is not accepted.

    Raises ValueError where others could not get what would be accepted.
    """
    if accept and (computed := instructions_in_force()) != TARGET:
        raise ValueError(f"nothing is accepted that was computed with {computed}: on another machine it may be otherwise")
    if results is None:
        print("Recomputing the ci scale in a folder of its own …", flush=True)
    with nullcontext(results) if results else recomputed() as folder:
        outcome, found = check(folder, expected)
    print(outcome.text(), flush=True)
    if accept:
        write_expectations(expected, found, present_platform())
        print(f"\nAccepted: {expected} says so now; commit it with what made it so.")
        return False
    if outcome.moved:
        print("\nIf that is meant: make regression-accept, and commit tests/regression/expected with what made it so.")
    return outcome.moved


def _times(expected: Path, accept: bool) -> None:
    standing = times.read_times(expected / TIMES)
    compared = times.measure_against(standing)
    print(f"\nTimes of the compiled methods, by the thread's clock:\n\n{times_text(compared)}")
    if accept:
        times.write_times(expected / TIMES, compared)


if __name__ == "__main__":
    sys.exit(main())
