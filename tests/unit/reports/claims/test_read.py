"""claims.yaml: what the papers' files hold, and how wrong ones are refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from records.errors import Refusal, ResultError
from records.sources import ROOT
from reports.claims.kinds.mean import Mean
from reports.claims.kinds.ordering import Ordering
from reports.claims.kinds.rate import Rate
from reports.claims.kinds.value import Value
from reports.claims.read import Claims, parse_claims, planned_runs, read_claims
from workflow.jobs.preflight import check_claims

RUNS = {
    ("CartPole-v1", "map_propagation", "p"): "MAP propagation",
    ("CartPole-v1", "backprop_traces", "p"): "Backprop",
    ("CartPole-v1", "backprop_traces", "p-slow"): "Slow backprop",
    ("Multiplexer-v0", "map_propagation", "p"): "MAP propagation",
}

GOOD = """\
claims:
  - &mean {kind: mean, id: one, text: As good as that, artefact: Table 1, page: 7, shown: table_1,
     task: CartPole-v1, method: map_propagation, variant: p, n: 10, mean: 459.7, sd: 13.89, ddof: 0}
  - kind: value
    id: two
    text: Seen in a figure
    artefact: Figure 1
    page: 7
    shown: table_1
    task: Multiplexer-v0
    method: map_propagation
    variant: p
    n: 10
    update: 5000
    value: 0.9
    error: 0.02
    margin: 0.03
  - {kind: ordering, id: three, text: Better, artefact: released results, shown: figure_1, task: CartPole-v1, n: 10,
     better: [map_propagation, p], worse: [backprop_traces, p], quantity: solved}
  - {kind: rate, id: four, text: About half, artefact: section 5, page: 8, shown: figure_1, task: CartPole-v1, n: 10,
     method: backprop_traces, variant: p, event: solved, share: [0.4, 0.6], margin: 0.1}
  - {<<: *mean, id: five, kind: mean, variant: p, sd: 2.5, margin: 30}
