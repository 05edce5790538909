"""`python -m workflow watch` renders what was trained, and refuses what cannot be."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from algorithms.interface import create, hyperparameters_of
from envs.seeding import learner_sequence
from envs.tasks import TASKS
from records.errors import Refusal
from records.results import write_results
from workflow.cli.main import main
from workflow.plan.plan import Run, block_folder, make_plan
from workflow.playback import film as module
from workflow.playback.film import MOST_FRAMES, WIDTH, animated, check_shown
from workflow.process.provenance import certificate
from workflow.training.job import identity

METHOD, TASK = "reinforce", "CartPole-v1"
SEEDS = (0, 1)


@pytest.fixture
def run(house: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run of the plan, in whose folder this process stands."""
    monkeypatch.chdir(house)
    return make_plan(house, {"scale": "paper", "papers": "chung2021"}).runs[TASK, METHOD, "chung2021"]


def push(run: Run, action: int, budget: str = "full", seeds: tuple[int, ...] = SEEDS, **changes: Any) -> Path:
    """Results of a policy that only ever takes one action."""
    sequences = [learner_sequence(run.root_seed, run.task, run.method, seed) for seed in seeds]
    settings = hyperparameters_of(run.method)(**run.hyperparameters)
    policy = create(run.method, TASKS[run.task].problem(1), settings, sequences, "reference").policy()
    *_, last = sorted(name for name in policy if name.startswith("actor/biases"))
    policy[last][:, action] = 10_000.0
    record = {**identity(run, seeds), **certificate(run.method, TASKS[run.task], run.env_backend), **changes}
    folder = Path(block_folder(budget, run, seeds))
    write_results(folder, {"seed": np.zeros(1, np.int32)}, policy, record)
    return folder


