"""Proof that the gate catches what it is for: small faults, one at a time, in a copy of the repository.

`python -m tests.regression.mutations [--write]` runs the ci scale undisturbed, then makes each fault, lets Snakemake re-run what
it finds stale, and holds the outcome against the undisturbed one: bit for bit, and within the tolerances of other platforms. Exit
code 1 where a fault passes the gate. `--write` puts the table into tests/regression/mutations.md.
"""

from __future__ import annotations

from workflow.process.threads import prepare_process

prepare_process()  # one thread everywhere, before anything numerical is imported

import argparse  # noqa: E402
import os  # noqa: E402
import shutil  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
from collections import Counter  # noqa: E402
from collections.abc import Iterator, Sequence  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from pathlib import Path  # noqa: E402
from time import monotonic  # noqa: E402

import pandas as pd  # noqa: E402

from records.sources import ROOT  # noqa: E402
from tests.regression.comparison import Move, moves, moves_on_equal_data  # noqa: E402
from tests.regression.expectations import read_expectations  # noqa: E402
from tests.regression.rejudged import judged  # noqa: E402
from tests.regression.rerun import REJUDGED, planned  # noqa: E402
from tests.workflow.pipeline import Clone  # noqa: E402

TABLE = Path(__file__).with_suffix(".md")
_LEFT_BY_A_RUN = ("results", "logs", ".snakemake")
_CI = ("--quiet", "host", "--cores", "2", "--config", "scale=ci")
_COMPARED = ("--omit-from", "figure", "provenance")
"""Without pictures and the reports that show them: the gate draws its figures itself."""


@dataclass(frozen=True)
class Mutation:
    """One fault: in a file, one text, which must be there just once, in place of another."""

    name: str
    part: str
    """Of the repository."""
    file: str
    text: str
    fault: str

    def applied_to(self, contents: str) -> str:
        """The file's contents with the fault. Raises ValueError unless its text is there exactly once."""
        if (count := contents.count(self.text)) != 1:
            raise ValueError(f"{self.file}: {self.name}: its text is there {count} times, not once; write the mutation anew")
        return contents.replace(self.text, self.fault)

    def in_bytes(self, contents: bytes) -> bytes:
        """As `applied_to`."""
        return self.applied_to(contents.decode()).encode()


MUTATIONS = (
    Mutation(
        "a learning rate × 1.01",
        "settings",
        "reports/chung2021/runs.yaml",
        "        actor_learning_rates: [2.0e-2, 2.0e-5, 2.0e-6]\n",
        "        actor_learning_rates: [2.02e-2, 2.0e-5, 2.0e-6]\n",
    ),
    Mutation(
        "a trace that an episode's end does not clear",
        "algorithms, fused",
        "algorithms/fused/backprop_traces.py",
        "keep = dtype(0) if transition[3] > 0 else settings.trace_keep",
        "keep = settings.trace_keep",
    ),
    Mutation(
        "the sign of the nudge",
        "algorithms, fused",
        "algorithms/fused/equilibrium_propagation.py",
        "strengths[sample] = relaxation.beta * advantages[sample]",
        "strengths[sample] = -relaxation.beta * advantages[sample]",
    ),
    Mutation(
        "gamma applied twice",
        "algorithms, fused",
        "algorithms/fused/equilibrium_propagation.py",
        "target[sample, 0] += discount * units[-1]",
        "target[sample, 0] += discount * discount * units[-1]",
    ),
    Mutation(
        "Adam's second moment corrected one update late",
        "algorithms, shared",
        "algorithms/shared/settings.py",
        "    return 1 / (1 - beta1**update), 1 / (1 - beta2**update)",
        "    return 1 / (1 - beta1**update), 1 / (1 - beta2 ** (update + 1))",
    ),
    Mutation(
        "a seed used for every run's observations",
        "envs",
        "envs/single_step.py",
        "[np.random.default_rng(sequence) for sequence in seed_sequences]",
        "[np.random.default_rng(seed_sequences[0]) for sequence in seed_sequences]",
    ),
    Mutation(
        "the last 25 % without its first episode",
        "reports, summaries",
        "reports/runs/summarise.py",
        "values[len(values) - count :]",
        "values[len(values) - count + (count > 1) :]",
    ),
    Mutation(
        "ddof = 0 in standard deviations",
        "reports, statistics",
        "reports/statistics/inference.py",
        "def standard_deviation(values: ArrayLike, ddof: int = 1) -> float:",
        "def standard_deviation(values: ArrayLike, ddof: int = 0) -> float:",
    ),
    Mutation(
        "a band of 1.96 deviations",
        "reports, figures",
        "reports/figures/panels.py",
        'low, high = mean["mean"] - mean[band], mean["mean"] + mean[band]',
        'low, high = mean["mean"] - 1.96 * mean[band], mean["mean"] + 1.96 * mean[band]',
    ),
    Mutation(
        "Bonferroni's correction for Holm's",
        "reports, verdicts",
        "reports/statistics/multiplicity.py",
        "float(p[i]) * (len(order) - rank)",
        "float(p[i]) * len(order)",
    ),
    Mutation(
        "an unbiased estimate made a biased one",
        "workflow, theory",
        "experiments/chung2021/unbiasedness.py",
        "return float(pairs / (count * (count - 1)))",
        "return float(pairs / (count * count))",
    ),
    Mutation(
        "reset steps counted as steps of an episode",
        "workflow",
        "workflow/training/lockstep.py",
        "self._length[places] = -1  # the next step only resets the environment",
        "self._length[places] = 0  # the next step only resets the environment",
    ),
)


