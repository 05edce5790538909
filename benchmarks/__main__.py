"""`make bench`: prints one table of what things take here and now, and writes it to benchmarks/results.md. Asserts nothing.

`python -m benchmarks --pipeline SCALE` times a whole reproduction in a fresh clone instead, for benchmarks/pipeline.csv,
`python -m benchmarks --matrix SEEDS` how long Snakemake plans so many seeds of everything, for benchmarks/matrix.csv, and
`python -m benchmarks --widths` updates by width, for the report on guss2016.
"""

from __future__ import annotations

from workflow.process.threads import prepare_process

prepare_process()  # one thread everywhere, before anything numerical is imported

import argparse  # noqa: E402
import platform  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import pandas as pd  # noqa: E402

from algorithms.interface import Engine  # noqa: E402
from benchmarks import jobs, learners, matrix, off_policy, pipeline, rates, widths  # noqa: E402
from records.sources import ROOT  # noqa: E402
from reports.guss2016.speed import FILE  # noqa: E402
from workflow.process.instructions import instructions_in_force  # noqa: E402
from workflow.process.provenance import cpu_name, git_state  # noqa: E402
from workflow.process.threads import limit_threads  # noqa: E402

RESULTS = Path(__file__).parent / "results.md"
Row = tuple[str, str, str]  # what, measured, aim


