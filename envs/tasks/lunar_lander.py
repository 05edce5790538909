"""LunarLander: a craft to be set down by its engines; gymnasium offers version 3, EnvPool version 2."""

from envs.task import Task

TASKS = (
    Task(
        name="LunarLander-v2",
        title="LunarLander",
        gymnasium_id="LunarLander-v3",
        kind="episodic",
        observation_size=8,
        action_size=4,
        discrete=True,
        time_limit=1000,
    ),
    Task(
        name="LunarLanderContinuous-v2",
        title="LunarLander (continuous)",
        gymnasium_id="LunarLanderContinuous-v3",
        kind="episodic",
        observation_size=8,
        action_size=2,
        discrete=False,
        action_low=-1.0,
        action_high=1.0,
        time_limit=1000,
    ),
)
