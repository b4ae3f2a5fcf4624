"""Dates: any calendar of events, from a list or a file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field

from backtest.data.files.date_formats import is_date_format
from backtest.detect.date_account import account_of, notes_of
from backtest.detect.event_dates import iso_date, place
from backtest.detect.event_list import EventList, read_events
from backtest.errors import StrategyInvalid
from backtest.model import Condition, Prices


def _date_format(value: str) -> str:
    if not is_date_format(value):
        raise ValueError('must name day, month and year, such as "%d/%m/%Y"')
    return value


def _listed(value: object) -> object:
    """Take one date for a list of one, as ``--set dates=2020-01-03`` gives it."""
    return [value] if isinstance(value, dt.date | str) else value


def detect(
    prices: Prices,
    *,
    dates: Annotated[list[Annotated[dt.date, BeforeValidator(iso_date)]], BeforeValidator(_listed), Field(min_length=1)]
    | None = None,
    file: Path | None = None,
    column: str | None = None,
    date_format: Annotated[str, AfterValidator(_date_format)] | None = None,
    time: str | None = None,
    after_close: bool | None = None,
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
        A file beside the strategy file or in a folder below it, with or without a header, read as ``backtest data
        import`` reads one: any separator, and the one date format that fits the whole column.
    column : str, optional
        The column of dates; default: the one that is called so, or else the only one that reads as dates. A file that
        names several assets is refused without it, as all events of a study are of all its assets.
    date_format : str, optional
        How the dates are written, such as ``"%d/%m/%Y"`` or ``"%m/%d/%y"``, where the column does not settle it.
    time : str, optional
        The column of times of day, such as 16:05, or of words such as ``amc`` and ``before_open``; default: the times
        behind the dates, or the column that holds or is called times. At or after 16:00 on the exchange's own clock
        is after the close: then the event counts as the next session. A blank is not.
    after_close : bool, optional
        Whether all events were announced after the close, whatever times the file has.
    on : {"next", "same"}
        Where a date falls that is no session: on the next session, or nowhere; the latter is only known on the day.
    offset : int
        Sessions after the date; negative: sessions before it, as the exchange had scheduled them. Its holidays are
        known in advance; where a closure that nobody foresaw took the session's place, the date is left out.

    Returns
    -------
    Condition
        Each session is an episode of its own; two dates on one session are one. Always known; no indicator. The notes
        name each date that was moved, merged or left out.

    Raises
    ------
    NotFound
        There is no such file.
    StrategyInvalid
        There are neither dates nor a file, a key of the file is given without one, ``time`` beside ``after_close``, or
        ``on = "same"`` before the date.
    DataRefused, StudyRefused
        The file cannot be read, its dates read in two ways or not at all, or it names several assets.

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
    _check(dates, file, {"column": column, "date_format": date_format, "time": time}, after_close)
    if on == "same" and offset < 0:
        raise StrategyInvalid(
            f'detector dates: on = "same" with offset = {offset}: a date is only known to be a session on the day.',
            'Use on = "next".',
        )
    listed = EventList(np.empty(0, dtype="datetime64[D]"), np.empty(0, dtype=np.bool_))
    if file is not None:
        listed = read_events(file, column, date_format, time, timed=after_close is None)
    every = np.concatenate((np.array(dates or [], dtype="datetime64[D]"), listed.date))
    order = np.argsort(every, kind="stable")
    late = np.concatenate((np.zeros(len(dates or []), dtype=np.bool_), listed.late))[order]
    calendar, says = every[order], listed.timed
    if after_close is not None:
        late, says = np.full(len(calendar), after_close), "after_close = true"
    placement = place(calendar, prices, on, offset, late)
    met = np.zeros(len(prices), dtype=np.bool_)
    met[placement.position[placement.position >= 0]] = True
    notes = (*listed.notes, *notes_of(calendar, placement, late, says, prices, offset))
    return Condition(met, np.ones_like(met), notes=notes, begins=met, accounts=(account_of(calendar, placement),))


def _check(
    dates: list[dt.date] | None, file: Path | None, of_file: dict[str, str | None], after_close: bool | None
) -> None:
    if dates is None and file is None:
        raise StrategyInvalid("detector dates: neither 'dates' nor 'file' is given.", "Give dates = [2024-07-16].")
    lone = next((key for key, value in of_file.items() if value is not None), None)
    if file is None and lone:
        raise StrategyInvalid(f"detector dates: '{lone}' is of a file, and no 'file' is given.", "Give file, too.")
    if of_file["time"] is not None and after_close is not None:
        raise StrategyInvalid("detector dates: 'time' and 'after_close' exclude one another.", "Leave one out.")
