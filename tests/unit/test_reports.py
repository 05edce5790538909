"""The report of chung2021 on synthetic results: its numbers, its figures, its PDF, and what it refuses."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import stats

from reports import pipeline
from reports.chung2021 import METHODS, TASKS
from reports.chung2021.selection import select_runs
from reports.claims import parse_claims, read_claims
from reports.data import load, read_report_data
from reports.errors import ResultError
from reports.panels import variants_of
from reports.provenance import drawn_by
from reports.settings import value_text
from reports.summarise import across_seeds, curves, first_at_least, summarise, trailing_mean
from reports.theme import line_styles
from tests.unit.synthetic_results import all_runs, write_results, write_run

PAPER = "chung2021"
SEEDS = {"full": range(10), "tenth": range(3), "tiny": range(2)}
SCALES = {"full": "paper", "tenth": "quick", "tiny": "ci"}


def make(root: Path, budget: str, folders: list[Path] | None = None, **options: Any) -> SimpleNamespace:
    """Everything from results to PDF under `root`; `folders` in place of all the results of that size."""
    folders = write_results(root / "results", budget, SEEDS[budget]) if folders is None else folders
    made = SimpleNamespace(root=root, folders=folders, data=root / "data", figures=root / "figures", tables=root / "tables")
    made.pdf, made.provenance = root / f"{PAPER}.pdf", root / "provenance.json"
    pipeline.summarise_to_files(PAPER, folders, SEEDS[budget], made.data, **options)
    pipeline.draw_figures(PAPER, made.data, made.figures)
    pipeline.write_tables(PAPER, made.data, made.tables, SCALES[budget])
    pipeline.write_provenance(PAPER, made.data, made.provenance)
    pipeline.build_report(PAPER, made.figures, made.tables, made.provenance, made.pdf, SCALES[budget])
    made.facts = json.loads((made.tables / "facts.json").read_text())
    return made


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    return make(tmp_path_factory.mktemp("full"), "full")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    return make(tmp_path_factory.mktemp("tiny"), "tiny")


def log_of(made: SimpleNamespace, task: str, method: str, variant: str = PAPER) -> pd.DataFrame:
    (folder,) = [f for f in made.folders if f.parts[-4:-1] == (task, method, variant)]
    return pd.read_parquet(folder / "episodes.parquet")


def row_of(made: SimpleNamespace, table: str, **values: Any) -> pd.Series:
    rows = pd.read_csv(made.tables / f"{table}.csv")
    for column, value in values.items():
        rows = rows[rows[column] == value]
    assert len(rows) == 1, values
    return rows.iloc[0]


@pytest.mark.parametrize("size", ["full", "tiny"])
def test_everything_announced_is_made(size: str, request: pytest.FixtureRequest) -> None:
    made = request.getfixturevalue(size)
    names = {f"{name}.{kind}" for name in pipeline.figure_names(PAPER) for kind in ("svg", "png")}
    assert {path.name for path in made.figures.iterdir()} == names
    tables = {f"{name}.csv" for name in pipeline.table_names(PAPER)}
    assert {path.name for path in made.tables.iterdir()} == {*tables, "facts.json"}
    assert {path.name for path in made.data.iterdir()} == set(pipeline.DATA_FILES)
    assert made.pdf.read_bytes().startswith(b"%PDF")


def test_everything_is_byte_identical_when_made_again(tiny: SimpleNamespace, tmp_path: Path) -> None:
    again = make(tmp_path, "tiny", tiny.folders)
    for path in sorted(tiny.root.rglob("*.*")):
        if "results" not in path.parts and path.suffix != ".parquet":
            assert path.read_bytes() == (again.root / path.relative_to(tiny.root)).read_bytes(), path.name


def test_figures_carry_neither_date_nor_font(tiny: SimpleNamespace) -> None:
    svg = (tiny.figures / "figure_2.svg").read_text()
    assert "<dc:date>" not in svg
    assert "font-family" not in svg


# Numbers --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("task", "method"), [("CartPole-v1", "map_propagation"), ("LunarLander-v2", "reinforce_thomas")])
def test_table_1_is_what_numpy_says(full: SimpleNamespace, task: str, method: str) -> None:
    row = row_of(full, "table_1", task=task, method=method)
    log = log_of(full, task, method)
    means = np.array([log.loc[log["seed"] == seed, "return"].mean() for seed in range(10)])
    paper_sd = row["paper_sd"] * np.sqrt(10 / 9)
    theirs = stats.ttest_ind_from_stats(means.mean(), means.std(ddof=1), 10, row["paper_mean"], paper_sd, 10, equal_var=False)
    assert (row["n"], row["mean"], row["sd"]) == pytest.approx((10, means.mean(), means.std(ddof=0)), rel=1e-5)
    assert row["p"] >= theirs.pvalue * (1 - 1e-5)
    assert row["low"] < row["difference"] < row["high"]
    inside = -row["margin"] <= row["low"] and row["high"] <= row["margin"]
    assert row["verdict"] == ("AGREES" if inside else "DIFFERS" if row["p"] < 0.05 else "INCONCLUSIVE")
    assert (row["verdict"] == "INCONCLUSIVE") == (not np.isnan(row["seeds"]))


def test_episodes_are_counted_as_by_hand(full: SimpleNamespace) -> None:
    log = log_of(full, "LunarLander-v2", "backprop_traces")
    first, solved = [], []
    for _, run in log.groupby("seed"):
        returns = run.sort_values("episode")["return"].to_numpy()
        first.append(next(i + 1 for i, value in enumerate(returns) if value >= 200))
        solved.append(next(i for i in range(100, len(returns) + 1) if returns[i - 100 : i].mean() >= 200))
    key = {"task": "LunarLander-v2", "method": "backprop_traces"}
    assert row_of(full, "first_perfect", **key)["mean_reached"] == pytest.approx(np.mean(first))
    row = row_of(full, "solved", **key)
    assert row["mean_reached"] == pytest.approx(np.mean(solved))
    assert row["median"] == sorted(solved)[4]
    assert (row["reached"], row["n"], row["paper_reached"], row["paper_mean"]) == (10, 10, 4, 1311)


def test_unsolved_runs_are_censored_not_dropped(full: SimpleNamespace) -> None:
    row = row_of(full, "solved", task="MountainCarContinuous-v0", method="backprop_traces")
    assert 0 < row["reached"] < row["n"] / 2
    assert row["median"] == np.inf
    assert row["mean_reached"] < np.inf
    facts = full.facts["groups_shown"]
    assert [group["size"] for group in facts] == [10, row_of(full, "goal", method="backprop_traces")["often"], facts[2]["size"]]
    assert facts[1]["size"] + facts[2]["size"] == 10


def test_checkpoints_are_running_means_over_ten_updates(full: SimpleNamespace) -> None:
    log = log_of(full, "Multiplexer-v0", "map_propagation")
    at = [run.sort_values("update")["mean_reward"].to_numpy()[4990:5000].mean() for _, run in log.groupby("seed")]
    row = row_of(full, "single_step", task="Multiplexer-v0", method="map_propagation", update=5000)
    interval = stats.ttest_1samp(at, 0).confidence_interval(0.95)
    assert (row["mean"], row["low"], row["high"]) == pytest.approx((np.mean(at), interval.low, interval.high), rel=1e-4)
    assert (row["meets"] == "yes") == (row["low"] <= 0.92 and row["high"] >= 0.88)
    last = row_of(full, "single_step", task="ScalarRegression-v0", method="backprop_traces", last=True)
    assert last["update"] == 7812


def test_orderings_use_the_quantity_they_name(full: SimpleNamespace) -> None:
    row = row_of(full, "orderings", task="ScalarRegression-v0", quantity="final_mean")
    log = log_of(full, "ScalarRegression-v0", "backprop_traces")
    final = np.mean([run.sort_values("update")["mean_reward"].to_numpy()[-10:].mean() for _, run in log.groupby("seed")])
    assert (row["better"], row["worse"]) == ("Backprop", "MAP propagation (SL)")
    assert row["mean_better"] == pytest.approx(final, rel=1e-4)
    assert (row["probability"], row["verdict"]) == (1, "HOLDS")


def test_bands_are_over_seeds_with_ddof_1(full: SimpleNamespace) -> None:
    table = read_report_data(full.data).curves
    runs = table[(table["task"] == "Acrobot-v1") & (table["method"] == "map_propagation")]
    band = across_seeds(runs).set_index("x")
    log = log_of(full, "Acrobot-v1", "map_propagation")
    at = [run.sort_values("episode")["return"].to_numpy()[100:200].mean() for _, run in log.groupby("seed")]
    assert band.loc[200, "mean"] == pytest.approx(np.mean(at))
    assert band.loc[200, "sem"] == pytest.approx(np.std(at, ddof=1) / np.sqrt(10))
    assert band.loc[200, "n"] == 10


def test_selected_runs_are_medians_of_their_groups() -> None:
    rows = [("map_propagation", seed, float(seed), 1.0) for seed in range(4)]
    rows += [("backprop_traces", seed, 10.0 - seed, rate) for seed, rate in enumerate([0.9, 0.2, 0.5, 0.8, 0.0])]
    summary = pd.DataFrame(rows, columns=["method", "seed", "mean_return", "goal_rate"])
    groups = select_runs(summary.assign(task="MountainCarContinuous-v0", variant=PAPER))
    assert [(group.seed, group.size, group.total) for group in groups] == [(1, 4, 4), (3, 2, 5), (2, 3, 5)]


def test_trailing_mean_and_thresholds() -> None:
    assert trailing_mean(np.array([1.0, 3.0, 5.0, 7.0]), 2).tolist() == [1, 2, 4, 6]
    exactly = trailing_mean(np.array([0.1] * 7 + [500.0] * 300), 100)
    assert first_at_least(exactly, 500.0, start=99) == 107
    assert first_at_least(np.array([9.0, 9.0, 1.0]), 5.0, start=2) is None
    assert first_at_least(np.array([9.0]), None) is None


@pytest.mark.parametrize(("budget", "solved"), [("tiny", None), ("tenth", 100)])
def test_no_task_is_solved_in_fewer_than_a_hundred_episodes(budget: str, solved: int | None, tmp_path: Path) -> None:
    (folder,) = write_results(tmp_path, budget, [0], [("CartPole-v1", "reinforce")])
    _rewrite(lambda log: log.assign(**{"return": 500.0}))(folder)
    row = summarise(load([folder], [0]), PAPER, {"episodic": 100, "single_step": 10}, (5,)).iloc[0]
    assert row["first_perfect"] == 1
    assert (None if pd.isna(row["solved"]) else row["solved"]) == solved


# Scales and incomplete results ----------------------------------------------------------------------------------------------


def test_small_scales_give_no_verdict(tiny: SimpleNamespace) -> None:
    for name in ("table_1", "orderings"):
        table = pd.read_csv(tiny.tables / f"{name}.csv")
        assert table["verdict"].isna().all()
        assert table["p"].isna().all()
    assert pd.read_csv(tiny.tables / "single_step.csv")["meets"].isna().all()
    assert tiny.facts["means"]["given"] == 0
    assert (pd.read_csv(tiny.tables / "table_1.csv")["n"] == 2).all()


def test_a_single_seed_of_a_single_run_is_enough(tmp_path: Path) -> None:
    folders = write_results(tmp_path / "results", "tiny", [0], [("CartPole-v1", "map_propagation")])
    made = make(tmp_path, "tiny", folders, allow_partial=True)
    row = row_of(made, "table_1", task="CartPole-v1", method="map_propagation")
    assert row["n"] == 1
    assert np.isnan(row["sd"])
    assert row_of(made, "table_1", task="Acrobot-v1", method="reinforce")["n"] == 0
    assert made.facts["environments"] == [
        {"title": "CartPole", "environment": "CartPole-v1", "length": 10, "unit": "episodes", "n": "1", "threshold": 500.0}
    ]


def test_incomplete_seeds_are_refused_or_counted(tmp_path: Path) -> None:
    complete = write_results(tmp_path / "results", "tenth", range(3), [("CartPole-v1", "reinforce")])
    folder = tmp_path / "results/tenth/CartPole-v1/map_propagation/chung2021/seeds-000-001"
    folders = [*complete, write_run(folder, "CartPole-v1", "map_propagation", PAPER, "MAP propagation", 10, range(2))]
    with pytest.raises(ResultError, match=r"CartPole-v1/map_propagation/chung2021: no results for seed 2; run the same command"):
        make(tmp_path, "tenth", folders)
    made = make(tmp_path, "tenth", folders, allow_partial=True)
    assert made.facts["partial"]
    assert made.facts["seeds"] == "2\u20133"
    assert row_of(made, "table_1", task="CartPole-v1", method="map_propagation")["n"] == 2
    assert row_of(made, "solved", task="CartPole-v1", method="reinforce")["n"] == 3


def test_blocks_of_seeds_add_up_to_the_same(tmp_path: Path) -> None:
    arguments = ("CartPole-v1", "map_propagation", PAPER, "MAP propagation", 10)
    whole = write_run(tmp_path / "a/CartPole-v1/map_propagation/chung2021/seeds-000-002", *arguments, range(3))
    parent = tmp_path / "b/CartPole-v1/map_propagation/chung2021"
    blocks = [write_run(parent / f"seeds-{s:03d}-{s:03d}", *arguments, [s]) for s in (2, 0, 1)]
    once, in_blocks = (
        summarise(load(folders, range(3)), PAPER, {"episodic": 100, "single_step": 10}, (5,)) for folders in ([whole], blocks)
    )
    pd.testing.assert_frame_equal(once, in_blocks)


def test_gymnasium_backend_is_declared(tmp_path: Path) -> None:
    (folder,) = write_results(tmp_path / "results", "tiny", range(2), [("LunarLander-v2", "reinforce")])
    record = json.loads((folder / "run.json").read_text())
    record |= {"env_backend": "gymnasium", "environment": {**record["environment"], "id": "LunarLander-v3"}}
    (folder / "run.json").write_text(json.dumps(record))
    made = make(tmp_path, "tiny", [folder])
    assert made.facts["lunar_lander_v3"]
    assert made.facts["environments"][0]["environment"] == "LunarLander-v3"


# Bad files ------------------------------------------------------------------------------------------------------------------


def _truncate(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:60])


def _edit(**changes: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        record = json.loads((folder / "run.json").read_text())
        (folder / "run.json").write_text(json.dumps({**record, **changes}))

    return change


def _rewrite(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Path], None]:
    def rewrite(folder: Path) -> None:
        change(pd.read_parquet(folder / "episodes.parquet")).to_parquet(folder / "episodes.parquet", index=False)

    return rewrite


BAD = {
    "no log": (lambda folder: (folder / "episodes.parquet").unlink(), r"episodes\.parquet is missing; run the same command"),
    "no record": (lambda folder: (folder / "run.json").unlink(), r"run\.json is missing; run the same command"),
    "truncated log": (_truncate("episodes.parquet"), r"episodes\.parquet is truncated or not a Parquet file; delete it"),
    "truncated record": (_truncate("run.json"), r"run\.json is truncated or not JSON; delete it"),
    "foreign record": (lambda folder: (folder / "run.json").write_text("[1]"), r"run\.json: not a record of a run .*; delete"),
    "another's record": (_edit(method="reinforce"), r"run\.json: belongs to CartPole-v1/reinforce/chung2021, not to this"),
    "foreign log": (
        _rewrite(lambda log: log.rename(columns={"return": "score"})),
        r"not a log of CartPole-v1 \(no column return",
    ),
    "another's seeds": (_edit(seeds=[0, 7]), r"its seeds are not those of run\.json"),
    "lost rows": (_rewrite(lambda log: log.iloc[:-3]), r"seed 1 does not have just the episodes 1 to 10"),
    "doubled rows": (_rewrite(lambda log: log.replace({"episode": {3: 2}})), r"seed 0 does not have just the episodes 1 to 10"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_get_one_clear_line(case: str, tmp_path: Path) -> None:
    spoil, message = BAD[case]
    folders = write_results(tmp_path, "tiny", range(2), [("CartPole-v1", "map_propagation"), ("CartPole-v1", "reinforce")])
    spoil(folders[0])
    with pytest.raises(ResultError, match=message) as caught:
        load(folders, range(2))
    assert str(folders[0]) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_seeds_twice_or_unasked_for_and_nothing_at_all(tmp_path: Path) -> None:
    (folder,) = write_results(tmp_path, "tiny", range(2), [("CartPole-v1", "reinforce")])
    with pytest.raises(ResultError, match="seed 0 is also in"):
        load([folder, folder], range(2))
    with pytest.raises(ResultError, match=r"seed 1 is not asked for \(seed 0\)"):
        load([folder], [0])
    with pytest.raises(ResultError, match="no results to report"):
        load([], range(2))


def test_missing_inputs_of_the_report_are_named(tiny: SimpleNamespace, tmp_path: Path) -> None:
    figures = shutil.copytree(tiny.figures, tmp_path / "figures")
    (figures / "figure_4.svg").unlink()
    with pytest.raises(ResultError, match=r"figure_4\.svg is missing; run the same command"):
        pipeline.build_report(PAPER, figures, tiny.tables, tiny.provenance, tmp_path / "a.pdf", "ci")
    (figures / "figure_4.svg").write_text("no picture")
    with pytest.raises(ResultError, match=r"report\.typ: .*make its inputs anew"):
        pipeline.build_report(PAPER, figures, tiny.tables, tiny.provenance, tmp_path / "a.pdf", "ci")
    assert not (tmp_path / "a.pdf").exists()
    with pytest.raises(ResultError, match=r"summary\.parquet is missing"):
        pipeline.draw_figures(PAPER, tmp_path, tmp_path)


# Claims, labels, provenance -------------------------------------------------------------------------------------------------


def test_claims_are_the_paper_s() -> None:
    claims = read_claims(PAPER)
    assert len(claims.means) == 16
    assert {(c.task, c.method): (c.mean, c.sd, c.n) for c in claims.means}["Acrobot-v1", "reinforce_thomas"] == (
        -149.11,
        33.5,
        11,
    )
    assert all(claim.ddof == 0 and claim.tolerance == claim.sd for claim in claims.means)
    keys = {run[:3] for run in all_runs()}
    assert {claim.key for claim in (*claims.means, *claims.events, *claims.readings)} <= keys
    for claim in claims.orderings:
        assert {(claim.task, *claim.better), (claim.task, *claim.worse)} <= keys
        assert claim.task in TASKS


def test_runs_and_claims_mean_the_same_runs() -> None:
    """runs.yaml trains exactly what the synthetic results, the claims and the figures are about."""
    entries = yaml.safe_load((Path(pipeline.__file__).parent / PAPER / "runs.yaml").read_text(encoding="utf-8"))["runs"]
    planned = {
        (task, method, entry.get("variant", PAPER))
        for entry in entries
        if not entry.get("check_only")
        for task in entry["tasks"]
        for method in entry["methods"]
    }
    assert planned == {run[:3] for run in all_runs()}


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("sd", -1, r"means\.0\.sd"),
        ("ddof", 2, r"means\.0\.ddof"),
        ("colour", "red", r"means\.0\.colour"),
        ("method", "x", "no name"),
    ],
)
def test_wrong_claims_are_refused(key: str, value: Any, message: str, tmp_path: Path) -> None:
    claim = {"task": "T", "method": "m", "variant": "v", "mean": 1, "sd": 1, "ddof": 0, "n": 10, "source": "Table 1", key: value}
    path = tmp_path / "claims.yaml"
    path.write_text(yaml.safe_dump({"labels": {"m": "M"}, "means": [claim]}))
    with pytest.raises(ResultError, match=message):
        parse_claims(path)


def test_a_method_has_one_colour_everywhere() -> None:
    together = line_styles((method, PAPER) for method in METHODS)
    colours = {style["color"] for style in together.values()}
    assert len(colours) == len(METHODS)
    assert len({style["linestyle"] for style in together.values()}) == len(METHODS)
    for method in METHODS:
        assert line_styles([(method, PAPER)]) == {(method, PAPER): together[method, PAPER]}
    twice = line_styles([("map_propagation", PAPER), ("map_propagation", f"{PAPER}-supervised")])
    assert len({style["color"] for style in twice.values()}) == 2


def test_labels_come_from_the_records(full: SimpleNamespace) -> None:
    data = read_report_data(full.data)
    regression = data.summary[data.summary["task"] == "ScalarRegression-v0"]
    assert set(regression["label"]) == {"MAP propagation (RL)", "MAP propagation (SL)", "Backprop"}
    assert len(variants_of(regression)) == 3


def test_provenance_names_function_file_and_commit(full: SimpleNamespace) -> None:
    record = json.loads(full.provenance.read_text())
    assert set(record["figures"]) == set(pipeline.figure_names(PAPER))
    figure = record["figures"]["figure_2"]
    assert (figure["function"], figure["file"]) == ("figure_2", "reports/chung2021/figures.py")
    assert set(figure) == {"function", "file", "commit", "changed"}
    assert record["packages"]["numpy"] == ["2.4.6"]
    assert len(record["commits"]) == 1
    assert drawn_by(load)["file"] == "reports/data.py"


def test_values_are_printed_briefly() -> None:
    values = [None, True, 0.98, [0.02, 2e-5, 2e-6], 1e-9, 50_000, 20, "divide", 0.0, 1.0]
    printed = ["none", "yes", "0.98", "0.02, 2e-5, 2e-6", "1e-9", "50\u2009000", "20", "divide", "0", "1"]
    assert [value_text(value) for value in values] == printed


def test_hyperparameters_show_what_varies_and_who_agrees(full: SimpleNamespace, tmp_path: Path) -> None:
    assert row_of(full, "hyperparameters", name="discount")[["rules", "common"]].astype(str).tolist() == ["all", "0.98"]
    varying = row_of(full, "hyperparameters", name="anneal_steps")
    assert pd.isna(varying["common"])
    assert (varying["CartPole"], varying["Acrobot"]) == ("50\u2009000", "none")
    folders = write_results(tmp_path / "results", "tiny", range(2), [("CartPole-v1", m) for m in METHODS])
    _edit_hyperparameter(folders[1], "discount", 0.5)
    _edit_hyperparameter(folders[3], "discount", 0.5)
    pipeline.summarise_to_files(PAPER, folders, range(2), tmp_path / "data")
    pipeline.write_tables(PAPER, tmp_path / "data", tmp_path / "tables", "ci")
    table = pd.read_csv(tmp_path / "tables" / "hyperparameters.csv")
    rows = table.loc[table["name"] == "discount", ["rules", "common"]].astype(str)
    assert rows.to_numpy().tolist() == [["MAP propagation, REINFORCE with Thomas", "0.98"], ["REINFORCE, Backprop", "0.5"]]


def _edit_hyperparameter(folder: Path, name: str, value: Any) -> None:
    record = json.loads((folder / "run.json").read_text())
    record["hyperparameters"][name] = value
    (folder / "run.json").write_text(json.dumps(record))


def test_curves_end_at_the_last_update(full: SimpleNamespace) -> None:
    table = read_report_data(full.data).curves
    ends = table.groupby("task")["x"].agg(["min", "max"])
    assert list(ends.loc["Multiplexer-v0"]) == [1, 31_250]
    assert list(ends.loc["LunarLander-v2"]) == [1, 2_500]


def test_curves_of_short_runs_keep_every_point(tmp_path: Path) -> None:
    folders = write_results(tmp_path, "tiny", range(2), [("LunarLander-v2", "reinforce")])
    table = curves(load(folders, range(2)), {"episodic": 100, "single_step": 10})
    for _, curve in table.groupby("seed"):
        assert list(curve["x"]) == list(range(1, 26))
