from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from backtest.errors import NotFound, StudyRefused
from backtest.model import Contracts, Episodes, Prices, SeriesInfo

NAN = float("nan")


@pytest.fixture
def prices(history_of):
    table = Contracts(np.array([0, 1, 1, 3]), np.array([360, 360, 361, 361]), np.array([95.0, 95.1, 95.2, 95.3]))
    return history_of(
        {"RUT": [1.0, NAN, 3.0, 4.0], "RUT.open": [1.5, 2.5, 3.5, 4.5], "EFFR": [5.0, 5.0, 5.25, 5.25]},
        kinds={"RUT": "price_index", "EFFR": "rate"},
        roles={"small_index": "RUT", "fed_funds_futures": "ZQ"},
        tables={"ZQ": table},
    )


def test_a_role_and_a_name_are_the_same_series(prices):
    assert (prices.name("small_index"), prices.name("RUT")) == ("RUT", "RUT")
    assert prices.info("small_index") == SeriesInfo("RUT", "Title of RUT", "price_index", "points")
    np.testing.assert_array_equal(prices.close("small_index"), [1, NAN, 3, 4])
    np.testing.assert_array_equal(prices.values("RUT", "open"), [1.5, 2.5, 3.5, 4.5])
    assert prices.contracts("fed_funds_futures").price.tolist() == [95.0, 95.1, 95.2, 95.3]


def test_what_is_read_is_remembered_by_its_own_name(prices):
    assert prices.read == set()
    prices.close("small_index")
    prices.contracts("fed_funds_futures")
    prices.info("EFFR")  # asking what a series is does not read it
    assert prices.read == {"RUT", "ZQ"}


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda p: p.close("smal_index"),
            "series 'smal_index': the dataset has no such role or series. Did you mean 'small_index'?",
        ),
        (lambda p: p.close("x\ny"), "series 'x y': the dataset has no such role or series. Known: EFFR, RUT, ZQ, fed"),
        (
            lambda p: p.values("EFFR", "open"),
            "series 'EFFR' (rate) has no open per session in this dataset. Choose a series that has one;",
        ),
        (lambda p: p.close("ZQ"), "series 'ZQ' (futures) has no close per session in this dataset."),
        (lambda p: p.contracts("RUT"), "series 'RUT' is of kind price_index; futures by contract month are needed."),
    ],
)
def test_what_is_not_there_is_refused(prices, ask, message):
    with pytest.raises((NotFound, StudyRefused)) as refused:
        ask(prices)
    assert str(refused.value).startswith(message)


def test_a_pandas_series_is_indexed_by_session(prices):
    found = prices.pandas("small_index")
    expected = pd.Series([1, NAN, 3, 4], index=pd.DatetimeIndex(prices.sessions, name="session"), name="small_index")
    pd.testing.assert_series_equal(found, expected)


def test_until_knows_nothing_of_what_came_later(prices):
    past = prices.until(2)
    assert len(past) == 2
    np.testing.assert_array_equal(past.sessions, prices.sessions[:2])
    np.testing.assert_array_equal(past.close("small_index"), [1, NAN])
    np.testing.assert_array_equal(past.values("RUT", "open"), [1.5, 2.5])
    table = past.contracts("ZQ")
    assert (table.session.tolist(), table.month.tolist(), table.price.tolist()) == (
        [0, 1, 1],
        [360, 360, 361],
        [95.0, 95.1, 95.2],
    )
    assert prices.read == set()  # looking at the past is no reading of the present


@pytest.mark.parametrize(
    ("kind", "basis"),
    [("price_index", "price"), ("total_return_index", "total return"), ("rate", None), ("futures", None)],
)
def test_the_basis_says_whether_dividends_are_in(kind, basis):
    assert SeriesInfo("X", "x", kind, "u").basis == basis


def test_episodes_are_taken_together():
    four = Episodes(*(np.array([i, i + 10, i + 20]) for i in (0, 1, 2)), np.array([False, False, True]))
    for index in (np.array([True, False, True]), np.array([0, 2])):
        taken = four.take(index)
        columns = (taken.start, taken.trigger, taken.end, taken.ongoing)
        assert [column.tolist() for column in columns] == [[0, 20], [1, 21], [2, 22], [False, True]]
    assert (len(four), len(four.take(np.array([1])))) == (3, 1)


# Point in time


def lagged(history_of, lag):
    prices = history_of({"A": [1.0, 2, 3, 4], "R": [5.0, 6, 7, 8]}, kinds={"R": "rate"})
    series = {**prices.series, "R": replace(prices.series["R"], publication_lag=lag)}
    table = Contracts(np.array([0, 1, 3]), np.array([400, 400, 401]), np.array([95.0, 96, 97]))
    series["F"] = SeriesInfo("F", "Futures", "futures", "points", publication_lag=lag)
    return Prices(prices.sessions, prices.columns, series, {"policy_rate": "R"}, {"F": table})


@pytest.mark.parametrize("lag", [1, 2, 4, 9])
def test_what_is_published_late_is_seen_late_and_the_rest_at_once(history_of, lag):
    seen = lagged(history_of, lag).published()
    late = ([np.nan] * lag + [5.0, 6, 7, 8])[:4]
    np.testing.assert_array_equal(seen.close("policy_rate"), late)
    np.testing.assert_array_equal(seen.close("A"), [1, 2, 3, 4])
    moved = [at + lag for at in (0, 1, 3) if at + lag < 4]
    assert seen.contracts("F").session.tolist() == moved
    assert seen.contracts("F").price.tolist() == [95, 96, 97][: len(moved)]


def test_without_a_lag_nothing_is_moved(history_of):
    prices = lagged(history_of, 0)
    assert prices.published() is prices
