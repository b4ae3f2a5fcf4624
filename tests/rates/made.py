"""Small tables of futures and calendars, written as days and months."""

from __future__ import annotations

import numpy as np

from backtest.model import Contracts
from backtest.rates.meetings import Meeting, meetings_of


def month_number(month):
    return (month[0] - 1970) * 12 + month[1] - 1


def table(quotes):
    """(sessions, Contracts) from {(day, (year, month)): price}."""
    days = sorted({day for day, _ in quotes})
    rows = sorted((days.index(day), month_number(month), price) for (day, month), price in quotes.items())
    columns = np.array(rows, dtype=float).reshape(-1, 3).T
    session, month = columns[0].astype(np.int64), columns[1].astype(np.int64)
    return np.array(days, dtype="datetime64[D]"), Contracts(session, month, columns[2])


def meetings(rows):
    """`Meetings` from rows of the twin: one that moved went from 5.00 to 5.50 percent."""
    return meetings_of([Meeting(r.date, r.scheduled, *r.target, r.known, r.withdrawn) for r in rows])
