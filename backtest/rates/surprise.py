"""How far a decision went beyond what was priced at the close before."""

from __future__ import annotations

import numpy as np

from backtest.model import Contracts, Floats, Ints, Sessions
from backtest.rates.curve import MOVE
from backtest.rates.meetings import Meetings

LAST_DAYS = 7
"""With this many days of the month left or fewer, the factor would inflate the noise, so the next month is used."""


def surprises(contracts: Contracts, sessions: Sessions, meetings: Meetings, position: Ints) -> Floats:
    """Return, per meeting, the part of its decision that was not priced at the last close before its announcement.

    The rate implied by the month's contract changes by the surprise times the share of the month that it affects, so
    the change is scaled by ``D / (D - d)``, with `D` days in the month and the announcement on day `d`. On the first of
    a month, the earlier price is that of the same contract on the last day of the previous month. In the last days of
    a month, `LAST_DAYS`, the unscaled change of the next month's contract is used.

    Parameters
    ----------
    contracts : Contracts
        30-day fed funds futures.
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        The sessions to which `contracts` refers.
    meetings : Meetings
        The calendar.
    position : ndarray of shape (n_meetings,)
        The session whose close shows each decision, from `answered_at`; -1 if there is none.

    Returns
    -------
    ndarray of shape (n_meetings,)
        In moves of 25 basis points; negative: lower than priced. NaN if a quote is missing.

    References
    ----------
    Kuttner, K. N. (2001). Journal of Monetary Economics 47(3), 523-544, equation 7. He scales up to the second-to-last
    day of a month, and uses the next month's contract only on the last; in the last week, as here:
    Gürkaynak, R. S., Sack, B. and Swanson, E. T. (2005). International Journal of Central Banking 1(1), 55-93.
    """
    contract, scale = _contract(meetings)
    now, before = _rows(contracts, position, contract), _rows(contracts, position - 1, contract)
    there = (position > 0) & (now >= 0) & (before >= 0)
    days = contracts.days(sessions)
    there[there] = days[now[there]] >= meetings.date[there]  # a price of the day before does not reflect the decision
    found = np.full(len(meetings), np.nan)
    found[there] = (contracts.price[before[there]] - contracts.price[now[there]]) * scale[there] / MOVE
    return found


def answered_at(contracts: Contracts, sessions: Sessions, meetings: Meetings, position: Ints) -> Ints:
    """Return, per meeting, the session at whose close the futures have reacted to its decision.

    This is the session of the announcement, given as `position` (-1: none), or the next if the futures had already
    settled. If the price at that close is of an earlier day, it is as many sessions later as that price is late. -1 if
    there is no such session.
    """
    on_its_day = (position >= 0) & (position < len(sessions))
    on_its_day[on_its_day] = sessions[position[on_its_day]] == meetings.date[on_its_day]
    answered = position + (meetings.after_close & on_its_day)
    answered = np.where(answered < len(sessions), answered, -1)
    row = _rows(contracts, answered, _contract(meetings)[0])
    there = row >= 0
    quoted = contracts.days(sessions)[row[there]]
    behind = quoted < sessions[answered[there]]  # at least one session, even if that day is none itself
    late = np.where(behind, np.maximum(answered[there] - np.searchsorted(sessions, quoted), 1), 0)
    answered[there] += late
    return np.where(answered < len(sessions), answered, -1)


def _contract(meetings: Meetings) -> tuple[Ints, Floats]:
    """Return the contract month that reflects each decision, and the factor for its change."""
    month = meetings.date.astype("datetime64[M]")
    first, following = month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]")
    days = (following - first).astype(np.int64)
    left = (following - meetings.date).astype(np.int64) - 1
    late = left <= LAST_DAYS
    return month.astype(np.int64) + late, np.where(late, 1.0, days / np.maximum(left, 1))


def _rows(contracts: Contracts, session: Ints, month: Ints) -> Ints:
    """Return the row of each contract on its session; -1 if it was not quoted."""
    if not len(contracts.price):
        return np.full(len(session), -1)
    width = int(max(contracts.month.max(), month.max(initial=0))) + 1
    key, wanted = contracts.session * width + contracts.month, session * width + month
    at = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
    return np.where((session >= 0) & (key[at] == wanted), at, -1)
