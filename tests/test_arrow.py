"""Arrow arrays by their buffers agree with Arrow's own conversions."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest import arrow


def test_columns_of_several_chunks_with_and_without_nulls():
    column = pa.chunked_array([[1.0, None], [], [3.0, 4.0]], type=pa.float64())
    np.testing.assert_array_equal(arrow.to_floats(column), [1.0, np.nan, 3.0, 4.0])
    np.testing.assert_array_equal(arrow.to_floats(column.slice(1, 2)), [np.nan, 3.0])


def test_a_slice_within_a_chunk_keeps_its_nulls_in_place():
    column = pa.chunked_array([pa.array([None, 1.0, None, 2.0, None], type=pa.float64()).slice(1, 3)])
    np.testing.assert_array_equal(arrow.to_floats(column), [1.0, np.nan, 2.0])


@pytest.mark.parametrize(
    ("chunks", "copied"),
    [([[1.5, 2.5, 3.5]], False), ([[1.5, None]], True), ([[1.5], [2.5]], True), ([[]], False), ([], True)],
)
def test_a_run_of_floats_is_not_copied(chunks, copied):
    column = pa.chunked_array([pa.array(one, pa.float64()) for one in chunks], type=pa.float64())
    for part in (column, column.slice(1)):
        np.testing.assert_array_equal(arrow.as_floats(part), arrow.to_floats(part))
        assert arrow.as_floats(part).dtype == np.float64
    assert arrow.as_floats(column).flags.writeable == copied
    single = pa.chunked_array([[3, None]], type=pa.float32())
    np.testing.assert_array_equal(arrow.as_floats(single), [3.0, np.nan])


def test_dates_before_1970_and_missing():
    days = np.array(["1926-07-01", "NaT", "2024-07-16"], dtype="datetime64[D]")
    column = pa.chunked_array([pa.array(days)])
    np.testing.assert_array_equal(arrow.to_days(column), days)


def test_every_kind_equals_what_arrow_makes_of_a_list():
    days = np.array(["1926-07-01", "NaT"], dtype="datetime64[D]")
    assert arrow.floats(np.array([1.5, np.nan])).equals(pa.array([1.5, None], pa.float64()))
    assert arrow.days(days).equals(pa.array(days))
    assert arrow.ints(np.array([3, -1])).equals(pa.array([3, -1], pa.int32()))
    assert arrow.texts(["", "größer", "pending"]).equals(pa.array(["", "größer", "pending"]))
    assert arrow.texts([]).equals(pa.array([], pa.string()))
    flags = np.arange(11) % 3 == 0
    assert arrow.flags(flags).equals(pa.array(flags.tolist()))


def test_numbers_of_other_types_become_floats():
    for kind in (pa.int32(), pa.int64(), pa.int8(), pa.float32()):
        column = pa.chunked_array([[3, None], [-1]], type=kind)
        np.testing.assert_array_equal(arrow.to_floats(column), [3.0, np.nan, -1.0])


@given(st.lists(st.integers(0, 6), max_size=9))
def test_rows_are_taken_as_arrow_takes_them(rows):
    table = pa.table({"a": pa.chunked_array([[0, 1, 2], [3, 4], [5, 6]]), "b": list("abcdefg")})
    taken = arrow.take(table, np.array(rows, dtype=np.int64))
    assert taken.equals(table.take(pa.array(rows, pa.int64())))
