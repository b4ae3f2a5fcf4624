"""Values that stay unchanged longer than a market's do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from backtest.data.firewall.findings import make_finding
from backtest.data.store.lock import Dropped, Origin
from backtest.model import Contracts, Floats, Ints, Sessions
from backtest.model.finding import Finding

MONTHS_AHEAD = 3
"""The price of a nearer contract may stay unchanged once the rate of its month is practically known."""

LEFT_OUT = "left out after the first quote of each run"


def runs_of_equal(values: Floats) -> tuple[Ints, Ints]:
    """Return the first and last position of every longest run of equal values, in order; NaN never equals NaN."""
    breaks = np.flatnonzero(values[1:] != values[:-1]) + 1
    first = np.concatenate([[0], breaks]).astype(np.int64)
    last = np.concatenate([breaks, [len(values)]]).astype(np.int64) - 1
    return first, last


def stale_values(name: str, days: Sessions, values: Floats, threshold: int, noun: str = "close") -> Iterator[Finding]:
    """Find runs in which a value did not change for `threshold` sessions or more; `values` has no NaN.

    One finding per series: the span of all its runs, their number as `count`, and the value of the longest run.
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
    text = f"{name}: the {noun} stays at {value:.10g} for {sessions} sessions, {span[0]} to {span[1]}"
    text += f"; {len(stale)} such runs of {threshold + 1} or more." if len(stale) > 1 else "."
    ends = days[np.concatenate([first[stale], last[stale]])]
    yield make_finding("stale", name, text, days=ends, count=len(stale), value=value)


def stale_runs(sessions: Sessions, table: Contracts, threshold: int) -> list[Ints]:
    """Return the runs in which a contract, `MONTHS_AHEAD` or more before its month, keeps its price.

    Each is an array of at least ``threshold + 1`` positions in `table`, in order of time; none if `threshold` is 0.
    """
    days = sessions[table.session]
    far = table.month - days.astype("datetime64[M]").astype(np.int64) >= MONTHS_AHEAD
    order = np.flatnonzero(far)[np.lexsort((days[far], table.month[far]))]
    if not threshold or len(order) <= threshold:
        return []
    month, price = table.month[order], table.price[order]
    # Contracts are concatenated: a new month begins a new run even at the same price.
    first, last = runs_of_equal(price + 1e6 * (month - month[0]))
    return [order[first[i] : last[i] + 1] for i in np.flatnonzero(last - first >= threshold)]


def stale_contracts(name: str, sessions: Sessions, table: Contracts, threshold: int) -> Iterator[Finding]:
    """Find futures contracts, `MONTHS_AHEAD` or more before their month, whose price does not change.

    One finding per unchanged price: `count` is the number of runs.
    """
    runs, days = stale_runs(sessions, table, threshold), sessions[table.session]
    for value in sorted({float(table.price[rows[0]]) for rows in runs}):
        mine = [rows for rows in runs if table.price[rows[0]] == value]
        begin, end = days[[rows[0] for rows in mine]], days[[rows[-1] for rows in mine]]
        longest = max(mine, key=len)
        contract = table.month[longest[0]].astype("datetime64[M]")
        contracts = len({int(table.month[rows[0]]) for rows in mine})
        which = "1 far contract stays" if contracts == 1 else f"{contracts} far contracts stay"
        text = f"{name}: {which} at {value:.10g}, {begin.min()} to {end.max()}; "
        text += f"the longest, {contract}, for {len(longest)} days."
        yield make_finding("stale", name, text, days=np.concatenate([begin, end]), count=len(mine), value=value)


def without_stale_contracts(sessions: Sessions, table: Contracts, threshold: int) -> tuple[Contracts, list[Dropped]]:
    """Leave out a far contract's quotes that repeat the one before, where the rule `stale` finds a run.

    The first quote of a run stays: it was new on its day. The others are known to be stale only in hindsight. So this
    cleans a history; today's quote is never left out before its run is long enough.

    Parameters
    ----------
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        The dataset's sessions.
    table : Contracts
        As delivered, as prices of 100 minus percent.
    threshold : int
        ``checks.stale_futures``.

    Returns
    -------
    contracts : Contracts
        The remaining quotes, in their order.
    dropped : list of Dropped
        One per run; its reason names the contract and its price.
    """
    runs = stale_runs(sessions, table, threshold)
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


def has_left_out(origin: Origin | None) -> bool:
    """Tell whether stale quotes of a series were left out."""
    return origin is not None and any(item.rule == "stale_futures" for item in origin.dropped)


def mention_left_out(findings: Iterable[Finding], origins: Mapping[str, Origin]) -> Iterator[Finding]:
    """Add to the rule's findings that their quotes were left out; pass all others on."""
    for item in findings:
        if item.rule == "stale" and has_left_out(origins.get(item.series)):
            yield replace(item, text=f"{item.text.rstrip('.')}; {LEFT_OUT}.")
        else:
            yield item


def findings_on_left_out(before: Iterable[Finding], origins: Mapping[str, Origin]) -> list[Finding]:
    """Return the rule's earlier findings on quotes that were left out: they cannot be found again."""
    return [item for item in before if item.rule == "stale" and has_left_out(origins.get(item.series))]