class Copy(Clone):
    """A copy of the repository whose code runs from there, and what runs leave in it."""

    def make_everything(self) -> None:
        """Let Snakemake make all that the gate compares. Raises subprocess.CalledProcessError where it fails."""
        self._run("snakemake", *_CI, *_COMPARED)

    def rerun(self, into: Path, *recorded: Path) -> Counter[str]:
        """Re-run what Snakemake finds stale, and write what has come out as expectations; how many jobs of each rule that took.

        What is made now of the summaries of the expectations `recorded` goes beside it. Raises subprocess.CalledProcessError
        where it fails.
        """
        said = self._run("snakemake", *_CI, "--dry-run", *_COMPARED)
        self._run("tests.regression.rerun", str(into), *map(str, recorded), told=said)
        return Counter(rule for rule, _ in planned(said))

    def keep(self, aside: Path) -> None:
        """Copy what a run left."""
        for name in _LEFT_BY_A_RUN:
            shutil.copytree(self.folder / name, aside / name, symlinks=True)

    def restore(self, aside: Path) -> None:
        """Put it back."""
        for name in _LEFT_BY_A_RUN:
            shutil.rmtree(self.folder / name, ignore_errors=True)
            shutil.copytree(aside / name, self.folder / name, symlinks=True)

    def _run(self, module: str, *arguments: str, told: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder)},
            input=told,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise subprocess.CalledProcessError(done.returncode, module, done.stdout)
        return done.stdout


def prove(folder: Path, chosen: Sequence[Mutation]) -> Iterator[dict[str, str]]:
    """Make each fault in turn, in a new folder; a row of the table for each, as soon as it is known.

    Raises ValueError for a mutation that no longer applies, before anything is run.
    """
    for mutation in MUTATIONS:
        mutation.applied_to((ROOT / mutation.file).read_text(encoding="utf-8"))
    copy = Copy(folder / "repository")
    copy.make_everything()
    copy.keep(folder / "undisturbed")
    copy.rerun(folder / "expected")
    for number, mutation in enumerate(chosen):
        begin = monotonic()
        copy.restore(folder / "undisturbed")
        with copy.changed(mutation.file, mutation.in_bytes):
            jobs = copy.rerun(folder / f"found-{number}", folder / "expected")
        yield _row(mutation, jobs, folder / "expected", folder / f"found-{number}", monotonic() - begin)


def _row(mutation: Mutation, jobs: Counter[str], expected: Path, found: Path, seconds: float) -> dict[str, str]:
    before, after, again = (read_expectations(place)[0] for place in (expected, found, found / REJUDGED))
    exactly = moves(before, after, exact=True)
    roughly = moves(before, after, exact=False) + moves_on_equal_data(judged(before), again)
    return {
        "fault": mutation.name,
        "in": f"{mutation.part}: {mutation.file}",
        "trained anew": str(jobs["train"]),
        "bit for bit": _said(exactly),
        "within tolerances": _said(roughly),
        "seconds": f"{seconds:.0f}",
    }


def _said(found: Sequence[Move]) -> str:
    """`caught: 3 moved, such as …`, or that it passed."""
    if not found:
        return "passed"
    kinds = Counter(move.artefact.split("/")[1] for move in found)
    first = next((move for move in found if move.largest), found[0])
    counted = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    return f"caught: {counted}; {first.artefact}: {first.largest or first.extent}"


def main() -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.regression.mutations", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write the table into {TABLE.relative_to(ROOT)}")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mutations-") as folder:
        rows = []
        for row in prove(Path(folder), MUTATIONS):
            rows.append(row)
            print(" · ".join(row.values()), flush=True)
    caught, roughly = (sum(row[how] != "passed" for row in rows) for how in ("bit for bit", "within tolerances"))
    text = f"{caught} of {len(rows)} faults caught bit for bit, {roughly} within the tolerances of other platforms."
    print(text)
    if options.write:
        table = pd.DataFrame(rows).drop(columns="seconds").to_markdown(index=False, disable_numparse=True)
        TABLE.write_text(
            f"# Faults made to try the gate\n\nWritten by `make regression-proof`. {text}\n\n{table}\n", encoding="utf-8"
        )
    return int(min(caught, roughly) < len(rows))


if __name__ == "__main__":
    sys.exit(main())
