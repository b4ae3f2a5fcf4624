"""How far a decision went beyond what was priced at the close before."""

from __future__ import annotations

import numpy as np

from backtest.model import Contracts, Floats, Ints, Sessions
from backtest.rates.curve import MOVE
from backtest.rates.meetings import Meetings

LAST_DAYS = 7
"""Where so few days of the month or fewer follow, the factor would blow up the noise: the next month is read."""


def surprises(contracts: Contracts, meetings: Meetings, position: Ints) -> Floats:
    """Return, per meeting, the part of its decision that was not priced at the last close before its announcement.

    The rate implied by the month's contract changes by the surprise times the share of the month that it touches, so
    the change is scaled by ``D / (D - d)``, with `D` days in the month and the announcement on day `d`.

    Parameters
    ----------
    contracts : Contracts
        30-day fed funds futures.
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
    Kuttner, K. N. (2001). Journal of Monetary Economics 47(3), 523-544, equation 5.
    """
    month = meetings.date.astype("datetime64[M]")
    first, following = month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]")
    days = (following - first).astype(np.int64)
    left = (following - meetings.date).astype(np.int64) - 1
    late = left <= LAST_DAYS
    contract = month.astype(np.int64) + late
    scale = np.where(late, 1.0, days / np.maximum(left, 1))
    price = _quotes(contracts, position, contract), _quotes(contracts, position - 1, contract)
    return np.where(position > 0, (price[1] - price[0]) * scale / MOVE, np.nan)


def answered_at(meetings: Meetings, position: Ints, sessions: Sessions) -> Ints:
    """Return, per meeting, the session at whose close the futures have answered its decision.

    The session of the announcement, given as `position` (-1: none); the next where the futures had settled on that day.
    -1 where that session is not there.
    """
    on_its_day = (position >= 0) & (position < len(sessions))
    on_its_day[on_its_day] = sessions[position[on_its_day]] == meetings.date[on_its_day]
    answered = position + (meetings.after_close & on_its_day)
    return np.where(answered < len(sessions), answered, -1)


def _quotes(contracts: Contracts, session: Ints, month: Ints) -> Floats:
    """Return the price of one contract on one session each; NaN where it was not quoted."""
    if not len(contracts.price):
        return np.full(len(session), np.nan)
    width = int(max(contracts.month.max(), month.max(initial=0))) + 1
    key, wanted = contracts.session * width + contracts.month, session * width + month
    at = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
    return np.where((session >= 0) & (key[at] == wanted), contracts.price[at], np.nan)
