"""Built-in detectors on real history, against the figures of CLAIMS.md, which were computed outside the project."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from backtest.data.store.read import load_dataset
from backtest.detect.episodes import find_episodes
from backtest.detect.registry import find_detector

DAY = dt.date(2024, 7, 16)
SINCE, UNTIL = np.datetime64("1999-07-01"), np.datetime64(DAY)


@pytest.fixture(scope="module")
def prices(us_size):
    return load_dataset(us_size.dataset("us-size")).prices


@pytest.fixture(scope="module")
def ask(prices, shared):
    def answer(use, **values):
        detector = find_detector(use, shared / "data" / "rates")
        return detector.condition(prices, detector.check(values, "x.toml"))

    return answer


def on(prices, condition, day=DAY):
    """What a detector says of one session: met, and its indicator in percent."""
    (at,) = np.flatnonzero(prices.sessions == np.datetime64(day))
    assert condition.known[at]
    return bool(condition.met[at]), 100 * condition.indicator.values[at]


def spans(prices, condition):
    found = find_episodes(condition)
    inside = (prices.sessions[found.end] >= SINCE) & (prices.sessions[found.trigger] <= UNTIL)
    first, last = prices.sessions[found.trigger[inside]], prices.sessions[found.end[inside]]
    return list(zip(first.astype(str).tolist(), last.astype(str).tolist(), strict=True))


def test_the_year_so_far(prices, ask):
    met, value = on(prices, ask("year_to_date", threshold=0.11672))
    assert (met, round(value, 3)) == (True, 11.672)
    assert not on(prices, ask("year_to_date", threshold=0.11673))[0]


def test_the_share_of_the_last_week(prices, ask):
    met, value = on(prices, ask("year_to_date", share=0.92))
    assert (met, round(value, 1)) == (True, 98.9)
    met, value = on(prices, ask("year_to_date", share=0.92, series="IWM"))
    assert (met, round(value, 2)) == (True, 92.15)


@pytest.mark.parametrize(("against", "fall"), [("NVDA", 3.82), ("MSFT", 2.18)])
def test_the_largest_moved_the_other_way(prices, ask, against, fall):
    met, value = on(prices, ask("divergence", against=against, threshold=0.1153, fall=fall / 100 - 0.0001))
    assert (met, round(value, 2)) == (True, fall)
    assert not on(prices, ask("divergence", against=against, threshold=0.1154))[0]  # it is 11.54% rounded up


def test_equal_weight_rose_more(prices, ask):
    met, value = on(prices, ask("breadth", threshold=0.03))
    assert (met, round(value, 3)) == (True, round(4.880 - 1.626, 3))


def test_five_sessions_ahead_of_technology_as_far_as_once_before(prices, ask):
    found = ask("relative", sessions=5, threshold=0.111)
    assert [first for first, _ in spans(prices, found)] == ["2000-12-20", "2024-07-16"]
    assert round(on(prices, found)[1], 2) == 11.11
    assert round(on(prices, found, dt.date(2000, 12, 20))[1], 1) == 11.8


def test_a_year_ahead_of_technology_twice(prices, ask):
    # The condition alone comes and goes; the first and the last session of each period are those of the claim.
    raw = spans(prices, ask("relative"))
    first, second = ([span for span in raw if span[0].startswith(years)] for years in (("2000", "2002"), ("2021",)))
    assert len(first) + len(second) == len(raw) == 18
    assert (first[0][0], first[-1][1]) == ("2000-11-30", "2002-07-10")
    assert (second[0][0], second[-1][1]) == ("2021-03-12", "2021-07-12")


@pytest.mark.parametrize("leave", [0.09, 0.05, 0.0])
def test_with_a_lower_way_out_there_are_two_regimes_that_begin_on_the_same_days(prices, ask, leave):
    regimes = spans(prices, ask("relative", leave=leave))
    assert [first for first, _ in regimes] == ["2000-11-30", "2021-03-12"]


def test_a_calendar_of_the_fed(prices, ask, shared):
    found = ask("dates", file="fomc_decisions.csv")
    listed = [line[:10] for line in (shared / "data/rates/fomc_decisions.csv").read_text().splitlines()[1:]]
    placed = prices.sessions[found.met].astype(str).tolist()
    assert len(placed) == len(listed)
    # Two of them met on a Sunday.
    assert [note.code for note in found.notes] == ["dates_moved"]
    assert "2010-05-09 to 2010-05-10, 2020-03-15 to 2020-03-16;" in found.notes[0].text
    # Two decisions fell on a Sunday, 9 May 2010 (swap lines) and 15 March 2020; Monday was the next session.
    assert sorted(set(listed) - set(placed)) == ["2010-05-09", "2020-03-15"]
    assert sorted(set(placed) - set(listed)) == ["2010-05-10", "2020-03-16"]


def test_highs_lows_and_fear_on_days_that_everyone_remembers(prices, ask):
    fear = ask("volatility", measure="index", threshold=80.0)
    days = prices.sessions[fear.met].astype(str).tolist()
    assert {"2008-10-27", "2008-11-20", "2020-03-16"} <= set(days)  # the VIX closed at 80.06, 80.86 and 82.69
    assert {day[:7] for day in days} == {"2008-10", "2008-11", "2020-03"}
    # S&P 500: record close of 2007-10-09 (1565.15) not passed until 2013-03-28 (1569.19); low 2009-03-09, -56.8%.
    high = ask("new_high", series="market_index", without=1260)
    assert "2013-03-28" in prices.sessions[high.met].astype(str).tolist()
    assert round(on(prices, ask("drawdown", series="market_index"), dt.date(2009, 3, 9))[1], 1) == -56.8
