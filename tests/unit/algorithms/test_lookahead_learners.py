"""The two methods of least action: what their policy files hold, and what they learn from."""

from __future__ import annotations

import numpy as np
import pytest

from algorithms.interface import Engine
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
