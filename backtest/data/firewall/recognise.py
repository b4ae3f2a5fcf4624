"""Which exchange's sessions a file's dates are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.data.firewall.exchange import OTHERS_SINCE, exchange_of, weekday
from backtest.model import Sessions
from backtest.model.run_lengths import runs

USUAL = "XNYS"
EVERY_DAY = "24/7"
TRIED = (
    *(
        "24/5",
        "XLON",
        "XETR",
        "XPAR",
        "XTKS",
        "XHKG",
        "XSHG",
        "XTSE",
        "XASX",
        "XBOM",
        "XSWX",
        "XMIL",
        "XMAD",
        "XAMS",
        "XSTO",
    ),
    *("BVMF", "XWAR", "XSES", "XTAI", "XMEX", "XJSE", "XOSL", "XCSE", "XHEL", "XWBO", "XIST", "XNZE", "XIDX", "XKLS"),
    *("XBKK", "XPHS", "XSGO", "XBUE", "XBOG", "XLIM", "XDUB", "XLIS", "XPRA", "XBUD", "CMES", "XKRX"),
)
"""Tried in this order, until the sessions of one are the dates."""
SLOW = frozenset(("XKRX",))
"""Calendars that take seconds: tried where no other fits."""
FEWEST = 60
"""Dates below which nothing can be told."""
SPAN = 1500
"""Dates, the latest, by which exchanges are told apart."""
FEW = 0.004
"""Share of the dates that may differ from an exchange's sessions: days on which all was shut, or one file's slips."""
HOLE = 10
"""Sessions in a row without a date that are a hole of the file, and say nothing of its exchange."""


@dataclass(frozen=True)
class Recognised:
    """An exchange, and how its sessions compare with the dates."""

    exchange: str
    off: int
    """Dates that are no sessions of it."""
    missing: int
    """Its sessions that are no dates, holes left aside."""
    of: int
    """Dates that were compared."""

    @property
    def differing(self) -> int:
        """How many days are in one of the two alone."""
        return self.off + self.missing

    @property
    def fits(self) -> bool:
        """Whether next to nothing differs."""
        return self.differing <= max(2, FEW * self.of)


def recognise(days: Sessions) -> Recognised:
    """Find the exchange whose sessions the dates are.

    New York is taken where it fits, and where no other has less than half of its differences.

    Parameters
    ----------
    days : ndarray of shape (n,), datetime64[D]
        The dates of one file, in any order.
    """
    days = np.unique(days)
    weekend = np.isin(weekday(days), (5, 6)).mean() if len(days) else 0.0
    if len(days) >= FEWEST and weekend > 0.2:
        return _compared(EVERY_DAY, days)
    usual = _compared(USUAL, days)
    recent = days[days >= np.datetime64(OTHERS_SINCE)][-SPAN:]
    if usual.fits or len(recent) < FEWEST:
        return usual
    best = _compared(USUAL, recent, recent[0])
    for name in () if best.fits else TRIED:
        if name in SLOW and best.fits:
            continue
        other = _compared(name, recent, recent[0])
        if other.differing * 2 < best.differing or (best.exchange != USUAL and other.differing < best.differing):
            best = other
        if other.differing == 0:
            break
    return best


def _compared(name: str, days: Sessions, since: np.datetime64 | None = None) -> Recognised:
    """Compare dates with an exchange's sessions, which are evaluated from `since` on, where that is given."""
    if not len(days):
        return Recognised(name, 0, 0, 0)
    exchange = exchange_of(name, days[0], days[-1], None if since is None else since.astype("datetime64[D]").item())
    expected = exchange.expected(days[0], days[-1])
    known = days[(days >= exchange.since) & (days <= exchange.until)]
    gone = ~np.isin(expected, days)
    missing = sum(int(end - begin + 1) for begin, end in zip(*runs(gone), strict=True) if end - begin + 1 < HOLE)
    if not len(expected):  # nothing is known of it
        return Recognised(name, len(days) if name != USUAL else 0, 0, len(days) if name != USUAL else 0)
    return Recognised(name, int((~np.isin(known, expected)).sum()), missing, len(known))
