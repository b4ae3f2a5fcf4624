"""The account of listed dates, and a note on those that were moved, merged or left out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from backtest.detect.event_dates import CLOSED, NO_SESSION, OUTSIDE, Placement
from backtest.detect.schedule import schedule_of
from backtest.format import plural, some
from backtest.model import Account, Bools, Note, Prices, Sessions
from backtest.model.accounts import exclusions

Names = np.ndarray | None
MERGED = "merged"
BEFORE_DATE = "day0_before_date"
"""Code of the note on a list whose events lie before its dates."""


def account_of(dates: Sessions, placement: Placement) -> Account:
    """Account for dates in their order: kept, merged, and left out by reason."""
    again = repeats(placement)
    kept = np.unique(placement.position[placement.position >= 0])
    left_out = [(reason, placement.why == reason) for reason in (OUTSIDE, NO_SESSION, CLOSED)]
    which = [(MERGED, again), *left_out]
    excluded = exclusions((reason, dates[flags].astype(str).tolist()) for reason, flags in which)
    return Account("dates", len(dates), len(kept), excluded)


def notes_of(
    dates: Sessions, placement: Placement, late: Bools, says: str, prices: Prices, offset: int, names: Names = None
) -> Iterator[Note]:
    """Name each date that was moved, merged or left out, and the key that keeps it, if there is one.

    Parameters
    ----------
    dates : ndarray of datetime64[D], shape (n_dates,)
        In order.
    placement : Placement
        Where they fall.
    late : ndarray of bool, shape (n_dates,)
        Which were announced after the close.
    says : str
        The source of this: ``after_close = true``, or the column of the times of day.
    prices : Prices
        The history.
    offset : int
        Sessions after the date.
    names : ndarray of str, shape (n_dates,), optional
        Whose event each is, in a list of many assets.
    """
    days = _labels(dates, names)
    if offset < 0 and (early := placement.position >= 0).any():
        text = (
            f"With offset = {offset}, day 0 of {plural(int(early.sum()), 'date')} lies before the listed date: that is "
            "right only for events that were scheduled and public on day 0; for any other the study looks ahead."
        )
        yield Note(BEFORE_DATE, "detector", text)
    moved = (placement.position >= 0) & (placement.base != dates)
    to = [f"{day} to {base}" for day, base in zip(days, placement.base.astype(str), strict=True)]
    if (shut := moved & ~late).any():
        keeps = '; on = "same" leaves such dates out' if offset >= 0 else ""
        yield _note("dates_moved", shut, "on no session, counted as the next session", to, keeps)
    if (evening := moved & late).any():
        what = f"after the close, counted as the next session as {says} says"
        keeps = "; after_close = false counts a date that is a session as that session"
        yield _note("dates_after_close", evening, what, to, keeps)
    yield from _merged(days, placement, prices)
    yield from _left_out(dates, days, placement, late, prices, offset)


def _labels(dates: Sessions, names: Names) -> list[str]:
    days: list[str] = dates.astype(str).tolist()
    return days if names is None else [f"{name} {day}" for name, day in zip(names.tolist(), days, strict=True)]


def _merged(days: list[str], placement: Placement, prices: Prices) -> Iterator[Note]:
    again = repeats(placement)
    if again.any():
        on = prices.sessions[np.maximum(placement.position, 0)].astype(str)
        texts = [f"{day} (on {session})" for day, session in zip(days, on, strict=True)]
        whose = "" if placement.asset is None else " of an asset"
        what = f"on the session of an earlier date{whose}, merged with it"
        yield _note("dates_merged", again, what, texts, f"; one session{whose} is one event")


def _left_out(
    dates: Sessions, days: list[str], placement: Placement, late: Bools, prices: Prices, offset: int
) -> Iterator[Note]:
    sessions = prices.sessions
    outside = placement.why == OUTSIDE
    span = f"{sessions[0]} to {sessions[-1]}" if len(sessions) else "no session"
    if len(sessions):
        evening = outside & late & (dates >= sessions[0]) & (dates <= sessions[-1])
        beyond = evening & ~(placement.base <= sessions[-1])  # also if the base session is not known
        if beyond.any():
            what = f"left out, as the next session after the close is not in the history ({span})"
            yield _note("dates_outside_history", beyond, what, days)
        outside &= ~beyond
    if outside.any():
        counted = f", counted with offset = {offset}" if offset else ""
        yield _note("dates_outside_history", outside, f"left out, outside the history{counted} ({span})", days)
    if (none := placement.why == NO_SESSION).any():
        keeps = '; on = "next" counts such dates as the next session'
        yield _note("dates_no_session", none, 'on no session, left out because of on = "same"', days, keeps)
    yield from notes_of_closures(days, placement, prices, offset)


def notes_of_closures(days: list[str], placement: Placement, prices: Prices, offset: int) -> Iterator[Note]:
    """Name the dates before an unforeseen closure or in years without a known schedule; `days` in words."""
    sessions = prices.sessions
    if placement.unscheduled is not None and (early := placement.unscheduled & (placement.position >= 0)).any():
        on = sessions[np.maximum(placement.position, 0)].astype(str)
        to = [f"{day} (day 0 is {session})" for day, session in zip(days, on, strict=True)]
        since = schedule_of(prices.exchange).since
        what = f"counted back by the sessions held, as the schedule of {prices.exchange} is not known before {since}"
        yield _note("dates_schedule_unknown", early, what, to, "; check that no closure there was unforeseen")
    if (closed := placement.why == CLOSED).any():
        back = plural(-offset, "session")
        held = sessions[np.clip(np.searchsorted(sessions, placement.base) + offset, 0, len(sessions) - 1)].astype(str)
        texts = [f"{day} (held was {session})" for day, session in zip(days, held, strict=True)]
        if prices.exchange:
            why = f"the session scheduled {back} before was not held, which no earlier close could show"
        else:
            why = f"counting weekdays, no session was held {back} before, and the exchange's schedule is not known"
        keeps = "; to keep such an event, list the session that was held, without an offset"
        yield _note("dates_closed_unforeseen", closed, f"left out, as {why}", texts, keeps)


def _note(code: str, which: Bools, what: str, texts: list[str], keeps: str = "") -> Note:
    these = [text for text, one in zip(texts, which.tolist(), strict=True) if one]
    return Note(code, "detector", f"{plural(len(these), 'date')} {what}: {some(these)}{keeps}.")


def repeats(placement: Placement) -> Bools:
    """Flag the dates that fall on the session of an earlier date in the list, of the same asset if it names assets."""
    key = placement.position
    if placement.asset is not None:
        key = key + placement.asset * (int(key.max(initial=0)) + 2)
    first = np.zeros(len(key), dtype=np.bool_)
    first[np.unique(key, return_index=True)[1]] = True
    return ~first & (placement.position >= 0)
