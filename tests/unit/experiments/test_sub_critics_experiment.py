"""Experiment 1 of guss2016: what is correlated, and that sub-critics take no part in what the agent learns."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from algorithms.ddpg import Reference
from experiments.guss2016 import sub_critics
from experiments.guss2016.sub_critics import Course
from experiments.shared.driving import drive
from experiments.shared.sub_critics import ddpg_voltages
from tests.unit.experiments.test_documentation import unexplained

SEEDS = [100, 101]


def test_r_of_known_courses() -> None:
    generator = np.random.default_rng(0)
    one, other = generator.standard_normal((2, 50, 2, 3))
    mixed = sub_critics.pearson(one, 0.5 * one + other)
    for seed in range(2):
        for critic in range(3):
            wanted = np.corrcoef(one[:, seed, critic], (0.5 * one + other)[:, seed, critic])[0, 1]
            assert mixed[seed, critic] == pytest.approx(wanted)
    assert np.isnan(sub_critics.pearson(np.ones((5, 1, 1)), one[:5, :1, :1])).all()
    assert sub_critics.mean_of_finite(np.array([[1, np.nan, 3], [np.nan] * 3])).tolist() == [2]


def test_levels_and_changes_are_told_apart() -> None:
    time = np.arange(400.0)
    wiggle = np.sin(time)
    course = Course()
    for now in range(400):
        own = torch.tensor(time[now] + 20 * wiggle[now]).reshape(1, 1, 1)
        agent = torch.tensor(time[now] - 20 * wiggle[now]).reshape(1, 1, 1)
        course.note(value=own, agent_value=agent, slope=own, agent_slope=own)
    found = {(line["quantity"], line["span"], line["block"]): line["mean"] for line in sub_critics.described(course)}
    assert found["value_r", 1, 0] > 0.9
    assert found["value_rate_r", 1, 0] < -0.9
    assert found["value_r", 100, 0] > 0.99
    assert found["slope_rate_r", 1, 0] == pytest.approx(1)
    assert found["value", 0, 1] == pytest.approx(time[:40].mean() + 20 * wiggle[:40].mean(), rel=1e-5)
    assert found["error", 0, 10] == pytest.approx(40 * np.abs(wiggle[360:]).mean(), rel=1e-5)


def test_all_layers_together_have_every_critic_and_one_agent() -> None:
    first, second = Course(), Course()
    for now in range(20):
        agent = torch.full((2, 1, 1), float(now))
        first.note(
            value=agent + torch.arange(2), slope=agent + torch.arange(2), agent_value=agent, agent_slope=agent.repeat(1, 1, 2)
        )
        second.note(value=-agent, slope=-agent, agent_value=agent, agent_slope=agent)
    (course,) = sub_critics.together({("linear", "neuron", 1): first, ("linear", "neuron", 2): second}).values()
    assert course.whole("value").shape == course.whole("slope").shape == course.whole("agent_slope").shape == (20, 2, 3)
    assert course.whole("agent_value").shape == (20, 2, 1)
    found = {line["quantity"]: line for line in sub_critics.counted(course)}
    assert found["counted_value_r"]["each"] == pytest.approx([1 / 3, 1 / 3]), "two agree, and one goes the other way"
    assert found["counted_slope_r"]["each"] == pytest.approx([1 / 3, 1 / 3])


def test_networks_without_an_r_count_with_none() -> None:
    course = Course()
    for now in range(10):
        agent = torch.tensor([float(now), float(now)]).reshape(2, 1, 1)
        own = torch.tensor([float(now), float("nan")]).reshape(2, 1, 1)
        course.note(value=own, slope=own, agent_value=agent, agent_slope=agent)
    found = {line["quantity"]: line for line in sub_critics.counted(course)}
    assert found["counted_value_r"]["each"] == pytest.approx([1, 0])
    assert {line["quantity"]: line["n"] for line in sub_critics.described(course)}["value_r"] == 1


def test_slopes_through_the_actor_are_autograds() -> None:
    learner = sub_critics.ddpg("first", SEEDS, (8, 6))
    for tensor in (learner._actor.rows, learner._critic.rows):
        tensor.mul_(3)
    states = torch.from_numpy(np.random.default_rng(0).standard_normal((2, 5, 2)).astype(np.float32))
    moment = ddpg_voltages(learner._actor.parameters, states)
    found = sub_critics.slopes_through(learner, moment)
    actor = learner._actor.parameters
    for layer, slope in enumerate(found, start=1):
        unit = moment.voltages[layer].clone().requires_grad_()
        value = unit
        for above in range(layer + 1, actor.layers + 1):
            value = actor.affine(above, value)
            value = torch.tanh(value) if above == actor.layers else torch.relu(value)
        critic = learner._critic.parameters
        first = torch.relu(critic.affine(1, states))
        second = torch.relu(critic.affine(2, torch.cat([first, value], dim=-1)))
        (wanted,) = torch.autograd.grad(critic.affine(3, second).sum(), unit)
        torch.testing.assert_close(slope, wanted)


def test_sub_critics_take_no_part() -> None:
    alone, accompanied = (sub_critics.ddpg("first", SEEDS, (8, 6)) for _ in range(2))
    for _ in drive(alone, sub_critics.TASK, SEEDS, 90):
        pass
    courses = sub_critics.trained(accompanied, "first", SEEDS, 90)
    assert torch.equal(alone._actor.rows, accompanied._actor.rows)
    assert torch.equal(alone._critic.rows, accompanied._critic.rows)
    assert {course.whole("value").shape for (_, per, _), course in courses.items() if per == "layer"} == {(90, 2, 1)}
    assert courses["linear", "neuron", 1].whole("slope").shape == (90, 2, 10)


def test_the_second_phase_starts_with_the_first_ones_critic(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def trained(learner: Reference, *_: object) -> sub_critics.Courses:
        seen.append((learner._critic.rows.clone(), learner._actor.rows.clone()))
        learner._critic.rows.add_(1)
        return {}

    monkeypatch.setattr(sub_critics, "trained", trained)
    sub_critics.measure([], "tiny")
    (first, actor), (second, new_actor) = seen
    assert torch.equal(second, first + 1)
    assert not torch.equal(actor, new_actor)


def test_the_table_is_explained() -> None:
    table = sub_critics.measure([], "tiny")
    assert unexplained(table, sub_critics.__doc__ or "") == []
    rates = table[table["quantity"] == "value_rate_r"]
    assert set(rates["phase"]) == {"first", "second"}
    assert set(rates["per"]) == {"neuron", "layer"}
    assert set(rates["layer"]) == {"1", "2", "3", "all"}
    assert rates["mean"].between(-1, 1).all()
