"""The tables that kubo2022 has of its own; those that every paper has are in reports/tables/common.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from reports.kubo2022 import EP_ONLY, EPISODIC, METHODS, OWN_VARIANTS, RATES, STANDARD, TASKS, theory
from reports.kubo2022.figures import BP, BPTT, EP, OF_HONEST
from reports.report import Report
from reports.runs.load import KEYS, ReportData
from reports.runs.variants import Experiment, of_keys, settings_changed
from reports.tables import settings
from reports.tables.last_quarter import Key, endings_table
from reports.tables.settings import value_text

SHOWN: tuple[Key, ...] = tuple(dict.fromkeys((*((method, v) for method in METHODS for v in OWN_VARIANTS), *OF_HONEST)))
"""Everything that any figure of the last quarter may show, rule by rule."""


def last_quarter(report: Report) -> pd.DataFrame:
    """The numbers of Figures S4, S5 and S7 to S10 (columns: `reports.tables.last_quarter.endings_table`)."""
    return endings_table(report.data, tuple(EPISODIC), SHOWN)


def variants(report: Report) -> pd.DataFrame:
    """What the paper's own variants set otherwise than its standard; those of Table S2 stand there. One row each, with

    task, method, variant, label, setting (`name: value; …`).
    """
    data = report.data
    labels, rows = data.labels(), []
    for run in _first_blocks(data):
        task, method, variant = (run[name] for name in KEYS)
        if variant in OWN_VARIANTS and variant != STANDARD and variant not in RATES and (task, method, STANDARD) in labels:
            changed = settings_changed(data, Experiment("", task, method, STANDARD, (variant,)), variant)
            setting = "; ".join(f"{name}: {value_text(value)}" for name, (_, value) in changed.items())
            rows.append((task, method, variant, labels[task, method, variant], setting))
    order = {task: place for place, task in enumerate(EPISODIC)}
    rows.sort(key=lambda row: (order[row[0]], OWN_VARIANTS.index(row[2])))
    return pd.DataFrame(rows, columns=[*KEYS, "label", "setting"])


def table_s1(report: Report) -> pd.DataFrame:
    """Parameters of EP only, as its runs recorded them, one row a variant, with the columns

    * task, label, episodes, n; actor, critic (units in each layer);
    * alpha_1, alpha_2 (actor: input to hidden, hidden to output), beta; critic_alpha_1, critic_alpha_2, critic_beta.
    """
    columns = ["actor_learning_rates", "beta", "critic_learning_rates", "critic_beta"]
    return _parameters(report.data, {(EP, variant) for variant in EP_ONLY}, columns)


def table_s2(report: Report) -> pd.DataFrame:
    """Learning rates of BP and what came out, one row per task × setting, with the columns

    task, variant, number ("original", or the paper's in brackets), actor, critic (their rates, as recorded), and the numbers of
    `reports.tables.last_quarter.endings_table`.
    """
    rates = {
        (run["task"], run["variant"]): run["hyperparameters"]
        for run in _first_blocks(of_keys(report.data, {(BP, variant) for variant in (STANDARD, *RATES)}))
    }
    table = endings_table(report.data, tuple(EPISODIC), [(BP, variant) for variant in (STANDARD, *RATES)])
    own = [rates[key] for key in zip(table["task"], table["variant"], strict=True)]
    numbers = ["original" if v == STANDARD else f"({v.rpartition('-')[2]})" for v in table["variant"]]
    actor = [", ".join(dict.fromkeys(value_text(rate) for rate in settings["actor_learning_rates"])) for settings in own]
    critic = [value_text(settings["critic_learning_rate"]) for settings in own]
    first = table[["task", "variant"]].assign(number=numbers, actor=actor, critic=critic)
    return pd.concat([first, table[["n", "mean", "mean_sem", "variability", "variability_sem"]]], axis=1)


def table_s3(report: Report) -> pd.DataFrame:
    """Parameters of BPTT-BP, as its runs recorded them, one row, with the columns

    task, label, episodes, n; actor, critic (units in each layer); alpha_1, alpha_2 (actor), critic_alpha, free_steps.
    """
    return _parameters(report.data, {(BPTT, STANDARD)}, ["actor_learning_rates", "critic_learning_rate", "free_steps"])


def gradient_by_beta(report: Report) -> pd.DataFrame:
    """Equilibrium propagation's update beside the gradient (columns: `reports.kubo2022.theory.gradient_table`)."""
    return theory.gradient_table(report.data)


def phases_needed(report: Report) -> pd.DataFrame:
    """How long both phases must be (columns: `reports.kubo2022.theory.phases_table`)."""
    return theory.phases_table(report.data)


def hyperparameters(report: Report) -> pd.DataFrame:
    """The settings of the three rules at the paper's standard; what variants change stands in the tables of their own."""
    return settings.hyperparameters(of_keys(report.data, {(method, STANDARD) for method in METHODS}), TASKS, METHODS)


_NAMES: Mapping[str, tuple[str, ...]] = {
    "actor_learning_rates": ("alpha_1", "alpha_2"),
    "critic_learning_rates": ("critic_alpha_1", "critic_alpha_2"),
    "critic_learning_rate": ("critic_alpha",),
}
"""The paper's names of what a setting holds; a setting that is not here has its own."""


def _parameters(data: ReportData, keys: set[Key], shown: list[str]) -> pd.DataFrame:
    rows = []
    for run in _first_blocks(of_keys(data, keys)):
        chosen, environment = run["hyperparameters"], run["environment"]
        layers = [environment["observation_size"], *chosen["hidden_sizes"]]
        row: dict[str, Any] = {"task": run["task"], "label": run["label"], "episodes": run["budget"]["episodes"]}
        row["n"] = sum(len(block["seeds"]) for block in data.runs if all(block[name] == run[name] for name in KEYS))
        row |= {"actor": _joined([*layers, environment["action_size"]]), "critic": _joined([*layers, 1])}
        for name in shown:
            values = chosen[name] if isinstance(chosen[name], list) else [chosen[name]]
            row |= dict(zip(_NAMES.get(name, (name,)), map(value_text, values), strict=True))
        rows.append(row)
    names = [name for setting in shown for name in _NAMES.get(setting, (setting,))]
    return pd.DataFrame(rows, columns=["task", "label", "episodes", "n", "actor", "critic", *names])


def _first_blocks(data: ReportData) -> Iterator[dict[str, Any]]:
    """The record of the first block of seeds of everything that was run."""
    seen = set()
    for run in data.runs:
        key = tuple(run[name] for name in KEYS)
        if key not in seen:
            seen.add(key)
            yield run


def _joined(layers: list[int]) -> str:
    return "-".join(map(str, layers))
