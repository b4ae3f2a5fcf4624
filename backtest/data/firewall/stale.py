"""Values that stand still longer than a market does."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from backtest.data.firewall.report import found
from backtest.finding import Finding
from backtest.model import Contracts, Floats, Ints, Sessions

MONTHS_AHEAD = 3
"""Nearer contracts may stand still when the rate of their month is as good as known."""


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


def stale_contracts(name: str, sessions: Sessions, table: Contracts, threshold: int) -> Iterator[Finding]:
    """Find futures contracts, `MONTHS_AHEAD` or more of their month, whose price stands still.

    One finding for each price that contracts stand at: `count` is the number of runs.
    """
    if not threshold:
        return
    days = sessions[table.session]
    far = table.month - days.astype("datetime64[M]").astype(np.int64) >= MONTHS_AHEAD
    order = np.flatnonzero(far)[np.lexsort((days[far], table.month[far]))]
    if len(order) <= threshold:
        return
    month, price, day = table.month[order], table.price[order], days[order]
    # Contracts follow one another: a new month begins a new run even at the same price.
    first, last = runs_of_equal(price + 1e6 * (month - month[0]))
    long = last - first >= threshold
    for value in np.unique(price[first[long]]):
        runs = np.flatnonzero(long & (price[first] == value))
        begin, end = day[first[runs]], day[last[runs]]
        longest = runs[np.argmax((last - first)[runs])]
        contract = month[first[longest]].astype("datetime64[M]")
        contracts, standing = len(np.unique(month[first[runs]])), int(last[longest] - first[longest]) + 1
        text = f"{name}: far contracts, {contracts} of them, stand at {value:.10g}, {begin.min()} to {end.max()}; "
        text += f"the longest, {contract}, for {standing} days."
        yield found("stale", name, text, days=np.concatenate([begin, end]), count=len(runs), value=value)
