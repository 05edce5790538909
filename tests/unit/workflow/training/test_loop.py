"""The training loop's book-keeping, held against an environment whose episodes are known beforehand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from algorithms.interface import Learner, Problem
from envs.seeding import environment_seed, environment_sequence, learner_sequence
from envs.tasks import TASKS
from records.errors import TrainingError
from records.sources import ROOT, import_closure
from workflow.plan.plan import make_plan
from workflow.plan.sources import training_sources
from workflow.plan.stopping import StepBudget, StoppingRule
from workflow.training.episode_log import EpisodeLog
from workflow.training.job import train
from workflow.training.lockstep import Actions, Lockstep
from workflow.training.loop import train_episodes, train_single_step

CARTPOLE = TASKS["CartPole-v1"]


class ScriptedEnvironment:
    """Row k's episodes have the lengths lengths[k], over and over; an observation is (row, episode, step), a reward the step."""

    def __init__(self, lengths: Sequence[Sequence[int]], truncated: bool = False) -> None:
        self.lengths = [list(row) for row in lengths]
        self.truncates = truncated
        self.rows = list(range(len(lengths)))
        self.episode = [0] * len(lengths)
        self.position = [0] * len(lengths)
        self.over = [False] * len(lengths)
        self.actions: list[NDArray[Any]] = []

    def _observation(self) -> NDArray[np.float32]:
        return np.array([[row, self.episode[row] + 1, self.position[row]] for row in self.rows], np.float32)

    def reset(self) -> NDArray[np.float32]:
        return self._observation()

    def step(self, action: NDArray[Any]) -> Any:
        self.actions.append(action.copy())
        reward, ended = np.zeros(len(self.rows)), np.zeros(len(self.rows), np.bool_)
        for place, row in enumerate(self.rows):
            if self.over[row]:
                self.over[row], self.position[row] = False, 0
                self.episode[row] += 1
                continue
            self.position[row] += 1
            reward[place] = self.position[row]
            ended[place] = self.over[row] = self.position[row] == self.lengths[row][self.episode[row] % len(self.lengths[row])]
        none = np.zeros_like(ended)
        return self._observation(), reward, *((none, ended) if self.truncates else (ended, none))

    def keep(self, rows: Sequence[int] | NDArray[np.integer]) -> None:
        self.rows = [self.rows[int(row)] for row in rows]

    def close(self) -> None:
        pass


class CountingLearner(Learner):
    """Its one parameter counts the steps that each seed has learned from; it can break down at a given one."""

    def __init__(self, seeds: int, breaks: dict[int, int] | None = None) -> None:
        self.problem = Problem(3, 2, True)
        self.seeds = seeds
        self.steps = np.zeros(seeds)
        self.row = np.arange(seeds)
        self.breaks = breaks or {}
        self.rewards: list[NDArray[Any]] = []

    def act(self, observation: NDArray[Any]) -> NDArray[Any]:
        assert observation.shape[:2] == (self.seeds, self.problem.batch_size)
        assert observation[:, 0, 0].tolist() == self.row.tolist() or not self.problem.episodic
        return np.zeros((self.seeds, self.problem.batch_size), np.int32)

    def learn(self, reward: NDArray[Any], *transition: Any, target: Any = None) -> None:
        assert reward.shape == (self.seeds, self.problem.batch_size)
        self.rewards.append(reward.copy())
        self.steps += 1
        for row, step in self.breaks.items():
            self.steps[(self.row == row) & (self.steps == step)] = np.nan

    def keep(self, rows: NDArray[np.intp]) -> None:
        self.steps, self.row, self.seeds = self.steps[rows], self.row[rows], len(rows)

    def policy(self) -> dict[str, NDArray[Any]]:
        return {"steps": self.steps[:, None].copy()}

    def state(self) -> dict[str, NDArray[Any]]:
        return self.policy()

    def load(self, state: dict[str, NDArray[Any]]) -> None:
        self.steps = state["steps"][:, 0]


def test_every_episode_is_logged_and_a_seed_that_has_had_its_episodes_drops_out() -> None:
    environment = ScriptedEnvironment([[3, 1], [2], [5, 4]])
    learner = CountingLearner(3)
    training = train_episodes(learner, environment, CARTPOLE, "identity", EpisodeLog([7, 8, 9], 4))
    log = training.log
    assert log["seed"].tolist() == [7] * 4 + [8] * 4 + [9] * 4
    assert log["episode"].tolist() == [1, 2, 3, 4] * 3
    assert log["length"].tolist() == [3, 1, 3, 1, 2, 2, 2, 2, 5, 4, 5, 4]
    assert log["env_steps"].tolist() == [3, 4, 7, 8, 2, 4, 6, 8, 5, 9, 14, 18]
    assert log["return"].tolist() == [n * (n + 1) / 2 for n in log["length"]]
    assert set(log["ended"]) == {"terminated"}
    # Three steps between four episodes only reset; the last episode's end is the last step of all.
    assert training.policy["steps"][:, 0].tolist() == [11, 11, 21]
    assert training.agent_steps == 43
    assert len(environment.actions) == 21
    assert [len(action) for action in environment.actions] == [3] * 11 + [1] * 10
    assert "trajectory" not in log


