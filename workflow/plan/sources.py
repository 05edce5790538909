"""Which source files a result depends on; Snakemake does not see edits in imported modules, so it is told here."""

from __future__ import annotations

from algorithms.interface import engines
from envs.tasks import TASKS, task_file
from experiments import experiments, module_of
from records.sources import ROOT, import_closure

_LOOP = (
    "envs/seeding.py",
    "workflow/plan/stopping.py",
    *(f"workflow/training/{name}.py" for name in ("episode_log", "lockstep", "loop")),
)


def training_sources(method: str, task: str) -> list[str]:
    """The files that decide the numbers of a method on a task, sorted.

    They are the method's own file, its fused twin and what these import of `algorithms`; the task's files; and the training
    loop. Methods never import one another, so an edit of one method concerns that method alone.
    """
    roots = ["algorithms/interface.py", f"algorithms/{method}.py", *([_twin(method)] if has_fused_twin(method) else [])]
    return sorted({*import_closure(roots, "algorithms"), *task_sources(task), *_LOOP})


def task_sources(task: str) -> list[str]:
    """The files of `envs` that decide what a task does, sorted. Raises KeyError for an unknown task."""
    stepping = "envs/vector.py" if TASKS[task].kind == "episodic" else "envs/single_step.py"
    return import_closure([task_file(task), stepping], "envs")


def has_fused_twin(method: str) -> bool:
    """Whether a method has a compiled form beside its reference."""
    return "fused" in engines(method)


def report_sources(paper: str, module: str) -> list[str]:
    """The files of `reports` that decide what reports/<paper>/<module>.py makes of results, sorted."""
    kinds = [
        path.relative_to(ROOT).as_posix() for path in (ROOT / "reports" / "claims" / "kinds").glob("*.py")
    ]  # found by folder
    roots = [f"reports/{paper}/__init__.py", f"reports/{paper}/{module}.py", "reports/pipeline.py", *kinds]
    return import_closure(roots, "reports")


def theory_sources(experiment: str) -> list[str]:
    """The files that decide the numbers of an experiment of `experiments`, sorted."""
    closure = import_closure([f"{module_of(experiment).replace('.', '/')}.py"], "experiments", "algorithms", "envs")
    tasks = next(names[experiment].tasks for names in experiments().values() if experiment in names)
    return sorted({*closure, *(path for task in tasks for path in task_sources(task)), *_LOOP, "reports/statistics/inference.py"})


def _twin(method: str) -> str:
    return f"algorithms/fused/{method}.py"
