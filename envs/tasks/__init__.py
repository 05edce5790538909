"""The tasks: a module here that declares `TASKS` declares tasks, and nothing else lists them."""

from __future__ import annotations

import importlib
import pkgutil

from envs.task import Task

_MODULES = {found.name: importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)}

TASKS: dict[str, Task] = {row.name: row for module in _MODULES.values() for row in module.TASKS}
"""Every task, by name."""


def task(name: str) -> Task:
    """The task of that name. Raises KeyError for an unknown one."""
    return TASKS[name]


def task_file(name: str) -> str:
    """The file, relative to the repository, that declares the task. Raises KeyError for an unknown one."""
    row = TASKS[name]
    return next(f"envs/tasks/{module}.py" for module, found in _MODULES.items() if row in found.TASKS)
