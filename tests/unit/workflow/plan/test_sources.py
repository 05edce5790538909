"""Which files a result depends on."""

from __future__ import annotations

import pytest

from envs.tasks import TASKS, task, task_file
from records.sources import ROOT
from workflow.plan.sources import task_sources


@pytest.mark.parametrize("name", TASKS)
def test_a_task_depends_on_its_file_and_on_how_it_is_stepped(name: str) -> None:
    sources = task_sources(name)
    assert len(set(sources)) == len(sources)
    assert all((ROOT / source).is_file() for source in sources)
    assert {"envs/task.py", task_file(name)} <= set(sources)
    assert ("envs/vector.py" in sources) == (task(name).kind == "episodic")


@pytest.mark.parametrize("name", TASKS)
def test_a_task_does_not_depend_on_another(name: str) -> None:
    others = {task_file(other) for other in TASKS} - {task_file(name)}
    assert others
    assert not others & set(task_sources(name))


def test_unknown_tasks_are_refused() -> None:
    with pytest.raises(KeyError):
        task_sources("CartPole")
