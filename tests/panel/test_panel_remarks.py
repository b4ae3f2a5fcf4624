"""Why a look at a panel may not hold, and how much of an effect its excess keeps: by hand."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from backtest import panel_of_frame, study_panel
from backtest.model import Horizon
from backtest.panel.panel_remarks import doubt_on_panel
from backtest.study.robustness.influence import LeftOut
from backtest.study.robustness.parts import Part

NONE = np.array([np.nan])


def rests(first, second, scale, without=()):
    days = dt.date(2001, 1, 1), dt.date(2002, 1, 1)
    halves = tuple(
        Part(*days, np.array([9]), np.array([9]), NONE, np.array([excess]), NONE, NONE) for excess in (first, second)
    )
    excess = np.array(without, dtype=float).reshape(-1, 1)
    many = np.full(excess.shape, 5)
    labels = tuple(f"d{row}" for row in range(len(excess)))
    left = LeftOut("date", labels, many, many, excess, np.full(excess.shape, np.nan), np.array([0.01]))
    return SimpleNamespace(
        halves=halves, scales=(np.array([scale]), np.array([scale])), influence=SimpleNamespace(left_out=(left,))
    )


def doubt(found, *, n=40, dates=30, events=40, shifts=None):
    statistic = np.concatenate(([5.0], np.linspace(-1, 1, 2000))) if shifts is None else shifts
    inference = SimpleNamespace(shifts=(SimpleNamespace(statistic=statistic),))
    result = SimpleNamespace(n=n, horizon=Horizon(5))
    return doubt_on_panel(found, inference, result, dates, 0, events)


def test_a_look_that_holds_has_no_doubt():
    assert doubt(rests(0.01, 0.012, 0.004, [0.009, 0.011])) == ""


def test_events_on_one_or_two_dates_are_so_few_observations():
    assert doubt(rests(0.01, 0.01, 1.0), dates=1).startswith("its 40 events lie on 1 date:")
    assert doubt(rests(0.01, 0.01, 1.0), dates=2).startswith("its 40 events lie on 2 dates:")
    assert doubt(rests(0.01, 0.01, 1.0), dates=3) == ""


def test_half_of_the_windows_must_be_complete():
    assert doubt(rests(0.01, 0.01, 1.0), n=19) == "only 19 of 40 events have a complete window"
    assert doubt(rests(0.01, 0.01, 1.0), n=20) == ""


def test_halves_that_disagree_or_differ():
    assert doubt(rests(0.01, -0.01, 1.0)).startswith("the halves of its sample disagree: +1.00 and −1.00 points")
    assert "differ by more than chance would" in doubt(rests(0.01, 0.05, 0.01))  # 0.04 > 1.96 * 0.0141
    assert doubt(rests(0.01, 0.05, 0.02)) == ""  # 0.04 < 1.96 * 0.0283
    assert doubt(rests(0.01, np.nan, 1.0)).startswith("all 40 events lie in one half")


def test_a_sign_that_rests_on_one_date():
    found = doubt(rests(0.01, 0.01, 1.0, [0.012, -0.002, 0.009]))
    assert found == "its sign rests on one date: without d1 (5 events) it changes"


def test_shifts_near_by_that_give_as_much():
    statistic = np.concatenate(([2.0], np.full(600, 3.0), np.zeros(1400)))
    assert doubt(rests(0.01, 0.01, 1.0), shifts=statistic).startswith("moved by at most 504 sessions")


def test_what_an_excess_keeps_is_of_the_asset_sessions_of_its_base_rate():
    """Two assets, 20 sessions: over 5 sessions, 15 of each have a complete window, 30 in all, and events cover 5 + 5.

    A third event, on session 17, has no complete window, and neither counts nor covers.
    """
    days = pd.bdate_range("2020-01-01", periods=20)
    close = np.cumprod(1 + np.random.default_rng(1).normal(0, 0.01, (20, 2)), axis=0)
    rows = [(days[row], name, close[row, at]) for at, name in enumerate("AB") for row in range(20)]
    long = pd.DataFrame(rows, columns=["session", "symbol", "close"])
    listed = pd.DataFrame({"ticker": ["A", "B", "B"], "date": days[[2, 7, 17]]})
    found = study_panel(listed, panel_of_frame(long), measure={"horizons": [5]})
    assert found.forward.base_n.tolist() == [30]
    assert found.inference.kept == pytest.approx([1 - 10 / 30])
