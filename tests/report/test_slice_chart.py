"""The chart of one parameter names as many of its values as there is room for."""

from __future__ import annotations

import re

import numpy as np
import pytest

from backtest.report.pages.tune.charts.slice_chart import slice_chart

WIDE, CHARACTER = 250, 6.5
"""Pixels of the narrowest chart in a row, and of a digit below it, as Chromium draws them on a page of 1,280."""


@pytest.mark.parametrize("texts", [["3", "4", "5"], [f"0.{n:06}" for n in range(1000, 1030)], ["0.005", "0.0125"] * 6])
def test_the_names_below_have_room(texts):
    effect = np.linspace(0.01, 0.02, len(texts))
    drawn = slice_chart(texts, effect, effect - 0.01, effect + 0.01, (0, None), "")
    named = [one for one in re.findall(r">([^<>]+)</", str(drawn.svg)) if one in texts]
    assert named
    assert sum(map(len, named)) * CHARACTER < WIDE
