"""What jobs ask a cluster for, and what a matrix of seeds costs, by measurements made up here and by those in the repository."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from records.sources import ROOT
from workflow.cli.main import main
from workflow.jobs.resources import Estimates, Measurement, cost, measurements, mebibytes, summary, table
from workflow.plan.plan import make_plan
from workflow.plan.room import estimated_bytes_of

PLAN = make_plan(ROOT, {"scale": "paper"})
CARTPOLE = PLAN.runs["CartPole-v1", "map_propagation", "chung2021"]
MULTIPLEXER = PLAN.runs["Multiplexer-v0", "map_propagation", "chung2021"]
KNOWN = {
    ("CartPole-v1", "map_propagation", "chung2021"): Measurement(steps=200_000, seconds=4.0, whole=True),
    ("CartPole-v1", "map_propagation", "chung2021-steps-50"): Measurement(steps=100_000, seconds=5.0, whole=True),
    ("Acrobot-v1", "map_propagation", "chung2021"): Measurement(steps=1_000, seconds=0.07, whole=False),
    ("Acrobot-v1", "reinforce", "chung2021"): Measurement(steps=1_000, seconds=0.01, whole=True),
    ("Multiplexer-v0", "reinforce", "chung2021"): Measurement(steps=100, seconds=0.5, whole=True),
}


@pytest.mark.parametrize(
    ("key", "microseconds"),
    [
        (("CartPole-v1", "map_propagation", "chung2021"), 20),  # itself
        (("CartPole-v1", "map_propagation", "chung2021-steps-5"), 50),  # the slowest of this method on this task
        (("LunarLander-v2", "map_propagation", "chung2021"), 70),  # of this method where there are episodes
        (("LunarLander-v2", "backprop_traces", "chung2021"), 70),  # of all where there are episodes
        (("Multiplexer-v0", "map_propagation", "chung2021"), 5_000),  # of all where there are updates
    ],
)
def test_the_rate_of_a_run_is_its_own_or_the_slowest_of_those_like_it(key: tuple[str, str, str], microseconds: float) -> None:
    task, method, variant = key
    run = replace(PLAN.runs.get(key, CARTPOLE), task=task, method=method, variant=variant)
    assert Estimates(KNOWN).step_seconds(run) == pytest.approx(microseconds * 1e-6)
    assert Estimates(KNOWN).step_seconds(replace(run, engine="reference")) == pytest.approx(30 * microseconds * 1e-6)


def test_the_most_that_a_seed_takes() -> None:
    estimates = Estimates(KNOWN)
    assert estimates.most_seconds(CARTPOLE) == pytest.approx(1_000 * 500 * 20e-6)
    assert estimates.most_seconds(MULTIPLEXER) == pytest.approx(31_250 * 5e-3)
    stopped = PLAN.runs["CartPole-v1", "map_propagation", "chung2020"]
    assert estimates.most_seconds(stopped) == pytest.approx(3_000 * 500 * 50e-6), "it may have most_episodes"


def test_measured_where_the_length_is_the_measured_one() -> None:
    estimates = Estimates(KNOWN)
    assert estimates.seconds(CARTPOLE, full_length=True) == (4.0, True)
    for seconds, run, full in [(10.0, CARTPOLE, False), (300.0, replace(CARTPOLE, engine="reference"), True)]:
        taken, measured = estimates.seconds(run, full)
        assert taken == pytest.approx(seconds)
        assert not measured


def test_time_limits_have_a_start_and_a_margin_and_grow_with_every_attempt() -> None:
    estimates = Estimates(KNOWN)
    assert [estimates.minutes(seconds) for seconds in (0, 20, 21, 600)] == [2, 3, 4, 32]
    assert estimates.minutes(600, attempt=3) == 96


def test_memory() -> None:
    assert [mebibytes(seeds) for seeds in (1, 10, 100)] == [1500, 1500, 1680]
    assert mebibytes(10, attempt=2) == 3000


def test_small_jobs_go_together() -> None:
    packs = [Estimates(KNOWN).pack(seconds) for seconds in (60, 61, 301, 901)]
    assert packs == ["trainings_of_1_minute", "trainings_of_5_minutes", "trainings_of_15_minutes", None]


def test_every_method_is_measured_or_sampled_on_every_task() -> None:
    """Else time limits would be guesses: `make rates` samples what no paper's measured tables have."""
    planned, known = make_plan(ROOT, {"scale": "extended"}).runs, measurements(ROOT)
    assert not {key[:2] for key in planned} - {key[:2] for key in known}


