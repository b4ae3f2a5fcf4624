"""Dates: events on given dates, from a list or a file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field

from backtest.data.files.date_formats import is_date_format
from backtest.detect.date_account import account_of, notes_of
from backtest.detect.event_dates import On, iso_date, place
from backtest.detect.event_list import EventList, read_events
from backtest.errors import StrategyInvalid
from backtest.model import Condition, Prices


def _date_format(value: str) -> str:
    if not is_date_format(value):
        raise ValueError('must name day, month and year, such as "%d/%m/%Y"')
    return value


def _listed(value: object) -> object:
    """Turn a single date, or dates between commas, into a list, for ``--set dates=2020-01-03``."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    return [value] if isinstance(value, dt.date) else value


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
    assets: str | None = None,
    groups: str | None = None,
) -> Condition:
    """Flag a session if a listed date falls on it; the dates are a list, a file, or both.

    The event must have been known at the close of the flagged session. With a negative `offset`, use only events
    that were scheduled in advance, such as meetings or elections.

    Parameters
    ----------
    prices : Prices
        The history; only its sessions are read.
    dates : list of dates, optional
        TOML dates or ISO strings.
    file : Path, optional
        A file beside the strategy file or in a folder below it, with or without a header. It is read as by ``backtest
        data import``: any separator, and the one date format that fits the whole column.
    column : str, optional
        The column of dates; by default the column called ``date``, or else the only one that reads as dates. A file
        that names several assets is refused without it, because every event of a study applies to all its assets.
    date_format : str, optional
        The format of the dates, such as ``"%d/%m/%Y"`` or ``"%m/%d/%y"``, if the column allows several.
    time : str, optional
        The column of times of day, such as 16:05, or of words such as ``amc`` and ``before_open``; by default the
        times in the date column, or the column that holds times or is named for them. 16:00 or later on the
        exchange's own clock is after the close, and the event counts on the next session. A blank is not.
    after_close : bool, optional
        Whether all events were announced after the close, regardless of the times in the file.
    on : {"next", "same"}
        What to do with a date that is not a session: ``"next"`` moves it to the next session, ``"same"`` leaves it out,
        which is only known on the day.
    offset : int
        Sessions after the date; if negative, sessions before it, as the exchange had scheduled them. Holidays are
        known in advance; if an unforeseen closure took the place of the session, the date is left out.
    assets : str, optional
        On a panel, the column that says whose event each row is; by default the column with a header such as ``ticker``
        or ``PERMNO``. Without one, every date is an event of every asset.
    groups : str, optional
        On a panel, the column of the group of each event; by default the column called ``group``.

    Returns
    -------
    Condition
        Each flagged session is its own episode; two dates on one session are one episode. Always known; no indicator.
        The notes name each date that was moved, merged or left out.

    Raises
    ------
    NotFound
        There is no such file.
    StrategyInvalid
        There are neither dates nor a file; a key for the file is given without a file; ``time`` and ``after_close``
        are both given; ``assets`` or ``groups`` is given off a panel; or ``on = "same"`` with a negative offset.
    DataRefused, StudyRefused
        The file cannot be read, its dates are ambiguous or unreadable, or it names several assets.

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
    check(dates, file, {"column": column, "date_format": date_format, "time": time}, after_close, on, offset)
    if assets is not None or groups is not None:
        raise StrategyInvalid(
            "detector dates: 'assets' and 'groups' name columns for a study on a panel.", "Run it on a panel."
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


def check(
    dates: list[dt.date] | None,
    file: object,
    of_file: dict[str, str | None],
    after_close: bool | None,
    on: On,
    offset: int,
) -> None:
    """Refuse parameters that contradict each other; `of_file` holds those that describe a file."""
    if dates is None and file is None:
        raise StrategyInvalid("detector dates: neither 'dates' nor 'file' is given.", "Give dates = [2024-07-16].")
    lone = next((key for key, value in of_file.items() if value is not None), None)
    if file is None and lone:
        raise StrategyInvalid(f"detector dates: '{lone}' describes a file, and no 'file' is given.", "Give file, too.")
    if of_file["time"] is not None and after_close is not None:
        raise StrategyInvalid("detector dates: 'time' and 'after_close' exclude each other.", "Leave one out.")
    if on == "same" and offset < 0:
        raise StrategyInvalid(
            f'detector dates: on = "same" with offset = {offset}: whether a date is a session is known only that day.',
            'Use on = "next".',
        )
