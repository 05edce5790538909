"""What every method must do, whichever it is: methods are found by their files, so a new one is held to this by itself."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from pydantic import ValidationError

from algorithms.interface import Engine, create, describe, hyperparameters_of, methods
from tests.learners import ENGINES, FUSED, MAY_HAVE_ONE_LAYER, PROBLEMS, SMALL, advance, make, simulate

SEEDS = [0, 4]
all_engines = pytest.mark.parametrize(("method", "engine"), ENGINES)
all_methods = pytest.mark.parametrize("method", methods())


@all_engines
@pytest.mark.parametrize("problem", PROBLEMS)
def test_actions_have_the_promised_shape_and_range(method: str, problem: str, engine: Engine) -> None:
    task = PROBLEMS[problem]
    learner = make(method, task, SMALL.get(method, {}), SEEDS, engine, "float32")
    for step in simulate(task, SEEDS, 30):
        action = advance(learner, step)
        if task.discrete:
            assert action.dtype == np.int32
            assert action.shape == (len(SEEDS), task.batch_size)
            assert ((action >= 0) & (action < task.action_size)).all()
        else:
            assert action.dtype == np.float32
            assert action.shape == (len(SEEDS), task.batch_size, task.action_size)
            assert np.isfinite(action).all()


@all_engines
@pytest.mark.parametrize("problem", ["discrete", "continuous", "single-step discrete"])
def test_a_loaded_state_goes_on_bit_for_bit(method: str, problem: str, engine: Engine) -> None:
    task = PROBLEMS[problem]
    steps = list(simulate(task, SEEDS, 300))
    learner = make(method, task, SMALL.get(method, {}), SEEDS, engine, "float32")
    for step in steps[:150]:
        advance(learner, step)
    state = {name: array.copy() for name, array in learner.state().items()}
    resumed = make(method, task, SMALL.get(method, {}), SEEDS, engine, "float32")
    resumed.load(state)
    for step in steps[150:]:
        assert advance(learner, step).tobytes() == advance(resumed, step).tobytes()
    ours, theirs = learner.policy(), resumed.policy()
    assert all(ours[name].tobytes() == theirs[name].tobytes() for name in ours)


@all_engines
def test_a_state_of_another_configuration_is_refused(method: str, engine: Engine) -> None:
    state = make(method, PROBLEMS["discrete"], SMALL.get(method, {}), SEEDS, engine).state()
    with pytest.raises(ValueError, match="checkpoint"):
        make(method, PROBLEMS["four actions"], SMALL.get(method, {}), SEEDS, engine).load(state)


@pytest.mark.parametrize("method", FUSED)
def test_engines_name_and_start_their_parameters_alike(method: str) -> None:
    task = PROBLEMS["discrete"]
    fused, reference = (make(method, task, SMALL.get(method, {}), SEEDS, engine).policy() for engine in ("fused", "reference"))
    assert fused.keys() == reference.keys()
    for name, parameters in fused.items():
        np.testing.assert_array_equal(parameters, reference[name])
        assert len(parameters) == len(SEEDS)


@all_engines
def test_an_episode_end_clears_what_was_learned_from(method: str, engine: Engine) -> None:
    """Two learners that differ only in the rewards of a reset step, which no rule may learn from, stay the same."""
    task = PROBLEMS["discrete"]
    learners = [make(method, task, SMALL.get(method, {}), SEEDS, engine) for _ in range(2)]
    observation = np.full((2, 1, 4), 0.3)
    no, yes = np.zeros((2, 1), bool), np.ones((2, 1), bool)
    for learner, reward_of_reset in zip(learners, (0.0, 9.0), strict=True):
        for reward, terminated in ((1.0, no), (1.0, yes), (reward_of_reset, no), (1.0, no)):
            learner.act(observation)
            learner.learn(np.full((2, 1), reward), terminated, no, observation)
        learner.act(observation)
    ours, theirs = (learner.policy() for learner in learners)
    assert all((ours[name] == theirs[name]).all() for name in ours)


@all_methods
def test_every_hyperparameter_is_described(method: str) -> None:
    described = describe(hyperparameters_of(method))
    assert described.keys() == {field.name for field in dataclasses.fields(hyperparameters_of(method))}
    assert all(len(text) > 10 for text in described.values())


@all_methods
def test_bad_hyperparameters_are_refused(method: str) -> None:
    kind = hyperparameters_of(method)
    bad_settings: list[dict[str, object]] = [
        {"no_such_setting": 1},
        {"discount": 1.5},
        {"hidden_sizes": (0,)},
        {"adam_beta1": "fast"},
    ]
    if method not in MAY_HAVE_ONE_LAYER:
        bad_settings.append({"hidden_sizes": ()})
    for bad in bad_settings:
        with pytest.raises(ValidationError):
            kind(**bad)
    with pytest.raises(dataclasses.FrozenInstanceError):
        kind().discount = 0.5
    with pytest.raises(ValueError, match="actor_learning_rates"):
        make(method, PROBLEMS["discrete"], {"actor_learning_rates": (0.1,)}, SEEDS, "reference")


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(KeyError):
        create("map_propagatoin", PROBLEMS["discrete"], None, [])
