"""MountainCar with continuous force: a car too weak for the slope has to swing up (gymnasium)."""

from envs.task import IDENTITY, ActionMap, Task

TASKS = (
    Task(
        name="MountainCarContinuous-v0",
        title="MountainCar",
        gymnasium_id="MountainCarContinuous-v0",
        kind="episodic",
        observation_size=2,
        action_size=1,
        discrete=False,
        action_low=-1.0,
        action_high=1.0,
        time_limit=999,
        action_maps={
            "identity": IDENTITY,
            # As released: a (high - low) - low, which made the published numbers (docs/chung2021.md#mountaincars-force).
            "sign_slip": ActionMap(scale=2.0, shift=1.0),
            # Without the slip of the sign: a (high - low) + low.
            "rescaled": ActionMap(scale=2.0, shift=-1.0),
        },
    ),
)
