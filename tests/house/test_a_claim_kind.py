"""A claim kind is a file in reports/claims/kinds and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from records.sources import ROOT
from reports.claims.kinds import KINDS
from tests.house.tiny_paper import NAME, write_paper
from tests.workflow.pipeline import Clone

KIND = '''
"""Floors."""

from typing import Literal

from reports.claims.claim import OneMethodClaim
from reports.claims.judgement import Judgement, number
from reports.statistics.decisions import Evidence
from reports.statistics.inference import Difference, Sample


class Floor(OneMethodClaim):
    """A mean over runs that is no less than so much."""

    WORDS = "floors of a mean"

    kind: Literal["floor"]
    least: float
    """The floor."""

    def judge(self, tables):
        ours = Sample.of(tables[0]["mean_return"])
        above = Difference(ours.mean - self.least, ours.sem, ours.n - 1)
        evidence = Evidence(above.above(0), above.below(0))
        return Judgement(f"≥ {number(self.least)}", number(ours.mean, 3), ours.n, evidence)
'''
CLAIMS = f"""
  - {{kind: floor, id: floor, text: It is not always wrong, artefact: Figure 1, page: 1, shown: curve, task: Multiplexer-v0,
     method: reinforce, variant: {NAME}, n: 2, least: -9}}
"""


@pytest.mark.pipeline
def test_a_file_is_a_claim_kind(tmp_path: Path) -> None:
    clone = Clone(tmp_path)
    claims = write_paper(tmp_path) / "claims.yaml"
    (tmp_path / "reports" / "claims" / "kinds" / "floor.py").write_text(KIND, encoding="utf-8")
    claims.write_text(claims.read_text(encoding="utf-8") + CLAIMS.lstrip("\n"), encoding="utf-8")
    arguments = ("--config", "scale=paper", f"papers={NAME}", "engine=reference")
    clone.run(*arguments)
    made = tmp_path / "results" / "reports"
    assert (made / f"{NAME}.pdf").read_bytes().startswith(b"%PDF")
    floor = pd.read_csv(made / NAME / "tables" / "verdicts.csv").set_index("id").loc["floor"]
    assert (floor["kind"], floor["paper"], floor["verdict"]) == ("floor", "≥ −9", "AGREES")
    counts = pd.read_csv(made / NAME / "tables" / "verdict_summary.csv").set_index("kind")
    assert list(counts.index) == ["means without a deviation", "floors of a mean", "all"]
    facts = json.loads((made / NAME / "tables" / "facts.json").read_text(encoding="utf-8"))
    assert facts["claim_kinds"]["floor"] == "floors of a mean", "the words that the document prints"

    with clone.changed("reports/claims/kinds/floor.py", lambda text: text.replace(b"floors of", b"least of")):
        assert set(clone.planned(*arguments).jobs) >= {"tables", "report"}, "an edit of a kind makes the tables anew"
    with clone.changed(f"reports/{NAME}/claims.yaml", lambda text: text.replace(b"least: -9", b"least: low")):
        code, output = clone.snakemake(*arguments)
        assert code == 2
        assert f"reports/{NAME}/claims.yaml:7: claim floor: least: 'low' should be a valid number" in output
    subprocess.run([sys.executable, "-m", "workflow", "schemas"], cwd=tmp_path, check=True)
    assert '"floor"' in (tmp_path / "workflow" / "schemas" / "claims.schema.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_no_other_file_has_the_words_of_a_kind(kind: str) -> None:
    files = [path for end in ("*.py", "*.typ", "*.smk") for part in ("reports", "workflow") for path in (ROOT / part).rglob(end)]
    words = re.compile(rf"[\"'\[]{KINDS[kind].WORDS}[\"'\]]")
    assert [path.stem for path in files if words.search(path.read_text(encoding="utf-8"))] == [kind]
