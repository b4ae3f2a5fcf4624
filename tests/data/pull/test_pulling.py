"""A whole pull: what ends in the dataset, what is asked for again, and what a failure leaves behind."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from backtest.data.ingest.importing import import_dataset
from backtest.data.pull import pulling
from backtest.data.pull.pulling import PullFailed
from backtest.data.store import exclusive as writing
from backtest.errors import DataRefused, DatasetCorrupt

from . import bodies
from .conftest import Reply
from .mine import DAYS, FF, FOMC, MANIFEST


def test_from_three_providers_to_one_dataset(bench):
    pulled = bench.pull()
    prices = bench.prices()
    assert prices.sessions.astype(str).tolist() == [
        "2024-07-10",
        "2024-07-11",
        "2024-07-12",
        "2024-07-15",
        "2024-07-16",
    ]
    np.testing.assert_array_equal(prices.close("PRICE"), [101, 103, np.nan, 105, 107])  # no row of the 12th
    np.testing.assert_array_equal(prices.close("DGS10"), [4.28, np.nan, np.nan, 4.23, 4.17])
    np.testing.assert_array_equal(prices.close("target"), [np.nan, 5.75, np.nan, 5.75, 5.25])
    origin = pulled.lock.series["DGS10"]
    assert (origin.provider, origin.symbol) == ("fred", "DGS10")
    assert origin.fetched is not None
    assert origin.fetched.date() == dt.date(2024, 7, 17)
    assert origin.sha256 == pulled.answers[next(r for r in pulled.answers if r.symbol == "DGS10")].record.raw_sha256
    assert pulled.lock.series["small"].derivation.startswith("index of the percent returns lo30")
    assert bench.provider.count("/chart/IWM") == 2  # the time zone, and the prices; one answer for both series
    assert "Optional series that were not delivered: FF, FOMC." in pulled.lock.notes
    assert "yahoo IWM: 1 zeros in column open are read as missing." in pulled.lock.notes


def test_total_returns_are_adjusted_at_open_high_and_low_too(bench):
    bench.pull()
    prices = bench.prices()
    np.testing.assert_array_equal(prices.close("IWM"), [50.5, 51.5, np.nan, 53, 107])
    np.testing.assert_allclose(prices.columns["IWM.high"], [51, 52, np.nan, 106 * 53 / 105, 108])
    np.testing.assert_array_equal(prices.columns["PRICE.high"], [102, 104, np.nan, 106, 108])


def test_rows_off_the_sessions_are_counted(bench):
    dropped = bench.pull().lock.series["lo30"].dropped
    assert [(item.reason, item.rows) for item in dropped] == [("not a session", 7)]


def test_nothing_is_asked_twice_before_another_session_has_settled(bench, clock):
    assert set(bench.outcomes().values()) == {"fetched"}
    asked = len(bench.provider.asked)
    before = bench.data()
    clock.start += dt.timedelta(hours=20)  # the next day, before six o'clock in New York
    assert set(bench.outcomes().values()) == {"kept"}
    assert len(bench.provider.asked) == asked
    assert [body for path, body in bench.data().items() if path.suffix == ".parquet"] == [
        body for path, body in before.items() if path.suffix == ".parquet"
    ]
    clock.start += dt.timedelta(hours=3)
    assert set(bench.outcomes().values()) == {"unchanged"}
    assert len(bench.provider.asked) > asked


def test_refresh_asks_for_everything(bench):
    bench.pull()
    bench.provider.answers("id=DGS10", bodies.fred_csv("DGS10", [*bodies.RATES[:4], ("2024-07-16", "4.20")]))
    outcomes = bench.outcomes(refresh=True)
    assert outcomes.pop("fred DGS10") == "fetched"
    assert set(outcomes.values()) == {"unchanged"}
    np.testing.assert_array_equal(bench.prices().close("DGS10"), [4.28, np.nan, np.nan, 4.23, 4.20])


def test_since(bench):
    lock = bench.pull(since=dt.date(2024, 7, 15)).lock
    assert bench.prices().sessions.astype(str).tolist() == ["2024-07-15", "2024-07-16"]
    assert "Pulled from 2024-07-15: earlier rows are left out." in lock.notes
    whole = bench.pull().lock  # what was fetched is whole
    assert len(bench.prices().sessions) == 5
    assert not [item for item in whole.findings if item.rule == "lost_rows"]


def test_since_does_not_shorten_what_is_there(bench):
    whole = bench.pull().lock
    again = bench.pull(since=dt.date(2024, 7, 15)).lock
    assert {name: (item.first, item.rows) for name, item in again.series.items()} == {
        name: (item.first, item.rows) for name, item in whole.series.items()
    }
    assert not [item for item in again.findings if item.rule == "lost_rows"]
    (note,) = [note for note in again.notes if note.startswith("Pulled from")]
    assert note == (
        "Pulled from 2024-07-15: earlier rows are left out, except for existing history: IWM (from 2024-07-10), "
        "PRICE (from 2024-07-10), DGS10 (from 2024-07-10), target (from 2024-07-11), lo30 (from 2024-07-10)."
    )


def test_since_lengthens_what_is_there(bench):
    bench.pull(since=dt.date(2024, 7, 16))
    assert len(bench.prices().sessions) == 1
    assert bench.pull(since=dt.date(2024, 7, 15)).lock.series["IWM"].first == dt.date(2024, 7, 15)


def without_dividends(values):
    chart = json.loads(bodies.chart("IWM"))
    chart["chart"]["result"][0]["indicators"] |= {"adjclose": values}
    if values is None:
        del chart["chart"]["result"][0]["indicators"]["adjclose"]
    return json.dumps(chart).encode()


@pytest.mark.parametrize("values", [None, [{"adjclose": [None] * 5}]])
def test_prices_without_dividends_are_no_total_return(bench, values):
    bench.pull()
    before = bench.data()
    bench.provider.answers("/chart/IWM", without_dividends(values))
    with pytest.raises(DataRefused) as caught:
        bench.pull(refresh=True)
    assert str(caught.value).startswith(
        "yahoo IWM: the answer has no dividend-adjusted prices, which a total_return_index needs."
    )
    assert bench.data() == before
    bench.manifest(MANIFEST.replace("total_return_index", "price_index", 1))
    bench.pull()
    np.testing.assert_array_equal(bench.prices().close("IWM"), [101, 103, np.nan, 105, 107])


def test_a_second_pull_waits_and_is_refused_before_it_asks(bench, monkeypatch):
    monkeypatch.setattr(writing, "WAIT", 0.0)
    with writing.writing(bench.folder), pytest.raises(DataRefused, match=r"another import or pull is writing it"):
        bench.pull()
    assert bench.provider.asked == []


def test_a_pull_that_fails_half_way(bench, clock):
    bench.pull()
    before = bench.data()
    clock.start += dt.timedelta(days=1)
    good = bench.provider.replies["id=DGS10"]
    bench.provider.answers("id=DGS10", Reply(b"", 503))
    bench.provider.answers("/Sizes_CSV.zip", Reply(b"<html>", 200))
    with pytest.raises(PullFailed) as caught:
        bench.pull()
    assert caught.value.failures == [
        "fred DGS10 (DGS10): answered 503, 4 times.",
        "french Sizes (lo30): answered with a web page instead of a zip file.",
    ]
    assert str(caught.value) == (
        "dataset 'mine': 2 of 5 requests failed; the existing data are unchanged. "
        "To continue with what is missing: backtest data pull mine"
    )
    assert bench.data() == before
    asked = bench.provider.count("/chart/IWM")
    bench.provider.replies["id=DGS10"] = good
    bench.provider.answers("/Sizes_CSV.zip", bodies.french_sizes(DAYS, {}))
    outcomes = bench.outcomes()
    assert outcomes["fred DGS10"] == "unchanged"
    assert outcomes["yahoo IWM"] == "kept"
    assert bench.provider.count("/chart/IWM") == asked


def test_values_that_no_series_may_have_are_refused_as_in_an_import(bench):
    bench.pull()
    before = bench.data()
    wrong = [(*row[:4], -1.0, row[5]) if row[4] == 105 else row for row in bodies.BARS]
    bench.provider.answers("/chart/IWM", bodies.chart("IWM", wrong))
    with pytest.raises(DataRefused, match=r"yahoo IWM row 4 \(2024-07-15\).* The existing data are unchanged"):
        bench.pull(refresh=True)
    assert bench.data() == before


def test_another_currency_is_refused(bench):
    bench.provider.answers("/chart/IWM", bodies.chart("IWM", currency="GBp"))
    with pytest.raises(DataRefused, match="yahoo IWM: is in GBp: must be in USD"):
        bench.pull()


def test_a_symbol_without_the_wanted_column(bench):
    bench.manifest(MANIFEST.replace("Lo 30", "Lo 03"))
    with pytest.raises(DataRefused, match=r"french Sizes: has no column 'Lo 03'. Did you mean 'Lo 30'\?"):
        bench.pull()


@pytest.mark.parametrize("suffix", [".json", ".parquet", ".raw.csv"])
@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(b"{}"), lambda path: path.unlink()])
def test_a_kept_answer_that_is_damaged_is_fetched_again(bench, suffix, damage):
    bench.pull()
    damage(bench.folder / "pulled" / f"fred-DGS10{suffix}")
    outcomes = bench.outcomes()
    assert outcomes.pop("fred DGS10") in ("fetched", "unchanged")
    assert set(outcomes.values()) == {"kept"}


class TestSeriesThatNoProviderOffers:
    def imported(self, bench, tmp_path):
        """Import futures and decisions, with a price of one's own."""
        source = tmp_path / "delivered"
        source.mkdir()
        close = "date,open,high,low,close\n2024-07-15,1,1,1,1\n2024-07-16,1,2,1,2\n"
        files = {"IWM": close, "PRICE": close, "FF": FF, "FOMC": FOMC}
        files |= dict.fromkeys(("DGS10", "target"), "date,value\n2024-07-16,4\n")
        files["lo30"] = "date,Lo 30\n2024-07-15,1\n2024-07-16,1\n"
        for name, text in files.items():
            (source / f"{name}.csv").write_text(text)
        return import_dataset("mine", source, bench.workspace)

    def test_they_are_kept_from_an_earlier_import(self, bench, tmp_path):
        imported = self.imported(bench, tmp_path)
        lock = bench.pull().lock
        prices = bench.prices()
        futures = prices.contracts("FF")
        np.testing.assert_array_equal(futures.price, [94.7, 94.68, 94.8])
        assert prices.sessions[futures.session].astype(str).tolist() == ["2024-07-15", "2024-07-16", "2024-07-16"]
        assert lock.series["FF"].file == "FF.csv"
        assert lock.series["FF"].sha256 == imported.series["FF"].sha256
        assert lock.series["FOMC"].rows == 2
        day = f"{imported.created:%Y-%m-%d}"
        assert f"No provider offers these series; kept from the data of {day}: FF, FOMC." in lock.notes
        again = bench.pull().lock
        assert again.sha256 == lock.sha256
        assert again.series["FF"].file == "FF.csv"

    def test_a_series_by_session_too(self, bench, tmp_path):
        self.imported(bench, tmp_path)
        bench.manifest(MANIFEST.replace('provider = "fred"\nsymbol = "DGS10"\n', ""))
        lock = bench.pull().lock
        assert not bench.provider.count("id=DGS10")
        np.testing.assert_array_equal(bench.prices().close("DGS10"), [np.nan, np.nan, np.nan, np.nan, 4])
        assert lock.series["DGS10"].file == "DGS10.csv"

    def test_what_was_left_out_because_it_stood_still_stays_known(self, bench, tmp_path):
        bench.manifest(MANIFEST + '\n[checks]\nstale_futures = 1\n[checks.repair]\nstale_futures = "drop"\n')
        self.imported(bench, tmp_path)
        with (tmp_path / "delivered" / "FF.csv").open("a") as file:
            file.write("2024-07-15,2024-12,93.425\n2024-07-16,2024-12,93.425\n")
        imported = import_dataset("mine", tmp_path / "delivered", bench.workspace)
        (stale,) = [item for item in imported.findings if item.rule == "stale"]
        for _ in range(2):  # from pull to pull
            lock = bench.pull().lock
            assert [item for item in lock.findings if item.rule == "stale"] == [stale]
            (dropped,) = [item for item in lock.series["FF"].dropped if "stale_futures" in item.reason]
            assert (dropped.rows, dropped.first) == (1, dt.date(2024, 7, 16))
            assert lock.series["FF"].rows == 4

    def test_not_as_another_kind(self, bench, tmp_path):
        self.imported(bench, tmp_path)
        text = MANIFEST.replace('provider = "fred"\nsymbol = "DGS10"\n', "optional = true\n")
        bench.manifest(text.replace('title = "DGS10"\nkind = "rate"', 'title = "DGS10"\nkind = "percent_return"'))
        assert "DGS10" not in bench.pull().lock.series

    def test_not_from_a_day_that_has_not_come(self, bench, tmp_path):
        self.imported(bench, tmp_path)
        for name, row in {"IWM": "2024-07-19,1,2,1,2", "FF": "2024-07-19,2024-09,94.8"}.items():
            with (tmp_path / "delivered" / f"{name}.csv").open("a") as file:
                file.write(f"{row}\n")
        import_dataset("mine", tmp_path / "delivered", bench.workspace)
        with pytest.raises(DataRefused, match=r"date 2024-07-19 is in the future: today is 2024-07-17\."):
            bench.pull()

    def test_not_from_damaged_data(self, bench, tmp_path):
        self.imported(bench, tmp_path)
        other = pq.read_table(next(bench.folder.rglob("FF.parquet"))).slice(1)
        pq.write_table(other, next(bench.folder.rglob("FF.parquet")))
        with pytest.raises(DatasetCorrupt, match=r"FF.parquet: its content does not match lock.json"):
            bench.pull()
        assert bench.provider.asked == []

    def test_where_there_is_none_and_one_is_needed_nothing_is_asked(self, bench):
        bench.manifest(MANIFEST.replace("optional = true\n", ""))
        with pytest.raises(
            DataRefused, match=r"'mine' needs series that no provider offers: FF, FOMC\. Import them first"
        ):
            bench.pull()
        assert bench.provider.asked == []


