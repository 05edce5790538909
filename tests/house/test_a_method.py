"""A method is one file in algorithms/: nothing else is touched, and it is held to the contract and run on every task."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from algorithms.interface import methods
from envs.tasks import TASKS
from reports import benchmark
from tests.workflow.pipeline import Clone

METHOD = "random_walk"
SOURCE = '''
"""Acts at random and lets its parameters walk at random."""

from typing import Annotated

import numpy as np
from annotated_types import Ge
from pydantic.dataclasses import dataclass

from algorithms.interface import HYPERPARAMETER_CONFIG
from algorithms.shared.noise import NoiseStreams, glorot_uniform
from algorithms.shared.seed_arrays import SeedArrayLearner, SeedArrays


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class Hyperparameters:
    boredom: Annotated[float, Ge(0)] = 1.0
    """How far it walks in a step (nowhere stated)."""


class Reference(SeedArrayLearner):
    def __init__(self, problem, hyperparameters, seed_sequences, dtype="float32"):
        self.problem, self.seeds, self._boredom = problem, len(seed_sequences), hyperparameters.boredom
        width = problem.batch_size * problem.action_size
        self._noise = NoiseStreams(seed_sequences, width, width, dtype)
        sizes = (problem.observation_size, problem.action_size)
        ((self._weights, self._biases),) = glorot_uniform(self._noise.initial, sizes, dtype)
        self._arrays = SeedArrays(self._noise)
        self._arrays.hold_attributes(self, "_weights", "_biases")

    def act(self, observation):
        normal, uniform = self._noise.next()
        shape = (self.seeds, self.problem.batch_size, self.problem.action_size)
        if self.problem.discrete:
            return uniform.reshape(shape).argmax(axis=-1).astype(np.int32)
        return normal.reshape(shape).copy()

    def learn(self, reward, terminated=None, truncated=None, next_observation=None, target=None):
        self._biases += np.asarray(self._boredom, self._biases.dtype)

    def layers(self):
        return {"actor": [(self._weights, self._biases)]}
'''


def python(clone: Clone, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=clone.folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """The repository with one more file."""
    clone = Clone(tmp_path_factory.mktemp("clone"))
    (clone.folder / "algorithms" / f"{METHOD}.py").write_text(SOURCE, encoding="utf-8")
    return clone


@pytest.mark.pipeline
def test_it_is_held_to_the_contract_of_learners(clone: Clone) -> None:
    tests = ["tests/conformance/test_learners.py", "tests/property/test_seed_isolation.py"]
    done = python(clone, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-k", METHOD, *tests)
    assert done.returncode == 0, done.stdout
    assert int(done.stdout.splitlines()[-1].split(" passed")[0].split()[-1]) >= 15


@pytest.mark.pipeline
def test_the_ci_scale_runs_it_on_every_task(clone: Clone) -> None:
    """Nobody asks for it: what no paper runs is run at the ci scale, and at others by the benchmark alone."""
    planned = clone.planned("--config", "scale=ci")
    folders = {Path(folder) for folder in planned.trained if f"/{METHOD}/" in folder}
    assert {folder.parts[-4] for folder in folders} == set(TASKS)
    quick = [Path(folder) for folder in clone.planned("--config", "scale=quick").trained if f"/{METHOD}/" in folder]
    assert {folder.parts[-4] for folder in quick} == set(benchmark.TASKS)
    assert {folder.parts[-2] for folder in quick} == {"benchmark"}
    chosen = sorted(folder for folder in folders if folder.parts[-4] in {"CartPole-v1", "Multiplexer-v0"})
    clone.run("--config", "scale=ci", "--", *(str(folder / "run.json") for folder in chosen))
    for folder in chosen:
        record = json.loads((clone.folder / folder / "run.json").read_text(encoding="utf-8"))
        assert record["engine"] == "reference"
        assert record["hyperparameters"] == {"boredom": 1.0}
        assert record["hyperparameter_descriptions"] == {"boredom": "How far it walks in a step (nowhere stated)."}
        assert f"algorithms/{METHOD}.py" in record["sources"]
        assert not [path for path in record["sources"] if Path(path).parent.as_posix() == "algorithms/fused"]


@pytest.mark.pipeline
def test_it_can_be_run_by_hand(clone: Clone) -> None:
    run = ("-m", "workflow", "run", METHOD, "CartPole-v1")
    done = python(clone, *run, "--episodes", "4", "--seeds", "0:2", "--set", "boredom=2")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"CartPole-v1, {METHOD} (custom): mean return ")
    refused = python(clone, *run, "--set", "bordom=2", "--episodes", "4")
    assert refused.returncode == 2
    assert refused.stderr.splitlines() == [
        f"command line: --set: unknown hyperparameter of {METHOD} 'bordom'; did you mean boredom?"
    ]


def test_the_method_is_none_of_ours() -> None:
    assert METHOD not in methods()
