"""A task is one module in envs/tasks/: every method trains on it, and its records name its module."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflow.pipeline import Clone

COUNTDOWN = '''
"""Ten steps, each of which pays 1 for the second of two actions."""

import gymnasium
import numpy as np
from gymnasium.envs.registration import register
from gymnasium.spaces import Box, Discrete

from envs.task import Task


class Countdown(gymnasium.Env):
    """Shows how many steps are left."""

    observation_space = Box(0.0, 10.0, (1,), np.float32)
    action_space = Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.left = 10
        return np.array([self.left], np.float32), {}

    def step(self, action):
        self.left -= 1
        return np.array([self.left], np.float32), float(action), self.left == 0, False, {}


register(id="Countdown-v0", entry_point=Countdown)

TASKS = (
    Task(
        name="Countdown-v0",
        title="Countdown",
        gymnasium_id="Countdown-v0",
        kind="episodic",
        observation_size=1,
        action_size=2,
        discrete=True,
        time_limit=10,
    ),
)
'''


@pytest.mark.pipeline
def test_one_module_is_a_task(tmp_path: Path) -> None:
    clone = Clone(tmp_path / "copy")
    (clone.folder / "envs" / "tasks" / "countdown.py").write_text(COUNTDOWN, encoding="utf-8")
    for method in ("reinforce", "backprop_traces"):
        command = [sys.executable, "-m", "workflow", "run", method, "Countdown-v0", "--episodes", "3", "--seeds", "0:2"]
        command += ["--paper", "none", "--engine", "reference", "--env-backend", "gymnasium"]
        done = subprocess.run(command, cwd=clone.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(f"Countdown-v0, {method} (custom): mean return ")
        folder = clone.folder / "results" / "single" / "Countdown-v0" / method / "custom" / "seeds-000-001"
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        assert "envs/tasks/countdown.py" in record["sources"]
        assert record["environment"]["title"] == "Countdown"
