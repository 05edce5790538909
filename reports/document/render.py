"""Writing figures, tables and the PDF so that equal inputs give equal bytes."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from records.errors import ResultError
from records.files import write_atomically, write_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOCUMENT_DATE = datetime(2021, 12, 6, tzinfo=UTC)
"""The date in the PDF's metadata, the same for all: the date that readers need, of the results, is printed in the text."""


def save_figure(figure: Figure, path: Path) -> None:
    """Write `path`.svg (text as paths, no date, ids that depend on the content alone) and `path`.png, and close the figure."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": path.name, "svg.fonttype": "path"}):
        drawing = partial(figure.savefig, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
        write_atomically(path.with_suffix(".svg"), drawing)
        write_atomically(path.with_suffix(".png"), partial(figure.savefig, format="png", metadata={"Software": None}))
    plt.close(figure)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV with six significant digits; missing values are empty, unbounded ones `inf`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, table.to_csv(index=False, float_format="%.6g", lineterminator="\n"))


def write_json(data: Mapping[str, Any], path: Path) -> None:
    """Write indented JSON; numbers that JSON does not have (nan, inf) become null."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(_finite(data), indent=1, allow_nan=False) + "\n")


def compile_report(source: Path, inputs: Mapping[str, Path], pdf: Path, *, watermark: str = "") -> None:
    """Typeset `source`, which finds `inputs` beside itself by the names given here, with Typst's own fonts alone.

    Raises ResultError for a missing input and for what Typst refuses.
    """
    import typst

    for path in inputs.values():
        if not path.is_file():
            raise ResultError(f"{path} is missing; run the same command again to make it")
    pdf.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, path in {source.name: source, **inputs}.items():
            shutil.copyfile(path, Path(folder) / name)
        try:
            document = typst.compile(
                str(Path(folder) / source.name),
                root=folder,
                ignore_system_fonts=True,
                sys_inputs={"watermark": watermark},
                timestamp=int(DOCUMENT_DATE.timestamp()),
            )
        except typst.TypstError as error:
            raise ResultError(f"{source}: {' '.join(str(error).split())}; make its inputs anew, or mend it") from error
    write_atomically(pdf, lambda file: file.write(document))


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value
