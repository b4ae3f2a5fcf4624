"""The highest or the lowest value of an indicator: whether a day set a record, and since when."""

from __future__ import annotations

import datetime as dt

import numpy as np

from backtest.claims.found import NotMeasured, Record
from backtest.claims.outcome import at_or_before, covered_from
from backtest.claims.readings import Reading
from backtest.model import Indicator, Sessions
from backtest.spec.figure import FigureTable


def measure_record(
    figure: FigureTable, indicator: Indicator, sessions: Sessions, on: dt.date, reading: Reading
) -> Record:
    """Find the most extreme values of an indicator between `since` and `until`.

    Parameters
    ----------
    figure : FigureTable
        Its `said` names the sessions of the most extreme values, the record first.
    indicator : Indicator
        The quantity; a missing value is passed over.
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        Its sessions.
    on : date
        When it was said: the last session, unless `until` is given or the reading goes on to the end of the data.
    reading : Reading
        The span.

    Returns
    -------
    Record
        Of equal values, the earlier counts as the more extreme: a record must be beaten.

    Raises
    ------
    NotMeasured
        The data end before `on`, or no value is known in the period.
    """
    if not len(sessions) or on > sessions[-1].item():
        end = f"end on {sessions[-1]}" if len(sessions) else "are empty"
        raise NotMeasured(f"the data {end}, before {on}.")
    toward = -indicator.values if figure.lowest else indicator.values
    there = np.flatnonzero(np.isfinite(toward))
    to_the_end = reading.span == "all" and figure.until is None
    last = len(sessions) - 1 if to_the_end else at_or_before(sessions, figure.until or on)
    first = 0 if figure.since is None else int(np.searchsorted(sessions, np.datetime64(figure.since, "D")))
    inside = there[(there >= first) & (there <= last)]
    if not len(inside):
        raise NotMeasured(f"{indicator.name} is not known on any session until {sessions[max(last, 0)]}.")
    most = inside[np.argsort(-toward[inside], kind="stable")][: len(figure.said or [None]) + 1]
    earlier = there[(there < first) & (toward[there] >= toward[most[0]])]
    return Record(
        number=float(indicator.values[most[0]]),
        unit=indicator.unit,
        on=str(sessions[most[0]]),
        days=tuple(str(sessions[at]) for at in most),
        values=tuple(float(indicator.values[at]) for at in most),
        since=str(sessions[earlier[-1]]) if len(earlier) else None,
        covers=covered_from(sessions, int(there[0]), figure.since),
    )
