"""Recognise the exchange whose sessions a file's dates are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.data.firewall.exchange import OTHERS_SINCE, exchange_of, weekday
from backtest.data.firewall.shut_days import sessions_on_shut_days
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
"""If several differ equally little, the first is taken."""
SLOW = frozenset(("XKRX",))
"""Calendars that take seconds to evaluate: only tried if no other fits."""
FEWEST = 60
"""With fewer dates, nothing can be recognised."""
SPAN = 1500
"""The number of dates, the latest ones, by which exchanges are told apart."""
FEW = 0.004
"""Share of the dates that may differ from an exchange's sessions: special closures, or mistakes in one file."""
HOLE = 10
"""From this many sessions in a row without a date, the file has a hole, which says nothing about its exchange."""


@dataclass(frozen=True)
class Recognised:
    """An exchange, and how its sessions compare with the dates."""

    exchange: str
    off: int
    """Dates that are not sessions of it."""
    missing: int
    """Its sessions that are missing from the dates, apart from holes."""
    of: int
    """The number of dates compared."""

    @property
    def differing(self) -> int:
        """The number of days that are in only one of the two."""
        return self.off + self.missing

    @property
    def fits(self) -> bool:
        """Whether almost nothing differs."""
        return self.differing <= max(2, FEW * self.of)


def recognise(days: Sessions) -> Recognised:
    """Find the exchange whose sessions the dates are.

    New York wins if it fits, unless another exchange has less than half of its differences.

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
    usual = _compared(USUAL, recent)
    return usual if usual.fits else _nearest(recent, usual)


def _nearest(days: Sessions, usual: Recognised) -> Recognised:
    """Find the exchange that differs least, the first of several in the order of `TRIED`.

    A calendar takes a tenth of a second or more, so it is not evaluated if the days on which the exchange is always
    closed already rule it out.
    """
    fewest = {name: sessions_on_shut_days(name, days) for name in TRIED}
    best = usual
    for name in sorted(TRIED, key=lambda name: (fewest[name], TRIED.index(name))):
        if fewest[name] * 2 >= usual.differing:
            break
        if (name in SLOW and best.fits) or not _may_replace(name, fewest[name], best):
            continue
        other = _compared(name, days, days[0])
        if other.differing * 2 < usual.differing and _may_replace(name, other.differing, best):
            best = other
    return best


def _may_replace(name: str, differing: int, best: Recognised) -> bool:
    """Tell whether an exchange with so many differences beats the best one so far."""
    if best.exchange == USUAL:
        return True
    return (differing, TRIED.index(name)) < (best.differing, TRIED.index(best.exchange))


def _compared(name: str, days: Sessions, since: np.datetime64 | None = None) -> Recognised:
    """Compare dates with an exchange's sessions, evaluated from `since` if that is given."""
    if not len(days):
        return Recognised(name, 0, 0, 0)
    exchange = exchange_of(name, days[0], days[-1], None if since is None else since.astype("datetime64[D]").item())
    expected = exchange.expected(days[0], days[-1])
    known = days[(days >= exchange.since) & (days <= exchange.until)]
    gone = ~np.isin(expected, days)
    missing = sum(int(end - begin + 1) for begin, end in zip(*runs(gone), strict=True) if end - begin + 1 < HOLE)
    if not len(expected):  # nothing is known about it
        return Recognised(name, len(days) if name != USUAL else 0, 0, len(days) if name != USUAL else 0)
    return Recognised(name, int((~np.isin(known, expected)).sum()), missing, len(known))