def test_time_limits_are_told_from_ends() -> None:
    training = train_episodes(
        CountingLearner(1), ScriptedEnvironment([[2]], truncated=True), CARTPOLE, "identity", EpisodeLog([0], 3)
    )
    assert training.log["ended"].tolist() == ["truncated"] * 3


def test_recorded_episodes_have_every_observation_from_the_first_to_the_last() -> None:
    environment = ScriptedEnvironment([[3, 1], [2]])
    training = train_episodes(CountingLearner(2), environment, CARTPOLE, "identity", EpisodeLog([0, 1], 4, record=[1, 2, 4]))
    recorded = dict(zip(zip(training.log["seed"], training.log["episode"], strict=True), training.log["trajectory"], strict=True))
    lengths = {0: [3, 1, 3, 1], 1: [2, 2, 2, 2]}
    for (seed, episode), trajectory in recorded.items():
        if episode == 3:
            assert trajectory is None
            continue
        steps = range(lengths[seed][episode - 1] + 1)
        assert trajectory.reshape(-1, 3).tolist() == [[seed, episode, step] for step in steps]


def test_continuous_actions_are_mapped_and_clipped() -> None:
    class Constant(CountingLearner):
        def act(self, observation: NDArray[Any]) -> NDArray[Any]:
            return np.full((self.seeds, 1, 1), -0.8, np.float32)

    environment = ScriptedEnvironment([[3]])
    train_episodes(Constant(1), environment, TASKS["MountainCarContinuous-v0"], "sign_slip", EpisodeLog([0], 1))
    assert np.allclose(environment.actions, -0.6)  # 2a + 1
    environment = ScriptedEnvironment([[3]])
    train_episodes(Constant(1), environment, TASKS["MountainCarContinuous-v0"], "rescaled", EpisodeLog([0], 1))
    assert np.allclose(environment.actions, -1.0)  # 2a - 1, clipped


def test_a_parameter_that_breaks_down_is_named_with_its_seed_and_episode() -> None:
    with pytest.raises(TrainingError, match=r"^seed 8, episode 2: steps is no longer finite"):
        train_episodes(
            CountingLearner(3, breaks={1: 6}), ScriptedEnvironment([[4]] * 3), CARTPOLE, "identity", EpisodeLog([7, 8, 9], 2)
        )


def test_a_long_training_is_checked_before_its_end() -> None:
    environment = ScriptedEnvironment([[10_000]])
    with pytest.raises(TrainingError, match=r"^seed 3, episode 1: steps is no longer finite"):
        train_episodes(CountingLearner(1, breaks={0: 5}), environment, CARTPOLE, "identity", EpisodeLog([3], 2))
    assert len(environment.actions) == 1000


def test_a_return_that_is_not_finite_is_named() -> None:
    class Broken(ScriptedEnvironment):
        def step(self, action: NDArray[Any]) -> Any:
            observation, reward, *ends = super().step(action)
            return observation, np.where(observation[:, 1] == 2, np.nan, reward), *ends

    with pytest.raises(TrainingError, match=r"^seed 5, episode 2: the return is nan"):
        train_episodes(CountingLearner(2), Broken([[3], [3]]), CARTPOLE, "identity", EpisodeLog([5, 6], 4))


def test_progress_is_told_while_it_goes_on() -> None:
    told: list[tuple[int, int, int]] = []
    environment = ScriptedEnvironment([[499], [999]])
    train_episodes(
        CountingLearner(2), environment, CARTPOLE, "identity", EpisodeLog([0, 1], 4), report=lambda *line: told.append(line)
    )
    # Every thousand steps in lockstep; an episode and its reset take one seed 500 (done by step 1999), the other 1000.
    assert told == [(2, 3, 2000), (1, 6, 3999), (1, 7, 4999)]