"""


def parse(text: str, path: Path) -> Claims:
    path.write_text(text, encoding="utf-8")
    return parse_claims(path, RUNS, ("table_1", "figure_1"), (5_000,))


def test_the_claims_of_chung2021() -> None:
    claims = read_claims("chung2021")
    means = claims.of(Mean)
    assert len(means) == 16
    assert all((mean.ddof, mean.tolerance, mean.page) == (0, mean.sd, 7) for mean in means)
    thomas = next(mean for mean in means if mean.keys[0] == ("Acrobot-v1", "reinforce_thomas", "chung2021"))
    assert (thomas.mean, thomas.sd, thomas.n) == (-149.11, 33.5, 11)
    assert {ordering.quantity for ordering in claims.of(Ordering)} == {
        "mean_return",
        "final_mean",
        "first_quarter_mean",
        "last_quarter_sd",
    }
    released = [value for value in claims.of(Value) if value.artefact == "released results"]
    assert [(v.value, v.reached) for v in released if v.task == "LunarLander-v2" and v.quantity == "solved"] == [
        (1418, 8),
        (1311, 4),
    ]
    assert len([rate for rate in claims.of(Rate) if rate.share is None]) == 12


def test_a_good_file(tmp_path: Path) -> None:
    claims = parse(GOOD, tmp_path / "claims.yaml")
    mean, value, ordering, rate, other = claims.all
    assert isinstance(mean, Mean)
    assert isinstance(other, Mean)
    assert (mean.tolerance, other.tolerance, other.text) == (13.89, 30, "As good as that")
    assert isinstance(value, Value)
    assert value.column == "reward_at_5000"
    assert [claims.labels[key] for key in ordering.keys] == ["MAP propagation", "Backprop"]
    assert claims.of(Rate) == (rate,)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("sd: 13.89", "sd: -13.89", ":3: claim one: sd: -13.89 should be greater than 0"),
        ("sd: 13.89", "sd: 0", ":3: claim one: sd: 0 should be greater than 0"),
        ("n: 10, mean", "mean", ":2: claim one: the key 'n' is missing; add it"),
        ("    n: 10\n", "", ":4: claim two: the key 'n' is missing; add it"),
        ("n: 10, mean", "n: 1, mean", ":3: claim one: n: 1 should be greater than or equal to 2"),
        ("ddof: 0", "ddof: 2", ":3: claim one: ddof: 2 is not valid; it must be one of 0, 1"),
        ("id: two", "id: one", r":5: the id one is taken \(.*:2\); choose another"),
        ("id: two", "id: Two!", ":5: claim Two!: id: "),
        ("    error: 0.02", "    colour: red", ":16: claim two: unknown key 'colour'; it must be one of artefact"),
        ("    error: 0.02", "    error: -1", ":16: claim two: error: -1 should be greater than or equal to 0"),
        ("    error: 0.02", "    value: 1", ":16: the key 'value' is given twice"),
        ("    page: 7\n", "", ":7: claim two: the page of Figure 1 is missing"),
        (
            "    method: map_propagation\n",
            "    method: map\n",
            ":11: claim two: unknown method 'map'; on Multiplexer-v0 runs.yaml",
        ),
        ("    method: map_propagation\n", "    method: backprop_traces\n", ":11: claim two: unknown method 'backprop_traces'"),
        ("    variant: p\n", "    variant: q\n", ":12: claim two: unknown variant 'q'; of map_propagation on Multiplexer-v0"),
        (
            "    task: Multiplexer-v0",
            "    task: Multiplexer",
            ":10: claim two: unknown task 'Multiplexer'; runs.yaml has CartPole",
        ),
        ("worse: [backprop_traces, p]", "worse: [backprop_traces, q]", ":19: claim three: unknown variant 'q'"),
        (
            "better: [map_propagation, p]",
            "better: map_propagation",
            ":19: claim three: better: 'map_propagation' should be a valid list",
        ),
        ("    shown: table_1", "    shown: table_2", ":9: claim two: unknown figure or table 'table_2'; the report has figure_1"),
        ("update: 5000", "update: 5001", ":14: claim two: update 5001 is not recorded; choose one of 5000 or last"),
        ("    update: 5000\n", "", ":4: claim two: it needs either a quantity or an update"),
        ("kind: value", "kind: valeu", ":4: claim two: kind: 'valeu' is not valid; did you mean value"),
        ("  - kind: value\n    id", "  - id", ":4: claim two: the key 'kind' is missing; it must be one of"),
        ("share: [0.4, 0.6]", "share: [0.6, 0.4]", r":20: claim four: share: \[0.6, 0.4\] is no range of shares"),
        ("share: [0.4, 0.6]", "reached: 11", ":20: claim four: reached: 11 of 10 runs"),
        ("share: [0.4, 0.6], ", "", ":20: claim four: it needs either reached or a share"),
        ("claims:\n", "claims: [\n", ":2: did not find expected node content"),
        (GOOD, "claims: []\n", ":1: claims: Tuple should have at least 1 item"),
        (GOOD, "- 1\n", ":1: it should be a mapping of keys to values"),
        (GOOD, "", ":1: it should be a mapping of keys to values"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in GOOD
    with pytest.raises(ResultError, match=f"claims.yaml{message}") as caught:
        parse(GOOD.replace(old, new, 1), tmp_path / "claims.yaml")
    assert "\n" not in str(caught.value)


def test_a_text_without_pages(tmp_path: Path) -> None:
    parse("paged: false\n" + GOOD.replace("    page: 7\n", ""), tmp_path / "claims.yaml")


def test_runs_are_read_as_plain_data(tmp_path: Path) -> None:
    runs = planned_runs(ROOT / "reports" / "chung2021" / "runs.yaml", "chung2021")
    assert runs["ScalarRegression-v0", "map_propagation", "chung2021-supervised"] == "MAP propagation (SL)"
    assert runs["CartPole-v1", "backprop_traces", "chung2021"] == "Backprop"
    assert not [key for key in runs if key[0] == "CartPole-v0"]  # only checked, never reported
    (tmp_path / "runs.yaml").write_text("runs: 3\n")
    with pytest.raises(ResultError, match=r"runs\.yaml: not a list of runs"):
        planned_runs(tmp_path / "runs.yaml", "p")
    with pytest.raises(ResultError, match=r"claims\.yaml: cannot be read \(No such file"):
        parse_claims(tmp_path / "claims.yaml", RUNS, (), ())


def test_the_workflow_refuses_a_wrong_claims_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shutil.copytree(ROOT / "reports" / "chung2021", tmp_path / "reports" / "chung2021")
    monkeypatch.chdir(tmp_path)
    check_claims("chung2021")
    claims = folder / "claims.yaml"
    text = claims.read_text(encoding="utf-8")
    line = text[: text.index("id: return-acrobot-reinforce,")].count("\n") + 1
    claims.write_text(text.replace("method: reinforce,", "method: reinfroce,", 1), encoding="utf-8")
    with pytest.raises(Refusal, match=rf"^reports/chung2021/claims\.yaml:{line}: claim return-acrobot-reinforce: unknown method"):
        check_claims("chung2021")
