"""Parquet as data frames and databases write it: time zones, indexes, decimals, dates of eight digits."""

import datetime as dt
import decimal
import tomllib

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backtest.data.files.reading import read_source
from backtest.data.store.read import load_dataset


class TestParquet:
    CLOSES = (100.25, 101.5, 99.75)
    DATES = (dt.date(2024, 7, 15), dt.date(2024, 7, 16), dt.date(2024, 7, 17))

    def read(self, here, table):
        pq.write_table(table, here.source / "a.parquet")
        status, said = here(None, "a.parquet")
        assert status == 0, said.err
        prices = load_dataset(here.folder).prices
        assert tuple(prices.sessions.tolist()) == self.DATES
        (name,) = tomllib.loads(here.manifest.read_text())["series"]
        assert tuple(prices.close(name).tolist()) == self.CLOSES

    @pytest.mark.parametrize("zone", [None, "America/New_York", "UTC", "Asia/Tokyo", "-05:00"])
    @pytest.mark.parametrize("hour", [0, 9, 16, 23])
    def test_the_date_is_the_one_on_the_clock_that_wrote_it(self, here, zone, hour):
        index = pd.DatetimeIndex([pd.Timestamp(day.isoformat()) + pd.Timedelta(hours=hour) for day in self.DATES])
        index = index.tz_localize(zone) if zone else index
        self.read(here, pa.table({"date": pa.Array.from_pandas(index), "close": self.CLOSES}))

    @pytest.mark.parametrize("name", [None, "Date"])
    def test_the_index_of_a_data_frame(self, here, name):
        index = pd.DatetimeIndex([day.isoformat() for day in self.DATES], name=name, tz="America/New_York")
        self.read(here, pa.Table.from_pandas(pd.DataFrame({"close": self.CLOSES}, index=index)))

    @pytest.mark.parametrize("kind", [pa.int32(), pa.int64(), pa.string()])
    def test_eight_digits(self, here, kind):
        texts = [f"{day:%Y%m%d}" for day in self.DATES]
        dates = pa.array(texts if kind == pa.string() else [int(text) for text in texts], kind)
        self.read(here, pa.table({"caldt": dates, "close": self.CLOSES}))

    @pytest.mark.parametrize("kind", [pa.decimal128(18, 4), pa.decimal256(40, 4), pa.float32()])
    def test_numbers(self, here, kind):
        closes = [decimal.Decimal(str(value)) for value in self.CLOSES]
        closes = pa.array(closes if pa.types.is_decimal(kind) else self.CLOSES, kind)
        self.read(here, pa.table({"date": self.DATES, "close": closes}))

    def test_a_decimal_is_the_nearest_float(self, here):
        texts = ["333.33", "0.07", "1234567.89"]  # Arrow's own cast gives 333.33000000000004
        values = pa.array([decimal.Decimal(text) for text in texts], pa.decimal128(18, 2))
        pq.write_table(pa.table({"date": self.DATES, "close": values}), here.source / "a.parquet")
        assert read_source(here.source, "a.parquet").numbers("close").tolist() == [float(text) for text in texts]

    def test_two_times_on_one_date_are_a_duplicate(self, here):
        times = pa.array([dt.datetime(2024, 7, 15, 9, 30), dt.datetime(2024, 7, 15, 16)], pa.timestamp("us"))
        pq.write_table(pa.table({"date": times, "close": [1.0, 1.0]}), here.source / "a.parquet")
        status, said = here(None, "a.parquet")
        assert status == 1
        assert "a.parquet row 2: date 2024-07-15 occurs twice, with the same values" in said.err
        assert "--repair duplicate_date=drop" in said.err
