"""Both real datasets pulled whole, from a provider that gives what ../shared/data has, in the providers' formats."""

from __future__ import annotations

import csv
import datetime as dt

import numpy as np
import pytest

from backtest.data.ingest.importing import import_dataset
from backtest.data.manifest.read import read_manifest
from backtest.data.pull.pulling import pull_dataset
from backtest.data.store.read import load_dataset
from backtest.workspace import Workspace, builtin

from . import bodies

FRENCH = {
    "Portfolios_Formed_on_ME_Daily": "size_portfolios_daily_pct.csv",
    "F-F_Research_Data_Factors_daily": "three_factors_daily_pct.csv",
}


@pytest.fixture
def rows_of(shared):
    def rows(path):
        with (shared / "data" / path).open() as lines:
            return list(csv.DictReader(lines))

    return rows


@pytest.fixture
def workspace(tmp_path, clock):
    clock.start = dt.datetime(2026, 8, 22, 12, tzinfo=dt.UTC)
    (tmp_path / "backtest.toml").touch()
    return Workspace(tmp_path, marked=True)


@pytest.fixture
def french(provider, rows_of):
    for symbol, file in FRENCH.items():
        rows = rows_of(f"french/{file}")
        dates = [row["date"] for row in rows]
        values = {name: [float(row[name]) for row in rows] for name in rows[0] if name != "date"}
        make = bodies.french_sizes if "Lo 30" in values else bodies.french_factors
        provider.answers(f"/{symbol}_CSV.zip", make(dates, values))


def same(one, other, but=""):
    assert one.sessions.tolist() == other.sessions.tolist()
    assert set(one.columns) == set(other.columns)
    for name in set(one.columns) - {but}:
        np.testing.assert_array_equal(one.columns[name], other.columns[name], err_msg=name)


def test_us_french(workspace, shared, client, french, provider):
    imported = import_dataset("us-french", shared / "data", workspace)
    before = load_dataset("us-french", workspace).prices
    before.close("market")
    lock = pull_dataset("us-french", workspace, client=client).lock
    assert lock.sha256 == imported.sha256
    same(load_dataset("us-french", workspace).prices, before)
    assert provider.count("_CSV.zip") == 2
    assert lock.series["hi10_return"].symbol == "Portfolios_Formed_on_ME_Daily"


def yahoo_body(symbol, specs, rows_of):
    """Answer for all series of a symbol: prices as quoted from one file, adjusted closes from another if there is."""
    quoted, adjusted = {}, {}
    for spec in specs:
        for row in rows_of(spec.file):
            if spec.columns.close == "adj_close":
                adjusted[row["date"]] = float(row["adj_close"])
            else:
                quoted[row["date"]] = [float(row[key]) if row[key] else None for key in bodies.OHLC]
    quoted = quoted or {date: [close] * 4 for date, close in adjusted.items()}
    adjusted = adjusted or {date: four[3] for date, four in quoted.items()}
    return bodies.chart(symbol, [(date, *four, adjusted.get(date)) for date, four in quoted.items()])


def test_us_size_whole(workspace, shared, client, french, provider, rows_of):
    manifest = read_manifest(builtin("datasets") / "us-size")
    for spec in manifest.series.values():
        if spec.provider == "yahoo":
            symbol = spec.symbol.replace("^", "%5E")
            sharing = [one for one in manifest.series.values() if one.symbol == spec.symbol]
            provider.answers(f"/chart/{symbol}?", yahoo_body(spec.symbol, sharing, rows_of))
        elif spec.provider == "fred" and "," not in spec.symbol:
            rows = rows_of("rates/fred.csv")
            given = [(row["date"], row[spec.symbol] or ".") for row in rows]
            provider.answers(f"id={spec.symbol}", bodies.fred_csv(spec.symbol, given))
    target = [(row["date"], row["target_1982_on"]) for row in rows_of("rates/fred.csv") if row["target_1982_on"]]
    single = [
        pair for pair in target if pair[0] < "2008-12-16"
    ]  # the range goes on beyond the file's own joined column
    provider.answers("id=DFEDTAR", bodies.fred_csv("DFEDTAR", single))

    fresh = pull_dataset("us-size", workspace, client=client)
    assert {answer.outcome for answer in fresh.answers.values()} == {"fetched"}
    absent = "FF, FOMC, cuts_priced_12m, implied_rate_6m, cut_probability_next_meeting"
    assert f"Optional series that were not delivered: {absent}." in fresh.lock.notes
    assert "fed_funds_futures" not in fresh.lock.roles

    import_dataset("us-size", shared / "data", workspace)
    imported = load_dataset("us-size", workspace).prices
    columns = {name: imported.columns[name] for name in imported.columns}
    futures = imported.contracts("fed_funds_futures").price
    asked = len(provider.asked)
    again = pull_dataset("us-size", workspace, client=client)
    assert len(provider.asked) == asked
    pulled = load_dataset("us-size", workspace).prices
    same(pulled, imported, but="target_1982_on")  # the file's joined column ends before the range that it is joined of
    joined, upper = pulled.close("target_1982_on"), pulled.close("DFEDTARU")
    given, ranged = imported.close("target_1982_on"), pulled.sessions >= np.datetime64("2008-12-16")
    np.testing.assert_array_equal(joined[np.isfinite(given)], given[np.isfinite(given)])
    np.testing.assert_array_equal(joined[ranged], upper[ranged])
    assert set(columns) == set(pulled.columns)
    np.testing.assert_array_equal(pulled.contracts("fed_funds_futures").price, futures)
    assert any(note.startswith("No provider offers these series; kept from the data of") for note in again.lock.notes)
