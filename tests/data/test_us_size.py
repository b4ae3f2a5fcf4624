"""The real history, against figures computed outside the project."""

import bisect
import csv
import datetime as dt
import itertools

import numpy as np
import pyarrow.parquet as pq
import pytest

from backtest.data.ingest.importing import import_dataset
from backtest.data.store.read import load_dataset
from backtest.workspace import Workspace

HORIZONS = (5, 21, 63, 126, 252)
# Percent, small / mega, entry at the trigger's close.
TOTAL_RETURNS = {
    "1998-10-20": "4.62 / 0.45 | 10.62 / 8.35 | 20.85 / 18.79 | 19.00 / 30.51 | 19.82 / 24.59",
    "2000-01-20": "-1.38 / -3.10 | 6.17 / -7.21 | -9.26 / -0.82 | -0.79 / 3.68 | -9.11 / -7.54",
    "2009-09-10": "3.80 / 1.73 | 3.64 / 2.63 | 0.99 / 5.94 | 14.74 / 9.87 | 8.59 / 6.14",
    "2020-04-28": "-1.91 / 0.89 | 8.20 / 6.00 | 13.57 / 13.51 | 24.47 / 21.08 | 79.42 / 47.49",
    "2024-07-16": "-0.88 / -2.01 | -7.98 / -4.30 | -0.42 / 2.97 | 0.39 / 6.65 | 0.12 / 13.97",
}
PRICE_RETURNS = {
    "1998-10-20": "3.68 / 0.13 | 9.44 / 7.57 | 18.35 / 16.09 | 19.69 / 27.72 | 15.53 / 21.20",
    "2000-01-20": "-1.95 / -3.25 | 3.49 / -6.88 | -7.79 / -1.25 | 1.42 / 3.46 | -7.43 / -7.13",
    "2009-09-10": "3.46 / 2.04 | 3.37 / 2.62 | 0.53 / 4.96 | 13.73 / 10.14 | 6.99 / 6.26",
    "2020-04-28": "-1.89 / 0.18 | 7.90 / 5.81 | 13.23 / 12.40 | 23.66 / 18.77 | 77.51 / 46.09",
    "2024-07-16": "-0.90 / -1.97 | -7.92 / -3.74 | -0.66 / 3.40 | -0.02 / 4.99 | -1.05 / 11.11",
}


@pytest.fixture(scope="module")
def real(shared, tmp_path_factory):
    root = tmp_path_factory.mktemp("workspace")
    (root / "backtest.toml").touch()
    workspace = Workspace(root, marked=True)
    return import_dataset("us-size", shared / "data", workspace), load_dataset("us-size", workspace).prices


def at(prices, day):
    return int(np.flatnonzero(prices.sessions == np.datetime64(day))[0])


def closes(shared, file, column="close"):
    with (shared / "data" / file).open() as lines:
        return {row["date"]: float(row[column]) for row in csv.DictReader(lines) if row[column]}


def test_sessions_are_the_exchanges(real, recwarn):
    import exchange_calendars

    _, prices = real
    rut = prices.sessions[~np.isnan(prices.close("small_index"))]
    mine = rut[(rut >= np.datetime64("1988-01-01")) & (rut <= np.datetime64("2025-12-31"))]
    calendar = exchange_calendars.get_calendar("XNYS", start="1988-01-01", end="2025-12-31")
    theirs = np.array([session.date() for session in calendar.sessions], dtype="datetime64[D]")
    assert len(mine) == 9572
    np.testing.assert_array_equal(mine, theirs)
    every = prices.sessions[(prices.sessions >= theirs[0]) & (prices.sessions <= theirs[-1])]
    np.testing.assert_array_equal(every, theirs)


def test_what_the_firewall_finds_is_what_is_there(real):
    lock, _ = real
    found = {(item.rule, item.series): item for item in lock.findings}
    assert not [item.text for item in lock.findings if item.severity == "error"]
    assert found.keys() == {
        ("calendar", ""),
        *(("open_is_close", name) for name in ("RUT", "GSPC", "VIX", "MSFT")),
        ("stale", "FF"),
        ("jump", "FF"),
        *(("uneven_ends", name) for name in ("small_caps", "mega_caps", "SPY", "RSP")),
    }
    # no crash among them: 1987-10-19, 2008-10-15 and 2020-03-16 are as large as volatility allows
    opens = found["open_is_close", "RUT"]
    assert (opens.first.year, opens.last.year, opens.count) == (1987, 2006, 3634)
    stale = found["stale", "FF"]
    assert (str(stale.first), str(stale.last), stale.value) == ("2000-09-08", "2003-11-21", 93.425)
    assert stale.text.endswith("; left out after the first quote of each run.")
    digit = found["jump", "FF"]  # one settlement of 83.425 between 93.425 and 93.425
    assert (str(digit.first), str(digit.last), digit.count) == ("2000-09-12", "2000-09-13", 2)


