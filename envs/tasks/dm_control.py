"""Tasks of the DeepMind Control Suite that the table of guss2016 has (docs/guss2016.md#control-suite); EnvPool alone steps them.

An observation is all that the suite gives, one part after another. Rewards lie between 0 and 1, and no state is terminal.
"""

from __future__ import annotations

from envs.task import Task


def _task(name: str, title: str, observation_size: int, action_size: int) -> Task:
    return Task(
        name=name,
        title=title,
        gymnasium_id=name,
        kind="episodic",
        observation_size=observation_size,
        action_size=action_size,
        discrete=False,
        action_low=-1.0,
        action_high=1.0,
        time_limit=1000,
        only_in_envpool=True,
    )


TASKS = (
    _task(name="CartpoleBalance-v1", title="Cart-pole balance", observation_size=5, action_size=1),
    _task(name="CheetahRun-v1", title="Cheetah run", observation_size=17, action_size=6),
    _task(name="FingerSpin-v1", title="Finger spin", observation_size=12, action_size=2),
    _task(name="HopperHop-v1", title="Hopper hop", observation_size=15, action_size=4),
    _task(name="PendulumSwingup-v1", title="Pendulum swing-up", observation_size=3, action_size=1),
    _task(name="ReacherEasy-v1", title="Reacher easy", observation_size=6, action_size=2),
    _task(name="WalkerWalk-v1", title="Walker walk", observation_size=24, action_size=6),
)
