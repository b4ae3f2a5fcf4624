from __future__ import annotations

import numpy as np
import pytest

from backtest.detect.schedule import WEEKDAYS, schedule_of


def before(exchange, day, offset=-1):
    return str(schedule_of(exchange).step(np.array([day], dtype="datetime64[D]"), offset)[0])


@pytest.mark.parametrize(
    ("day", "session"),
    [
        ("2008-01-22", "2008-01-18"),  # Martin Luther King's day
        ("2024-01-02", "2023-12-29"),
        ("2020-02-18", "2020-02-14"),  # Presidents' day
        ("2022-06-21", "2022-06-17"),  # Juneteenth, in its first year
        ("2021-06-21", "2021-06-18"),  # and the year before it was one
        ("2001-09-17", "2001-09-14"),  # nobody foresaw that it would be closed
        ("2012-10-31", "2012-10-30"),
        ("2018-12-06", "2018-12-05"),  # a day of mourning, declared on the 1st
        ("2068-07-05", "2068-07-03"),  # the rule goes on
        ("1963-02-25", "1963-02-22"),  # no calendar is believed so early: weekdays
    ],
)
def test_new_york_knows_its_holidays_and_not_its_closures(day, session):
    assert before("XNYS", day) == session


def test_lunar_holidays_are_published_and_no_surprise():
    # Shanghai was closed 10 to 16 February 2021 for the New Year, 11 February included; see the exchange's notice.
    assert before("XSHG", "2021-02-18") == "2021-02-10"
    # London closed on 19 September 2022, which was known eleven days before.
    assert before("XLON", "2022-09-20") == "2022-09-19"


def test_other_weeks():
    assert before("24/7", "2024-07-07") == "2024-07-06"
    assert before("XSAU", "2024-06-02") == "2024-05-30"  # Sunday to Thursday


@pytest.mark.parametrize("exchange", ["", "NOWHERE"])
def test_of_an_unknown_exchange_weekdays_are_all_that_is_known(exchange):
    assert schedule_of(exchange) is WEEKDAYS
    assert before(exchange, "2024-07-05") == "2024-07-04"
