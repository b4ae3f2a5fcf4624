"""What futures priced around each event: the implied path, the odds of the next meetings, the cuts priced."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.detect.tree import singles
from backtest.model import Contracts, Detection, Floats, Ints, Prices, Sessions
from backtest.outlook.meetings_ahead import POLICY, Outlook, futures_of, outlook
from backtest.plan import Plan
from backtest.rates.curve import cuts_priced, months_of
from backtest.rates.fedwatch import Version
from backtest.rates.meetings import Meetings, load_meetings

BEFORE = 5
"""Sessions before the event at which the implied path is taken for comparison."""
MONTHS = 24
"""Calendar months ahead that the path reaches, if they are quoted."""
AHEAD = 8
CUTS_OVER = 12
LATEST = 60
"""Number of latest events covered if the detector does not read futures itself."""


@dataclass(frozen=True, eq=False)
class ImpliedPaths:
    """Implied rates around the events: one entry per event and contract month.

    Attributes
    ----------
    event : ndarray of int
        Number of the event, from 1.
    month : ndarray of datetime64[D]
        First day of the contract month.
    rate, before : ndarray of float
        Implied rate in percent on day 0 and `BEFORE` sessions before; NaN if not quoted.
    """

    event: Ints
    month: Sessions
    rate: Floats
    before: Floats


@dataclass(frozen=True, eq=False)
class Expectations:
    """What futures priced around the events.

    Attributes
    ----------
    futures : str
        The futures series.
    title : str
        Its title.
    number : ndarray of int
        Numbers of the events covered, from 1.
    outlook : Outlook
        The meetings ahead of each event.
    paths : ImpliedPaths
        The implied paths.
    cuts : ndarray of shape (n_sessions,), or None
        Cuts priced on every session, unless the detector already watches them.
    policy : str or None
        The series of the effective rate.
    quoted : (str, str)
        First and last session with a quote; ISO.
    unquoted : int
        Events on sessions without quotes.
    """

    futures: str
    title: str
    number: Ints
    outlook: Outlook
    paths: ImpliedPaths
    cuts: Floats | None
    policy: str | None
    quoted: tuple[str, str]
    unquoted: int


def expectations_of(plan: Plan, detection: Detection) -> Expectations | None:
    """Compute what futures priced around the events on sessions with quotes.

    If the detector reads futures, its own futures, meetings and version are used; otherwise the dataset's futures, for
    the latest events, without the cuts priced. None if there are no futures, or no event is on a session with quotes.
    """
    prices = plan.dataset.prices.published()
    own = next((name for name in detection.reads if prices.series[name].kind == "futures"), None)
    futures = own or futures_of(prices)
    if futures is None:
        return None
    quoted = _sessions_quoted(prices.contracts(futures))
    covered = np.flatnonzero(np.isin(detection.events.day0, quoted))
    chosen = covered if own else covered[-LATEST:]
    if not len(chosen):
        return None
    day0, number = detection.events.day0[chosen], chosen + 1
    return Expectations(
        futures,
        prices.series[futures].title,
        number,
        outlook(prices, futures, day0, *_calendar(plan), AHEAD),
        implied_paths(prices, futures, day0, number),
        cuts_between(prices, futures, detection) if own else None,
        prices.roles.get(POLICY),
        (str(prices.sessions[quoted[0]]), str(prices.sessions[quoted[-1]])),
        len(detection.events) - len(covered),
    )


def _calendar(plan: Plan) -> tuple[Meetings, Version | None]:
    """Return the meetings and the version of FedWatch that the strategy names; its file is beside the strategy."""
    parts = list(singles(plan.recipe))
    file = next((part.detector.folder / part.values["meetings"] for part in parts if part.values.get("meetings")), None)
    version = next((part.values["version"] for part in parts if part.values.get("version")), None)
    return load_meetings(file), version


def _sessions_quoted(contracts: Contracts) -> Ints:
    """Return the sessions with a quote of any month, in order."""
    session = contracts.session[np.isfinite(contracts.price)]
    return session[np.flatnonzero(np.diff(session, prepend=-1))]  # sorted by session


def implied_paths(prices: Prices, futures: str, day0: Ints, number: Ints) -> ImpliedPaths:
    """Return the implied rates on day 0 of each numbered event, and `BEFORE` sessions before.

    A month quoted on neither session is left out; if it is quoted on only one of them, the other is NaN.
    """
    contracts, months = prices.contracts(futures), months_of(prices.sessions)
    rows: list[tuple[int, int, float, float]] = []
    for event, at in zip(number.tolist(), day0.tolist(), strict=True):
        now, earlier = _quoted(contracts, at), _quoted(contracts, at - BEFORE)
        wanted = sorted(month for month in now.keys() | earlier.keys() if 0 <= month - months[at] <= MONTHS)
        rows += [(event, month, now.get(month, np.nan), earlier.get(month, np.nan)) for month in wanted]
    event_, month_, rate, before = zip(*rows, strict=True) if rows else [()] * 4
    return ImpliedPaths(
        np.array(event_, dtype=np.int64),
        np.array(month_, dtype="datetime64[M]").astype("datetime64[D]"),
        np.array(rate, dtype=np.float64),
        np.array(before, dtype=np.float64),
    )


def _quoted(contracts: Contracts, at: int) -> dict[int, float]:
    """Return the implied rates of one session, in percent, by contract month."""
    low, high = np.searchsorted(contracts.session, [at, at + 1])
    price = contracts.price[low:high]
    return {int(m): 100.0 - float(p) for m, p in zip(contracts.month[low:high], price, strict=True) if np.isfinite(p)}


def cuts_between(prices: Prices, futures: str, detection: Detection) -> Floats | None:
    """Return the cuts priced over twelve months on every session.

    None if they are not known, or are already the detector's indicator.
    """
    series = prices.roles.get(POLICY)
    if series is None:
        return None
    cuts = cuts_priced(prices.contracts(futures), prices.sessions, prices.close(series), CUTS_OVER)
    indicator = detection.condition.indicator
    same = indicator is not None and np.array_equal(indicator.values, cuts, equal_nan=True)
    return None if same or not np.isfinite(cuts[detection.window[0] :]).any() else cuts
