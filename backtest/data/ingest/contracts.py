"""Futures as delivered: one price per contract and date, on the dataset's sessions."""

from __future__ import annotations

import numpy as np

from backtest.data.files.source import Source
from backtest.data.firewall.findings import make_finding
from backtest.data.firewall.rows import check_rows
from backtest.data.ingest.known import NEVER, freshest, known_at, lags_of
from backtest.data.manifest.checks import Repairs
from backtest.data.manifest.manifest import Series
from backtest.data.store.lock import Dropped
from backtest.errors import DataRefused
from backtest.model import Bools, Contracts, Floats, Ints, Sessions
from backtest.model.finding import Finding

NO_SESSION = "not a session"
NO_PRICE = "no price"
NOT_YET = "not known yet at the last session"
SETTLED = "another source has a price of the same contract and date that is known earlier"
SUPERSEDED = "a later price of the same contract was known by the same close"
AT_THE_NEXT = "of days without a session are read at the next"
TWO_SOURCES = "From two sources? Say when the prices of each are known: columns.source and publication_lag."
MOST_LISTED = 10


def futures(
    name: str, spec: Series, source: Source, sessions: Sessions, repairs: Repairs
) -> tuple[Contracts, list[Dropped], list[Finding]]:
    """Read a table of contracts.

    Parameters
    ----------
    name : str
        Its entry in the manifest.
    spec : Series
        Its manifest.
    source : Source
        Its file.
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        The dataset's sessions. A price of another day counts at the next session, unless that has its own price.
    repairs : Repairs
        ``duplicate_date`` chooses between two prices of a contract on the same date. Between sources with different
        lags, the earlier one wins without a repair: a settlement, not a last trade.

    Returns
    -------
    contracts : Contracts
        By the session at whose close each price was known; without missing prices.
    dropped : list of Dropped
        Rows that were left out, by reason.
    findings : list of Finding
        An error if a contract has two prices on one date; it lists their rows.

    Raises
    ------
    DataRefused
        The file has no rows or no prices, a value cannot be read, or a source has no lag.
    """
    check_rows(source)
    dates = source.dates(spec.columns.date)
    months = source.months(spec.columns.contract, dates)
    prices = source.numbers(spec.columns.price)
    if np.isnan(prices).all():
        raise DataRefused(f"{source.name}: column '{spec.columns.price}' has no values.")
    lags, labels = lags_of(name, spec, source)
    priced = ~np.isnan(prices)
    dropped = [Dropped.of(NO_PRICE, dates[~priced])] if not priced.all() else []
    later = _known_later(dates, months, lags if labels is None else np.where(priced, lags, lags.max() + 1))
    if (beside := later & priced).any():
        dropped.append(Dropped.of(SETTLED, dates[beside]))
    kept = np.flatnonzero(~later)
    out, repaired = _repaired(dates[kept], months[kept], prices[kept], repairs.duplicate_date)
    kept = np.delete(kept, out)
    findings = _quoted_twice(
        name, source.rows(kept.tolist()), dates[kept], months[kept], prices[kept], spec.columns.source
    )
    kept = kept[priced[kept]]
    known, on = known_at(dates[kept], lags[kept], sessions)
    fresh = freshest(known, months[kept], dates[kept], lags[kept])
    reasons = (
        (NO_SESSION, ~on & (known == NEVER)),
        (NOT_YET, on & (known == NEVER)),
        (SUPERSEDED, (known != NEVER) & ~fresh),
    )
    dropped += [Dropped.of(reason, dates[kept][lost]) for reason, lost in reasons if lost.any()]
    stands = (known != NEVER) & fresh
    if (moved := stands & ~on).any():
        dropped.append(Dropped.moved(AT_THE_NEXT, dates[kept][moved]))
    keep, at = kept[stands], known[stands]
    quoted = dates[keep] if (dates[keep] != sessions[at]).any() else None
    table = Contracts(at, months[keep], prices[keep], quoted, None if labels is None else labels[keep])
    return table, [*repaired, *dropped], findings


def _known_later(dates: Sessions, months: Ints, lags: Ints) -> Bools:
    """Flag the prices that were known later than another price of the same contract and date."""
    order = np.lexsort((lags, months, dates))
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (np.diff(dates[order]) != np.timedelta64(0, "D")) | (np.diff(months[order]) != 0)
    first = lags[order][np.flatnonzero(new)[np.cumsum(new) - 1]]
    flags = np.zeros(len(order), dtype=np.bool_)
    flags[order] = lags[order] > first
    return flags


def _pairs(dates: Sessions, months: Ints) -> list[tuple[int, int]]:
    """Pair each row that quotes a contract again on the same date with the row before it."""
    order = np.lexsort((months, dates))
    same = (np.diff(dates[order]) == np.timedelta64(0, "D")) & (np.diff(months[order]) == 0)
    return [(int(order[at]), int(order[at + 1])) for at in np.flatnonzero(same)]


def _repaired(dates: Sessions, months: Ints, prices: Floats, way: str | None) -> tuple[Ints, list[Dropped]]:
    pairs = _pairs(dates, months) if way else []
    if way == "drop":
        pairs = [(a, b) for a, b in pairs if np.array_equal(prices[a], prices[b], equal_nan=True)]
    out = np.array(sorted({a if way == "last" else b for a, b in pairs}), dtype=np.int64)
    return out, [Dropped.repaired("duplicate_date", str(way), dates[out])] if len(out) else []


def _quoted_twice(
    name: str, source: Source, dates: Sessions, months: Ints, prices: Floats, declared: str | None
) -> list[Finding]:
    pairs = sorted(_pairs(dates, months), key=lambda pair: pair[1])
    if not pairs:
        return []
    shown = [
        f"contract {months[b].astype('datetime64[M]')} on {dates[b]} in {source.unit}s {source.lines[a]} "
        f"({prices[a]:g}) and {source.lines[b]} ({prices[b]:g})"
        for a, b in pairs[:MOST_LISTED]
    ]
    rest = f"; {len(pairs) - MOST_LISTED:,} more" if len(pairs) > MOST_LISTED else ""
    text = f"{source.name}: one price per contract and date; quoted twice: {'; '.join(shown)}{rest}."
    if declared is None:
        text += f" {TWO_SOURCES}"
    return [make_finding("duplicate_date", name, text, days=dates[[b for _, b in pairs]], error=True)]
