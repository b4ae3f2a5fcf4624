"""Sessions without a value, and rows without a value at the end of a file."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from backtest.data.firewall.exchange import Exchange
from backtest.data.firewall.findings import make_finding
from backtest.format import plural
from backtest.model import Bools, Floats, Sessions
from backtest.model.finding import Finding
from backtest.model.run_lengths import runs

NAMED = 3
WINDOW = 63
"""Length of a quarter in sessions; a part of a history is thin if half of a quarter's sessions are missing."""
HOLE = 10
"""From this many missing sessions in a row, a hole is described by its length."""


def missing_sessions(
    name: str, sessions: Sessions, values: Floats, exchange: Exchange, fewest: int = 1
) -> Iterator[Finding]:
    """Find sessions between a series' first and last value that have none: one finding per series.

    Parameters
    ----------
    name : str
        The series.
    sessions : ndarray of shape (n_sessions,)
        The dataset's sessions. The known sessions of the exchange are added; dates that are known not to be
        sessions are not expected.
    values : ndarray of shape (n_sessions,)
        NaN where there is no value.
    exchange : Exchange
        What is known about the exchange.
    fewest : int, optional
        Length in sessions from which a hole counts; bond markets are closed on some days on which stocks trade.
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
        text += f", at least every second one from {thin[0]} to {thin[1]}, where few one-session returns are known"
    text += "; nothing is filled in."
    yield make_finding("missing_sessions", name, text, days=days)


def _thin_span(expected: Sessions, gone: Bools) -> tuple[np.datetime64, np.datetime64] | None:
    """Return the first span with at least half of its sessions missing one by one; None if there is none."""
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
    """Find the rows of a file after its last close: the history ends before the file does.

    Parameters
    ----------
    name : str
        The series.
    dates : ndarray of shape (n_rows,)
        In order, as delivered.
    closes : ndarray of shape (n_rows,)
        NaN where there is no close; at least one close exists.
    """
    last = int(np.flatnonzero(~np.isnan(closes))[-1])
    if rows := len(dates) - 1 - last:
        text = f"{name}: the last close is from {dates[last]}; {plural(rows, 'row')} after it, to "
        yield make_finding("blank_end", name, text + f"{dates[-1]}, have none.", days=dates[last + 1 :])
