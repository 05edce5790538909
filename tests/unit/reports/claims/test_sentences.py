"""Sentences with several parts: how they stand in claims.yaml, what is refused, and what verdict they get."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from records.errors import ResultError
from reports.claims.kinds.ordering import Ordering
from reports.claims.read import Claims, parse_claims
from reports.claims.sentence import Sentence
from reports.claims.verdicts import verdict_summary, verdicts
from reports.runs.load import ReportData

TASKS = ("X", "Y", "Z")
RUNS = {(task, method, "v"): f"Rule {method.upper()}" for task in TASKS for method in "ab"}
TEXT = """\
claims:
  - id: always-better
    text: A is better than B on all tasks
    kind: ordering
    better: [a, v]
    worse: [b, v]
    quantity: mean_return
    n: 8
    artefact: section 1
    page: 3
    shown: f
    parts:
      - {id: better-on-x, task: X}
      - {id: better-on-y, task: Y, text: Also on Y}
      - id: better-on-z
        task: Z
        margin: 2
  - {kind: rate, id: solves, text: It solves X, artefact: section 2, page: 3, shown: f, task: X, n: 10, method: a, variant: v,
     event: solved, reached: 10, margin: 0.25}
"""


def parse(text: str, folder: Path) -> Claims:
    (folder / "claims.yaml").write_text(text, encoding="utf-8")
    return parse_claims(folder / "claims.yaml", RUNS, ("f",), ())


def test_parts_have_the_keys_of_their_sentence(tmp_path: Path) -> None:
    claims = parse(TEXT, tmp_path)
    always, solves = claims.sentences
    assert isinstance(claims.entries[0], Sentence)
    assert [part.id for part in always.parts] == ["better-on-x", "better-on-y", "better-on-z"]
    assert [part.text for part in always.parts] == [always.text, "Also on Y", always.text]
    assert [part.margin for part in always.parts if isinstance(part, Ordering)] == [None, None, 2]
    assert [part.id for part in solves.parts] == [solves.id]
    assert [claim.id for claim in claims.all] == ["better-on-x", "better-on-y", "better-on-z", "solves"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("task: Y,", "task: W,", ":14: claim better-on-y: unknown task 'W'"),
        ("worse: [b, v]", "worse: [c, v]", ":6: claim better-on-x: unknown method 'c'"),
        ("    quantity: mean_return\n", "    quantity: mean\n", ":7: claim better-on-x: quantity"),
        ("        margin: 2", "        margin: -2", ":17: claim better-on-z: margin: -2 should be greater than 0"),
        ("        margin: 2", "        colour: 2", ":17: claim better-on-z: unknown key 'colour'"),
        ("kind: ordering", "kind: odering", ":4: claim better-on-x: kind: 'odering' is not valid; did you mean ordering?"),
        ("    kind: ordering\n", "", ":12: claim better-on-x: the key 'kind' is missing"),
        ("id: better-on-y", "id: better-on-x", r":14: the id better-on-x is taken \(.*:13\); choose another"),
        ("id: solves", "id: always-better", r":18: the id always-better is taken \(.*:2\); choose another"),
        ("  - id: always-better\n    text", "  - text", ":2: sentence 0: the key 'id' is missing; add it"),
        ("    shown: f\n", "    shown: f\n    primary: perhaps\n", ":12: sentence always-better: primary: 'perhaps' should be"),
        ("task: X}", "task: X, primary: true}", ":2: sentence always-better: part better-on-x: a sentence is primary"),
        ("    parts:\n", "    parts: 3\n    part:\n", ":12: sentence always-better: parts: 3 should be a valid list"),
        ("- {id: better-on-x, task: X}", "- 3", ":13: claim 0: 3 should be a mapping of keys to values"),
    ],
)
def test_a_wrong_sentence_is_refused_with_its_line(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in TEXT
    with pytest.raises(ResultError, match=f"claims.yaml{message}") as caught:
        parse(TEXT.replace(old, new, 1), tmp_path)
    assert "\n" not in str(caught.value)


def decided(claims: Claims, ahead: dict[str, float], post_hoc: dict[str, str] | None = None) -> pd.DataFrame:
    """The verdicts where A is ahead of B by so much on each task."""
    spread = [-1.0, -0.6, -0.3, 0.0, 0.1, 0.4, 0.5, 0.9]
    rows: list[dict[str, Any]] = []
    for task, difference in ahead.items():
        for method, centre in (("a", difference), ("b", 0.0)):
            rows += [{"task": task, "method": method, "mean_return": centre + value, "seed": k} for k, value in enumerate(spread)]
    table = pd.DataFrame(rows).assign(variant="v", kind="episodic", steps=100, solved=pd.array([5] * len(rows), dtype="Int64"))
    return verdicts(ReportData(table, table, table, []), claims, True, post_hoc)


@pytest.mark.parametrize(
    ("ahead", "verdict", "counted"),
    [
        ({"X": 9, "Y": 9, "Z": 9}, "AGREES", "3 agree"),
        ({"X": 9, "Y": 9, "Z": -9}, "DIFFERS", "2 agree, 1 differ"),
        ({"X": 9, "Y": 0, "Z": 9}, "INCONCLUSIVE", "2 agree, 1 open"),
        ({"X": 9, "Y": 9, "Z": 0.5}, "NO RELEVANT DIFFERENCE", "2 agree, 1 make no relevant difference"),
    ],
)
def test_the_verdict_on_a_sentence(ahead: dict[str, float], verdict: str, counted: str, tmp_path: Path) -> None:
    table = decided(parse(TEXT, tmp_path), ahead)
    assert list(table["part_of"].fillna("")) == ["", *["always-better"] * 3, ""]
    sentence = table.iloc[0]
    assert (sentence["verdict"], sentence["ours"], sentence["parts"]) == (verdict, counted, 3)
    assert table["q"].notna().tolist() == [True, False, False, False, True]
    assert list(verdict_summary(table).query("kind == 'all'")["claims"]) == [2], "parts are not counted by themselves"


def test_a_part_without_runs_leaves_its_sentence_without_a_verdict(tmp_path: Path) -> None:
    table = decided(parse(TEXT, tmp_path), {"X": 9, "Y": 9})
    assert table["verdict"].iloc[:4].isna().all()
    assert (table["ours"].iloc[0], table["n"].iloc[0]) == ("–", 0)


def test_marks_of_claims_stand_in_their_rows(tmp_path: Path) -> None:
    claims = parse(TEXT, tmp_path)
    marked = decided(claims, {"X": 9, "Y": 9, "Z": 9}, {"better-on-y": "yes", "always-better": "yes", "solves": "no"})
    assert list(marked["post_hoc"]) == ["yes", "not frozen", "yes", "not frozen", "no"]
    assert set(decided(claims, {"X": 9})["post_hoc"]) == {"not frozen"}
