"""Which times are flagged, and what becomes of an expectation; no clock is asked."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pytest

from algorithms.interface import methods
from tests.regression import times
from tests.regression.expectations import EXPECTED, TIMES
from tests.regression.gate import times_text
from workflow.plan.sources import has_fused_twin

EXPECTATION = pd.DataFrame({"method": ["reinforce", "map_propagation"], "relative": [10.0, 40.0]})


def measured(**relative: float) -> pd.DataFrame:
    table = pd.DataFrame({"method": list(relative), "relative": list(relative.values())})
    return table.assign(microseconds=table["relative"] * 2.0, calibration=2.0)


def test_only_what_takes_a_quarter_longer_is_flagged() -> None:
    compared = times.compare(EXPECTATION, measured(reinforce=12.4, map_propagation=51.2, backprop_traces=99.0))
    assert list(compared["flagged"]) == [False, True, False], "a method that nothing is expected of is not slow"
    text = times_text(compared)
    assert "!!! SLOWER than expected by more than a quarter, measured twice: map_propagation !!!" in text
    assert "+28%" in text
    assert "!!!" not in times_text(times.compare(EXPECTATION, measured(reinforce=12.4, map_propagation=20.0)))


@pytest.mark.parametrize(("again", "flagged"), [(41.0, False), (52.0, True)])
def test_what_would_be_flagged_is_measured_again(monkeypatch: pytest.MonkeyPatch, again: float, flagged: bool) -> None:
    asked: list[list[str] | None] = []

    def measure(names: Iterable[str] | None = None, rounds: int = 1) -> pd.DataFrame:
        asked.append(None if names is None else list(names))
        return measured(reinforce=9.0, map_propagation=60.0) if names is None else measured(map_propagation=again)

    monkeypatch.setattr(times, "measure", measure)
    found = times.measure_against(EXPECTATION).set_index("method")
    assert asked == [None, ["map_propagation"]]
    assert found.at["map_propagation", "relative"] == again
    assert found["flagged"].to_dict() == {"map_propagation": flagged, "reinforce": False}


def test_an_expectation_changes_only_with_what_changed(tmp_path: Path) -> None:
    path = tmp_path / TIMES
    times.write_times(path, times.compare(EXPECTATION, measured(reinforce=12.0, map_propagation=20.0, backprop_traces=5.0)))
    kept = times.read_times(path).set_index("method")["relative"].to_dict()
    assert kept == {"reinforce": 10.0, "map_propagation": 20.0, "backprop_traces": 5.0}
    assert times.read_times(tmp_path / "nowhere.csv").empty


def test_every_compiled_method_is_expected_to_take_some_time() -> None:
    assert set(times.read_times(EXPECTED / TIMES)["method"]) == {name for name in methods() if has_fused_twin(name)}


def test_what_is_measured() -> None:
    """The shortest measurement there is: of what takes how long nothing is asserted."""
    table = times.measure(["reinforce"], rounds=1)
    assert list(table["method"]) == ["reinforce"]
    assert (table["relative"] == table["microseconds"] / table["calibration"]).all()
    assert (table["calibration"] > 0).all()
