"""Surprises as Kuttner (2001) has them, his equation 7 for a single day, and when they are known."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt

import numpy as np
import pytest

from backtest.model import Contracts
from backtest.rates.meetings import load_meetings
from backtest.rates.surprise import answered_at, surprises

from .made import meetings
from .twin import Row

ONE = 1.0 + 1e-6
"""A basis point: his are whole ones."""


def contracts_of(sessions, rows):
    """Rows of (session, contract month, price) or (session, month, price, day that it is of)."""
    at = [int(np.searchsorted(sessions, np.datetime64(row[0]))) for row in rows]
    month = np.array([row[1] for row in rows], "datetime64[M]").astype(np.int64)
    days = np.array([row[3] if len(row) > 3 else row[0] for row in rows], "datetime64[D]")
    quoted = days if any(len(row) > 3 for row in rows) else None
    return Contracts(np.array(at), month, np.array([row[2] for row in rows], dtype=float), quoted)


def weekdays(first, last):
    days = np.arange(first, last, dtype="datetime64[D]")
    return days[np.is_busday(days)]


def one(day, sessions, contracts, after_close=False):
    """Return the session that answers a decision of one day, and its surprise in basis points."""
    calendar = meetings([Row(dt.date.fromisoformat(day))])
    calendar = dataclasses.replace(calendar, after_close=np.array([after_close]))
    position = np.searchsorted(sessions, calendar.date)
    at = answered_at(contracts, sessions, calendar, position)
    (found,) = surprises(contracts, sessions, calendar, at)
    return str(sessions[at[0]]) if at[0] >= 0 else None, found * 25


@pytest.fixture(scope="module")
def table2(shared):
    with (shared / "oracles" / "kuttner_2001" / "table2.csv").open(encoding="utf-8") as file:
        return {row["date"]: float(row["unexpected_bp"]) for row in csv.DictReader(file)}


def test_the_table_of_1994_to_2000(table2, futures):
    # His dates are those on which a change was known. 1998-09-29: he scales two days before the end of the month.
    # 1998-10-15: tests/detect/test_fed.py looks at its prices one by one.
    sessions, contracts = futures("pyfedwatch")
    calendar = load_meetings()
    position = np.searchsorted(sessions, calendar.date)
    at = answered_at(contracts, sessions, calendar, position)
    ours = dict(zip(calendar.date.astype(str).tolist(), surprises(contracts, sessions, calendar, at) * 25, strict=True))
    apart = {day: ours[day] - theirs for day, theirs in table2.items() if day >= "1994"}
    assert len(apart) == 18
    assert {day for day, gap in apart.items() if not abs(gap) <= ONE} == {"1998-09-29", "1998-10-15"}
    assert ours["1998-09-29"] == pytest.approx(6.0, abs=0.05)


def test_the_table_of_1990_to_1992(table2, futures):
    # Not 1990-10-29, two days before the end of the month. The cut of 1990-12-18 came when the futures had settled.
    sessions, contracts = futures("pyfedwatch")
    gaps = {
        day: one(day, sessions, contracts, day == "1990-12-18")[1] - theirs
        for day, theirs in table2.items()
        if "1990" <= day < "1993"
    }
    assert len(gaps) == 18
    assert {day for day, gap in gaps.items() if not abs(gap) <= ONE} == {"1990-10-29"}


def test_the_first_of_a_month_is_compared_with_its_contract_on_the_day_before():
    # 1 February 1995: 28 days, 27 after it; (94.00 - 93.95) x 28 / 27 = 5.185 basis points more than priced.
    sessions = weekdays("1995-01-30", "1995-02-04")
    rows = [("1995-01-31", "1995-01", 94.5), ("1995-01-31", "1995-02", 94.0), ("1995-02-01", "1995-02", 93.95)]
    assert one("1995-02-01", sessions, contracts_of(sessions, rows)) == ("1995-02-01", pytest.approx(5.185, abs=1e-3))


LATE = [
    ("2024-09-18", "2024-09", 94.80, "2024-09-17"),
    ("2024-09-19", "2024-09", 94.85, "2024-09-18"),
    ("2024-09-20", "2024-09", 94.99, "2024-09-19"),
]


def test_a_price_known_a_session_late_answers_a_session_late():
    # 18 September 2024, 30 days, 12 after it: (94.80 - 94.85) x 30 / 12 = -12.5 basis points, known on the 19th.
    sessions = weekdays("2024-09-16", "2024-09-24")
    assert one("2024-09-18", sessions, contracts_of(sessions, LATE)) == ("2024-09-19", pytest.approx(-12.5))


def test_as_it_was_known_on_the_day_nothing_has_answered_yet():
    sessions = weekdays("2024-09-16", "2024-09-19")
    found = one("2024-09-18", sessions, contracts_of(sessions, LATE[:1]))
    assert found[0] is None
    assert np.isnan(found[1])


def test_a_price_of_the_day_before_answers_nothing():
    sessions = weekdays("2024-09-16", "2024-09-24")
    rows = [LATE[0], ("2024-09-19", "2024-09", 94.85, "2024-09-17")]  # the price of the 18th is missing
    at, found = one("2024-09-18", sessions, contracts_of(sessions, rows))
    assert at == "2024-09-19"
    assert np.isnan(found)


def test_after_a_holiday_on_which_futures_were_quoted():
    # Monday 2 September 2024 is no session; its last trades are known on the 3rd, those of the 3rd on the 4th.
    sessions = np.setdiff1d(weekdays("2024-08-28", "2024-09-07"), np.array(["2024-09-02"], "datetime64[D]"))
    rows = [("2024-09-03", "2024-09", 94.80, "2024-09-02"), ("2024-09-04", "2024-09", 94.90, "2024-09-03")]
    # 30 days, 27 after the 3rd: -10 x 30 / 27 = -11.11
    assert one("2024-09-03", sessions, contracts_of(sessions, rows)) == ("2024-09-04", pytest.approx(-11.111, abs=1e-3))
