"""Whether a look that stands out holds, on histories whose halves and regimes are made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.inference.circular_shift import shift_p_values, shift_statistics
from backtest.measure.forward import Leg
from backtest.model import Horizon
from backtest.study.base_rate import BaseRate, measure_legs
from backtest.study.robustness.doubt import doubt_about

SESSIONS = 4000
FIRST, SECOND = np.arange(200, 1900, 170), np.arange(2200, 3900, 170)
EVENTS = np.concatenate((FIRST, SECOND))


def base_rate(after_first, after_second, drift=()):
    """One leg of small noise; the session after an event gains more, and spans have a drift."""
    changes = np.random.default_rng(8).normal(0, 0.002, SESSIONS)
    changes[FIRST + 1] += after_first
    changes[SECOND + 1] += after_second
    for first, last, size in drift:
        changes[first:last] += size
    level = 100 * np.cumprod(1 + changes)
    every = measure_legs([Leg(level, level)], (Horizon(1),), 0)
    return BaseRate(every, np.ones(SESSIONS, dtype=np.bool_))


def own_p(rate, day0):
    circle = rate.circles[0]
    return shift_p_values(shift_statistics(circle, [circle.ranks(day0)]))[0]


@pytest.mark.parametrize(
    ("first", "second", "how"),
    [
        (0.004, 0.004, ""),
        (0.006, -0.001, "disagree"),  # the signs differ
        (
            0.008,
            0.001,
            "differ by more than chance would",
        ),  # ten events each, a standard error of 0.0006 each: seven of them apart
    ],
)
def test_halves_that_disagree(first, second, how):
    rate = base_rate(first, second)
    assert own_p(rate, EVENTS) <= 0.05
    said = doubt_about(rate, EVENTS, 0)
    assert (said == "") is (how == "")
    if how:
        assert said.startswith(f"the halves of its sample {how}: +0.")
        assert said.endswith(" points, each against its own base rate")


def test_opposite_signs_disagree_however_near_they_are():
    rate = base_rate(0.0, 0.0)
    circle = rate.circles[0]
    small = np.argsort(np.abs(circle.deviation))[200:400]  # places with changes of about a tenth of the noise
    down = [place for place in small if place < 1900 and circle.deviation[place] < 0][:10]
    up = [place for place in small if place > 2100 and circle.deviation[place] > 0][:10]
    said = doubt_about(rate, np.sort(circle.position[[*down, *up]]), 0)
    assert said.startswith("the halves of its sample disagree: −0.")


def test_what_the_years_around_the_events_explain():
    # Two spans drift, each from 120 sessions before its events to 120 after: of 240 shifts within them about half give
    # as much, 3% of all 4,000 and 12% of the 1,009 nearest.
    day0 = np.concatenate((np.arange(900, 1100, 20), np.arange(2500, 2700, 20)))
    rate = base_rate(0.0, 0.0, drift=[(780, 1220, 0.004), (2380, 2820, 0.004)])
    assert own_p(rate, day0) <= 0.05
    assert doubt_about(rate, day0, 0).startswith("moved by at most 504 sessions, the same events give as much in ")


@pytest.mark.parametrize(
    ("day0", "who"),
    [(FIRST, "all 10 events lie"), (SECOND[:2], "both events lie"), (SECOND[:1], "the only event lies")],
)
def test_what_one_half_says_the_other_cannot_confirm(day0, who):
    said = doubt_about(base_rate(0.02, 0.02), day0, 0)
    assert said == f"{who} in one half of its sample, so that the other cannot confirm it"


def test_an_excess_of_zero_does_not_agree_with_a_gain():
    """A level that moves once, by 1% after one of two events of the first half: half a point, and nothing later."""
    level = np.full(SESSIONS, 100.0)
    level[201:] = 101.0
    every = measure_legs([Leg(level, level)], (Horizon(1),), 0)
    rate = BaseRate(every, np.ones(SESSIONS, dtype=np.bool_))
    said = doubt_about(rate, np.array([10, 200, 3000]), 0)
    assert said == "the halves of its sample disagree: +0.50 and 0.00 points, each against its own base rate"
