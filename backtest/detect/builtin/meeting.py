"""Meeting: the session of a Federal Reserve decision, or a number of sessions before or after it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backtest.detect.date_account import notes_of_closures
from backtest.detect.event_dates import Placement, place
from backtest.model import Bools, Condition, Prices
from backtest.rates.meetings import Meetings, load_meetings

Called = Literal["scheduled", "unscheduled", "any"]


def detect(
    prices: Prices,
    *,
    called: Called = "scheduled",
    offset: Annotated[int, Field(ge=-21, le=252)] = 0,
    meetings: Path | None = None,
) -> Condition:
    """Flag a session `offset` sessions after the Federal Open Market Committee announces a decision; 0 is the same day.

    With a negative `offset`, the calendar is read as it was public on the flagged session: an unscheduled meeting is
    not foreseen, and a meeting that was postponed later still is.

    Parameters
    ----------
    prices : Prices
        The history; only its sessions are read.
    called : {"scheduled", "unscheduled", "any"}
        Whether the meeting is on the calendar published in advance, was called between two such meetings, or either.
    offset : int
        Sessions after the announcement; if negative, sessions before it, as they were scheduled; see ``dates``.
    meetings : Path, optional
        A CSV file beside the strategy that adds to the calendar or replaces rows of the same date; its columns are
        ``date, scheduled, target_before, target_after, known, withdrawn``.

    Returns
    -------
    Condition
        Each announcement is its own episode; on a day without trading it falls on the next session. Unknown before
        the first meeting of the calendar and after its last. No indicator.

    Raises
    ------
    DataRefused
        The file of meetings is not valid.

    References
    ----------
    Lucca, D. O. and Moench, E. (2015). The pre-FOMC announcement drift. Journal of Finance 70(1), 329-371.

    Examples
    --------
    ::

        [detector]
        use = "meeting"
        offset = -1
    """
    calendar = load_meetings(meetings)
    sessions = prices.sessions
    asked = called_as(calendar, called)
    dates, known, withdrawn = calendar.date[asked], calendar.known[asked], calendar.withdrawn[asked]
    placement = place(dates, prices, "next", offset)
    position = placement.position
    inside = position >= 0
    at = sessions[position[inside]]
    stood = np.isnat(withdrawn[inside]) | (at < withdrawn[inside])
    met = np.zeros(len(sessions), dtype=np.bool_)
    met[position[inside][(known[inside] <= at) & stood]] = True
    covered = (sessions >= calendar.date[0]) & (sessions <= calendar.date[-1]) if len(calendar) else np.zeros_like(met)
    foreseen = Placement(
        position, placement.base, np.where(known < placement.base, placement.why, ""), placement.unscheduled
    )
    notes = tuple(notes_of_closures(dates.astype(str).tolist(), foreseen, prices, offset))
    return Condition(met, met | covered, notes=notes, begins=met)


def called_as(calendar: Meetings, called: Called) -> Bools:
    """Flag the meetings that were scheduled, unscheduled, or either."""
    return np.ones(len(calendar), dtype=np.bool_) if called == "any" else calendar.scheduled == (called == "scheduled")
