"""Values that stand still longer than a market does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from backtest.data.firewall.findings import found
from backtest.data.store.lock import Dropped, Origin
from backtest.model import Contracts, Floats, Ints, Sessions
from backtest.model.finding import Finding

MONTHS_AHEAD = 3
"""Nearer contracts may stand still when the rate of their month is as good as known."""

LEFT_OUT = "left out from their second quote on"


def runs_of_equal(values: Floats) -> tuple[Ints, Ints]:
    """Return first and last position of every longest run of equal values, in order; NaN equals nothing."""
    breaks = np.flatnonzero(values[1:] != values[:-1]) + 1
    first = np.concatenate([[0], breaks]).astype(np.int64)
    last = np.concatenate([breaks, [len(values)]]).astype(np.int64) - 1
    return first, last


def stale_values(name: str, days: Sessions, values: Floats, threshold: int, noun: str = "close") -> Iterator[Finding]:
    """Find runs in which a value did not change for `threshold` sessions or more; `values` has no NaN.

    One finding a series: the span of all its runs, their number as `count`, and the value of the longest.
    """
    if not threshold or len(values) <= threshold:
        return
    first, last = runs_of_equal(values)
    stale = np.flatnonzero(last - first >= threshold)
    if not len(stale):
        return
    longest = stale[np.argmax((last - first)[stale])]
    value, span = values[first[longest]], days[[first[longest], last[longest]]]
    sessions = int(last[longest] - first[longest]) + 1
    text = f"{name}: the {noun} stands at {value:.10g} for {sessions} sessions, {span[0]} to {span[1]}"
    text += f"; {len(stale)} such runs of {threshold + 1} or more." if len(stale) > 1 else "."
    ends = days[np.concatenate([first[stale], last[stale]])]
    yield found("stale", name, text, days=ends, count=len(stale), value=value)


def standing(sessions: Sessions, table: Contracts, threshold: int) -> list[Ints]:
    """Return the runs in which a far contract, `MONTHS_AHEAD` or more of its month, keeps its price.

    Each is an array of at least ``threshold + 1`` positions in `table`, in order of time; none where `threshold` is 0.
    """
    days = sessions[table.session]
    far = table.month - days.astype("datetime64[M]").astype(np.int64) >= MONTHS_AHEAD
    order = np.flatnonzero(far)[np.lexsort((days[far], table.month[far]))]
    if not threshold or len(order) <= threshold:
        return []
    month, price = table.month[order], table.price[order]
    # Contracts follow one another: a new month begins a new run even at the same price.
    first, last = runs_of_equal(price + 1e6 * (month - month[0]))
    return [order[first[i] : last[i] + 1] for i in np.flatnonzero(last - first >= threshold)]


def stale_contracts(name: str, sessions: Sessions, table: Contracts, threshold: int) -> Iterator[Finding]:
    """Find futures contracts, `MONTHS_AHEAD` or more of their month, whose price stands still.

    One finding for each price that contracts stand at: `count` is the number of runs.
    """
    runs, days = standing(sessions, table, threshold), sessions[table.session]
    for value in sorted({float(table.price[rows[0]]) for rows in runs}):
        mine = [rows for rows in runs if table.price[rows[0]] == value]
        begin, end = days[[rows[0] for rows in mine]], days[[rows[-1] for rows in mine]]
        longest = max(mine, key=len)
        contract = table.month[longest[0]].astype("datetime64[M]")
        contracts = len({int(table.month[rows[0]]) for rows in mine})
        text = f"{name}: far contracts, {contracts} of them, stand at {value:.10g}, {begin.min()} to {end.max()}; "
        text += f"the longest, {contract}, for {len(longest)} days."
        yield found("stale", name, text, days=np.concatenate([begin, end]), count=len(mine), value=value)


def without_standing(sessions: Sessions, table: Contracts, threshold: int) -> tuple[Contracts, list[Dropped]]:
    """Leave out a far contract's quotes that repeat the one before, where the rule `stale` finds that they stand still.

    The first quote of a run stays: it was new on its day. What follows is known to stand still only afterwards, so this
    cleans a history; a quote of today is never left out before its run is long enough.

    Parameters
    ----------
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        The dataset's sessions.
    table : Contracts
        As delivered, in prices of 100 minus percent.
    threshold : int
        ``checks.stale_futures``.

    Returns
    -------
    contracts : Contracts
        What is kept, in the order it was.
    dropped : list of Dropped
        One a run; its reason names the contract and the price it stood at.
    """
    runs = standing(sessions, table, threshold)
    if not runs:
        return table, []
    kept = np.setdiff1d(np.arange(len(table.price)), np.concatenate([rows[1:] for rows in runs]))
    dropped = [
        Dropped.repaired(
            "stale_futures",
            "drop",
            sessions[table.session[rows[1:]]],
            detail=f" (contract {table.month[rows[0]].astype('datetime64[M]')} at {table.price[rows[0]]:.10g})",
        )
        for rows in runs
    ]
    return table.take(kept), dropped


def left_out(origin: Origin | None) -> bool:
    """Tell whether quotes of a series were left out because they stood still."""
    return origin is not None and any(item.rule == "stale_futures" for item in origin.dropped)


def say_left_out(findings: Iterable[Finding], origins: Mapping[str, Origin]) -> Iterator[Finding]:
    """Say in the rule's findings that what they found was left out; pass all others on."""
    for item in findings:
        if item.rule == "stale" and left_out(origins.get(item.series)):
            yield replace(item, text=f"{item.text.rstrip('.')}; {LEFT_OUT}.")
        else:
            yield item


def still_left_out(before: Iterable[Finding], origins: Mapping[str, Origin]) -> list[Finding]:
    """Return the rule's earlier findings on series without what was found: they cannot be found again."""
    return [item for item in before if item.rule == "stale" and left_out(origins.get(item.series))]
