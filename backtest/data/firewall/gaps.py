"""Sessions without a value, and rows at the end of a file that have none."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from backtest.data.firewall.exchange import Exchange
from backtest.data.firewall.findings import found
from backtest.format import plural
from backtest.model import Bools, Floats, Sessions
from backtest.model.finding import Finding
from backtest.model.run_lengths import runs

NAMED = 3
WINDOW = 63
"""Sessions, a quarter, of which half must be missing for a part of a history to be called thin."""
HOLE = 10
"""Sessions in a row that are a hole, told by its length."""


def missing_sessions(
    name: str, sessions: Sessions, values: Floats, exchange: Exchange, fewest: int = 1
) -> Iterator[Finding]:
    """Find sessions between a series' first and last value on which it has none: one finding a series.

    Parameters
    ----------
    name : str
        The series.
    sessions : ndarray of shape (n_sessions,)
        The dataset's sessions; the exchange's are added as far as they are known, and a date that
        is known to be none of them is not expected.
    values : ndarray of shape (n_sessions,)
        NaN where there is none.
    exchange : Exchange
        What is known of the exchange.
    fewest : int, optional
        Length in sessions from which on a hole counts; bond markets close on days on which stocks trade.
    """
    there = sessions[~np.isnan(values)]
    if len(there) < 2:
        return
    inside = sessions[(sessions >= there[0]) & (sessions <= there[-1])]
    expected = np.union1d(inside[~exchange.is_off(inside)], exchange.expected(there[0], there[-1]))
    gone = ~np.isin(expected, there)
    holes = [(begin, end + 1) for begin, end in zip(*runs(gone), strict=True) if end + 1 - begin >= max(fewest, 1)]
    if not holes:
        return
    days = np.concatenate([expected[begin:end] for begin, end in holes])
    longest = max(holes, key=lambda hole: hole[1] - hole[0])
    named = ", ".join(str(day) for day in days[:NAMED]) + (" …" if len(days) > NAMED else "")
    if longest[1] - longest[0] > NAMED:
        named = f"the longest hole {expected[longest[0]]} to {expected[longest[1] - 1]}"
    text = f"{name}: {len(days):,} sessions without a value between its first and last ({named})"
    if thin := _thin_span(expected, gone):
        text += f", every second one or more from {thin[0]} to {thin[1]}, where hardly a return of one session is known"
    text += "; nothing is filled in."
    yield found("missing_sessions", name, text, days=days)


def _thin_span(expected: Sessions, gone: Bools) -> tuple[np.datetime64, np.datetime64] | None:
    """Return the first span in which half of the sessions or more are missing, one here and one there; None if none."""
    scattered = gone.copy()
    for begin, end in zip(*runs(gone), strict=True):
        if end - begin + 1 >= HOLE:
            scattered[begin : end + 1] = False
    if len(gone) < WINDOW or not scattered.any():
        return None
    missing = np.convolve(scattered, np.ones(WINDOW), mode="valid")
    begins, ends = runs(missing * 2 >= WINDOW)
    return (expected[begins[0]], expected[ends[0] + WINDOW - 1]) if len(begins) else None


def blank_end(name: str, dates: Sessions, closes: Floats) -> Iterator[Finding]:
    """Find the rows of a file behind its last close: a history that ends before its file does.

    Parameters
    ----------
    name : str
        The series.
    dates : ndarray of shape (n_rows,)
        As delivered, in order.
    closes : ndarray of shape (n_rows,)
        NaN where there is none; at least one is there.
    """
    last = int(np.flatnonzero(~np.isnan(closes))[-1])
    if rows := len(dates) - 1 - last:
        text = f"{name}: the last close is of {dates[last]}; {plural(rows, 'row')} behind it, to "
        yield found("blank_end", name, text + f"{dates[-1]}, have none.", days=dates[last + 1 :])
