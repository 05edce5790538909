"""What is read from a figure: whatever a reader could see change, changes the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tests.regression.drawings import drawn


def figure(change: Callable[[Axes, Figure], Any] = lambda panel, whole: None) -> pd.DataFrame:
    """The table of a small figure, with one thing changed."""
    whole, panel = plt.subplots(layout="constrained")
    x = list(range(30))
    panel.plot(x, [value**2 for value in x], label="squares", color="#0072B2")
    panel.fill_between(x, [value - 1.0 for value in x], [value + 1.0 for value in x], alpha=0.2)
    panel.errorbar([1], [2], [0.5], capsize=2)
    panel.bar([3], [4])
    panel.annotate("here", (1, 2), (3, 4))
    panel.set_title("A title")
    panel.set_xlabel("Episode")
    panel.legend()
    change(panel, whole)
    table = drawn(whole)
    plt.close(whole)
    return table


CHANGES: dict[str, Callable[[Axes, Figure], Any]] = {
    "the last digit of a point that is not written down": lambda panel, whole: panel.lines[0].set_ydata(
        [value**2 + (1e-12 if value == 29 else 1e-13 if value == 16 else 0) for value in range(30)]
    ),
    "a colour": lambda panel, whole: panel.lines[0].set_color("#0072B3"),
    "a line style": lambda panel, whole: panel.lines[0].set_linestyle("--"),
    "the opacity of a band": lambda panel, whole: panel.collections[0].set_alpha(0.21),
    "the width of a bar": lambda panel, whole: panel.patches[0].set(width=0.7),
    "a title": lambda panel, whole: panel.set_title("Another title"),
    "a label": lambda panel, whole: panel.set_xlabel("Update"),
    "an entry of the legend": lambda panel, whole: panel.legend(["cubes"]),
    "where an annotation points": lambda panel, whole: setattr(panel.texts[0], "xy", (1, 2.1)),
    "a scale": lambda panel, whole: panel.set_yscale("symlog"),
    "a limit": lambda panel, whole: panel.set_xlim(0, 30),
    "the ticks": lambda panel, whole: panel.set_xticks([0, 10], ["none", "ten"]),
    "another panel": lambda panel, whole: whole.add_subplot(2, 2, 4),
    "a hidden line": lambda panel, whole: panel.lines[0].set_visible(False),
    "a hidden panel": lambda panel, whole: panel.set_visible(False),
}


def test_the_same_figure_gives_the_same_table() -> None:
    pd.testing.assert_frame_equal(figure(), figure())


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_shows(name: str) -> None:
    assert not figure(CHANGES[name]).equals(figure())


def test_what_it_says() -> None:
    table = figure()
    assert list(table[table["artist"] == "legend"]["label"]) == ["squares"]
    (line,) = table[table["label"] == "squares"].query("artist == 'line'").to_dict("records")
    assert line["n"] == "30"
    assert line["x"].split()[:2] == ["0", "2"]
    assert line["y"].split()[-1] == "841"
    assert line["look"] == "#0072b2ff - default None 1.5"


def test_an_artist_that_is_not_known_is_not_overlooked() -> None:
    with pytest.raises(TypeError, match=r"QuadMesh: tests/regression/drawings.py must be told"):
        figure(lambda panel, whole: panel.pcolormesh([[1, 2], [3, 4]]))
