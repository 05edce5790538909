"""Pendulum: a rod to be swung up and held by a torque (gymnasium; EnvPool's own form differs at the speed limit)."""

from envs.task import Task

TASKS = (
    Task(
        name="Pendulum-v1",
        title="Pendulum",
        gymnasium_id="Pendulum-v1",
        kind="episodic",
        observation_size=3,
        action_size=1,
        discrete=False,
        action_low=-2.0,
        action_high=2.0,
        time_limit=200,
    ),
)