def test_far_contracts_that_stand_still_are_left_out_and_nothing_else(real, shared):
    lock, prices = real
    rows = pq.read_table(shared / "data" / "rates" / "fed_funds_futures.parquet").to_pylist()
    sessions, quotes = prices.sessions.tolist(), {}
    for row in sorted(rows, key=lambda row: row["date"]):  # of two known at one close the later stays
        day, late = row["date"].date(), row["source"] in ("databento_continuous", "yahoo_avlsv")
        known = bisect.bisect_right(sessions, day) if late else bisect.bisect_left(sessions, day)
        if row["price"] is not None and known < len(sessions):
            quotes.setdefault(row["contract_month"], {})[sessions[known]] = row["price"]
    gone = set()
    for contract, by_day in quotes.items():  # quote by quote, three or more months ahead, 43 equal ones or more
        month = 12 * int(contract[:4]) + int(contract[5:])
        far = [(day, by_day[day]) for day in sorted(by_day) if month - 12 * day.year - day.month >= 3]
        for _, run in itertools.groupby(far, key=lambda pair: pair[1]):
            standing = list(run)
            gone |= {(contract, day) for day, _ in standing[1:]} if len(standing) >= 43 else set()
    table = prices.contracts("FF")
    days = prices.sessions[table.session].tolist()
    months = table.month.astype("datetime64[M]").astype(str).tolist()
    delivered = {(contract, day, price) for contract, by_day in quotes.items() for day, price in by_day.items()}
    expected = {row for row in delivered if row[:2] not in gone}
    assert set(zip(months, days, table.price.tolist(), strict=True)) == expected
    assert len(days) == len(expected)
    dropped = [item for item in lock.series["FF"].dropped if item.reason.startswith("repaired on request")]
    assert (len(dropped), sum(item.rows for item in dropped), len(gone)) == (26, 3485, 3485)
    assert all(item.reason.endswith(" at 93.425)") for item in dropped)
    assert "Rows repaired on request: stale_futures = drop: FF 3,485; lock.json lists them." in lock.notes


def test_closes(real):
    _, prices = real
    for day, close in {"2023-12-29": 2027.07, "2024-07-09": 2029.47, "2024-07-16": 2263.67}.items():
        assert prices.close("small_index")[at(prices, day)] == pytest.approx(close, abs=0.005)


@pytest.mark.parametrize(
    ("legs", "table"), [(("small", "mega"), TOTAL_RETURNS), (("small_index", "market_index"), PRICE_RETURNS)]
)
def test_forward_returns(real, legs, table):
    _, prices = real
    for day, line in table.items():
        start = at(prices, day)
        for horizon, cell in zip(HORIZONS, line.split(" | "), strict=True):
            for leg, expected in zip(legs, cell.split(" / "), strict=True):
                levels = prices.close(leg)
                assert 100 * (levels[start + horizon] / levels[start] - 1) == pytest.approx(
                    float(expected), abs=0.00501
                )


@pytest.mark.parametrize(
    ("leg", "etf", "column", "seam"),
    [("small", "IWM", "Qnt 2", "2000-05-26"), ("mega", "OEF", "Hi 10", "2000-10-27")],
)
def test_no_return_crosses_the_seam(real, shared, leg, etf, column, seam):
    lock, prices = real
    french = closes(shared, "french/size_portfolios_daily_pct.csv", column)
    adjusted = closes(shared, f"prices/{etf}_total_return.csv", "adj_close")
    here = at(prices, seam)
    days = prices.sessions.astype(str)
    levels = prices.close(leg)
    for i in range(here - 30, here + 31):
        change = levels[i] / levels[i - 1] - 1
        source = french[days[i]] / 100 if i <= here else adjusted[days[i]] / adjusted[days[i - 1]] - 1
        assert change == pytest.approx(source, abs=1e-12)
    assert min(adjusted) == seam
    assert seam in lock.series[prices.name(leg)].derivation


def test_every_row_is_there_or_counted(real, shared):
    lock, prices = real
    for name, (file, column) in {
        "RUT": ("prices/RUT.csv", "close"),
        "VIX": ("prices/VIX.csv", "close"),
        "DFF": ("rates/fred.csv", "DFF"),
        "DGS10": ("rates/fred.csv", "DGS10"),
    }.items():
        delivered = closes(shared, file, column)
        days = prices.sessions[~np.isnan(prices.close(name))].astype(str).tolist()
        assert [delivered[day] for day in days] == prices.close(name)[~np.isnan(prices.close(name))].tolist()
        locked = lock.series[name]
        assert locked.rows + sum(item.rows for item in locked.dropped) == len(delivered)
    assert lock.series["VIX"].dropped[0].dates == [dt.date(2026, 5, 25), dt.date(2026, 6, 19), dt.date(2026, 7, 3)]


def test_twelve_months_ahead(real):
    _, prices = real
    for day, cuts in {"2024-07-09": 4.50, "2024-07-16": 5.56}.items():
        here = at(prices, day) + 1  # last trades of the UTC day: known at the next close
        futures = prices.contracts("fed_funds_futures")
        july_2025 = (2025 - 1970) * 12 + 6
        quote = futures.price[(futures.session == here) & (futures.month == july_2025)]
        rate = prices.close("policy_rate")[here]
        assert (rate - (100 - quote)) / 0.25 == pytest.approx(cuts, abs=0.005)
