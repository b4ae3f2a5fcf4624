"""Restated history: rows that are not what they were when the dataset was last written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from backtest.data.firewall.report import found
from backtest.data.load import load_dataset
from backtest.errors import BacktestError
from backtest.finding import Change, Finding
from backtest.model import Contracts, Floats, Prices, Sessions

LISTED = 150
"""Rows of a series that are listed one by one; beyond it they are counted, with their first and last date."""
SAME = 1e-9
SAME_RETURN = 1e-5
"""Total returns are rescaled as a whole at every dividend: their returns are compared, up to a vendor's rounding."""


def previous_prices(folder: Path) -> Prices | None:
    """Return what the dataset held until now; None where it holds nothing that can be read."""
    try:
        prices = load_dataset(folder).prices
        for name in (*prices.columns, *prices.tables):
            _ = prices.columns[name] if name in prices.columns else prices.tables[name]
    except BacktestError:
        return None
    return prices


def restated(
    name: str, kind: str, sessions: Sessions, values: Floats, before: Prices, limit: float
) -> Iterator[Finding]:
    """Compare a series with what it was, session by session.

    Parameters
    ----------
    name, kind : str
        The series; for a total return, returns are compared, for all else the values.
    sessions, values : ndarray of shape (n_sessions,)
        The series as it is now, NaN where there is none.
    before : Prices
        The dataset as it was.
    limit : float
        Share of the earlier rows whose loss is an error.
    """
    if name not in before.columns or before.series[name].kind != kind:
        return
    days = np.union1d(sessions, before.sessions)
    old, new = _on(days, before.sessions, before.columns[name]), _on(days, sessions, values)
    yield from _lost(name, days, old, new, limit)
    both = np.flatnonzero(~np.isnan(old) & ~np.isnan(new))
    if kind == "total_return_index":
        if len(both) < 2:
            return
        changed = both[1:][np.abs(np.diff(np.log(new[both])) - np.diff(np.log(old[both]))) > SAME_RETURN]
    else:
        changed = both[np.abs(new[both] - old[both]) > SAME * np.maximum(np.abs(old[both]), 1.0)]
    if len(changed):
        row = int(changed[0])
        what = "returns" if kind == "total_return_index" else "values"
        text = f"{name}: {len(changed):,} {what} are not what they were when last imported, {days[row]}: level "
        text += f"{old[row]:.10g} became {new[row]:.10g}{' and so on' if len(changed) > 1 else ''}."
        yield found(
            "restated", name, text, days=days[changed], value=new[row], changes=_changes(days, old, new, changed)
        )


def restated_contracts(
    name: str, sessions: Sessions, table: Contracts, before: Prices, limit: float
) -> Iterator[Finding]:
    """Compare futures with what they were, by session and contract month; see `restated`."""
    if name not in before.tables:
        return
    old_rows, new_rows = _by_key(before.sessions, before.tables[name]), _by_key(sessions, table)
    keys = sorted(old_rows.keys() | new_rows.keys())
    days = np.array([key[0] for key in keys], dtype="datetime64[D]")
    old = np.array([old_rows.get(key, np.nan) for key in keys])
    new = np.array([new_rows.get(key, np.nan) for key in keys])
    yield from _lost(name, days, old, new, limit)
    changed = np.flatnonzero(np.abs(new - old) > SAME * np.maximum(np.abs(old), 1.0))
    if len(changed):
        text = f"{name}: {len(changed):,} prices are not what they were when last imported, from {days[changed[0]]} on."
        rows = _changes(days, old, new, changed)
        yield found("restated", name, text, days=days[changed], value=new[changed[0]], changes=rows)


def _lost(name: str, days: Sessions, old: Floats, new: Floats, limit: float) -> Iterator[Finding]:
    had, lost = ~np.isnan(old), ~np.isnan(old) & np.isnan(new)
    if lost.any():
        rows = np.flatnonzero(lost)
        error = bool(len(rows) > limit * had.sum())
        text = f"{name}: {len(rows):,} of {int(had.sum()):,} rows of the last import are gone, {days[rows[0]]} to "
        text += f"{days[rows[-1]]}."
        changes = _changes(days, old, new, rows)
        yield found("lost_rows", name, text, days=days[rows], error=error, value=old[rows[0]], changes=changes)


def _changes(days: Sessions, old: Floats, new: Floats, rows: np.ndarray) -> tuple[Change, ...]:
    def value(of: float) -> float | None:
        return None if np.isnan(of) else float(of)

    rows = rows[:LISTED]  # the first ones; the finding's count says how many there are
    dates: list[dt.date] = days[rows].tolist()
    return tuple(Change(date, value(old[i]), value(new[i])) for date, i in zip(dates, rows, strict=True))


def _on(days: Sessions, sessions: Sessions, values: Floats) -> Floats:
    aligned = np.full(len(days), np.nan)
    aligned[np.searchsorted(days, sessions)] = values
    return aligned


def _by_key(sessions: Sessions, table: Contracts) -> Mapping[tuple[int, int], float]:
    days = sessions[table.session].astype("datetime64[D]").astype(np.int64)
    return dict(zip(zip(days.tolist(), table.month.tolist(), strict=True), table.price.tolist(), strict=True))
