"""Acrobot: two links to be swung up by a torque at the joint between them (gymnasium)."""

from envs.task import Task

TASKS = (
    Task(
        name="Acrobot-v1",
        title="Acrobot",
        gymnasium_id="Acrobot-v1",
        kind="episodic",
        observation_size=6,
        action_size=3,
        discrete=True,
        time_limit=500,
    ),
)
