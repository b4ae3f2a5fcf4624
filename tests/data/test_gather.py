"""What makes the sessions where only rates are there, and contracts that are quoted twice."""

import datetime as dt

import pyarrow.parquet as pq
import pytest

from backtest.data.firewall.findings import Refused
from backtest.data.ingest.importing import import_dataset
from backtest.data.manifest.checks import Repairs
from backtest.data.store.read import load_dataset
from backtest.errors import DataRefused

A = '[series.A]\ntitle = "A"\nkind = "price_index"\nunit = "points"\nfile = "a.csv"\n'
RATE = '[series.DFF]\ntitle = "DFF"\nkind = "rate"\nunit = "percent a year"\nfile = "dff.csv"\n'
FUTURES = '[series.F]\ntitle = "F"\nkind = "futures"\nunit = "price"\nfile = "f.csv"\n'
DECISIONS = '[series.D]\ntitle = "D"\nkind = "decisions"\nunit = "percent a year"\nfile = "d.csv"\n'
PRICES = "date,close\n2024-07-15,100\n2024-07-16,101\n2024-07-17,99.5\n"
# XNYS was closed on Thursday 2024-07-04 and on the weekend of the 6th (the exchange's own list of holidays).
EVERY_DAY = "date,close\n" + "".join(f"2024-07-{day:02d},5.3{day:02d}\n" for day in range(3, 10))
OPEN = ["2024-07-03", "2024-07-05", "2024-07-08", "2024-07-09"]


class TestRatesOnly:
    def test_the_sessions_are_the_exchanges(self, bench):
        bench.manifest(RATE)
        bench.deliver(dff=EVERY_DAY)
        lock = bench.run()
        prices = load_dataset(bench.folder).prices
        assert prices.sessions.astype(str).tolist() == OPEN
        assert prices.close("DFF").tolist() == [5.303, 5.305, 5.308, 5.309]
        (left_out,) = lock.series["DFF"].dropped
        assert left_out.dates == [dt.date(2024, 7, day) for day in (4, 6, 7)]

    def test_futures_only(self, bench):
        bench.manifest(FUTURES)
        bench.deliver(f="date,contract,price\n2024-07-03,2024-08,94.6\n2024-07-09,2024-08,94.7\n")
        bench.run()
        assert load_dataset(bench.folder).prices.sessions.astype(str).tolist() == OPEN

    def test_a_price_still_defines_them(self, bench):
        bench.manifest(A, RATE)
        bench.deliver(a="date,close\n2024-07-03,100\n2024-07-05,101\n2024-07-09,102\n", dff=EVERY_DAY)
        bench.run()
        sessions = load_dataset(bench.folder).prices.sessions.astype(str).tolist()
        # the exchange was open on the 8th, and closed on the 4th
        assert sessions == ["2024-07-03", "2024-07-05", "2024-07-08", "2024-07-09"]

    def test_before_the_exchange_is_known(self, bench):
        bench.manifest(RATE)
        bench.deliver(dff="date,close\n1954-07-01,1.13\n1954-07-02,1.25\n")
        with pytest.raises(DataRefused) as refused:
            bench.run()
        assert str(refused.value) == (
            "dataset 'mine': rates and futures define no sessions, and XNYS has no known sessions from 1954-07-01 to "
            "1954-07-02. Add a price or a return to it, or set checks.calendar_since in manifest.toml."
        )

    def test_decisions_only(self, bench):
        bench.manifest(DECISIONS)
        bench.deliver(d="date,before,after\n2024-07-31,5.5,5.25\n")
        with pytest.raises(DataRefused, match="it has only decisions, and their dates do not define sessions"):
            bench.run()


class TestQuotedTwice:
    ROWS = (
        "date,contract,price\n2024-07-15,2024-08,94.6\n2024-07-15,2024-09,94.8\n"
        "2024-07-15,2024-08,94.6\n2024-07-16,2024-09-01,94.9\n2024-07-16,2024-09,95\n"
    )

    def run(self, bench, way=None):
        bench.manifest(A, FUTURES)
        bench.deliver(a=PRICES, f=self.ROWS)
        return import_dataset("mine", bench.source, bench.workspace, repairs=Repairs(duplicate_date=way))

    def test_is_a_finding_that_lists_the_rows(self, bench):
        with pytest.raises(Refused) as refused:
            self.run(bench)
        (item,) = refused.value.findings
        assert (item.rule, item.series, item.severity, item.count) == ("duplicate_date", "F", "error", 2)
        assert (item.first, item.last) == (dt.date(2024, 7, 15), dt.date(2024, 7, 16))
        assert item.text == (
            "f.csv: one price per contract and date; quoted twice: "
            "contract 2024-08 on 2024-07-15 in lines 2 (94.6) and 4 (94.6); "
            "contract 2024-09 on 2024-07-16 in lines 5 (94.9) and 6 (95). "
            "From two sources? Say when the prices of each are known: columns.source and publication_lag."
        )

    def test_equal_rows_are_dropped_on_request_and_others_are_not(self, bench):
        with pytest.raises(Refused) as refused:
            self.run(bench, "drop")
        (item,) = refused.value.findings
        assert "quoted twice: contract 2024-09 on 2024-07-16 in lines 5 (94.9) and 6 (95). " in item.text

    @pytest.mark.parametrize(("way", "price"), [("first", 94.9), ("last", 95)])
    def test_the_first_or_the_last_is_kept_on_request(self, bench, way, price):
        lock = self.run(bench, way)
        assert lock.findings == []
        note = f"repaired on request: duplicate_date = {way}"
        assert {item.reason: item.rows for item in lock.series["F"].dropped} == {note: 2}
        table = pq.read_table(bench.folder / lock.path_of("F.parquet"))
        assert sorted(table.column("price").to_pylist()) == sorted([94.6, 94.8, price])

    def test_many_are_counted_after_the_tenth(self, bench):
        bench.manifest(A, FUTURES)
        rows = "".join(f"2024-07-15,{year}-08,94.6\n" * 2 for year in range(2024, 2037))
        bench.deliver(a=PRICES, f="date,contract,price\n" + rows)
        with pytest.raises(Refused) as refused:
            bench.run()
        assert "in lines 20 (94.6) and 21 (94.6); 3 more. From two sources?" in refused.value.findings[0].text
