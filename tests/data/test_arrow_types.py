"""Parquet from elsewhere: every type Arrow has ends in numbers and dates, or in one line that says why not."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backtest import arrow
from backtest.data.files import parquet
from backtest.data.files.reading import read_source
from backtest.data.store.read import load_dataset
from backtest.errors import DataRefused

DAYS = pa.array([dt.date(2024, 7, 15), dt.date(2024, 7, 16), dt.date(2024, 7, 17)])
CLOSES = pa.array([100.25, 101.5, 99.75])
BROKEN = pa.Array.from_buffers(
    pa.string(), 3, [None, pa.py_buffer(np.array([0, 1, 2, 3], dtype=np.int32).tobytes()), pa.py_buffer(b"a\xffb")]
)
FAR = [0, 2**62, 2**62 + 1]


def written(folder, **columns):
    pq.write_table(pa.table(columns), folder / "a.parquet")


def test_text_that_is_not_utf8_is_not_read_where_nobody_needs_it(here):
    written(here.source, date=DAYS, close=CLOSES, remark=BROKEN)
    status, said = here(None, "a.parquet")
    assert status == 0, said.err
    assert "column remark: is not UTF-8" in here.manifest.read_text()
    (name,) = load_dataset(here.folder).prices.series
    assert load_dataset(here.folder).prices.close(name).tolist() == CLOSES.to_pylist()


@pytest.mark.parametrize("column", ["date", "close"])
def test_text_that_is_not_utf8_is_refused_where_it_is_needed(tmp_path, column):
    written(tmp_path, **{"date": DAYS, "close": CLOSES, column: BROKEN})
    with pytest.raises(DataRefused, match=rf"^a\.parquet: column '{column}' is not UTF-8\. Write"):
        read_source(tmp_path, "a.parquet", wanted=["date", "close"])


@pytest.mark.parametrize("other", [BROKEN.dictionary_encode(), pa.array(FAR, pa.timestamp("us"))])
def test_a_column_that_is_not_needed_is_not_read(tmp_path, other):
    written(tmp_path, date=DAYS, close=CLOSES, remark=other)
    source = read_source(tmp_path, "a.parquet", wanted=["date", "close"])
    assert list(source.columns) == ["date", "close"]


@pytest.mark.parametrize("zone", [None, "America/New_York"])
def test_times_beyond_the_years_that_python_knows(here, zone):
    written(here.source, date=DAYS, close=pa.array(FAR, pa.timestamp("us", zone)))
    status, said = here(None, "a.parquet")
    assert status == 1
    assert "no series was found" in said.err
    written(here.source, date=pa.array(FAR, pa.timestamp("us", zone)), close=CLOSES)
    status, said = here(None, "a.parquet", dataset="dates")
    assert status == 1
    assert "row 2: date 148108-07-06 is in the future" in said.err


@pytest.mark.parametrize("kind", [pa.uint64(), pa.int64()])
def test_a_large_integer_is_the_nearest_float(kind):
    values = [1, 2**53 + 1, 2**62 + 1, 2**63 + 2**11 if kind == pa.uint64() else -(2**62)]
    assert arrow.to_floats(pa.chunked_array([pa.array(values, kind)])).tolist() == [float(value) for value in values]


def test_a_billion_rows_in_a_few_bytes_are_refused_before_they_are_unpacked(tmp_path, monkeypatch):
    written(tmp_path, date=pa.array([0] * 40_000, pa.date32()), close=np.ones(40_000))
    monkeypatch.setattr(parquet, "MOST_CELLS", 79_999)
    monkeypatch.setattr(parquet, "_unpacked", None)
    with pytest.raises(DataRefused, match=r"holds 40,000 rows, with 80,000 values: at most 79,999 are read"):
        read_source(tmp_path, "a.parquet")


def test_what_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    written(tmp_path, date=DAYS, close=CLOSES, text=pa.array(["a" * 9999] * 3))
    monkeypatch.setattr(parquet, "MOST_BYTES", 20_000)
    with pytest.raises(DataRefused, match="unpacks to more than 20,000 bytes"):
        read_source(tmp_path, "a.parquet")
    assert len(read_source(tmp_path, "a.parquet", wanted=["date", "close"]).lines) == 3