def test_a_run_with_a_stopping_rule_goes_on_until_it_has_solved_its_task() -> None:
    """Episodes of length 1 return 1, of length 2 return 3: the trailing mean over 100 reaches 2 with the 50th of the latter."""
    rows = [[1] * 20 + [2] * 300, [1] * 80 + [2] * 300, [2] * 300, [1] * 300]
    stop = StoppingRule(mean=2.0, most_episodes=150)
    training = train_episodes(
        CountingLearner(4),
        ScriptedEnvironment(rows),
        CARTPOLE,
        "identity",
        EpisodeLog([0, 1, 2, 3], 60, record=[110, 130], stop=stop),
    )
    log = pd.DataFrame({name: column for name, column in training.log.items() if name != "trajectory"})
    # Not before 100 episodes, however good; then at the 130th, where 50 of the last 100 return 3; and at the cap.
    assert log.groupby("seed").size().tolist() == [100, 130, 100, 150]
    assert (log.groupby("seed")["episode"].max() == log.groupby("seed").size()).all()
    assert log.groupby("seed")["return"].first().tolist() == [1.0, 1.0, 3.0, 1.0]
    recorded = log[[trajectory is not None for trajectory in training.log["trajectory"]]]
    assert recorded[["seed", "episode"]].to_numpy().tolist() == [[1, 110], [1, 130], [3, 110], [3, 130]]


def test_a_stopping_rule_does_not_shorten_a_run() -> None:
    stop = StoppingRule(mean=2.0, most_episodes=150)
    training = train_episodes(
        CountingLearner(1), ScriptedEnvironment([[2]]), CARTPOLE, "identity", EpisodeLog([0], 120, stop=stop)
    )
    assert len(training.log["episode"]) == 120


def in_steps(lengths: list[list[int]], env_steps: int, **loop: Any) -> Any:
    """Train seeds 0, 1, … whose budget is in steps, in episodes of these lengths."""
    seeds = range(len(lengths))
    log = EpisodeLog(seeds, 1, stop=StepBudget(env_steps))
    return train_episodes(CountingLearner(len(seeds)), ScriptedEnvironment(lengths), CARTPOLE, "identity", log, **loop)


def test_a_budget_in_steps_ends_with_the_episode_that_reaches_it() -> None:
    log = pd.DataFrame(in_steps([[3], [5], [4], [20]], 10).log)
    ends = log.groupby("seed")["env_steps"]
    assert ends.last().tolist() == [12, 10, 12, 20]
    assert ends.size().tolist() == [4, 2, 3, 1]
    assert (ends.nth(-2) < 10).all(), "no episode is begun once the steps are reached"


def test_a_budget_in_steps_has_room_for_any_number_of_episodes() -> None:
    log = pd.DataFrame(in_steps([[1], [2]], 3000).log)
    assert log.groupby("seed").size().tolist() == [3000, 1500]
    assert log["return"].tolist() == [1.0] * 3000 + [3.0] * 1500
    assert log.groupby("seed")["episode"].apply(list).tolist() == [list(range(1, 3001)), list(range(1, 1501))]


def test_progress_on_a_budget_in_steps_is_in_steps() -> None:
    told: list[tuple[int, int, int]] = []
    in_steps([[499], [999]], 2000, report=lambda *line: told.append(line))
    # After 1000 steps in lockstep, and then after 2000, of which one resets in 500 or in 1000.
    assert [line[1] for line in told] == [2 * 499 + 999, 3 * 499 + 2 * 999 + 499]


class ConstantBatch:
    """Rewards that are the number of the update, so that their means are known."""

    def __init__(self, seeds: int, copies: int) -> None:
        self.shape, self.update = (seeds, copies), 0

    def observe(self) -> NDArray[np.float32]:
        self.update += 1
        return np.zeros((*self.shape, 3), np.float32)

    def reward(self, action: NDArray[Any]) -> NDArray[np.float64]:
        return np.full(self.shape, float(self.update)) + np.arange(self.shape[0])[:, None]

    def target(self) -> None:
        return None


def single_step_learner(seeds: int, copies: int, breaks: dict[int, int] | None = None) -> CountingLearner:
    learner = CountingLearner(seeds, breaks)
    learner.problem = Problem(3, 2, True, episodic=False, batch_size=copies)
    return learner


def test_single_step_tasks_log_the_mean_reward_of_every_update() -> None:
    batch: Any = ConstantBatch(2, 4)
    training = train_single_step(single_step_learner(2, 4), batch, [3, 4], updates=3)
    assert {name: column.tolist() for name, column in training.log.items()} == {
        "seed": [3, 3, 3, 4, 4, 4],
        "update": [1, 2, 3, 1, 2, 3],
        "mean_reward": [1, 2, 3, 2, 3, 4],
    }
    assert training.agent_steps == 6
    assert training.policy["steps"][:, 0].tolist() == [3, 3]


