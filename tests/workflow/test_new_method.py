"""A file in algorithms/ is a method: the README's recipe, followed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflow.pipeline import Clone

RANDOM_WALK = '''
"""Acts at random and learns nothing."""

from typing import Annotated

import numpy as np
from annotated_types import Ge
from pydantic.dataclasses import dataclass

from algorithms.interface import HYPERPARAMETER_CONFIG, Learner


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class Hyperparameters:
    boredom: Annotated[float, Ge(0)] = 1.0
    """How bored it is (nowhere stated)."""


class Reference(Learner):
    def __init__(self, problem, hyperparameters, seed_sequences, dtype="float32"):
        self.problem, self.seeds = problem, len(seed_sequences)
        self._generators = [np.random.default_rng(sequence) for sequence in seed_sequences]

    def act(self, observation):
        numbers = [generator.integers(0, self.problem.action_size, self.problem.batch_size) for generator in self._generators]
        return np.array(numbers, np.int32)

    def learn(self, reward, terminated=None, truncated=None, next_observation=None, target=None):
        pass

    def keep(self, rows):
        self._generators = [self._generators[row] for row in rows]
        self.seeds = len(rows)

    def state(self):
        return {}

    def load(self, state):
        pass

    def policy(self):
        return {"nothing": np.zeros((self.seeds, 1), np.float32)}
'''


@pytest.mark.pipeline
def test_a_new_file_is_a_new_method(tmp_path: Path) -> None:
    workspace = Clone(tmp_path)
    (workspace.folder / "algorithms" / "random_walk.py").write_text(RANDOM_WALK, encoding="utf-8")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "workflow", "run", "random_walk", "CartPole-v1", *arguments]
        return subprocess.run(command, cwd=workspace.folder, capture_output=True, text=True, check=False)

    done = run("--episodes", "4", "--seeds", "0:2", "--set", "boredom=2")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("CartPole-v1, random_walk (custom): mean return ")
    folder = workspace.folder / "results" / "single" / "CartPole-v1" / "random_walk" / "custom" / "seeds-000-001"
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert record["engine"] == "reference"
    assert record["hyperparameters"] == {"boredom": 2.0}
    assert record["hyperparameter_descriptions"] == {"boredom": "How bored it is (nowhere stated)."}
    assert "algorithms/random_walk.py" in record["sources"]
    assert not [path for path in record["sources"] if Path(path).parent.as_posix() == "algorithms/fused"]

    refused = run("--set", "bordom=2", "--episodes", "4")
    assert refused.returncode == 2
    assert refused.stderr.splitlines() == [
        "command line: --set: unknown hyperparameter of random_walk 'bordom'; did you mean boredom?"
    ]
