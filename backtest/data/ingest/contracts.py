"""Futures as delivered: one price a contract and date, on the dataset's sessions."""

from __future__ import annotations

import numpy as np

from backtest.data.files.source import Source
from backtest.data.firewall.findings import found
from backtest.data.firewall.rows import check_rows
from backtest.data.manifest.checks import Repairs
from backtest.data.manifest.manifest import Series
from backtest.data.store.lock import Dropped
from backtest.errors import DataRefused
from backtest.model import Contracts, Floats, Ints, Sessions
from backtest.model.finding import Finding

NO_SESSION = "not a session"
NO_PRICE = "no price"
MOST_LISTED = 10


def futures(
    name: str, spec: Series, source: Source, sessions: Sessions, repairs: Repairs
) -> tuple[Contracts, list[Dropped], list[Finding]]:
    """Read a table of contracts.

    Parameters
    ----------
    name : str
        The series.
    spec : Series
        Its manifest.
    source : Source
        Its file.
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        The dataset's sessions; prices on other dates are left out.
    repairs : Repairs
        ``duplicate_date`` chooses between two prices of one contract on one date.

    Returns
    -------
    contracts : Contracts
        By session position; what has no price is not in it.
    dropped : list of Dropped
        Rows that were left out, by reason.
    findings : list of Finding
        An error, where a contract has two prices on one date; it lists their rows.

    Raises
    ------
    DataRefused
        The file has no rows or no prices, or a value cannot be read.
    """
    check_rows(source)
    dates = source.dates(spec.columns.date)
    months = source.months(spec.columns.contract)
    prices = source.numbers(spec.columns.price)
    if np.isnan(prices).all():
        raise DataRefused(f"{source.name}: column '{spec.columns.price}' has no values.")
    out, dropped = _repaired(dates, months, prices, repairs.duplicate_date)
    kept = np.setdiff1d(np.arange(len(dates)), out)
    findings = _twice(name, source.rows(kept.tolist()), dates[kept], months[kept], prices[kept])
    on, priced = np.isin(dates[kept], sessions), ~np.isnan(prices[kept])
    keep = kept[on & priced]
    position = np.searchsorted(sessions, dates[keep]).astype(np.int64)
    for reason, lost in ((NO_SESSION, ~on & priced), (NO_PRICE, ~priced)):
        if lost.any():
            dropped.append(Dropped.of(reason, dates[kept][lost]))
    return Contracts(position, months[keep], prices[keep]), dropped, findings


def _pairs(dates: Sessions, months: Ints) -> list[tuple[int, int]]:
    """Name the rows that quote a contract again on a date, each with the row before it."""
    order = np.lexsort((months, dates))
    same = (np.diff(dates[order]) == np.timedelta64(0, "D")) & (np.diff(months[order]) == 0)
    return [(int(order[at]), int(order[at + 1])) for at in np.flatnonzero(same)]


def _repaired(dates: Sessions, months: Ints, prices: Floats, way: str | None) -> tuple[Ints, list[Dropped]]:
    pairs = _pairs(dates, months) if way else []
    if way == "drop":
        pairs = [(a, b) for a, b in pairs if np.array_equal(prices[a], prices[b], equal_nan=True)]
    out = np.array(sorted({a if way == "last" else b for a, b in pairs}), dtype=np.int64)
    return out, [Dropped.repaired("duplicate_date", str(way), dates[out])] if len(out) else []


def _twice(name: str, source: Source, dates: Sessions, months: Ints, prices: Floats) -> list[Finding]:
    pairs = sorted(_pairs(dates, months), key=lambda pair: pair[1])
    if not pairs:
        return []
    shown = [
        f"contract {months[b].astype('datetime64[M]')} on {dates[b]} in {source.unit}s {source.lines[a]} "
        f"({prices[a]:g}) and {source.lines[b]} ({prices[b]:g})"
        for a, b in pairs[:MOST_LISTED]
    ]
    rest = f"; {len(pairs) - MOST_LISTED:,} more" if len(pairs) > MOST_LISTED else ""
    text = f"{source.name}: one price a contract and date; quoted twice: {'; '.join(shown)}{rest}."
    return [found("duplicate_date", name, text, days=dates[[b for _, b in pairs]], error=True)]
