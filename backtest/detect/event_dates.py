"""Dates of events, and the sessions on which they fall."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

import numpy as np

from backtest.detect.schedule import schedule_of
from backtest.detect.times_of_day import date_and_time
from backtest.model import Bools, Ints, Prices, Sessions

On = Literal["next", "same"]
ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
OUTSIDE, NO_SESSION, CLOSED = "outside_history", "no_session", "closed_unforeseen"
"""Reasons why a date falls on no session of the history."""


def iso_date(value: object) -> dt.date:
    """Return a date from a TOML date or an ISO text such as ``"2024-07-16"``.

    Raises
    ------
    ValueError
        It is neither, is not a day of the calendar, or has a time of day.
    """
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str) and ISO.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    if isinstance(value, dt.datetime) or (isinstance(value, str) and date_and_time(value)[1]):
        raise ValueError(
            "must be a date such as 2024-07-16, without a time of day: the detector's after_close = true says that "
            "the dates were announced after the close"
        )
    raise ValueError("must be a date such as 2024-07-16")


@dataclass(frozen=True, eq=False)
class Placement:
    """The sessions on which dates fall; arrays of shape (n_dates,).

    Attributes
    ----------
    position : ndarray
        Session position; -1 if there is none.
    base : ndarray of datetime64[D]
        The session that a date counts as, before the offset; NaT if that is not known.
    why : ndarray of str
        Why there is no position: one of the reasons above. Empty if there is one.
    unscheduled : ndarray of bool, optional
        True if the sessions held were counted back from the date, because the schedule of that year is not known.
    asset : ndarray of int, optional
        Whose event each is, in a list of many assets: a session of an asset is one event.
    """

    position: Ints
    base: Sessions
    why: np.ndarray
    unscheduled: Bools | None = None
    asset: Ints | None = None


def place(dates: Sessions, prices: Prices, on: On, offset: int, after: Bools | None = None) -> Placement:
    """Find the session on which each date falls, or a number of sessions before or after, as known at that close.

    Sessions before a date are counted as its exchange had scheduled them: holidays are known in advance. An unforeseen
    closure moves nothing: if the session did not take place, there is none. For years without a known schedule, the
    sessions held are counted.

    Parameters
    ----------
    dates : ndarray of datetime64[D], shape (n_dates,)
        The dates.
    prices : Prices
        The history, and its exchange.
    on : {"next", "same"}
        The session for a date that is none: the next, or none at all; used only if `offset` is not negative.
    offset : int
        Sessions to add; if negative, sessions before the date.
    after : ndarray of bool, shape (n_dates,), optional
        True if the event was known only after the close: it counts on the next session.
    """
    late = np.zeros(len(dates), dtype=np.bool_) if after is None else after
    sessions = prices.sessions
    if not len(sessions):
        nothing = np.full(len(dates), -1, dtype=np.int64)
        return Placement(nothing, np.full(len(dates), "NaT", dtype="datetime64[D]"), np.full(len(dates), OUTSIDE))
    return _back(dates, prices, offset, late) if offset < 0 else _on(dates, sessions, on, offset, late)


def _on(dates: Sessions, sessions: Sessions, on: On, offset: int, late: Bools) -> Placement:
    n = len(sessions)
    at = np.searchsorted(sessions, dates + late)
    inside = (dates >= sessions[0]) & (at < n)
    base = np.where(inside, sessions[np.minimum(at, n - 1)], np.datetime64("NaT", "D"))
    within = (dates >= sessions[0]) & (dates <= sessions[-1])
    missed = within & ~np.isin(dates, sessions) if on == "same" else np.zeros_like(inside)
    position = np.where(inside & ~missed & (at + offset < n), at + offset, -1)
    return Placement(position, base, _why(position, missed, NO_SESSION))


def _back(dates: Sessions, prices: Prices, offset: int, late: Bools) -> Placement:
    sessions, schedule = prices.sessions, schedule_of(prices.exchange)
    n, from_day = len(sessions), dates + late
    base = schedule.step(from_day, 0)
    day = schedule.step(base, offset)
    at = np.searchsorted(sessions, day)
    inside = (day >= sessions[0]) & (day <= sessions[-1])
    held = inside & (sessions[np.minimum(at, n - 1)] == day)
    position = np.where(held, at, -1)
    next_held = np.searchsorted(sessions, from_day)
    unscheduled = (day < schedule.since) & (from_day >= sessions[0]) & (next_held < n)
    position = np.where(unscheduled, np.maximum(next_held + offset, -1), position)
    base = np.where(unscheduled, sessions[np.minimum(next_held, n - 1)], base)
    return Placement(position, base, _why(position, inside & ~held & ~unscheduled, CLOSED), unscheduled)


def _why(position: Ints, which: Bools, reason: str) -> np.ndarray:
    return np.where(position >= 0, "", np.where(which, reason, OUTSIDE))
