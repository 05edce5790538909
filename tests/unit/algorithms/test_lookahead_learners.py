"""The two methods of least action: what their policy files hold, and what they learn from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from algorithms.interface import Engine, Problem, create, hyperparameters_of
from tests.learners import PROBLEMS, advance, make, simulate

SEEDS = [3, 5]
METHODS = ("least_action", "least_action_critic")
ENGINES: tuple[Engine, ...] = ("fused", "reference")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("method", METHODS)
def test_a_policy_holds_the_feedback_weights_of_every_layer_but_the_first(method: str, engine: Engine) -> None:
    task = PROBLEMS["discrete"]
    symmetric, random, learned = (
        make(method, task, {"feedback": kind}, SEEDS, engine) for kind in ("symmetric", "random", "learned")
    )
    assert not any("feedback" in name for name in symmetric.policy())
    before = random.policy()
    names = {name for name in before if "feedback" in name}
    networks = ("actor", "critic") if method == "least_action_critic" else ("actor",)
    assert names == {f"{network}/feedback_2" for network in networks}
    for name in names:
        assert before[name].shape == before[name.replace("feedback", "weights")].shape
        assert not np.array_equal(before[name], before[name.replace("feedback", "weights")])
    for step in simulate(task, SEEDS, 60):
        for learner in (random, learned):
            advance(learner, step)
    for name in names:
        assert np.array_equal(random.policy()[name], before[name])
        assert not np.array_equal(learned.policy()[name], before[name])


@pytest.mark.parametrize("engine", ENGINES)
def test_without_noise_a_seed_acts_as_its_network_does_and_the_actor_stands_still(engine: Engine) -> None:
    """From the share of its own episodes on; the seed beside it has not come so far."""
    task = Problem(observation_size=2, action_size=1, discrete=False, episodes=4)
    settings = hyperparameters_of("least_action_critic")(quiet_from=0.5, noise_correlation=0.9, border_rate=0.0)
    learner = create("least_action_critic", task, settings, [np.random.SeedSequence(seed) for seed in SEEDS], engine, "float64")
    same, no = np.full((2, 1, 2), 0.3), np.zeros((2, 1), bool)

    def advance_to(ends: list[bool]) -> float:
        action = learner.act(same)
        learner.learn(np.ones((2, 1)), np.array(ends)[:, None], no, same)
        return float(action[0, 0, 0])

    for ends in ([True, False], [False, False], [True, True], [False, False]):
        advance_to(ends)
    before = learner.policy()
    # Actions still move a little, as the network settles from where the noise had left it.
    actions = [advance_to([False, False]) for _ in range(8)]
    assert actions[-1] == pytest.approx(actions[-2], abs=1e-6)
    after = learner.policy()
    actors = [name for name in before if name.startswith("actor")]
    assert all(np.array_equal(before[name][0], after[name][0]) for name in actors)
    assert not any(np.array_equal(before[name][1], after[name][1]) for name in actors)
    quiet = int(learner.state()["quiet/finished"][0])
    assert quiet == 2


def test_quiet_needs_episodes() -> None:
    with pytest.raises(ValueError, match=r"^quiet_from: a single-step task has no episodes$"):
        make("least_action_critic", PROBLEMS["single-step discrete"], {"quiet_from": 0.5}, SEEDS, "fused")


@pytest.mark.parametrize("method", METHODS)
def test_a_seed_that_diverges_stands_still_and_says_when(method: str) -> None:
    """In both engines; the seed beside it, which is never rewarded, goes on."""
    task = Problem(observation_size=2, action_size=2, discrete=True, episodes=9)
    settings: dict[str, Any] = {"actor_learning_rates": (0.1, 0.1), "modulator_clip": None, "reward_scale": 1.0}
    settings |= {"critic_learning_rates": (0.1, 0.1)} if method == "least_action_critic" else {"reward": "step"}
    outcomes = []
    for engine in ENGINES:
        hyperparameters = hyperparameters_of(method)(**settings)
        learner = create(method, task, hyperparameters, [np.random.SeedSequence(seed) for seed in SEEDS], engine, "float64")
        no = np.zeros((2, 1), bool)
        for step in range(1, 60):
            learner.act(np.full((2, 1, 2), 0.5))
            learner.learn(np.array([[1e9], [0.0]]), np.full((2, 1), step % 6 == 0), no, np.full((2, 1, 2), 0.5))
        assert learner.diverged is not None
        outcomes.append(learner.diverged.tolist())
        policy = learner.policy()
        assert all(not array[0].any() and np.isfinite(array[1]).all() for array in policy.values())
        assert any(array[1].any() for array in policy.values())
        loaded = create(method, task, hyperparameters, [np.random.SeedSequence(seed) for seed in SEEDS], engine, "float64")
        loaded.load(learner.state())
        assert loaded.diverged is not None
        assert loaded.diverged.tolist() == outcomes[-1]
        learner.keep(np.array([0]))
        assert learner.diverged.tolist() == outcomes[-1][:1]
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][0] > 0
    assert outcomes[0][1] == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_on_a_single_step_task_the_update_of_the_divergence_is_noted(engine: Engine) -> None:
    task = PROBLEMS["single-step continuous"]
    learner = make("least_action", task, {"actor_learning_rates": (1e6, 1e6), "modulator_clip": None}, SEEDS, engine)
    for step in simulate(task, SEEDS, 30):
        advance(learner, step)
    assert learner.diverged is not None
    assert (learner.diverged > 0).all()
    assert not any(array.any() for array in learner.policy().values())
