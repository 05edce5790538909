"""CartPole: a pole to be balanced by pushing its cart left or right; version 0 ends after 200 steps (gymnasium)."""

from envs.task import Task

TASKS = (
    Task(
        name="CartPole-v0",
        title="CartPole (200 steps)",
        gymnasium_id="CartPole-v0",
        kind="episodic",
        observation_size=4,
        action_size=2,
        discrete=True,
        time_limit=200,
    ),
    Task(
        name="CartPole-v1",
        title="CartPole",
        gymnasium_id="CartPole-v1",
        kind="episodic",
        observation_size=4,
        action_size=2,
        discrete=True,
        time_limit=500,
    ),
)