def speed() -> list[Row]:
    """Microseconds per agent step and seed, and ratios within this run."""
    fused = {}
    for seeds in (1, 10, 50):
        fused[seeds] = learners.microseconds(learners.make("map_propagation", seeds, "fused"), 20_000 // seeds, 5)
    rows = [
        (f"MAP propagation, fused, {seeds} seed{'s' if seeds > 1 else ''}", f"{fused[seeds]:.1f} µs", f"≤ {aim} µs")
        for seeds, aim in ((1, 30), (10, 20), (50, 20))
    ]
    early, late = learners.microseconds_while_training(10, 200_000, 5_000)
    rows.append(("… at CartPole, steps 500 to 5 000", f"{early:.1f} µs", ""))
    rows.append(("… at CartPole, steps 195 000 to 200 000", f"{late:.1f} µs", ""))
    rows.append(("… late / early", f"{late / early:.2f}", "≤ 1.2"))
    naive = learners.naive_microseconds(60)
    batched = learners.microseconds(learners.make("map_propagation", 10, "reference"), 60, 3)
    rows.append(("MAP propagation, naive PyTorch with autograd, 1 seed", f"{naive:,.0f} µs", ""))
    rows.append(("MAP propagation, PyTorch reference, 10 seeds", f"{batched:.1f} µs", ""))
    rows.append(("naive / fused (10 seeds)", f"{naive / fused[10]:.0f}", "≥ 300"))
    rows.append(("reference / fused (10 seeds each)", f"{batched / fused[10]:.1f}", "≥ 8"))
    for method in ("reinforce", "reinforce_thomas", "backprop_traces"):
        taken = learners.microseconds(learners.make(method, 10, "fused"), 2_000, 5)
        rows.append((f"{method}, fused, 10 seeds", f"{taken:.1f} µs", ""))
    return rows


def replay_speed() -> list[Row]:
    """Microseconds per environment step and seed, acting and learning, on Acrobot's shapes (kubo2022)."""

    def taken(method: str, seeds: int, steps: int, engine: Engine = "fused", **settings: Any) -> float:
        learner = learners.make(method, seeds, engine, learners.ACROBOT, **settings)
        return learners.microseconds(learners.fill_memory(learner, 200), steps, 3)

    reference = taken("equilibrium_propagation", 8, 3, "reference")
    fused = taken("equilibrium_propagation", 8, 100)
    return [
        ("EP-BP, fused, 8 seeds, 6-256-3, Acrobot's phases", f"{fused:.0f} µs", "≤ 800 µs"),
        ("EP-BP, fused, 1 seed", f"{taken('equilibrium_propagation', 1, 500):.0f} µs", "≤ 800 µs"),
        ("EP-BP, PyTorch reference, 8 seeds", f"{reference:,.0f} µs", ""),
        ("… reference / fused", f"{reference / fused:.0f}", ""),
        ("EP only, fused, 8 seeds", f"{taken('equilibrium_propagation', 8, 50, critic='equilibrium_propagation'):.0f} µs", ""),
        ("BP with replay, fused, 8 seeds", f"{taken('backprop_replay', 8, 1_000):.0f} µs", "≤ 120 µs"),
        ("BPTT-BP, fused, 8 seeds, 180 steps", f"{taken('backprop_through_time', 8, 30):.0f} µs", ""),
    ]


def settling_speed() -> list[Row]:
    """Microseconds per environment step and seed, settling and learning, of the methods of least action (kungl2021)."""
    rows = []
    for seeds in (1, 10):
        taken = learners.microseconds(learners.make("least_action_critic", seeds, "fused"), 10_000 // seeds, 5)
        name = f"least action, 5-32-2 and 5-32-1 (one input is constant), fused, {seeds} seed{'s' if seeds > 1 else ''}"
        rows.append((name, f"{taken:.1f} µs", "≤ 40 µs"))
    trial = learners.microseconds(learners.make("least_action", 1, "fused", learners.IMAGES, hidden_sizes=(100,)), 500, 5)
    rows.append(("least action, a settled trial of 100-100-3, fused, 1 seed", f"{trial:.0f} µs", "≤ 300 µs"))
    return rows


def shares() -> list[Row]:
    """What a training of ten seeds spends on neither learner nor task, and the memory of a job."""
    rows = []
    for method, task, episodes in (
        ("map_propagation", "CartPole-v1", 60),
        ("backprop_traces", "CartPole-v1", 60),
        ("map_propagation", "LunarLander-v2", 40),
    ):
        training = jobs.training(method, task, 10, episodes)
        clocks = training.clocks
        share = clocks.loop / (clocks.learner + clocks.environment + clocks.loop)
        rows.append((f"loop's share, {method} at {task}, 10 seeds", f"{100 * share:.1f} %", "≤ 25 %"))
    lander = jobs.peak_memory("map_propagation", "LunarLander-v2", 20, 10)
    memory = max(lander, jobs.peak_memory("map_propagation", "Multiplexer-v0", 200, 10))
    rows.append(("peak memory of a job of 10 seeds", f"{memory:,.0f} MiB", "≤ 1 536 MiB"))
    return rows


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--pipeline", metavar="SCALE", help="time `make reproduce SCALE=…` in a fresh clone instead")
    parser.add_argument("--papers", metavar="PAPER", default="all", help="with --pipeline: one paper alone")
    parser.add_argument("--keep", metavar="FOLDER", type=Path, help="with --pipeline: clone into this new folder and leave it")
    parser.add_argument("--matrix", metavar="SEEDS", type=int, help="time a dry run of so many seeds in a fresh clone instead")
    parser.add_argument("--seeds-per-job", metavar="SEEDS", type=int, default=10, help="with --matrix: in blocks of so many")
    parser.add_argument(
        "--rates", action="store_true", help="sample the runs without a measured whole, into benchmarks/rates.csv"
    )
    parser.add_argument("--widths", action="store_true", help=f"time updates by width, into {FILE.relative_to(ROOT)}")
    options = parser.parse_args()
    if options.pipeline:
        pipeline.measure(options.pipeline, options.papers, options.keep)
        return
    if options.matrix:
        matrix.measure(options.matrix, options.seeds_per_job)
        return
    limit_threads()
    if options.rates:
        print(f"written: {rates.measure()}")
        return
    if options.widths:
        print(f"written: {widths.measure()}")
        return
    measured = speed() + replay_speed() + settling_speed() + off_policy.rows() + shares()
    table = pd.DataFrame(measured, columns=["What", "Measured", "Aim"])
    state = git_state()
    where = (
        f"{cpu_name()}, {instructions_in_force()}, one core, Python {platform.python_version()}, commit {state['commit'][:10]}"
    )
    text = f"# Speed\n\nWritten by `make bench`. {where}.\nTimes are per agent step or update, and seed, the fastest of several. "
    text += "Shared machines are noisy: trust the ratios, which are of one run.\n\n"
    text += table.to_markdown(index=False) + "\n"
    text += pipeline.markdown() + matrix.markdown()
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