def test_single_step_tasks_are_checked_too() -> None:
    batch: Any = ConstantBatch(2, 4)
    with pytest.raises(TrainingError, match=r"^seed 4, update 5: steps is no longer finite"):
        train_single_step(single_step_learner(2, 4, breaks={1: 2}), batch, [3, 4], updates=5)


# ---------------------------------------------------------------------------------------------------- seeds and sources


def test_seeds_differ_by_everything_that_they_are_made_of_and_by_nothing_else() -> None:
    base = (0, "CartPole-v1", "reinforce", 3)
    others = [(1, *base[1:]), (0, "Acrobot-v1", "reinforce", 3), (0, "CartPole-v1", "map_propagation", 3), (*base[:3], 4)]
    states = {tuple(learner_sequence(*key).generate_state(4)) for key in (base, *others)}
    assert len(states) == 5
    assert (learner_sequence(*base).generate_state(4) == learner_sequence(*base).generate_state(4)).all()
    # Fixed for ever: a change of these would change every published result.
    assert learner_sequence(*base).generate_state(2).tolist() == [144051572, 3731878491]
    assert environment_seed(0, "CartPole-v1", 3) == 2_141_221_648


def test_environment_seeds_fit_and_differ() -> None:
    seeds = {environment_seed(0, task, seed) for task in TASKS for seed in range(200)}
    assert len(seeds) == 200 * len(TASKS)
    assert all(0 <= seed < 2**31 - 1 for seed in seeds)
    first, second = (environment_sequence(0, "Multiplexer-v0", seed).generate_state(2).tolist() for seed in (0, 1))
    assert first != second


def test_sources_hold_what_decides_a_result_and_no_other_method() -> None:
    runs = make_plan(ROOT, {"scale": "ci"}).runs.values()
    names = {run.method for run in runs}
    for run in runs:
        sources = training_sources(run.method, run.task)
        assert f"algorithms/{run.method}.py" in sources
        twin = f"algorithms/fused/{run.method}.py"
        assert (twin in sources) == (ROOT / twin).is_file()
        loop = {"envs/seeding.py", *(f"workflow/training/{name}.py" for name in ("episode_log", "lockstep", "loop"))}
        assert {"algorithms/interface.py", "algorithms/shared/settings.py", "envs/task.py", *loop} <= set(sources)
        for other in names - {run.method}:
            assert not {f"algorithms/{other}.py", f"algorithms/fused/{other}.py"} & set(sources)
        assert all((ROOT / source).is_file() for source in sources)


def test_the_import_closure_finds_what_is_really_imported() -> None:
    """Held against the modules that a fresh interpreter has loaded after importing a method's twin."""
    code = "import algorithms.fused.map_propagation, sys; print(*(m for m in sys.modules if m.split('.')[0] == 'algorithms'))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert len(loaded) > 5
    closure = set(import_closure(["algorithms/fused/map_propagation.py"], "algorithms"))
    as_modules = {path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in closure}
    assert set(loaded) <= as_modules


def test_a_seed_that_diverges_is_an_outcome_and_no_error() -> None:
    plan = make_plan(ROOT, {"scale": "ci", "engine": "reference"})
    run = plan.runs["Acrobot-v1", "least_action_critic", "kungl2021"]
    wild = {
        **run.hyperparameters,
        "actor_learning_rates": [1e6, 1e6],
        "critic_learning_rates": [1e6, 1e6],
        "modulator_clip": None,
    }
    training = train(replace(run, hyperparameters=wild, length=2), [3, 4])
    assert training.diverged == {3: 1, 4: 1}
    assert all(np.isfinite(array).all() for array in training.policy.values())
    assert len(training.log["return"]) == 4


def test_what_a_learner_says_of_divergence_survives_a_checkpoint() -> None:
    class Diverging(CountingLearner):
        @property
        def diverged(self) -> NDArray[np.int64]:
            return np.where(self.row == 1, 7, 0)

    environment = ScriptedEnvironment([[2], [1]])
    log = EpisodeLog([5, 6], 2, (), None)
    block = Lockstep(Diverging(2), environment, [5, 6], log)
    for _ in range(3):
        block.take(*environment.step(np.zeros((2, 1), np.int32)))
    assert block.rows.tolist() == [0], "the seed with short episodes has had its two"
    assert {name: int(value) for name, value in block.state(Actions(CARTPOLE)).items() if name.startswith("diverged/")} == {
        "diverged/1": 7
    }
    block.take(*environment.step(np.zeros((1, 1), np.int32)))
    block.take(*environment.step(np.zeros((1, 1), np.int32)))
    assert block.diverged() == {6: 7}
