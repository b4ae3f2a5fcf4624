from __future__ import annotations

import numpy as np
import pyarrow as pa

from backtest.report import series


def test_columns_of_several_chunks_with_and_without_nulls():
    column = pa.chunked_array([[1.0, None], [], [3.0, 4.0]], type=pa.float64())
    np.testing.assert_array_equal(series.floats(column), [1.0, np.nan, 3.0, 4.0])
    np.testing.assert_array_equal(series.floats(column.slice(1, 2)), [np.nan, 3.0])


def test_a_slice_within_a_chunk_keeps_its_nulls_in_place():
    column = pa.chunked_array([pa.array([None, 1.0, None, 2.0, None], type=pa.float64()).slice(1, 3)])
    np.testing.assert_array_equal(series.floats(column), [1.0, np.nan, 2.0])


def test_dates_before_1970_and_missing():
    days = np.array(["1926-07-01", "NaT", "2024-07-16"], dtype="datetime64[D]")
    column = pa.chunked_array([pa.array(days)])
    np.testing.assert_array_equal(series.days(column), days)


def test_six_significant_digits():
    values = np.array([1234567.8, 0.0001234567, -2.0, 0.0, np.nan, np.inf])
    assert series.rounded(values) == [1234570.0, 0.000123457, -2.0, 0.0, None, None]


def test_positions_and_spans():
    sessions = np.array(["2024-07-01", "2024-07-03"], dtype="datetime64[D]")
    wanted = np.array(["2024-07-03", "2024-07-02", "NaT", "2025-01-01"], dtype="datetime64[D]")
    assert series.positions(sessions, wanted) == [1, None, None, None]
    assert series.spans(np.array([True, True, False, True])) == [[0, 1], [3, 3]]
    assert series.spans(np.array([False])) == []


def test_a_log_axis_needs_positive_levels_that_grew_fourfold():
    assert series.wants_log(np.array([100.0, np.nan, 400.0]))
    assert not series.wants_log(np.array([100.0, 399.0]))
    assert not series.wants_log(np.array([-1.0, 400.0]))
    assert not series.wants_log(np.array([np.nan]))
