"""What the sources and documents refer to exists: sections of docs/<paper>.md, and the targets of links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from algorithms.interface import describe, hyperparameters_of, methods
from records.sources import ROOT

_FOLDERS = ("algorithms", "benchmarks", "config", "envs", "experiments", "profiles", "records", "reports", "tests", "workflow")
_TEXTS = {".py", ".yaml", ".md", ".typ", ".smk", ".mk"}
_CITATION = re.compile(r"docs/([\w.-]+\.md)(?:#([\w-]+))?")
_LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([\w-]+))?\)")
_CLAIMS_A_SOURCE = re.compile(r"\b(released|recorded nowhere|no source records)\b|authors' code")
_NEAR = 4  # lines between such words and the citation of their source, at most

PAPERS = sorted(path.parent.name for path in (ROOT / "reports").glob("*/runs.yaml"))
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])


def sections(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def missing(name: str, anchor: str) -> str | None:
    """Say what is wrong with a reference to a section of docs/<name>; None where it exists."""
    page = ROOT / "docs" / name
    if not page.is_file():
        return f"docs/{name} does not exist"
    return f"docs/{name} has no section #{anchor}" if anchor and anchor not in sections(page) else None


def uncited(text: str) -> Iterator[int]:
    """The lines that speak of released code or lost settings without a citation of docs/ nearby."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        near = lines[max(0, number - _NEAR) : number + _NEAR + 1]
        if _CLAIMS_A_SOURCE.search(line) and not any(_CITATION.search(other) for other in near):
            yield number + 1


def sources() -> list[Path]:
    found = (path for folder in _FOLDERS for path in (ROOT / folder).rglob("*"))
    return sorted([*(path for path in found if path.suffix in _TEXTS and path != Path(__file__)), *PAGES])


def test_every_cited_section_exists() -> None:
    found = [(path, cited) for path in sources() for cited in _CITATION.findall(path.read_text(encoding="utf-8"))]
    assert len(found) > 40
    faults = [f"{path.relative_to(ROOT)}: {fault}" for path, cited in found if (fault := missing(*cited))]
    assert faults == []


def test_a_wrong_citation_would_be_noticed() -> None:
    assert missing("chung2021.md", "order-of-updates") is None
    assert missing("chung2021.md", "order-of-nothing")
    assert missing("nobody2020.md", "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for target, anchor in _LINK.findall(page.read_text(encoding="utf-8")):
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), f"{page.name}: {target}"
        assert not anchor or anchor in sections(file), f"{page.name}: {target}#{anchor}"


@pytest.mark.parametrize("paper", PAPERS)
def test_a_paper_has_its_page_with_every_switch(paper: str) -> None:
    page = ROOT / "docs" / f"{paper}.md"
    assert page.is_file(), f"{page}: every paper says there what it leaves open"
    choices = yaml.safe_load((ROOT / "reports" / paper / "choices.yaml").read_text(encoding="utf-8"))
    switches = {choice["switch"] for choice in choices if "switch" in choice}
    known = {name for method in methods() for name in describe(hyperparameters_of(method))}
    assert switches <= known
    assert [name for name in sorted(switches) if f"`{name}" not in page.read_text(encoding="utf-8")] == []


def test_what_is_said_of_released_code_names_its_source() -> None:
    """The compiled twins in algorithms/fused follow the methods beside them, which cite."""
    files = [path for folder in ("algorithms", "envs") for path in (ROOT / folder).rglob("*.py") if "fused" not in path.parts]
    assert len(files) > 30
    found = [f"{path.relative_to(ROOT)}:{line}" for path in files for line in uncited(path.read_text(encoding="utf-8"))]
    assert found == []


def test_an_uncited_fact_would_be_noticed() -> None:
    assert list(uncited('"""As released."""')) == [1]
    assert not list(uncited('"""As released (docs/chung2021.md#adam)."""'))
