"""Checks on the rows of every delivered series; a value that breaks a rule refuses the import, with its place."""

from __future__ import annotations

import numpy as np

from backtest.data.files.source import Source
from backtest.errors import DataRefused
from backtest.model import Sessions

FRENCH_MISSING = -99.0
"""Kenneth French marks a missing return with -99.99 or -999, so a return of -99% or less counts as missing."""


def check_dates(source: Source, dates: Sessions) -> None:
    """Refuse a file without rows, and dates that do not strictly increase."""
    check_rows(source)
    wrong = np.flatnonzero(np.diff(dates) <= np.timedelta64(0, "D"))
    if len(wrong):
        row = int(wrong[0]) + 1
        before, date = dates[row - 1], dates[row]
        if before == date:
            raise DataRefused(f"{source.place(row)}: date {date} occurs twice: each date may occur once.")
        raise DataRefused(f"{source.place(row)}: date {date} comes after {before}: dates must increase.")


def check_rows(source: Source) -> None:
    """Refuse a file with a header but no rows."""
    if not len(source.lines):
        raise DataRefused(f"{source.name}: has no rows.")
