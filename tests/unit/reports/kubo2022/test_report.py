"""The report of kubo2022 on synthetic results, and its runs and claims beside the supplement's settings, retyped."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from records.sources import ROOT
from reports.claims.kinds.not_best import NotBest
from reports.claims.kinds.ordering import Ordering
from reports.claims.kinds.rate import Rate
from reports.claims.read import read_claims
from reports.figures.theme import line_styles
from reports.kubo2022 import FIGURES, OWN_VARIANTS, TABLES, TASKS, figures
from reports.runs.load import read_report_data
from tests.unit.reports.made_reports import log_of, make, row_of
from tests.unit.reports.synthetic_kubo2022 import write_kubo2022
from workflow.plan.plan import Run, make_plan

EP, BP, BPTT = "equilibrium_propagation", "backprop_replay", "backprop_through_time"
# Table S2: actor's and critic's learning rate, the original first.
CLASSIC = [(2e-3, 1e-3), (1e-3, 1e-3), (2e-4, 1e-3), (2e-4, 1e-4), (1e-4, 1e-4)]
LUNAR = [(2e-3, 1e-4), *((rate, critic) for rate in (2e-3, 1e-3, 2e-4, 1e-4, 2e-5, 1e-5) for critic in (1e-4, 1e-5))]
TABLE_S2 = {"CartPole-v0": CLASSIC, "Acrobot-v1": CLASSIC, "LunarLander-v2": [LUNAR[0], *LUNAR[2:]]}


def runs(scale: str = "paper") -> dict[tuple[str, str, str], Run]:
    return dict(make_plan(ROOT, {"scale": scale, "papers": "kubo2022"}).runs)


def settings(task: str, method: str, variant: str = "kubo2022", scale: str = "paper") -> dict[str, Any]:
    return dict(runs(scale)[task, method, variant].hyperparameters)


@pytest.mark.parametrize(
    ("task", "episodes", "actor", "other", "critic"),
    [
        ("CartPole-v0", 1000, [1e-4, 1e-4], [1e-3, 1e-3], 1e-3),
        ("Acrobot-v1", 1000, [1e-3, 1e-3], [1e-4, 1e-4], 1e-3),
        ("LunarLander-v2", 1500, [2e-3, 1e-4], [1e-3, 1e-4], 1e-4),  # in the program's order, the output layer's rate last
    ],
)
def test_ep_bp_has_the_recorded_settings(task: str, episodes: int, actor: list[float], other: list[float], critic: float) -> None:
    own = settings(task, EP)
    shared = {"hidden_sizes": [256], "discount": 0.95, "replay_size": 1000, "minibatch_size": 20, "step_size": 0.2, "beta": 0.02}
    wanted = {**shared, "free_steps": 150, "nudged_steps": 25, "update_rule": "S5", "critic": "backprop"}
    wanted |= {"actor_learning_rates": actor, "critic_learning_rate": critic}
    assert {name: own[name] for name in wanted} == wanted
    assert settings(task, EP, "kubo2022-2017") == {**own, "update_rule": "S6"}
    assert settings(task, EP, "kubo2022-other-rates") == {**own, "actor_learning_rates": other}
    assert runs()[task, EP, "kubo2022"].length == episodes


@pytest.mark.parametrize("task", TASKS)
def test_bp_has_the_rates_of_table_s2(task: str) -> None:
    own = settings(task, BP)
    assert (own["activations"], own["actor_biases"], own["low_temperature_from"]) == ("stored", "fixed", None)
    for number, (actor, critic) in enumerate(TABLE_S2[task]):
        variant = f"kubo2022-rates-{number}" if number else "kubo2022"
        changed = {"actor_learning_rates": [actor, actor], "critic_learning_rate": critic}
        assert settings(task, BP, variant) == {**own, **changed}
    assert (task, BP, f"kubo2022-rates-{len(TABLE_S2[task])}") not in runs()
    low = {"low_temperature": 0.01, "low_temperature_from": 0.75}
    assert settings(task, BP, "kubo2022-low-temperature") == {**own, **low}
    assert settings(task, BP, "kubo2022-honest") == {**own, "activations": "recomputed", "actor_biases": "learned"}


def test_the_other_rules_have_the_settings_of_tables_s1_and_s3() -> None:
    alone = settings("CartPole-v0", EP, "kubo2022-ep-only")
    wanted = {"critic": EP, "actor_learning_rates": [1e-4, 1e-4], "beta": 0.03, "critic_learning_rates": [1e-3, 8e-3]}
    assert {name: alone[name] for name in (*wanted, "critic_beta")} == {**wanted, "critic_beta": 0.01}
    through_time = settings("CartPole-v0", BPTT)
    wanted = {"free_steps": 180, "actor_learning_rates": [1e-4, 1e-3], "critic_learning_rate": 1e-3}
    assert {name: through_time[name] for name in wanted} == wanted
    early = settings("LunarLander-v2", BP, "kubo2022-low-temperature-early")
    assert early["low_temperature_from"] * runs()["LunarLander-v2", BP, "kubo2022"].length == 750


def test_every_unequal_pair_of_rates_is_run_in_the_other_order_too() -> None:
    """Which order the authors trained in is not recorded; nothing but the order differs."""
    pairs = [
        ("LunarLander-v2", EP, "kubo2022", "kubo2022-printed-order", "actor_learning_rates"),
        ("CartPole-v0", BPTT, "kubo2022", "kubo2022-exchanged-rates", "actor_learning_rates"),
        ("CartPole-v0", EP, "kubo2022-ep-only", "kubo2022-ep-only-exchanged-rates", "critic_learning_rates"),
    ]
    for task, method, variant, other, name in pairs:
        own = settings(task, method, variant)
        first, second = own[name]
        assert first != second
        assert settings(task, method, other) == {**own, name: [second, first]}
        assert runs()[task, method, other].length == runs()[task, method, variant].length
    assert settings("LunarLander-v2", BP, "kubo2022-honest-ep-rates") == {
        **settings("LunarLander-v2", BP, "kubo2022-honest"),
        "actor_learning_rates": settings("LunarLander-v2", EP)["actor_learning_rates"],
    }


def test_the_longest_run_is_left_to_the_extended_scale() -> None:
    assert runs()["CartPole-v0", EP, "kubo2022-ep-only"].length == 2000
    assert set(runs("extended")) - set(runs()) == {("CartPole-v0", EP, "kubo2022-ep-only-long")}
    assert runs("extended")["CartPole-v0", EP, "kubo2022-ep-only-long"].length == 10_000
    counts = {len(seeds) for seeds in make_plan(ROOT, {"scale": "extended", "papers": "kubo2022"}).seeds.values()}
    assert counts == {32, 23, 8}, "claims, the longest run among them, and follow-ups"


def test_every_setting_of_bp_is_compared_with_ep_bp() -> None:
    claims = read_claims("kubo2022")
    pairs = {
        quantity: {(claim.task, claim.worse[1]) for claim in claims.of(Ordering) if claim.quantity == quantity
                   and claim.better == (EP, "kubo2022") and claim.worse[0] == BP}
        for quantity in ("last_quarter_mean", "last_quarter_sd")
    }  # fmt: skip
    names = {task: {"kubo2022", *(f"kubo2022-rates-{k}" for k in range(1, len(rates)))} for task, rates in TABLE_S2.items()}
    assert pairs["last_quarter_mean"] == {(task, name) for task, own in names.items() for name in own}
    assert pairs["last_quarter_sd"] == {(task, name) for task, own in names.items() for name in own if task[0] != "L"}
    (exception,) = claims.of(NotBest)
    assert set(exception.others) == {(BP, name) for name in names["LunarLander-v2"]}
    levels = {(claim.method, claim.variant, claim.level) for claim in claims.of(Rate)}
    assert levels == {(EP, "kubo2022-ep-only-long", 200), (EP, "kubo2022-other-rates", 10), (BPTT, "kubo2022", 200)}
    assert all(claim.artefact.startswith("section ") and claim.n == 8 for claim in claims.all)


def test_everything_announced_is_made(actor_critic: SimpleNamespace) -> None:
    assert {f"figure_s{number}" for number in range(1, 12)} <= set(FIGURES)
    assert {"table_s1", "table_s2", "table_s3"} <= set(TABLES)
    assert {path.stem for path in actor_critic.figures.iterdir()} == set(FIGURES)
    assert {path.stem for path in actor_critic.tables.iterdir()} == {*TABLES, "facts"}
    assert actor_critic.pdf.read_bytes().startswith(b"%PDF")


def test_the_last_quarter_is_that_of_the_logs(actor_critic: SimpleNamespace) -> None:
    row = row_of(actor_critic, "last_quarter", task="LunarLander-v2", method=BP, variant="kubo2022-rates-1")
    log = log_of(actor_critic, "LunarLander-v2", BP, "kubo2022-rates-1")
    ends = [run.loc[run["episode"] > 1125, "return"].to_numpy() for _, run in log.groupby("seed")]
    for name, values in (("mean", [end.mean() for end in ends]), ("variability", [end.std(ddof=1) for end in ends])):
        assert row[name] == pytest.approx(np.mean(values), rel=1e-5)
        assert row[f"{name}_sem"] == pytest.approx(np.std(values, ddof=1) / np.sqrt(8), rel=1e-5)
    assert row["n"] == 8


def test_parameters_are_those_of_the_runs(actor_critic: SimpleNamespace) -> None:
    only = pd.read_csv(actor_critic.tables / "table_s1.csv").iloc[0]
    assert (only["actor"], only["critic"], only["episodes"]) == ("4-256-2", "4-256-1", 2000)
    assert list(only[["beta", "critic_alpha_1", "critic_alpha_2", "critic_beta"]]) == [0.03, 1e-3, 8e-3, 0.01]
    through_time = pd.read_csv(actor_critic.tables / "table_s3.csv").iloc[0]
    assert list(through_time[["alpha_1", "alpha_2", "critic_alpha", "free_steps"]]) == [1e-4, 1e-3, 1e-3, 180]
    rates = pd.read_csv(actor_critic.tables / "table_s2.csv")
    found = {task: list(zip(own["actor"], own["critic"], strict=True)) for task, own in rates.groupby("task")}
    assert found == TABLE_S2
    assert list(rates.loc[rates["task"] == "Acrobot-v1", "number"]) == ["original", "(1)", "(2)", "(3)", "(4)"]


def panels(made: SimpleNamespace, name: str) -> dict[str, Axes]:
    figure = getattr(figures, name)(read_report_data(made.data))
    return {panel.get_title(loc="left"): panel for panel in figure.axes if panel.get_title(loc="left")}


def test_arrows_stand_where_the_temperature_drops(actor_critic: SimpleNamespace) -> None:
    places = {
        title: sorted(arrow.xy[0] for arrow in panel.texts if hasattr(arrow, "xy"))
        for title, panel in panels(actor_critic, "figure_s6").items()
    }
    assert places == {"CartPole-v0": [750], "Acrobot-v1": [750], "LunarLander-v2": [750, 1125]}


def test_settings_are_shown_in_the_order_of_their_numbers(actor_critic: SimpleNamespace) -> None:
    shown = {t: [label.get_text() for label in p.get_xticklabels()] for t, p in panels(actor_critic, "figure_s9").items()}
    numbered = ["EP-BP", "BP (orig)", *(f"BP ({number})" for number in range(1, 12))]
    assert [name.replace("\n", " ") for name in shown["LunarLander-v2"]] == numbered
    assert [name.replace("\n", " ") for name in shown["CartPole-v0"]] == numbered[:6]


def test_a_rule_looks_the_same_wherever_it_is_shown(actor_critic: SimpleNamespace) -> None:
    looks: dict[str, set[tuple[str, str]]] = {}
    for name in ("figure_s2", "figure_s3", "figure_s6", "figure_s11", "honest"):
        for panel in panels(actor_critic, name).values():
            for line in panel.lines:
                label = str(line.get_label())
                if not label.startswith("_") and "best run" not in label:
                    looks.setdefault(label, set()).add((str(line.get_color()), str(line.get_linestyle())))
    assert len(looks) == 9
    assert all(len(own) == 1 for own in looks.values())
    assert len({next(iter(own)) for own in looks.values()}) == len(looks)


def test_every_variant_of_its_own_has_a_look_of_its_own() -> None:
    own = [(BP if "rates-" in v or "low" in v else EP, v) for v in OWN_VARIANTS if "other" not in v]
    alone = {key: line_styles([key])[key] for key in own}
    assert line_styles(own) == alone


def test_the_best_run_is_the_one_with_the_highest_end(actor_critic: SimpleNamespace) -> None:
    log = log_of(actor_critic, "CartPole-v0", BPTT, "kubo2022")
    ends = log[log["episode"] > 750].groupby("seed")["return"].mean()
    labels = [str(line.get_label()) for line in panels(actor_critic, "figure_s11")["The best run of BPTT-BP"].lines]
    assert f"BPTT-BP, best run (seed {ends.idxmax()})" in labels


def test_no_claim_rests_on_the_search(actor_critic: SimpleNamespace) -> None:
    assert actor_critic.facts["searched"] == {"runs": [], "labels": [], "claims": []}
    assert actor_critic.facts["drops"]["LunarLander-v2"] == [750, 1125]


@pytest.mark.parametrize(("budget", "seeds"), [("tiny", range(2)), ("tenth", range(3))])
def test_small_scales_give_no_verdict(budget: str, seeds: range, tmp_path: Path) -> None:
    made = make(tmp_path, budget, write_kubo2022(tmp_path / "results", budget, seeds), paper="kubo2022", seeds=seeds)
    assert made.facts["verdicts"]["given"] == 0
    assert pd.read_csv(made.tables / "orderings.csv")["verdict"].isna().all()


def test_the_long_runs_are_shown_beside_the_short_ones(tmp_path: Path) -> None:
    folders = [f for f in write_kubo2022(tmp_path / "results", "full", range(2), long=True) if "CartPole-v0" in f.parts]
    made = make(tmp_path, "full", folders, paper="kubo2022", seeds=range(2))
    assert list(pd.read_csv(made.tables / "table_s1.csv")["episodes"]) == [2000, 10_000]
    figure = figures.figure_s1(read_report_data(made.data))
    assert [panel.get_xlim()[1] for panel in figure.axes] == [2000, 10_000]


def test_a_report_of_one_task_and_rule_is_possible(tmp_path: Path) -> None:
    folders = [f for f in write_kubo2022(tmp_path / "results", "tiny", [0]) if f.parts[-4:-1] == ("Acrobot-v1", BP, "kubo2022")]
    made = make(tmp_path, "tiny", folders, paper="kubo2022", seeds=[0])
    assert row_of(made, "last_quarter", task="Acrobot-v1")["n"] == 1
    assert made.facts["headline"] == []