@pytest.mark.parametrize("stop", range(0, 24, 3))
def test_a_pull_that_is_killed_leaves_the_old_dataset_or_the_new_one(bench, clock, monkeypatch, stop):
    bench.pull()
    before = bench.data()
    clock.start += dt.timedelta(days=1)
    bench.provider.answers("id=DGS10", bodies.fred_csv("DGS10", [*bodies.RATES[:4], ("2024-07-16", "4.20")]))
    whole, calls = Path.replace, iter(range(100))

    def replace(path, target):
        if next(calls) == stop:
            raise KeyboardInterrupt
        return whole(path, target)

    with monkeypatch.context() as killed:
        killed.setattr(Path, "replace", replace)
        try:
            bench.pull()
        except KeyboardInterrupt:
            assert bench.data() == before
    bench.pull()
    np.testing.assert_array_equal(bench.prices().close("DGS10"), [4.28, np.nan, np.nan, 4.23, 4.20])
    assert [path.name for path in bench.folder.rglob(".*") if path.is_file()] == [".writing"]


def test_a_series_on_which_many_live_is_named_in_short():
    assert pulling._some_names(["a", "b", "c", "d"]) == "a, b, c, d"
    assert pulling._some_names(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"


def test_without_the_extra(bench, monkeypatch):
    monkeypatch.setitem(sys.modules, "yfinance", None)
    with pytest.raises(DataRefused) as caught:
        bench.pull()
    assert "pulling from yahoo needs yfinance" in str(caught.value)
    assert caught.value.hint == "Run: pip install 'episode-backtest[providers]'"
    assert bench.provider.asked == []
