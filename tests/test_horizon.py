"""Calendar horizons: the same day later, about how many sessions they have, and how they are told from sessions."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.model import Horizon, horizons_of
from backtest.model.horizon import about, calendar_days, column_head, parts_of, same_day, written

UNIT = {"w": "weeks", "m": "months", "y": "years"}
WORDS = st.builds(lambda count, unit: f"{count}{unit}", st.integers(1, 600), st.sampled_from("wmy"))


@given(st.lists(st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)), min_size=1, max_size=20), WORDS)
def test_the_same_day_is_that_of_pandas(days, word):
    later = [(pd.Timestamp(day) + pd.DateOffset(**{UNIT[word[-1]]: int(word[:-1])})).date() for day in days]
    assert same_day(np.array(days, dtype="datetime64[D]"), word).tolist() == later


@pytest.mark.parametrize(
    ("day", "word", "later"),
    [
        ("2023-01-31", "1m", "2023-02-28"),
        ("2024-01-31", "1m", "2024-02-29"),
        ("2024-02-29", "1y", "2025-02-28"),
        ("2024-02-29", "4y", "2028-02-29"),
        ("2024-12-31", "2m", "2025-02-28"),
        ("2024-07-16", "2w", "2024-07-30"),
        ("1969-12-31", "1w", "1970-01-07"),  # over the day that days are counted from
    ],
)
def test_the_same_day_by_hand(day, word, later):
    assert same_day(np.array([day], dtype="datetime64[D]"), word).astype(str).tolist() == [later]


def test_the_same_day_of_no_day():
    assert same_day(np.array([], dtype="datetime64[D]"), "1m").tolist() == []


@pytest.mark.parametrize(
    ("word", "stocks", "every_day"),
    [
        ("1w", 5, 7),
        ("2w", 10, 14),
        ("1m", 21, 30),
        ("3m", 63, 91),
        ("6m", 126, 182),
        ("1y", 252, 365),
        ("5y", 1260, 1825),
    ],
)
def test_about_how_many_sessions_it_has(word, stocks, every_day):
    assert (about(word), about(word, 365)) == (stocks, every_day)


def test_horizons_are_in_order_of_their_length_on_the_calendar_of_the_data():
    asked = [5, 21, 30, 252, "1w", "1m", "1y"]
    assert [one.label for one in horizons_of(asked)] == [5, "1w", 21, "1m", 30, 252, "1y"]
    assert [one.label for one in horizons_of(asked, 365)] == [5, "1w", 21, 30, "1m", 252, "1y"]


def test_a_year_is_not_252_sessions():
    year, counted = Horizon(252, "1y"), Horizon(252)
    assert len({year, counted}) == 2
    assert (year.label, counted.label) == ("1y", 252)
    assert (str(year), str(counted)) == ("1y", "252")
    assert (year.words, counted.words) == ("1 year", "252 sessions")
    assert [written(str(one.label)) for one in (year, counted)] == ["1y", 252]


def test_parts_of_what_is_no_calendar_horizon():
    assert parts_of("18m") == (18, "m")
    assert calendar_days("4w") == 28
    for text in ("1x", "0m", "m", "1M", " 1m", "1m ", "٣m"):
        with pytest.raises(ValueError, match="no calendar horizon"):
            parts_of(text)


def test_a_column_of_horizons_says_what_it_counts():
    assert [column_head(one) for one in ([1, 5], [1, "1m"], [])] == ["sessions", "horizon", "sessions"]
