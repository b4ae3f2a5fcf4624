"""Prices of futures stand at the session at whose close they were known."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from backtest.data.ingest.contracts import futures
from backtest.data.ingest.known import NEVER, known_at
from backtest.data.manifest.checks import Repairs
from backtest.data.manifest.read import read_manifest
from backtest.data.pull.carried_over import earlier_sources
from backtest.data.store.read import load_dataset
from backtest.errors import DataRefused, DatasetUnavailable, ManifestInvalid

from .conftest import A

# Thursday 2023-04-06, Good Friday (no session, but futures are quoted), Monday 10 and Tuesday 11.
STOCKS = "date,close\n2023-04-05,99\n2023-04-06,100\n2023-04-10,101\n2023-04-11,102\n"
FUTURES = """[series.F]
title = "Futures"
kind = "futures"
unit = "points"
file = "f.csv"
columns = { source = "from" }
publication_lag = { settled = 0, traded = 1 }
"""
HEADER = "date,contract,price,from\n"
MAY = (2023 - 1970) * 12 + 4


def delivered(bench, rows, manifest=FUTURES, header=HEADER):
    """Import, and return the lock and {(session, month): (price, its day)}."""
    bench.manifest(A, manifest, roles='[roles]\nfed_funds_futures = "F"\n')
    bench.deliver(a=STOCKS, f=header + rows)
    lock = bench.run()
    prices = load_dataset(bench.folder).prices
    table = prices.contracts("F")
    session, day = prices.sessions[table.session].astype(str), table.days(prices.sessions).astype(str)
    rows = zip(session.tolist(), table.month.tolist(), table.price.tolist(), day.tolist(), strict=True)
    return lock, {(at, month): (price, of) for at, month, price, of in rows}


def left_out(lock):
    return {item.reason: (item.rows, item.dates) for item in lock.series["F"].dropped}


def test_each_price_is_read_when_its_source_makes_it_known(bench):
    lock, found = delivered(
        bench,
        "2023-04-05,2023-05,95.1,settled\n2023-04-05,2023-06,95.2,traded\n2023-04-06,2023-06,95.3,traded\n"
        "2023-04-11,2023-06,95.9,traded\n",
    )
    assert found == {
        ("2023-04-05", MAY): (95.1, "2023-04-05"),
        ("2023-04-06", MAY + 1): (95.2, "2023-04-05"),
        ("2023-04-10", MAY + 1): (95.3, "2023-04-06"),
    }
    assert left_out(lock) == {"not known yet at the last session": (1, [dt.date(2023, 4, 11)])}
    late = lock.series["F"].late
    assert (late.lags, str(late.first), str(late.last)) == ({"traded": 1}, "2023-04-06", "2023-04-10")
    assert load_dataset(bench.folder).prices.info("F").late.lags == (("traded", 1),)


def test_a_settlement_is_preferred_to_a_last_trade_of_its_day_and_to_an_older_one(bench):
    rows = ["2023-04-05,2023-05,95.1,settled", "2023-04-05,2023-05,95.7,traded", "2023-04-06,2023-05,95.2,settled"]
    for order in (rows, rows[::-1]):
        lock, found = delivered(bench, "\n".join(order) + "\n")
        assert found == {
            ("2023-04-05", MAY): (95.1, "2023-04-05"),
            ("2023-04-06", MAY): (95.2, "2023-04-06"),
        }
        why = "another source has a price of the same contract and date that is known earlier"
        assert left_out(lock) == {why: (1, [dt.date(2023, 4, 5)])}
        assert lock.series["F"].late is None


def test_quotes_of_good_friday_are_known_on_monday_where_it_has_none_of_its_own(bench):
    lock, found = delivered(
        bench,
        "2023-04-07,2023-05,95.5,settled\n2023-04-07,2023-06,95.6,settled\n2023-04-10,2023-06,95.8,settled\n"
        "2023-04-06,2023-07,95.0,traded\n2023-04-07,2023-07,95.4,traded\n",
    )
    assert found == {
        ("2023-04-10", MAY): (95.5, "2023-04-07"),
        ("2023-04-10", MAY + 1): (95.8, "2023-04-10"),
        ("2023-04-10", MAY + 2): (95.4, "2023-04-07"),  # fresher than Thursday's, which comes out on Monday, too
    }
    friday = [dt.date(2023, 4, 7)]
    assert left_out(lock) == {
        "a later price of the same contract was known by the same close": (2, [dt.date(2023, 4, 6), *friday]),
        "of days without a session are read at the next": (2, friday),
    }
    assert "Rows of days without a session are read at the next: F 2; lock.json lists them." in lock.notes


def test_without_sources_good_friday_is_read_on_monday_too(bench):
    plain = "".join(line for line in FUTURES.splitlines(keepends=True) if "from" not in line and "lag" not in line)
    lock, found = delivered(bench, "2023-04-07,2023-05,95.5\n", plain, "date,contract,price\n")
    assert found == {("2023-04-10", MAY): (95.5, "2023-04-07")}
    assert lock.series["F"].late is None


def test_what_is_derived_is_as_late(bench):
    expected = 'expects = { of = "implied_rate", futures = "F", months = 2 }'
    series = f'[series.E]\ntitle = "E"\nkind = "expectation"\nunit = "percent"\n{expected}\n'
    lock, _ = delivered(bench, "2023-04-05,2023-06,95.2,traded\n", FUTURES + series)
    rates = load_dataset(bench.folder).prices.close("E")
    np.testing.assert_allclose(rates, [np.nan, 4.8, np.nan, np.nan])
    assert lock.series["E"].late == lock.series["F"].late


def test_a_second_import_of_the_same_file_finds_nothing_restated(bench):
    rows = "2023-04-05,2023-05,95.1,traded\n2023-04-07,2023-05,95.3,traded\n"
    delivered(bench, rows)
    lock, _ = delivered(bench, rows)
    assert [item.rule for item in lock.findings if item.rule in ("restated", "lost_rows")] == []


@pytest.mark.parametrize(
    ("rows", "header", "message", "hint"),
    [
        (
            "2023-04-05,2023-05,95.1,guess\n",
            HEADER,
            'f.csv line 2: from = "guess": series.F.publication_lag in manifest.toml does not say when its prices',
            'Add "guess" = 0 for settlements',
        ),
        ("2023-04-05,2023-05,95.1\n", "date,contract,price\n", "f.csv: has no column 'from', but", "columns.source"),
        (  # of one source, two prices stay two
            "2023-04-05,2023-05,95.1,traded\n2023-04-05,2023-05,95.2,traded\n",
            HEADER,
            "quoted twice: contract 2023-05 on 2023-04-05 in lines 2 (95.1) and 3 (95.2)",
            "",
        ),
    ],
)
def test_what_cannot_be_dated_is_refused(bench, rows, header, message, hint):
    with pytest.raises(DataRefused) as refused:
        delivered(bench, rows, header=header)
    assert message in str(refused.value)
    assert hint in str(refused.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({'columns = { source = "from" }\n': ""}, "columns.source and a publication_lag by source require each other"),
        ({"publication_lag = { settled = 0, traded = 1 }\n": ""}, "columns.source and a publication_lag by source"),
        (
            {'kind = "futures"': 'kind = "rate"', 'columns = { source = "from" }\n': ""},
            "publication_lag by source is for futures",
        ),
        ({"traded = 1": "traded = -1"}, "traded = -1 }: must be a whole number or at least 0"),
        ({"{ settled = 0, traded = 1 }": "{}"}, "series.F.publication_lag = "),
    ],
)
def test_a_manifest_says_both_or_neither(bench, change, message):
    text = FUTURES
    for old, new in change.items():
        text = text.replace(old, new)
    with pytest.raises(ManifestInvalid, match=message):
        delivered(bench, "2023-04-05,2023-05,95.1,settled\n", text)


def test_known_at_counts_sessions():
    sessions = np.array(["2023-04-05", "2023-04-06", "2023-04-10", "2023-04-11"], "datetime64[D]")
    days = np.array(
        ["2023-04-04", "2023-04-05", "2023-04-06", "2023-04-07", "2023-04-11", "2023-04-12"], "datetime64[D]"
    )
    for lag, expected in (
        (0, [NEVER, 0, 1, 2, 3, NEVER]),
        (1, [NEVER, 1, 2, 2, NEVER, NEVER]),
        (2, [NEVER, 2, 3, 3, NEVER, NEVER]),
    ):
        known, on = known_at(days, np.full(6, lag), sessions)
        assert known.tolist() == expected
        assert on.tolist() == [False, True, True, False, True, False]


def test_what_a_pull_keeps_is_known_when_it_was(bench):
    rows = "2023-04-05,2023-05,95.1,traded\n2023-04-07,2023-06,95.3,settled\n"
    lock, found = delivered(bench, rows)
    manifest = read_manifest(bench.folder)
    sources, _ = earlier_sources(bench.folder, manifest, ["F"])
    sessions = load_dataset(bench.folder).prices.sessions
    table, dropped, _ = futures("F", manifest.series["F"], sources["F"], sessions, Repairs())
    session = sessions[table.session].astype(str).tolist()
    assert {key: price for key, (price, _) in found.items()} == dict(
        zip(zip(session, table.month.tolist(), strict=True), table.price.tolist(), strict=True)
    )
    assert dropped == lock.series["F"].dropped


def test_what_was_imported_without_sources_is_imported_again(bench):
    plain = "".join(line for line in FUTURES.splitlines(keepends=True) if "from" not in line and "lag" not in line)
    delivered(bench, "2023-04-06,2023-05,95.5\n", plain, "date,contract,price\n")
    bench.manifest(A, FUTURES)
    with pytest.raises(DatasetUnavailable, match="F was imported without the source of each price") as refused:
        earlier_sources(bench.folder, read_manifest(bench.folder), ["F"])
    assert refused.value.hint == "Import it again: backtest data import mine --from DIR"
