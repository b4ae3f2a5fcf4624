"""Signals that know nothing: dates by the calendar, and the counts of a placebo."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.calibration.calendar_rules import calendar_dates, nth_weekday, session_dates, weekday_dates
from backtest.calibration.campaign import Effort, by_kind, by_size, calibrate_markets
from backtest.calibration.judges import judge
from backtest.calibration.placebo import BATCH, KINDS, SIZES, knowing_nothing, market_of, placebo_task
from backtest.calibration.words import on_markets
from backtest.errors import StudyRefused


def weekdays(n, first="2000-01-03"):
    return np.busday_offset(first, np.arange(n)).astype("datetime64[D]")


class Draws:
    """A source of chance that says what it is told to."""

    def __init__(self, *values):
        self.values = list(values)

    def integers(self, _high):
        return self.values.pop(0)

    def random(self):
        return self.values.pop(0)


def months(*named):
    return np.array(named, dtype="datetime64[M]")


def test_third_wednesdays():
    found = nth_weekday(months("2024-03", "2024-05", "2000-03"), 2, 3)
    assert found.astype(str).tolist() == ["2024-03-20", "2024-05-15", "2000-03-15"]
    assert nth_weekday(months("2024-07", "2024-09"), 0, 1).astype(str).tolist() == ["2024-07-01", "2024-09-02"]


def test_a_date_without_a_session_belongs_to_the_next():
    sessions = weekdays(600)
    sessions = sessions[sessions != np.datetime64("2000-03-15")]
    at = weekday_dates(sessions, months("2000-03", "2000-04"), 1, Draws(2, 2))
    assert sessions[at].astype(str).tolist() == ["2000-03-16", "2000-04-19"]


def test_sessions_of_a_month():
    sessions = weekdays(600)
    first = session_dates(sessions, months("2000-03", "2000-04"), 1, Draws(0, 0.1))
    assert sessions[first].astype(str).tolist() == ["2000-03-01", "2000-04-03"]
    last = session_dates(sessions, months("2000-03", "2000-04"), 1, Draws(0, 0.9))
    assert sessions[last].astype(str).tolist() == ["2000-03-31", "2000-04-28"]
    twice = session_dates(sessions, months("2000-03"), 2, Draws(1, 0.1))
    assert sessions[twice].astype(str).tolist() == ["2000-03-02", "2000-03-13"]


@pytest.mark.parametrize("n", SIZES)
def test_a_rule_gives_as_many_dates_as_are_asked_for(n):
    sessions = weekdays(252 * 25)
    for seed in range(40):
        found = calendar_dates(sessions, n, np.random.default_rng(seed))
        assert len(found) == n
        assert (np.diff(found) > 0).all()
        assert 0 <= found[0] < found[-1] < len(sessions)


@pytest.fixture
def dataset(history_of, dataset_of):
    rng = np.random.default_rng(3)
    n = 261 * 21
    long, other, short = (100 * np.cumprod(1 + rng.normal(0, 0.01, n)) for _ in range(3))
    short[: 261 * 3] = np.nan
    rate = rng.normal(3, 1, n)
    return dataset_of(history_of({"L": long, "O": other, "S": short, "R": rate}, kinds={"R": "rate"}))


def test_counts_of_a_placebo_are_those_of_the_verdict(dataset):
    task = placebo_task(dataset, 41, (1, 21), 5)
    assert task.series == ("L", "O")
    assert task.batches == 2  # of 20 signals on two series: 80 are the first multiple of 40 from 41 on
    market = market_of(dataset.prices, "O", (1, 21))
    rng = np.random.default_rng([5, 2])
    events = [knowing_nothing(kind, n, market, rng) for kind in KINDS for n in SIZES]
    assert [len(one) for one in events] == list(SIZES) * 4
    p = judge(market.base_rate, events).p["verdict"]
    tally = task.tally(2)
    assert tally.total["verdict"][:, :2].tolist() == (p <= 0.05).astype(float).tolist()
    found = calibrate_markets(task, Effort(4, jobs=1))
    assert found.histories == 4 * BATCH
    sizes, kinds = by_size(found), by_kind(found)
    assert sizes.rows[0] == "n = 5"
    assert sizes.tally.tried["verdict"].tolist() == [[16] * 3] * 5
    assert kinds.tally.tried["verdict"].tolist() == [[20] * 3] * 4
    assert (
        sizes.tally.total["verdict"].sum() == kinds.tally.total["verdict"].sum() == found.tally.total["verdict"].sum()
    )
    by_hand = found.tally.total["verdict"].reshape(4, 5, 3).sum(axis=0)
    assert np.array_equal(sizes.tally.total["verdict"], by_hand)
    sentence = on_markets(sizes, found.histories, 2)
    assert sentence.startswith("80 signals that know nothing, on 2 series: the verdict rejects most at n = ")
    assert "beside at most 5.1% in the best published trial" in sentence


def test_moved_streaks_are_as_far_apart_as_the_streaks(dataset):
    market = market_of(dataset.prices, "L", (1,))
    one, other = (knowing_nothing("shifted", 30, market, np.random.default_rng(seed)) for seed in (1, 2))
    n = len(market.sessions)
    gaps = [np.sort(np.diff(np.append(dates, dates[0] + n))) for dates in (one, other)]
    assert np.array_equal(*gaps)
    assert not np.array_equal(one, other)


def test_a_dataset_without_long_series(history_of, dataset_of):
    with pytest.raises(StudyRefused, match="no series of levels is 20 years long"):
        placebo_task(dataset_of(history_of({"A": np.linspace(1, 2, 300)})), 100, (1,), 1)
