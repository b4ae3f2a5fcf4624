"""Dates: any calendar of events, from a list or a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from backtest.detect.event_dates import iso_date, place, read_calendar
from backtest.errors import StrategyInvalid
from backtest.format import plural
from backtest.model import Bools, Condition, Prices

SHOWN = 5
"""How many dates a note names."""


def detect(
    prices: Prices,
    *,
    dates: Annotated[list[Annotated[dt.date, BeforeValidator(iso_date)]], Field(min_length=1)] | None = None,
    file: Path | None = None,
    on: Literal["next", "same"] = "next",
    offset: Annotated[int, Field(ge=-252, le=252)] = 0,
) -> Condition:
    """Flag a session on which a date of a calendar falls: a list of dates, a file of them, or both.

    What is dated must have been known at the close of the session flagged: with a negative `offset`, only what is
    scheduled in advance, such as a meeting or an election.

    Parameters
    ----------
    prices : Prices
        The history; only its sessions are looked at.
    dates : list of dates, optional
        As TOML dates or as ISO texts.
    file : Path, optional
        A CSV file beside the strategy file or in a folder below it: its column ``date``, or else its first column,
        with or without a header, ISO dates only.
    on : {"next", "same"}
        Where a date falls that is no session: on the next session, or nowhere; the latter is only known on the day.
    offset : int
        Sessions after the date; negative: weekdays before it, as holidays between show only later.

    Returns
    -------
    Condition
        Dates on neighbouring sessions form one episode. Always known; no indicator. The notes name the dates that fall
        outside the history, on no session, or on a session of another.

    Raises
    ------
    NotFound
        There is no such file.
    StrategyInvalid
        There are neither dates nor a file, or ``on = "same"`` is asked before the date.
    StudyRefused
        The file holds something else than dates.

    References
    ----------
    MacKinlay, A. C. (1997). Event studies in economics and finance. Journal of Economic Literature 35(1), 13-39.

    Examples
    --------
    ::

        [detector]
        use = "dates"
        dates = [2001-09-17, "2008-09-15", 2020-03-23]
        on = "next"
    """
    if dates is None and file is None:
        raise StrategyInvalid("detector dates: neither 'dates' nor 'file' is given.", "Give dates = [2024-07-16].")
    if on == "same" and offset < 0:
        raise StrategyInvalid(
            f'detector dates: on = "same" with offset = {offset}: a date is only known to be a session on the day.',
            'Use on = "next".',
        )
    listed = [*(dates or []), *(read_calendar(file) if file is not None else [])]
    calendar = np.array(sorted(listed), dtype="datetime64[D]")
    position = place(calendar, prices.sessions, on, offset)
    met = np.zeros(len(prices), dtype=np.bool_)
    met[position[position >= 0]] = True
    return Condition(met, np.ones_like(met), None, tuple(_notes(calendar, prices, position, on)))


def _notes(calendar: np.ndarray, prices: Prices, position: np.ndarray, on: str) -> Iterable[str]:
    lost = position < 0
    sessions = prices.sessions
    none = lost & ~np.isin(calendar, sessions) & (on == "same")
    if len(sessions):
        none &= (calendar >= sessions[0]) & (calendar <= sessions[-1])
        span = f"{sessions[0]} to {sessions[-1]}"
        yield from _note(calendar, lost & ~none, f"outside the history ({span})")
    yield from _note(calendar, none, 'no session, and left out as on = "same" asks')
    again = ~lost & np.concatenate((np.zeros(1, dtype=np.bool_), position[1:] == position[:-1]))
    yield from _note(calendar, again, "on the session of the date before, and counted once")


def _note(calendar: np.ndarray, which: Bools, what: str) -> Iterable[str]:
    found = calendar[which].astype(str).tolist()
    if found:
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        count = f"{plural(len(found), 'date')}"
        yield f"{count} {what}: {', '.join(found[:SHOWN])}{more}."
