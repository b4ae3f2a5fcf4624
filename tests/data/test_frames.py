"""DataFrames whose columns Arrow cannot take are refused by column, row and value."""

import datetime as dt

import pandas as pd
import polars as pl
import pytest

from backtest import Dataset, panel_of_frame
from backtest.data.files.frames import table_of_frame
from backtest.detect.event_pairs import table_of
from backtest.errors import DataRefused

DAYS = [dt.date(2024, 7, 8), dt.date(2024, 7, 9), dt.date(2024, 7, 10)]


def frame(**changed):
    return pd.DataFrame({"symbol": ["A", "A", "A"], "session": DAYS, "close": [1.5, 2.5, 3.5]} | changed)


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        ("close", [1.5, "n/a", 3.5], r"'close': row 2 is 'n/a' \(str\), row 1 is 1\.5 \(float\)"),
        ("symbol", [None, "A", 7], r"'symbol': row 3 is 7 \(int\), row 2 is 'A' \(str\)"),
        ("session", [*DAYS[:2], "2024-07-10"], r"'session': row 3 is '2024-07-10' \(str\), row 1 is datetime"),
        ("close", [10**30, 1, 2], r"'close': row 1 is 1000.* \(int\), which Arrow has no type for"),
        ("close", [1.5, "x" * 10**6, 3.5], r"'close': row 2 is 'xxx.* \(1,000,002 characters\) \(str\)"),
    ],
)
def test_a_column_of_mixed_values_is_named_with_its_value(column, values, words):
    with pytest.raises(DataRefused, match=f"the frame: column {words}"):
        panel_of_frame(frame(**{column: values}))


def test_columns_that_nobody_asks_for_may_be_mixed():
    assert panel_of_frame(frame(note=[1, "x", {}])).assets == ("A",)


def test_the_events_of_a_frame_are_refused_in_the_same_words():
    with pytest.raises(DataRefused, match=r"the table of events: column 'asset': row 2 is 5 \(int\), row 1 is 'A'"):
        table_of(pd.DataFrame({"asset": ["A", 5], "date": DAYS[:2]}))


def test_two_columns_of_one_name_are_refused():
    twice = pd.concat([frame(), frame()[["close"]]], axis=1)
    with pytest.raises(DataRefused, match="the frame: Expected unique column names, got: - 'close' 2 times"):
        panel_of_frame(twice)
    with pytest.raises(DataRefused, match="the frame: Expected unique column names, got: - 'close' 2 times"):
        Dataset.from_frame(twice.set_index("session"))


@pytest.mark.parametrize("other", [{"symbol": ["A"]}, [1], None, pl.DataFrame({"symbol": ["A"]}).lazy()])
def test_what_is_no_frame_is_called_by_its_type(other):
    with pytest.raises(DataRefused, match=f"a {type(other).__name__} is not a DataFrame"):
        table_of_frame(other, "the frame")
