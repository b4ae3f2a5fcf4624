"""Quotes of futures that stand still, as the rule `stale` finds them: left out on request, and known to have been."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from backtest.data.firewall.as_delivered import REPAIRED
from backtest.data.firewall.stale import standing
from backtest.data.store.lock import Dropped, Origin
from backtest.model import Contracts, Sessions
from backtest.model.finding import Finding

REASON = f"{REPAIRED}stale_futures = drop"
LEFT_OUT = "left out from their second quote on"


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
        Dropped.of(
            f"{REASON} (contract {table.month[rows[0]].astype('datetime64[M]')} at {table.price[rows[0]]:.10g})",
            sessions[table.session[rows[1:]]],
        )
        for rows in runs
    ]
    return Contracts(table.session[kept], table.month[kept], table.price[kept]), dropped


def left_out(origin: Origin | None) -> bool:
    """Tell whether quotes of a series were left out because they stood still."""
    return origin is not None and any(item.reason.startswith(REASON) for item in origin.dropped)


def told(findings: Iterable[Finding], origins: Mapping[str, Origin]) -> Iterator[Finding]:
    """Say in the rule's findings that what they found was left out; pass all others on."""
    for item in findings:
        if item.rule == "stale" and left_out(origins.get(item.series)):
            yield replace(item, text=f"{item.text.rstrip('.')}; {LEFT_OUT}.")
        else:
            yield item


def still_left_out(before: Iterable[Finding], origins: Mapping[str, Origin]) -> list[Finding]:
    """Return the rule's earlier findings on series without what was found: they cannot be found again."""
    return [item for item in before if item.rule == "stale" and left_out(origins.get(item.series))]
