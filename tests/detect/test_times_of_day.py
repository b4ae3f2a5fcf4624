from __future__ import annotations

import pytest

from backtest.detect.times_of_day import (
    NamesTimeZone,
    after_close,
    after_close_in_column,
    date_and_time,
    is_missing_time,
    is_time,
)


@pytest.mark.parametrize(
    ("text", "late"),
    [
        ("16:00", True),
        ("15:59:59", False),
        ("16:05:00.250", True),
        ("4:05 PM", True),
        ("4:05 am", False),
        ("12:30 AM", False),
        ("12:30 PM", False),
        ("8 p.m.", True),
        ("08:30", False),
        ("00:00:00", False),
        ("00:00:00+00:00", False),  # a date that was written as a moment
        ("AMC", True),
        ("after_close", True),
        ("After Market Close", True),
        ("before_open", False),
        ("bmo", False),
        ("1605", None),
        ("16.05", None),
        ("4.05pm", True),
        ("16h05", True),
        ("15h59", False),
        ("After Hours", True),
        ("aftermarket", True),
        ("After the bell", True),
        ("post", None),
        ("24:00", None),
        ("13:05 PM", None),
        ("first suit", None),
        ("", None),
    ],
)
def test_a_time_or_a_word_for_one(text, late):
    assert after_close(text) is late


@pytest.mark.parametrize("text", ["21:05Z", "16:05 UTC", "16:05:00-05:00", "4:05 PM EST"])
def test_a_time_of_another_zone_is_not_taken_for_the_exchanges(text):
    with pytest.raises(NamesTimeZone):
        after_close(text)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2024-01-05 16:05:00", "16:05:00"),
        ("2024-01-05T16:05", "16:05"),
        ("1/5/24 4:05 PM", "4:05 PM"),
        ("Jan 5, 2024 16:05", "16:05"),
        ("2024-01-05", ""),
        ("2024-01-05 00:00:00", ""),
        ("2024-01-05T00:00:00Z", ""),
        ("1/5/2024 12:00:00 AM", ""),
        ("2024-01-05 00:00:30", "00:00:30"),
    ],
)
def test_the_time_behind_a_date(text, time):
    assert date_and_time(text)[1] == time


@pytest.mark.parametrize(
    ("text", "late"),
    [("1605", True), ("1559", False), ("930", False), ("post", True), ("pre", False), ("16:05", True), ("2460", None)],
)
def test_more_is_a_time_in_a_column_of_times(text, late):
    assert after_close_in_column(text) is late


@pytest.mark.parametrize("text", ["", " ", "N/A", "-", "TBD", "Time Not Supplied", "unknown", "--"])
def test_marks_of_a_time_that_is_not_known(text):
    assert is_missing_time(text)


def test_a_text_that_is_a_time_wherever_it_stands():
    assert is_time("16:05")
    assert is_time("21:05Z")
    assert not is_time("1605")
    assert not is_time("post")


def test_a_date_is_parted_from_its_time_and_from_nothing_else():
    assert date_and_time("2024-01-05 16:05") == ("2024-01-05", "16:05")
    assert date_and_time("2024-01-05 00:00:00") == ("2024-01-05", "")
    assert date_and_time("Jan 5 2024 16:05 call") == ("Jan 5 2024 16:05 call", "")
