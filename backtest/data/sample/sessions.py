"""The sessions of the sample: the real calendar of the New York Stock Exchange."""

from __future__ import annotations

import warnings

import numpy as np

from backtest.errors import DataRefused
from backtest.model import Ints, Sessions

FIRST, LAST = "1987-12-31", "2025-12-31"
"""The first session only anchors the levels: 1988 begins with a return."""


def nyse_sessions() -> Sessions:
    """Return every session of the New York Stock Exchange from `FIRST` to `LAST`.

    Raises
    ------
    DataRefused
        exchange_calendars, which knows the holidays, is not installed.
    """
    try:
        import exchange_calendars
    except ImportError as error:
        raise DataRefused(
            "the sample's sessions need the package exchange_calendars.",
            "pip install 'episode-backtest[test]'",
        ) from error
    with warnings.catch_warnings():
        # Deprecation warnings inside exchange_calendars are for its authors, not for whoever writes the sample.
        warnings.simplefilter("ignore", DeprecationWarning)
        calendar = exchange_calendars.get_calendar("XNYS", start=FIRST, end=LAST)
    return np.asarray(calendar.sessions.to_numpy(), dtype="datetime64[D]")


def year_of(sessions: Sessions) -> Ints:
    """Return the calendar year of every session."""
    return sessions.astype("datetime64[Y]").astype(np.int64) + 1970
