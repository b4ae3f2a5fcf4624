"""Days of the year on which an exchange never opens: a file with rows on such days is from another exchange."""

from __future__ import annotations

import numpy as np

from backtest.model import Sessions

SHUT = {
    "XLON": "01-01 12-25 12-26",
    "XETR": "01-01 05-01 12-24 12-25 12-26 12-31",
    "XPAR": "01-01 05-01 12-25 12-26",
    "XTKS": "01-01 01-02 01-03 02-11 04-29 05-03 05-04 05-05 11-03 11-23 12-31",
    "XHKG": "01-01 05-01 07-01 10-01 12-25 12-26",
    "XSHG": "01-01 05-01 10-01 10-02 10-03 10-04 10-05",
    "XTSE": "01-01 07-01 12-25 12-26",
    "XASX": "01-01 01-26 04-25 12-25 12-26",
    "XBOM": "01-26 04-14 05-01 08-15 10-02 12-25",
    "XSWX": "01-01 01-02 05-01 08-01 12-24 12-25 12-26 12-31",
    "XMIL": "01-01 05-01 08-15 12-24 12-25 12-26 12-31",
    "XMAD": "01-01 05-01 12-25 12-26",
    "XAMS": "01-01 05-01 12-25 12-26",
    "XSTO": "01-01 01-06 05-01 12-24 12-25 12-26 12-31",
    "BVMF": "01-01 04-21 05-01 09-07 10-12 11-02 11-15 12-24 12-25 12-31",
    "XWAR": "01-01 05-01 05-03 08-15 11-01 11-11 12-25 12-26",
    "XSES": "01-01 05-01 08-09 12-25",
    "XTAI": "01-01 02-28 05-01 10-10",
    "XMEX": "01-01 05-01 09-16 12-12 12-25",
    "XJSE": "01-01 03-21 04-27 05-01 06-16 08-09 09-24 12-16 12-25 12-26",
    "XOSL": "01-01 05-01 05-17 12-24 12-25 12-26 12-31",
    "XCSE": "01-01 06-05 12-24 12-25 12-26 12-31",
    "XHEL": "01-01 01-06 05-01 12-06 12-24 12-25 12-26 12-31",
    "XWBO": "01-01 05-01 10-26 12-24 12-25 12-26 12-31",
    "XIST": "01-01 04-23 05-19 08-30 10-29",
    "XNZE": "01-01 01-02 02-06 04-25 12-25 12-26",
    "XIDX": "01-01 08-17 12-25 12-31",
    "XKLS": "01-01 02-01 05-01 08-31 12-25",
    "XBKK": "01-01 04-06 04-13 04-14 04-15 05-01 08-12 10-23 12-05 12-10",
    "XSGO": "01-01 05-01 05-21 08-15 09-18 09-19 11-01 12-08 12-25 12-31",
    "XBUE": "01-01 05-01 05-25 07-09 12-08 12-25",
    "XBOG": "01-01 05-01 07-20 08-07 12-08 12-25 12-31",
    "XLIM": "01-01 05-01 06-29 07-28 07-29 08-30 10-08 11-01 12-08 12-25",
    "XDUB": "01-01 12-25 12-26",
    "XLIS": "01-01 05-01 12-25 12-26",
    "XPRA": "01-01 05-01 05-08 07-05 07-06 09-28 10-28 11-17 12-24 12-25 12-26 12-31",
    "XBUD": "01-01 03-15 05-01 08-20 10-23 11-01 12-24 12-25 12-26",
    "CMES": "01-01 12-25",
    "XKRX": "01-01 03-01 05-01 05-05 06-06 08-15 10-03 12-25 12-31",
}
"""Month and day on which it has had no session since 2000, on any weekday. A test compares it with the calendars."""


def sessions_on_shut_days(name: str, days: Sessions) -> int:
    """Count the dates on which an exchange is known to be closed: at least so many are not its sessions.

    Parameters
    ----------
    name : str
        The exchange.
    days : ndarray of shape (n,), datetime64[D]
        The dates of a file, from 2000.
    """
    month = days.astype("datetime64[M]")
    number = 100 * (month.astype(np.int64) % 12 + 1) + (days - month.astype("datetime64[D]")).astype(np.int64) + 1
    shut = [int(day.replace("-", "")) for day in SHUT.get(name, "").split()]
    return int(np.isin(number, shut).sum())
