"""From futures by contract month to the expected path of the rate and the cuts priced."""

from __future__ import annotations

import numpy as np

from backtest.model import Contracts, Floats, Ints, Sessions

MOVE = 0.25
"""Size of one move of the Fed, in percentage points."""
FINAL_DAYS = 7
"""A contract's last quote is its final settlement if it is dated within this many days of the end of its month."""


def months_of(sessions: Sessions) -> Ints:
    """Return the calendar month of each session, counted in months since January 1970."""
    return sessions.astype("datetime64[M]").astype(np.int64)


def contract_ahead(contracts: Contracts, sessions: Sessions, months: int) -> Floats:
    """Return, per session, the price of the contract `months` calendar months ahead of the day of the price.

    A price that is known one session late counts from its own day: on the first session of a month, it belongs to the
    month before.

    Returns
    -------
    ndarray of shape (n_sessions,)
        NaN if it was not quoted: a missing month is never interpolated.
    """
    wanted = contracts.month - months_of(contracts.days(sessions)) == months
    price = np.full(len(sessions), np.nan)
    price[contracts.session[wanted]] = contracts.price[wanted]
    return price


def cuts_priced(contracts: Contracts, sessions: Sessions, effective: Floats, months: int = 12) -> Floats:
    """Return the cuts priced over the next `months` months: the effective rate minus the implied rate, in moves.

    Parameters
    ----------
    contracts : Contracts
        30-day fed funds futures; ``100 - price`` is a month's expected average effective rate.
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        The sessions to which `contracts` refers.
    effective : ndarray of shape (n_sessions,)
        The effective rate, in percent.
    months : int
        Number of calendar months ahead.

    Returns
    -------
    ndarray of shape (n_sessions,)
        In moves of 25 basis points. Positive: cuts; negative: hikes. NaN if the contract or the rate is missing.
    """
    implied = 100.0 - contract_ahead(contracts, sessions, months)
    return (effective - implied) / MOVE


def implied_path(contracts: Contracts, sessions: Sessions, months: int = 24) -> Floats:
    """Return the expected average effective rate of each month from this one to `months` ahead.

    Returns
    -------
    ndarray of shape (n_sessions, months + 1)
        In percent, ``100 - price``; the first column is the session's own month, part of which is already past. NaN if
        the contract was not quoted on that session: gaps stay gaps.
    """
    return _grid(contracts, sessions, 0, months)


def rates_around(contracts: Contracts, sessions: Sessions, back: int) -> Floats:
    """Return the implied rates of the `back` months before each session's month, and of all quoted months ahead.

    A past month has its contract's final settlement, if the table has it.

    Returns
    -------
    ndarray of shape (n_sessions, back + 1 + n_months_ahead)
        In percent; column `back` is the session's own month. NaN if there is no quote.
    """
    ahead = contracts.month - months_of(sessions)[contracts.session]
    rates = _grid(contracts, sessions, back, int(max(ahead.max(initial=0), 0)))
    first, final = _final_rates(contracts, sessions)
    for column in range(back):
        place = months_of(sessions) + column - back - first
        inside = (place >= 0) & (place < len(final))
        rates[:, column] = np.where(inside, final[np.where(inside, place, 0)], np.nan)
    return rates


def _grid(contracts: Contracts, sessions: Sessions, back: int, ahead: int) -> Floats:
    offset = contracts.month - months_of(sessions)[contracts.session]
    wanted = (offset >= 0) & (offset <= ahead)
    rates = np.full((len(sessions), back + ahead + 1), np.nan)
    rates[contracts.session[wanted], back + offset[wanted]] = 100.0 - contracts.price[wanted]
    return rates


def _final_rates(contracts: Contracts, sessions: Sessions) -> tuple[int, Floats]:
    """Return the first month and, for it and each later month, the last rate quoted in the month's last days."""
    day = sessions[contracts.session]
    last_day = (contracts.month + 1).astype("datetime64[M]").astype("datetime64[D]") - 1
    last = (day <= last_day) & (last_day - day < np.timedelta64(FINAL_DAYS, "D")) & np.isfinite(contracts.price)
    if not last.any():
        return 0, np.full(1, np.nan)
    first = int(contracts.month[last].min())
    final = np.full(int(contracts.month[last].max()) - first + 1, np.nan)
    final[contracts.month[last] - first] = 100.0 - contracts.price[last]  # sorted by session, so the latest wins
    return first, final
