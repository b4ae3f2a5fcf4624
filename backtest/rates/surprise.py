"""How far a decision went beyond what was priced at the close before."""

from __future__ import annotations

import numpy as np

from backtest.model import Contracts, Floats, Ints, Sessions
from backtest.rates.curve import MOVE
from backtest.rates.meetings import Meetings

LAST_DAYS = 7
"""Where so few days of the month or fewer follow, the factor would blow up the noise: the next month is read."""


def surprises(contracts: Contracts, sessions: Sessions, meetings: Meetings, position: Ints) -> Floats:
    """Return, per meeting, the part of its decision that was not priced at the last close before its announcement.

    The rate implied by the month's contract changes by the surprise times the share of the month that it touches, so
    the change is scaled by ``D / (D - d)``, with `D` days in the month and the announcement on day `d`. On the first of
    a month the price before is that of the same contract, quoted on the last day of the month before. In the last
    days of a month, `LAST_DAYS`, the change of the next month's contract is taken as it is.

    Parameters
    ----------
    contracts : Contracts
        30-day fed funds futures.
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        The sessions that `contracts` counts in.
    meetings : Meetings
        The calendar.
    position : ndarray of shape (n_meetings,)
        The session whose close shows each decision, as `answered_at` has it; -1 where there is none.

    Returns
    -------
    ndarray of shape (n_meetings,)
        In moves of 25 basis points; negative: lower than priced. NaN where a quote is missing.

    References
    ----------
    Kuttner, K. N. (2001). Journal of Monetary Economics 47(3), 523-544, equation 7. He scales up to the last day of a
    month but one, and reads the next month's contract on the last alone; a week before the end, as here:
    Gürkaynak, R. S., Sack, B. and Swanson, E. T. (2005). International Journal of Central Banking 1(1), 55-93.
    """
    contract, scale = _contract(meetings)
    now, before = _rows(contracts, position, contract), _rows(contracts, position - 1, contract)
    there = (position > 0) & (now >= 0) & (before >= 0)
    days = contracts.days(sessions)
    there[there] = days[now[there]] >= meetings.date[there]  # a price of the day before answers nothing
    found = np.full(len(meetings), np.nan)
    found[there] = (contracts.price[before[there]] - contracts.price[now[there]]) * scale[there] / MOVE
    return found


def answered_at(contracts: Contracts, sessions: Sessions, meetings: Meetings, position: Ints) -> Ints:
    """Return, per meeting, the session at whose close the futures have answered its decision.

    The session of the announcement, given as `position` (-1: none); the next where the futures had settled on that day.
    Where the price at that close is of an earlier day, so many sessions later: so late is the price of its day, too.
    -1 where that session is not there.
    """
    on_its_day = (position >= 0) & (position < len(sessions))
    on_its_day[on_its_day] = sessions[position[on_its_day]] == meetings.date[on_its_day]
    answered = position + (meetings.after_close & on_its_day)
    answered = np.where(answered < len(sessions), answered, -1)
    row = _rows(contracts, answered, _contract(meetings)[0])
    there = row >= 0
    quoted = contracts.days(sessions)[row[there]]
    behind = quoted < sessions[answered[there]]  # at least one session, also where that day is none itself
    late = np.where(behind, np.maximum(answered[there] - np.searchsorted(sessions, quoted), 1), 0)
    answered[there] += late
    return np.where(answered < len(sessions), answered, -1)


def _contract(meetings: Meetings) -> tuple[Ints, Floats]:
    """Return the month of the contract that answers each decision, and what its change is multiplied by."""
    month = meetings.date.astype("datetime64[M]")
    first, following = month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]")
    days = (following - first).astype(np.int64)
    left = (following - meetings.date).astype(np.int64) - 1
    late = left <= LAST_DAYS
    return month.astype(np.int64) + late, np.where(late, 1.0, days / np.maximum(left, 1))


def _rows(contracts: Contracts, session: Ints, month: Ints) -> Ints:
    """Return the row of one contract on one session each; -1 where it was not quoted."""
    if not len(contracts.price):
        return np.full(len(session), -1)
    width = int(max(contracts.month.max(), month.max(initial=0))) + 1
    key, wanted = contracts.session * width + contracts.month, session * width + month
    at = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
    return np.where((session >= 0) & (key[at] == wanted), at, -1)
