"""A paper's claims, and what explains their differences, are checked before anything is trained, not only when it is reported."""

from __future__ import annotations

from reports.claims import read_claims
from reports.differences import read_differences
from reports.errors import ResultError
from workflow.configuration import PAPERS_FOLDER
from workflow.errors import Refusal


def check_claims(paper: str) -> None:
    """Refuse, with file and line, what is wrong with a paper's claims.yaml or differences.yaml.

    Both are sought in the working directory, like all inputs.
    """
    try:
        read_differences(paper, read_claims(paper, PAPERS_FOLDER), PAPERS_FOLDER)
    except ResultError as error:
        raise Refusal(str(error)) from None
