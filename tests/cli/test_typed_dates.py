from __future__ import annotations

import datetime as dt

import pytest

from backtest.cli.typed_dates import read_date, typed_value


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2010", "2010-01-01", "2010-12-31"),
        ("2010-05", "2010-05-01", "2010-05-31"),
        ("2024-2", "2024-02-01", "2024-02-29"),
        ("2024/02", "2024-02-01", "2024-02-29"),
        ("feb 2023", "2023-02-01", "2023-02-28"),
        ("may 2010", "2010-05-01", "2010-05-31"),
        ("13/05/2010", "2010-05-13", "2010-05-13"),
        ("5/13/2010", "2010-05-13", "2010-05-13"),
        ("5.5.2010", "2010-05-05", "2010-05-05"),
        *(
            (text, "2024-07-06", "2024-07-06")
            for text in (
                *("2024-07-06", "2024-7-6", "2024/07/06", "2024.7.6", "20240706", "6 july 2024", "6 jul 2024"),
                *("6. july 2024", "6-jul-2024", "july 6, 2024", "jul 6,2024", "jul. 6, 2024"),
            )
        ),
    ],
)
def test_one_reading_is_taken(text, first, last):
    assert read_date(text, "first") == dt.date.fromisoformat(first)
    assert read_date(text, "last") == dt.date.fromisoformat(last)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("03/05/2010", "can be read in two ways: write 2010-05-03 or 2010-03-05"),
        ("32/13/2010", "is not a date"),
        ("2010-13", "has no month 13"),
        ("2010-02-30", "is not a day of the calendar"),
        ("20100230", "is not a day of the calendar"),
        ("6 jolly 2024", "is not a date: write it as in 2024-07-16,"),
        ("yesterday", "is not a date: write it as in 2024-07-16,"),
        ("24-07-16", "is not a date: write it as in 2024-07-16,"),
        ("", "is not a date: write it as in 2024-07-16,"),
        ("199999", "is not a date"),
    ],
)
def test_what_is_none_or_two_is_refused(text, why):
    with pytest.raises(ValueError, match=" ") as refused:
        read_date(text, "first")
    assert str(refused.value).startswith(why)


def test_a_day_is_needed_where_a_state_is_asked_for():
    with pytest.raises(ValueError, match="names no day: write one such as 2024-07-15"):
        read_date("2024-07", "day")


def test_the_commands_take_them(backtest):
    window = backtest("events", "streak5", "--since", "2009", "--until", "2020-04", "--json").json
    assert [event["day0"] for event in window["events"]] == ["2009-09-10", "2020-04-28"]
    assert window["parameters"]["episodes.since"] == "2009-01-01"
    assert window["parameters"]["episodes.until"] == "2020-04-30"
    last, default = (backtest("watch", "streak5", *on, "--json").json for on in (("--on", "last"), ()))
    assert last == default
    assert backtest("watch", "streak5", "--on", "16 July 2024", "--json").json["session"] == "2024-07-16"
    assert backtest("fedwatch", "--on", "LAST", "--json").json == backtest("fedwatch", "--json").json
    refused = backtest("events", "streak5", "--since", "01/02/2010")
    assert refused.status == 2
    assert "'01/02/2010' can be read in two ways: write 2010-02-01 or 2010-01-02." in refused.err


@pytest.mark.parametrize(
    ("key", "value", "read"),
    [
        ("since", 2010, dt.date(2010, 1, 1)),
        ("episodes.since", "2010-05", dt.date(2010, 5, 1)),
        ("until", 2010, dt.date(2010, 12, 31)),
        ("episodes.until", "May 2010", dt.date(2010, 5, 31)),
        ("since", 20240716, dt.date(2024, 7, 16)),
        ("since", dt.date(2010, 2, 3), dt.date(2010, 2, 3)),
        ("since", "yesterday", "yesterday"),  # the strategy refuses it
        ("until", True, True),
        ("sessions", 2010, 2010),
        ("detector.until", 2010, 2010),
    ],
)
def test_a_setting_that_is_a_date_is_read_as_one(key, value, read):
    assert typed_value(key, value) == read
