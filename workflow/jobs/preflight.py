"""What a report is made of beside results is checked before anything is trained, not only when it is typeset."""

from __future__ import annotations

from algorithms.interface import hyperparameters_of
from records.refusals import refused
from reports.claims.choices import check_choices
from reports.claims.differences import read_differences
from reports.claims.read import read_claims
from reports.tables.searches import read_search
from workflow.plan.configuration import PAPERS_FOLDER


def check_claims(paper: str) -> None:
    """Refuse, with file and line, what is wrong with a paper's claims.yaml, differences.yaml, choices.yaml or sweep.csv.

    All but the last, which goes with the code, are sought in the working directory, like all inputs.
    """
    with refused():
        claims = read_claims(paper, PAPERS_FOLDER)
        read_differences(paper, claims, PAPERS_FOLDER)
        methods = {method for _, method, _ in claims.labels}
        switches = {name for method in methods for name in hyperparameters_of(method).__pydantic_fields__}
        check_choices(paper, switches, PAPERS_FOLDER)
        read_search(paper)
