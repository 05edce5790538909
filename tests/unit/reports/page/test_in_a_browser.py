"""The page in a real browser: what is clicked happens, nothing is complained about, and nothing is asked of a network."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from reports.page.build import write_page
from tests.unit.reports.page.chromium import Browser, browser, chromium
from tests.unit.reports.page.shown import shown

PROGRAM = chromium()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="THE PAGE WAS NOT OPENED: no Chromium; install one or set CHROMIUM to its path"),
    pytest.mark.skipif(find_spec("bokeh") is None, reason="THE PAGE WAS NOT OPENED: no Bokeh; install it"),
]
DRAWN = "document.getElementById('drawn').textContent"
RENDERERS = "Bokeh.documents.at(-1).roots()[0].renderers.length"
ROWS = "[...document.querySelectorAll('#tables tbody tr')].map(row => [...row.cells].map(cell => cell.textContent))"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    write_page(path, shown())
    return path


@pytest.fixture
def opened(page: Path, tmp_path: Path) -> Iterator[Browser]:
    assert PROGRAM is not None
    with browser(PROGRAM, tmp_path / "profile") as running:
        running.open(page)
        running.until(f"{DRAWN} !== ''")
        yield running


def box(fieldset: str, value: str) -> str:
    """The switch of a method or a seed."""
    return f"document.querySelector('#{fieldset} input[value=\"{value}\"]')"


def test_page_does_what_is_clicked(opened: Browser) -> None:
    drawn = opened.value(DRAWN)
    assert drawn == "Shown on CartPole-v1: ● Backprop <traces> (mean ± SEM of 2), ■ MAP propagation (mean ± SEM of 3)."
    assert opened.value(RENDERERS) == 6, "a line, its band and its markers for each of two methods"
    ink = "document.querySelector('#plot').firstElementChild !== null && document.querySelector('#plot').offsetHeight > 300"
    assert opened.value(ink)

    opened.click(box("methods", "map_propagation/v"))
    opened.until(f"!{DRAWN}.includes('MAP')")
    assert opened.value(RENDERERS) == 3
    opened.click(box("methods", "map_propagation/v"))
    opened.click(box("seeds", "2"))
    opened.until(f"{DRAWN}.includes('MAP propagation (mean ± SEM of 3; seeds 2)')")
    assert opened.value(RENDERERS) == 7
    opened.click(box("seeds", "mean"))
    opened.until(f"{DRAWN} === 'Shown on CartPole-v1: ■ MAP propagation (seeds 2).'")
    assert opened.value("document.querySelectorAll('#plot > .bk-Figure').length") == 1, "no plot is left behind"

    opened.value(
        "(() => { const c = document.getElementById('task'); c.value = 'Multiplexer-v0';"
        " c.dispatchEvent(new Event('change')); })()"
    )
    opened.until(f"{DRAWN}.startsWith('Shown on Multiplexer-v0')")
    assert {row[0] for row in opened.value(ROWS)} == {"Multiplexer-v0"}
    assert opened.problems() == []


def test_tables_sort_by_number_and_leave_what_is_missing_last(opened: Browser) -> None:
    def column(name: str, place: int) -> list[str]:
        opened.click(f"[...document.querySelectorAll('thead button')].find(head => head.textContent === '{name}')")
        return [row[place] for row in opened.value(ROWS)]

    assert column("mean", 2) == ["3", "20"]
    assert column("mean", 2) == ["20", "3"]
    assert column("median", 3) == ["7", "∞"]
    assert column("median", 3) == ["∞", "7"]
    assert opened.value("[...document.querySelectorAll('th')].map(head => head.ariaSort).filter(Boolean)") == ["descending"]
    assert opened.problems() == []


def test_a_cell_is_a_click_away(opened: Browser) -> None:
    opened.click("document.querySelector('tbody button')")
    opened.until("document.getElementById('cell').open")
    text = opened.value("document.getElementById('cell').textContent")
    assert "MAP propagation on CartPole-v1" in text
    assert "Discount of a step." in text
    assert "0123abc with changes" in text
    opened.until("document.querySelector('#cell img').naturalWidth === 1")
    opened.click("document.querySelector('#cell form button')")
    opened.until("!document.getElementById('cell').open")
    opened.click("[...document.querySelectorAll('tbody button')].find(cell => cell.textContent.startsWith('Backprop'))")
    opened.until("document.getElementById('cell').open")
    assert "No film: none was made for this page" in opened.value("document.getElementById('cell').textContent")
    assert opened.problems() == []


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ("console.error('broken');", "console.error"),
        ("setTimeout(() => { throw new Error('broken'); });", "exception"),
        ("fetch('https://example.org/').catch(() => 0);", "example.org"),
        ("document.body.append(Object.assign(new Image(), {src: 'https://example.org/a.png'}));", "example.org"),
    ],
)
def test_faults_are_noticed(page: Path, tmp_path: Path, fault: str, seen: str) -> None:
    assert PROGRAM is not None
    page.write_text(page.read_text(encoding="utf-8").replace('"use strict";', f'"use strict"; {fault}'), encoding="utf-8")
    with browser(PROGRAM, tmp_path / "profile") as running:
        running.open(page)
        running.until(f"{DRAWN} !== ''")
        running.until("new Promise(done => setTimeout(() => done(true), 300))")
        assert any(seen in problem for problem in running.problems())
