"""The real adapters, on answers in the providers' own formats."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from backtest.data.pull.http import FetchFailed
from backtest.data.pull.providers import Request, fetch

from . import bodies

CHART = "/v8/finance/chart/"
FRED = "fredgraph.csv?id="
FRENCH = "/ken.french/ftp/"
SIZES = "Portfolios_Formed_on_ME_Daily"
DAYS = [str(day) for day in np.busday_offset("2024-07-01", np.arange(12))]
FLAT = [0.1] * 12


def iso(table):
    return table.dates.astype(str).tolist()


def test_yahoo_prices_splits_nulls_and_zeros(provider, client):
    provider.answers(CHART, bodies.chart("^RUT"))
    fetched = fetch(Request("yahoo", "^RUT"), client)
    table = fetched.table
    assert iso(table) == ["2024-07-10", "2024-07-11", "2024-07-12", "2024-07-15", "2024-07-16"]
    assert list(table.columns) == ["open", "high", "low", "close", "adj_close"]
    np.testing.assert_array_equal(table.columns["close"], [101, 103, np.nan, 105, 107])
    np.testing.assert_array_equal(table.columns["adj_close"], [50.5, 51.5, np.nan, 53, 107])
    np.testing.assert_array_equal(table.columns["open"], [100, 101, np.nan, np.nan, 105])
    assert table.facts == {"currency": "USD"}
    assert table.notes == ["yahoo ^RUT: 1 zeros in column open are read as missing."]
    assert fetched.raw == bodies.chart("^RUT")
    asked = next(path for path in reversed(provider.asked) if CHART in path)
    assert "%5ERUT" in asked
    assert "interval=1d" in asked


def test_yahoo_bars_that_are_not_final_are_left_out(provider, client, clock):
    provider.answers(CHART, bodies.chart("IWM"))
    clock.start = dt.datetime(2024, 7, 16, 19, 59, tzinfo=dt.UTC)  # a minute before the close
    assert iso(fetch(Request("yahoo", "IWM"), client).table)[-1] == "2024-07-15"


@pytest.mark.parametrize("header", ["observation_date", "DATE"])
def test_fred_dots_and_blanks_are_missing(provider, client, header):
    provider.answers(FRED, bodies.fred_csv("DGS10", bodies.RATES, header))
    table = fetch(Request("fred", "DGS10"), client).table
    assert iso(table) == [date for date, _ in bodies.RATES]
    np.testing.assert_array_equal(table.columns["close"], [4.28, np.nan, np.nan, 4.23, 4.17])
    assert provider.asked == ["/fred.stlouisfed.org/graph/fredgraph.csv?id=DGS10"]


def test_french_first_table_of_several(provider, client):
    small = [1.5, -99.99, -999, -0.25, *FLAT[4:]]
    provider.answers(FRENCH, bodies.french_sizes(DAYS, {"Lo 30": small}))
    table = fetch(Request("french", SIZES), client).table
    assert iso(table) == DAYS
    assert list(table.columns) == bodies.SIZES.split(",")
    np.testing.assert_array_equal(table.columns["Lo 30"], [1.5, np.nan, np.nan, -0.25, *FLAT[4:]])
    np.testing.assert_array_equal(table.columns["Hi 10"], FLAT)
    assert np.isnan(table.columns["<= 0"]).all()
    assert provider.asked == [f"/mba.tuck.dartmouth.edu/pages/faculty/ken.french/ftp/{SIZES}_CSV.zip"]


def test_french_factors_have_no_title(provider, client):
    days = [str(day) for day in np.busday_offset("2024-05-01", np.arange(50))]
    market = np.linspace(-1, 1, 50).round(2).tolist()
    provider.answers(FRENCH, bodies.french_factors(days, {"Mkt-RF": market, "RF": [0.02] * 50}))
    table = fetch(Request("french", "F-F_Research_Data_Factors_daily"), client).table
    assert list(table.columns) == ["Mkt-RF", "SMB", "HML", "RF"]
    np.testing.assert_array_equal(table.columns["Mkt-RF"], market)
    assert iso(table) == days


def test_french_monthly_or_equal_weighted_tables_are_not_taken_for_daily_ones(provider, client):
    months = [f"2020-{month:02}" for month in range(1, 13)]
    monthly = bodies.ABOUT + "  Average Value Weighted Returns -- Monthly\r\n"
    monthly += bodies.french_table(bodies.SIZES, months, {}, 0.1)
    equal = bodies.ABOUT + "  Average Equal Weighted Returns -- Daily\r\n"
    equal += bodies.french_table(bodies.SIZES, DAYS, {}, 0.1)
    for text in (monthly, equal):
        provider.answers(FRENCH, bodies.french_zip(text + "\r\n" + bodies.COPYRIGHT))
        with pytest.raises(FetchFailed, match=r"first table, 'Average .*', does not hold daily value-weighted"):
            fetch(Request("french", SIZES), client)
