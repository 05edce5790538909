"""The page in one file: its data, its style, its script, and the library that draws its curves, as shipped in Bokeh's wheel."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from records.errors import ResultError
from records.files import write_text
from reports.page.room import MOST_BYTES

_FOLDER = Path(__file__).parent
_SCRIPTS = ("bokeh.min.js", "bokeh-api.min.js")


def library() -> list[str]:
    """The scripts of Bokeh that the page needs. Raises ResultError where Bokeh is not installed."""
    found = find_spec("bokeh")
    if found is None or not found.submodule_search_locations:
        raise ResultError("the page needs Bokeh's scripts: pip install bokeh")
    folder = Path(next(iter(found.submodule_search_locations))) / "server" / "static" / "js"
    return [(folder / name).read_text(encoding="utf-8") for name in _SCRIPTS]


def page(shown: Mapping[str, Any], scripts: Sequence[str]) -> str:
    """The HTML of the page that shows this data, as `reports.page.contents.contents` makes it, drawn by these scripts.

    Its policy forbids the browser every request. Equal arguments give equal text.
    """
    read = {name: (_FOLDER / name).read_text(encoding="utf-8") for name in ("page.html", "page.css", "page.js")}
    parts = {
        "TITLE": _escaped(str(shown["title"])),
        "STYLE": read["page.css"],
        "LIBRARY": "\n".join(f"<script>{_inlined(script)}</script>" for script in scripts),
        "DATA": json.dumps(shown, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c"),
        "SCRIPT": _inlined(read["page.js"]),
    }
    before, *pieces = read["page.html"].split("{{")
    for piece in pieces:  # in one pass, so that what is put in is not searched for names
        name, after = piece.split("}}", 1)
        before += parts[name] + after
    return before


def write_page(path: Path, shown: Mapping[str, Any]) -> None:
    """Write the page. Raises ResultError where it would be too large, or where there are no results to show."""
    if not shown["curves"]:
        raise ResultError(f"{path}: there are no results to show; train at least one method on one task first")
    text = page(shown, library())
    if (size := len(text.encode())) > MOST_BYTES:
        raise ResultError(
            f"{path}: the page would have {size / 1e6:.1f} MB, and may have {MOST_BYTES / 1e6:.0f}; leave out films"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, text)


def _inlined(script: str) -> str:
    """A script that does not end the element that it stands in."""
    return script.replace("</script", "<\\/script")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
