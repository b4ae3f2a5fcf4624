"""What is said beside a verdict, against numbers made by hand."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pytest

from backtest.inference.effect import TOO_MANY_WINDOWS
from backtest.inference.result import Effect, HorizonResult, Inference, NullTest, Standardised, VarianceRatio
from backtest.model import Horizon
from backtest.study.robustness import sentences
from backtest.study.robustness.parts import Part


def result(
    p=0.2, excess=0.03, n=9, horizon=21, effect=(-0.01, 0.07, 0.06, 0.9), weighted=(0.02, 0.3), ratio=(1.0, 0.5)
):
    test = NullTest("", None, p, p, None, np.zeros(0))
    inference = Inference(test, Effect(*effect), Standardised(*weighted), VarianceRatio(*ratio))
    return HorizonResult(Horizon(horizon), n, excess, inference)


def test_windows_that_cover_most_sessions():
    crowded = result(effect=(None, None, None, 0.38, TOO_MANY_WINDOWS))
    assert sentences.kept_sentence(crowded) == (
        "How large an effect is cannot be judged over 21 sessions with so many windows: they cover 62% of the sessions "
        "that the base rate is from."
    )
    assert sentences.kept_sentence(result()) == ""


def test_an_interval_that_does_not_lie_around_the_excess_says_why():
    assert sentences.kept_sentence(result(effect=(0.0007, 0.0038, 0.0022, 0.641))) == (
        "Over 21 sessions the events' windows cover 36% of the sessions that the base rate is from: the excess keeps "
        "64% of an effect, and the interval is of the whole."
    )


@pytest.mark.parametrize(
    ("n", "horizon", "p", "text"),
    [
        (9, 21, 0.04, "The variance over 21 sessions after the events was 2.6 times what was expected on day 0."),
        (
            3,
            1,
            0.05,
            "The variance over 1 session after the events was 2.6 times what was expected on day 0; 3 sessions",
        ),
        (9, 21, 0.06, ""),
    ],
)
def test_variance_that_was_unusual(n, horizon, p, text):
    said = sentences._variance(result(n=n, horizon=horizon, ratio=(2.6, p)))
    assert said.startswith(text)
    assert bool(said) is bool(text)


def test_few_sessions_cannot_tell_an_effect_from_turbulence():
    said = "45 sessions after the events are too few to tell an effect from turbulence that the events bring along"
    assert sentences._few(result(p=0.05, n=9, horizon=5)).startswith(said)
    assert sentences._few(result(p=0.06, n=9, horizon=5)) == ""
    assert sentences._few(result(p=0.01, n=10, horizon=5)) == ""


def test_effects_in_units_of_their_time():
    assert sentences._standardised(result(p=0.2, weighted=(0.0211, 0.01))) == (
        "Measured by the volatility of its time, the excess over 21 sessions is +2.11 pp and its own p 0.010, against "
        "0.200: this turns on whether turbulent times weigh more."
    )
    assert sentences._standardised(result(p=0.2, weighted=(0.0211, 0.06))) == ""
    assert sentences._standardised(result(p=0.04, weighted=(0.0211, 0.01))) == ""
    assert sentences._standardised(result(p=0.2, weighted=(None, None))) == ""


def rate(matching, excess, n=9):
    return SimpleNamespace(matching=matching, n=np.array([n]), excess=np.array([excess]))


def test_matchings_that_take_most_of_the_excess_away():
    found = SimpleNamespace(matched=(rate("all", 0.03), rate("volatility", 0.0149), rate("month", 0.0151)))
    assert sentences.matched_sentence(result(), found.matched, 0) == (
        "Of the excess over 21 sessions, +3.00 pp, less than half is left beside like sessions: +1.49 pp beside "
        "sessions of the same third of volatility."
    )
    below = SimpleNamespace(matched=(rate("all", -0.03), rate("volatility", -0.02), rate("month", 0.01)))
    assert sentences.matched_sentence(result(excess=-0.03), below.matched, 0).endswith(
        "+1.00 pp beside sessions of the same calendar month."
    )
    fewer = SimpleNamespace(matched=(rate("all", 0.03), rate("past_return", 0.0, n=8)))  # not of the same events
    assert sentences.matched_sentence(result(), fewer.matched, 0) == ""


def part(year, ratio, sessions=600):
    blank = np.zeros(1)
    first, last = dt.date(year, 1, 3), dt.date(year + 5, 12, 30)
    return Part(first, last, np.array([sessions]), np.array([3]), blank, blank, blank, np.array([ratio]))


def test_two_histories_in_one():
    assert sentences._regimes(result(), (part(1990, 1.5), part(1996, 1.2), part(2002, 0.8)), 0) == (
        "The sample is two histories: over 21 sessions the variance is 1.50 times from 1990-01-03 to 1995-12-30 and "
        "0.80 times from 2002-01-03 to 2007-12-30 what the daily changes alone would give."
    )
    assert sentences._regimes(result(), (part(1990, 1.2), part(1996, 0.81)), 0) == ""  # 1.48 times
    assert sentences._regimes(result(), (part(1990, 9.0, sessions=503), part(1996, 0.8)), 0) == ""
    assert sentences._regimes(result(horizon=64), (part(1990, 1.5), part(1996, 0.8)), 0) == ""
