"""A method's hyperparameters, put together from all places that set them, and checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from algorithms.interface import hyperparameters_of
from envs.task import Task
from records import located_yaml
from records.errors import Refusal
from records.refusals import check_name
from records.wording import first_problem, shortened, suggestion
from workflow.plan.validation import check_limits


def action_map_of(hyperparameters: Any) -> str:
    """The action map that a method is set to; a method without such a setting leaves its actions as they are."""
    return getattr(hyperparameters, "action_map", "identity")


def make_hyperparameters(method: str, task: Task, layers: list[tuple[str, Mapping[str, Any]]]) -> Any:
    """The method's `Hyperparameters` from (file and key, settings), later ones over earlier ones.

    Refuses, naming the file and the key that set it, unknown names, wrong types and ranges, and what does not fit the task.
    """
    kind = hyperparameters_of(method)
    merged: dict[str, Any] = {}
    source: dict[str, str] = {}
    for where, settings in layers:
        key = f"{where} " if where.endswith("--set") else f"{where}."
        for name, value in settings.items():
            check_name(name, kind.__pydantic_fields__, f"hyperparameter of {method}", where)
            if _has_truth_value(value) and kind.__pydantic_fields__[name].annotation is not bool:
                raise Refusal(f"{key}{name}: {shortened(value)} should not be a truth value")
            merged[name], source[name] = value, key

    def place(name: str) -> str:
        return source.get(name, f"algorithms/{method}.py: ")

    try:
        hyperparameters = TypeAdapter(kind).validate_python(merged)
    except ValidationError as error:
        keys, problem = first_problem(error, merged, kind)
        # Settings that do not fit one another have no key of their own: their message begins with a name.
        name = str(keys[0]) if keys else problem.partition(":")[0]
        raise Refusal(f"{place(name)}{problem}") from None
    check_limits(hyperparameters, task, place)
    action_map = action_map_of(hyperparameters)
    if action_map not in task.action_maps:
        problem = f"{task.name} has no action map {shortened(action_map)}; {suggestion(action_map, task.action_maps)}"
        raise Refusal(f"{place('action_map')}action_map: {problem}")
    try:
        if hasattr(hyperparameters, "check"):
            hyperparameters.check(task.problem(1))
    except ValueError as error:
        name = str(error).partition(":")[0]
        raise Refusal(f"{place(name)}{error} ({method} on {task.name})") from None
    return hyperparameters


def parse_value(text: str, where: str) -> Any:
    """A value as YAML has it: 5, 0.1, 1e-3, [64, 32], true, null, text. Refuses what is no YAML; `where` names its place."""
    try:
        return located_yaml.parse(text)
    except ValueError as error:
        raise Refusal(f"{where}: {error}; it must be a value such as 5, 0.1, [64, 32] or text") from None


def _has_truth_value(value: Any) -> bool:
    return any(map(_has_truth_value, value)) if isinstance(value, (list, tuple)) else isinstance(value, bool)
