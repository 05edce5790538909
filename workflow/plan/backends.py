"""What steps a task's environments: as the configuration has it, unless EnvPool lacks the task."""

from __future__ import annotations

import gymnasium

from envs.task import Task
from envs.vector import Backend
from records.errors import Refusal


def backend_of(task: Task, asked: Backend | None, usual: Backend) -> Backend:
    """Return `asked`, what a run itself asks for, or else `usual`; gymnasium steps what EnvPool lacks.

    So does EnvPool what gymnasium lacks. Refuses one that lacks the task where the run asks for it.
    """
    if asked == "envpool" and not in_envpool(task):
        raise Refusal(f"env_backend: envpool does not have {task.name}; leave it out or choose gymnasium")
    if task.only_in_envpool:
        if asked == "gymnasium":
            raise Refusal(f"env_backend: gymnasium does not have {task.name}; leave it out or choose envpool")
        return "envpool"
    return asked or (usual if in_envpool(task) else "gymnasium")


def in_envpool(task: Task) -> bool:
    """Whether EnvPool may have the task: episodic ones of our own, which we register with gymnasium, it has not."""
    spec = gymnasium.registry.get(task.gymnasium_id)
    return task.kind == "single_step" or spec is None or str(spec.entry_point).startswith("gymnasium.envs.")
