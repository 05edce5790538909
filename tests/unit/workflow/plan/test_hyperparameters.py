"""Settings that do not fit one another, as a method's hyperparameters refuse them by themselves."""

from __future__ import annotations

import pytest
from pydantic.dataclasses import dataclass

from algorithms.interface import HYPERPARAMETER_CONFIG
from algorithms.shared.lookahead.settings import StreamSettings
from envs.tasks import TASKS
from records.errors import Refusal
from workflow.plan import hyperparameters
from workflow.plan.hyperparameters import make_hyperparameters


@dataclass(frozen=True, kw_only=True, config=HYPERPARAMETER_CONFIG)
class Nested:
    """A method whose times are a setting of their own."""

    stream: StreamSettings = StreamSettings()
    """Times."""


@pytest.mark.parametrize(
    ("kind", "settings", "expected"),
    [
        (
            StreamSettings,
            {"step": 12.0},
            "runs.yaml: x.step: an Euler step of 12 is unstable or overshoots; at most the time constant, 10",
        ),
        (StreamSettings, {"time_constant": -1}, "runs.yaml: x.time_constant: -1 must be positive"),
        (Nested, {"stream": {"time_constant": -1}}, "runs.yaml: x.stream: time_constant: -1 must be positive"),
    ],
)
def test_settings_that_do_not_fit_one_another_are_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, kind: type, settings: dict[str, object], expected: str
) -> None:
    monkeypatch.setattr(hyperparameters, "hyperparameters_of", lambda _: kind)
    with pytest.raises(Refusal) as caught:
        make_hyperparameters("least_action", TASKS["CartPole-v1"], [("runs.yaml: x", settings)])
    assert str(caught.value).startswith(expected)
    assert "\n" not in str(caught.value)