def refusal(capfd: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as caught:
        main(["watch", *arguments])
    assert caught.value.code == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert not list(Path().rglob("*.gif"))
    return line


def frames(gif: bytes) -> list[tuple[bytes, int]]:
    """What each frame shows, and for how many milliseconds; neighbours that are the same are one."""
    with Image.open(io.BytesIO(gif)) as picture:
        assert picture.info["loop"] == 0, "it plays again and again"
        shown = []
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            shown.append((picture.convert("RGB").resize((WIDTH, 200)).tobytes(), int(picture.info["duration"])))
        return shown


def test_a_picture_of_the_policy(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """A cart that is always pushed to one side drops its pole within a dozen steps."""
    push(run, 0)
    assert main(["watch", METHOD, TASK, "--seed", "1"]) == 0
    file = Path("results/watch/CartPole-v1-reinforce-chung2021-seed-001.gif")
    said, where = capsys.readouterr().out.splitlines()
    steps = int(said.removesuffix(" steps").split()[-1])
    assert said == f"{file}: return {steps}.0 in {steps} steps"
    assert 8 <= steps <= 12
    assert where == "policy of seed 1 in results/full/CartPole-v1/reinforce/chung2021/seeds-000-001"
    first = file.read_bytes()
    shown = frames(first)
    assert sum(time for _, time in shown) == 40 * ((steps + 1) // 2 + 1), "every other step, and the last state"
    assert len({picture for picture, _ in shown}) == len(shown) > 3, "the cart moves"
    assert main(["watch", METHOD, TASK, "--seed", "1"]) == 0
    assert file.read_bytes() == first


def test_the_longest_training_of_the_papers_main_run_is_shown(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for variant in ("chung2021", "custom"):
        for budget in ("tiny", "single", "full"):
            push(replace(run, variant=variant), 0, budget)
    main(["watch", METHOD, TASK, "--seed", "0"])
    assert " in results/full/CartPole-v1/reinforce/chung2021/" in capsys.readouterr().out
    main(["watch", METHOD, TASK, "--seed", "0", "--variant", "custom", "--paper", "chung2021", "--output", "a/b.gif"])
    assert " in results/full/CartPole-v1/reinforce/custom/" in capsys.readouterr().out
    assert Path("a/b.gif").is_file()


def test_long_episodes_leave_out_frames() -> None:
    now = [0]
    reel = module._Reel(lambda: Image.new("RGB", (4, 3), (now[0] % 256, now[0] // 256, 0)), steps_per_second=50)
    for step in range(1000):
        now[0] = step
        reel.pass_step()
    seen = [red + 256 * green for red, green, _ in (picture.getpixel((0, 0)) for picture in reel.pictures)]  # type: ignore[misc]
    assert seen == list(range(0, 1000, 8))
    assert len(seen) < MOST_FRAMES
    assert sum(time for _, time in frames(animated(reel.pictures))) == 40 * len(seen)


@pytest.mark.parametrize("task", [name for name, row in TASKS.items() if row.kind == "episodic"])
def test_tasks_with_episodes_can_be_shown(task: str) -> None:
    check_shown(TASKS[task])
    environment = module._make(TASKS[task], "rgb_array")
    environment.reset(seed=0)
    picture = module._picture(environment.render(), 100)
    environment.close()
    assert picture.width == 100
    assert len(picture.getcolors(100_000) or ()) > 2, "something is drawn"


def test_a_task_of_one_step_is_refused(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    line = refusal(capfd, METHOD, "Multiplexer-v0", "--seed", "0")
    assert line.startswith("Multiplexer-v0: its episodes have one step, so there is nothing to watch; choose one of CartPole-v0,")


def test_a_task_without_pictures_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Blind:
        metadata: Mapping[str, Any] = MappingProxyType({})

        def close(self) -> None:
            pass

    monkeypatch.setattr(module, "_make", lambda *_: Blind())
    with pytest.raises(Refusal, match="cannot be rendered"):
        check_shown(TASKS[TASK])


MISSING = {
    (): "run reinforce CartPole-v1 --seeds 7",
    ("--paper", "chung2021"): "run reinforce CartPole-v1 --seeds 7 --paper chung2021",
    ("--paper", "none"): "run reinforce CartPole-v1 --seeds 7 --paper none",
    ("--variant", "chung2021"): "run reinforce CartPole-v1 --seeds 7 --paper chung2021",
}


@pytest.mark.parametrize("options", MISSING)
def test_what_is_not_there_names_its_command(run: Run, options: tuple[str, ...], capfd: pytest.CaptureFixture[str]) -> None:
    push(run, 0)
    line = refusal(capfd, METHOD, TASK, "--seed", "7", *options)
    assert line.startswith("command line: no finished training of reinforce on CartPole-v1")
    assert line.endswith(f" with seed 7; make it by: python -m workflow {MISSING[options]}")


def test_a_variant_that_is_not_there(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    name, plan = "map_propagation", make_plan(Path(), {"scale": "extended", "papers": "chung2021"})
    task, variant = next(
        (task, of) for task, method, of in plan.runs if (method, TASKS[task].kind) == (name, "episodic") and of != "chung2021"
    )
    line = refusal(capfd, name, task, "--seed", "100", "--variant", variant)
    folder = next(folder for folder in plan.folders([plan.runs[task, name, variant]]) if "/seeds-100-" in folder)
    assert line.endswith(f"make it by: snakemake --config scale=extended -- {folder}/run.json")
    assert refusal(capfd, name, task, "--seed", "99", "--variant", variant).endswith("; no paper asks for that seed")
    assert "no paper has that variant; did you mean " in refusal(capfd, name, task, "--seed", "100", "--variant", variant[:-1])


def test_several_variants_are_not_chosen_from(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    for variant in ("custom", "another"):
        push(replace(run, variant=variant), 0)
    line = refusal(capfd, METHOD, TASK, "--seed", "1")
    assert line == "command line: seed 1 was trained as another, custom; choose one by --variant"


def test_a_policy_of_other_sources_is_refused(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    sources = certificate(METHOD, TASKS[TASK], "envpool")["sources"]
    folder = push(run, 0, sources={**sources, "algorithms/reinforce.py": "0" * 64})
    line = refusal(capfd, METHOD, TASK, "--seed", "1")
    assert line.startswith(
        f"{folder}: its policy is of other sources (algorithms/reinforce.py); go back to them, or make it by: "
    )


@pytest.mark.parametrize("spoilt", ["policy.npz", "run.json"])
def test_a_damaged_policy_is_refused(run: Run, spoilt: str, capfd: pytest.CaptureFixture[str]) -> None:
    file = push(run, 0) / spoilt
    file.write_bytes(file.read_bytes()[:-9])
    assert refusal(capfd, METHOD, TASK, "--seed", "1").startswith(f"{file} is ")
