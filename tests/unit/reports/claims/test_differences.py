"""Why a number differs: what may stand in a differences.yaml, and what the report makes of it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from records.errors import ResultError
from reports import pipeline
from reports.claims.differences import Experiment, Explanation, _in_place, differences, read_differences
from reports.claims.kinds.ordering import Ordering
from reports.claims.read import Claims, read_claims
from reports.claims.verdicts import verdicts
from reports.paper import papers
from reports.runs.load import ReportData, read_report_data
from tests.unit.reports.made_reports import PAPER

CLAIM = "return-cartpole-map"
OPEN = {"INCONCLUSIVE", "CANNOT BE SETTLED"}
VALID = f"""\
- of: [{CLAIM}]
  hypothesis: The number of steps.
  experiments:
    - variant: chung2021-steps-5
    - variant: chung2021-sequential
  conclusion: It is not.
- of: [[LunarLander-v2, reinforce]]
  hypothesis: The learning rates.
  experiments: [{{variant: chung2021-map-rates}}]
  conclusion: Perhaps.
"""


@pytest.fixture(scope="module")
def claims() -> Claims:
    return read_claims(PAPER)


@pytest.fixture(scope="module")
def data(complete: SimpleNamespace) -> ReportData:
    return read_report_data(complete.data)


def write(folder: Path, text: str) -> Path:
    (folder / PAPER).mkdir(exist_ok=True)
    (folder / PAPER / "differences.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_valid_file_is_read(claims: Claims, tmp_path: Path) -> None:
    first, second = read_differences(PAPER, claims, write(tmp_path, VALID))
    assert first.of == (CLAIM,)
    assert first.experiments == (Experiment(variant="chung2021-steps-5"), Experiment(variant="chung2021-sequential"))
    assert second.of == (("LunarLander-v2", "reinforce"),)
    explained = {claim.id for claim in claims.all if second.explains(claim)}
    assert "return-lunarlander-reinforce" in explained
    assert "return-cartpole-reinforce" not in explained
    ordering = next(claim for claim in claims.all if claim.kind == "ordering" and claim.id in explained)
    assert second.tried(ordering) == [("LunarLander-v2", "reinforce", "chung2021-map-rates")]


def test_no_file_explains_nothing_and_ours_is_valid(claims: Claims, tmp_path: Path) -> None:
    assert read_differences(PAPER, claims, tmp_path) == ()
    for paper in papers():
        read_differences(paper, read_claims(paper))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (CLAIM, "return-cartpole-mop", r"differences\.yaml:1: no claim 'return-cartpole-mop'"),
        ("LunarLander-v2, reinforce", "LunarLander-v2, sarsa", r"differences\.yaml:7: no claim \('LunarLander-v2', 'sarsa'\)"),
        ("chung2021-steps-5", "chung2021-steps-7", r"differences\.yaml:4: CartPole-v1/map_propagation/chung2021-steps-7 is not"),
        ("  conclusion: It is not.\n", "", r"differences\.yaml:1: the key '0\.conclusion' is missing; add it"),
        (
            "hypothesis: The number",
            "hypotheses: The number",
            r"differences\.yaml:2: unknown key '0\.hypotheses'; did you mean hypothesis\?",
        ),
        (
            "hypothesis: The number of steps.",
            'hypothesis: ""',
            r"differences\.yaml:2: 0\.hypothesis: String should have at least 1 character",
        ),
    ],
)
def test_wrong_files_are_refused_with_file_and_line(old: str, new: str, message: str, claims: Claims, tmp_path: Path) -> None:
    with pytest.raises(ResultError, match=message) as caught:
        read_differences(PAPER, claims, write(tmp_path, VALID.replace(old, new)))
    assert "\n" not in str(caught.value)


def test_a_claim_is_held_against_the_experiment_s_runs(data: ReportData, claims: Claims) -> None:
    table = verdicts(data, claims, True)
    differing = table.loc[table["verdict"] == "DIFFERS", "id"]
    assert len(differing) > 1
    claim = next(claim for claim in claims.all if claim.id in set(differing) and claim.kind == "mean")
    task, method, _ = claim.keys[0]
    # The same runs under the paper's own variant: the experiment must give what ours gives.
    again = Explanation(
        of=(claim.id,), hypothesis="None.", experiments=(Experiment(variant=PAPER, task=task, method=method),), conclusion="None."
    )
    result = differences(data, claims, table, [again])
    assert set(result["id"]) == set(differing)
    assert result["experiment"].notna().sum() == 1
    (row,) = result[result["id"] == claim.id].to_dict("records")
    assert row["experiment_ours"] == row["ours"]
    assert (row["experiment_n"], row["experiment_verdict"]) == (10, "DIFFERS")
    assert differences(data, claims, verdicts(data, claims, False), [again]).empty


def test_a_claim_that_stays_open_is_told_of_only_where_that_is_asked_for(data: ReportData, claims: Claims) -> None:
    table = verdicts(data, claims, True)
    given = dict(zip(table["id"], table["verdict"], strict=True))
    claim = next(claim for claim in claims.all if given[claim.id] in OPEN and claim.kind == "mean")
    own = Experiment(variant=claim.keys[0][2])
    because = Explanation(of=(claim.id,), hypothesis="It.", experiments=(own,), conclusion="No.")
    differing = [claim.id for claim in claims.all if given[claim.id] == "DIFFERS"]
    assert list(differences(data, claims, table, [because])["id"]) == differing
    asked = differences(data, claims, table, [because.model_copy(update={"even_if_open": True})])
    assert list(asked["id"]) == [*differing, claim.id]
    assert list(asked["verdict"]) == ["DIFFERS"] * len(differing) + [given[claim.id]]
    last = asked.iloc[-1]
    assert (last["conclusion"], last["experiment_ours"]) == ("No.", last["ours"])


def test_an_ordering_keeps_the_side_that_is_not_tried(data: ReportData, claims: Claims) -> None:
    ordering = next(claim for claim in claims.all if claim.kind == "ordering" and claim.task == "LunarLander-v2")
    assert isinstance(ordering, Ordering)
    reversed_claim = ordering.model_copy(update={"better": ordering.worse, "worse": ordering.better})
    tried = Experiment(variant="chung2021-map-rates", method="reinforce")
    because = Explanation(of=(ordering.id,), hypothesis="It.", experiments=(tried,), conclusion="No.")
    only = Claims((reversed_claim,), claims.labels)
    (row,) = differences(data, only, verdicts(data, only, True), [because]).to_dict("records")
    team = data.summary.query("task == 'LunarLander-v2' and method == 'map_propagation'")["mean_return"].mean()
    assert f"against {team:.2f}" in row["experiment_ours"]
    assert row["experiment_n"] == 6


def test_an_experiment_is_judged_among_the_parts_of_its_sentence(data: ReportData, claims: Claims) -> None:
    """The very same runs get the very same verdict and p: no other adjustment than that of the claim which they explain."""
    sentence = next(sentence for sentence in claims.sentences if len(sentence.parts) > 2 and sentence.kind == "ordering")
    table = verdicts(data, claims, True)
    for part in sentence.parts:
        moved = part.model_copy(update={"id": "moved"})
        around = _in_place(claims, part, moved)
        assert [own.id for own in around[0].parts] == [{part.id: "moved"}.get(own.id, own.id) for own in sentence.parts]
        again = verdicts(data, Claims(around, claims.labels), True)
        wanted, found = (rows.loc[rows["id"] == name].iloc[0] for rows, name in ((table, part.id), (again, "moved")))
        assert (found["verdict"], found["p"]) == (wanted["verdict"], wanted["p"])


def test_the_report_tells_of_each_difference(
    complete: SimpleNamespace, claims: Claims, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pd.read_csv(complete.tables / "verdicts.csv")
    differing = table.loc[(table["verdict"] == "DIFFERS") & (table["kind"] == "mean")].iloc[0]
    because = Explanation(
        of=((differing["task"], next(c.keys[0][1] for c in claims.all if c.id == differing["id"])),),
        hypothesis="Chance.",
        experiments=(Experiment(variant=PAPER),),
        conclusion="The same runs give the same number.",
    )
    monkeypatch.setattr("reports.claims.differences.read_differences", lambda paper, of: (because,))
    pipeline.write_tables(PAPER, complete.data, tmp_path / "tables", "paper")
    written = pd.read_csv(tmp_path / "tables" / "differences.csv")
    assert (written["conclusion"] == because.conclusion).any()
    pdf = tmp_path / "report.pdf"
    pipeline.build_report(PAPER, complete.figures, tmp_path / "tables", complete.provenance, pdf, "paper")
    assert pdf.read_bytes() != complete.pdf.read_bytes()