def test_whole_trainings_go_before_samples(tmp_path: Path) -> None:
    """And the one table of older reports, or the two of newer ones, may hold them."""
    tables = {
        "benchmarks/rates.csv": ["method,n,agent_steps,cpu_seconds", "a,4,100,1.0", "b,4,100,1.0", "c,4,100,1.0"],
        "reports/old/measured/runs.csv": ["method,n,agent_steps,cpu_seconds", "a,10,5000,2.0"],
        "reports/new/measured/runs.csv": ["method,n,agent_steps", "b,20,5000", "c,20,5000"],
        "reports/new/measured/costs.csv": ["method,agent_steps,cpu_seconds", "b,5000,2.0"],
    }
    for file, (header, *rows) in tables.items():
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([f"task,variant,{header}", *(f"CartPole-v1,chung2021,{row}" for row in rows)]))
    found = {method: of for (_, method, _), of in measurements(tmp_path).items()}
    assert found == {
        "a": Measurement(500.0, 0.2, whole=True),
        "b": Measurement(250.0, 0.1, whole=True),
        "c": Measurement(25.0, 0.25, whole=False),
    }


def test_nine_hundred_seeds_of_every_run() -> None:
    plan = make_plan(ROOT, {"scale": "extended", "seeds": 900})
    assert {len(seeds) for seeds in plan.seeds.values()} == {900}, "whatever most_seeds says"
    assert max(len(seeds) for seeds in make_plan(ROOT, {"scale": "extended"}).seeds.values()) == 50
    estimates = Estimates(KNOWN)
    of = cost(plan, "chung2021", estimates)
    runs = [run for run in plan.runs.values() if run.paper == "chung2021"]
    assert of[:4] == (len(runs), 900 * len(runs), 90 * len(runs), 270 * len(runs))
    assert of.gigabytes == pytest.approx(sum(estimated_bytes_of(run, 900) for run in runs) / 1e9)
    seconds = {run.key: estimates.seconds(run, full_length=True)[0] for run in runs}
    assert of.core_hours == pytest.approx(sum(seconds.values()) * 900 / 3600)
    measured = sum(seconds[key] for key in KNOWN if KNOWN[key].whole)
    assert of.at_most == pytest.approx(of.core_hours - measured * 900 / 3600)
    lines = table(plan, estimates).splitlines()[-len(plan.papers) - 1 :]
    assert [line.split()[1] for line in lines] == [*plan.papers, "all"]
    assert lines[plan.papers.index("chung2021")].startswith(f"| chung2021 | {len(runs)} | {900 * len(runs):,} |")
    assert lines[-1].startswith(f"| all | {len(plan.runs)} | {900 * len(plan.runs):,} |")


def test_a_summary_takes_more_of_more_seeds() -> None:
    few, many = (summary(make_plan(ROOT, {"scale": "paper", "seeds": seeds}), "chung2021") for seeds in (1, 101))
    assert many.read_mebibytes > many.shown_mebibytes > few.shown_mebibytes
    assert many.minutes > few.minutes


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--config", "scale=paper", "--config", "papers=chung2021", "--config", "seeds=20"]) == 0
    shown = capsys.readouterr().out
    assert shown.splitlines()[-1].startswith("| chung2021 | 23 | 460 | 46 | 138 |")
    with pytest.raises(SystemExit) as refused:
        main(["cost", "--config", "sceds=20"])
    assert refused.value.code == 2
    assert "seeds" in capsys.readouterr().err


def test_what_the_documentation_says_of_many_seeds_is_so(capsys: pytest.CaptureFixture[str]) -> None:
    """After a change of what papers run, or of a measurement: put what the command prints there anew."""
    main(["cost", "--config", "scale=extended", "--config", "seeds=900"])
    assert capsys.readouterr().out.strip() in (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
