"""Adjustments against known values."""

from __future__ import annotations

import math

import pytest

from reports.statistics.multiplicity import benjamini_hochberg, holm


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    adjusted = holm([0.02, math.nan, 0.03])
    assert adjusted[0] == pytest.approx(0.04)
    assert math.isnan(adjusted[1])
    assert adjusted[2] == pytest.approx(0.04)


def test_benjamini_and_hochberg_by_hand() -> None:
    assert benjamini_hochberg([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.02, 0.04, 0.04, 0.02])
    q = benjamini_hochberg([0.02, math.nan, 0.5])
    assert (q[0], q[2]) == pytest.approx((0.04, 0.5))
    assert math.isnan(q[1])
    assert benjamini_hochberg([]) == []
