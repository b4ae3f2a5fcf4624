"""Restated history: rows that differ from the last import."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from backtest.data.firewall.findings import make_finding
from backtest.data.manifest.checks import Rule
from backtest.data.store.read import load_dataset
from backtest.errors import BacktestError
from backtest.model import Bools, Contracts, Floats, Prices, Sessions
from backtest.model.finding import Change, Finding

SAME = 1e-9
SAME_RETURN = 1e-5
"""Total returns are rescaled at every dividend, so their returns are compared, up to a vendor's rounding."""


def previous_prices(folder: Path) -> Prices | None:
    """Return the previous content of the dataset; None if there is none that can be read."""
    try:
        prices = load_dataset(folder).prices
        for name in (*prices.columns, *prices.tables):
            _ = prices.columns[name] if name in prices.columns else prices.tables[name]
    except BacktestError:
        return None
    return prices


def restated(
    name: str, kind: str, sessions: Sessions, columns: Mapping[str, Floats], before: Prices, limit: float
) -> Iterator[Finding]:
    """Compare a series with its previous values, session by session: one finding per column.

    A total return is rescaled at every dividend. So the comparison uses the returns of its closes (fractions), and the
    distances of its opens, highs and lows from the previous close and from the close of the session. They count as
    restated if both distances differ; the finding lists the latter.

    Parameters
    ----------
    name, kind : str
        The series.
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        The current sessions.
    columns : mapping of str to ndarray of shape (n_sessions,)
        The current columns, such as ``"RUT"`` and ``"RUT.open"``; NaN where there is no value.
    before : Prices
        The previous dataset.
    limit : float
        Share of the earlier closes whose loss is an error; losing an open, high or low is a warning.
    """
    if name not in before.columns or before.series[name].kind != kind:
        return
    days = np.union1d(sessions, before.sessions)
    closes = [_on(days, before.sessions, before.columns[name]), _on(days, sessions, columns[name])]
    for column in (name, *(f"{name}.{field}" for field in ("open", "high", "low"))):
        if column not in columns or column not in before.columns:
            continue
        old, new = _on(days, before.sessions, before.columns[column]), _on(days, sessions, columns[column])
        yield from _lost(name, column, days, old, new, limit if column == name else 1.0)
        if kind != "total_return_index":
            yield from _changed(name, column, days, old, new, _differ(old, new), "values")
        elif column == name:
            was, now = _returns(old, new)
            yield from _changed(name, column, days, was, now, np.abs(now - was) > SAME_RETURN, "returns")
        else:
            was, now = (_relative(values, close) for values, close in zip((old, new), closes, strict=True))
            overnight = [_relative(values, _before(close)) for values, close in zip((old, new), closes, strict=True)]
            distinct_texts = (np.abs(now - was) > SAME_RETURN) & ~(np.abs(overnight[1] - overnight[0]) <= SAME_RETURN)
            yield from _changed(name, column, days, was, now, distinct_texts, "distances from the close")


def restated_contracts(
    name: str, sessions: Sessions, table: Contracts, before: Prices, limit: float
) -> Iterator[Finding]:
    """Compare futures with their previous prices, by day of the quote and contract month; see `restated`."""
    if name not in before.tables:
        return
    old_rows, new_rows = _by_key(before.sessions, before.tables[name]), _by_key(sessions, table)
    keys = sorted(old_rows.keys() | new_rows.keys())
    days = np.array([key[0] for key in keys], dtype="datetime64[D]")
    months = np.array([key[1] for key in keys], dtype="datetime64[M]").astype(str)
    old = np.array([old_rows.get(key, np.nan) for key in keys])
    new = np.array([new_rows.get(key, np.nan) for key in keys])
    yield from _lost(name, name, days, old, new, limit, months)
    yield from _changed(name, name, days, old, new, _differ(old, new), "prices", months)


def distinct_texts(old: float, new: float) -> tuple[str, str]:
    """Write two numbers with ten digits, or with all digits if ten do not distinguish them."""
    was, now = f"{old:.10g}", f"{new:.10g}"
    return (was, now) if was != now else (f"{old:.17g}", f"{new:.17g}")


def _changed(
    name: str,
    column: str,
    days: Sessions,
    old: Floats,
    new: Floats,
    differ: Bools,
    noun: str,
    months: np.ndarray | None = None,
) -> Iterator[Finding]:
    rows = np.flatnonzero(differ & ~np.isnan(old) & ~np.isnan(new))
    if not len(rows):
        return
    row = int(rows[0])
    was, now = distinct_texts(old[row], new[row])
    of = f" ({months[row]})" if months is not None else ""
    text = f"{column}: {noun} restated since the last import: {days[row]}{of} was {was} and is now {now}"
    text += f"; {len(rows):,} in all, to {days[rows[-1]]}." if len(rows) > 1 else "."
    yield _listed("restated", name, column, text, days, old, new, rows, months)


def _lost(
    name: str,
    column: str,
    days: Sessions,
    old: Floats,
    new: Floats,
    limit: float,
    months: np.ndarray | None = None,
) -> Iterator[Finding]:
    had, rows = int((~np.isnan(old)).sum()), np.flatnonzero(~np.isnan(old) & np.isnan(new))
    if len(rows):
        text = f"{column}: {len(rows):,} of {had:,} rows of the last import are missing now, {days[rows[0]]} to "
        text += f"{days[rows[-1]]}."
        error = bool(limit and len(rows) > limit * had)
        yield _listed("lost_rows", name, column, text, days, old, new, rows, months, error=error)


def _listed(
    rule: Rule,
    name: str,
    column: str,
    text: str,
    days: Sessions,
    old: Floats,
    new: Floats,
    rows: np.ndarray,
    months: np.ndarray | None,
    *,
    error: bool = False,
) -> Finding:
    def value(of: float) -> float | None:
        return None if np.isnan(of) else float(of)

    dates: list[dt.date] = days[rows].tolist()
    changes = tuple(
        Change(date, value(old[i]), value(new[i]), "" if months is None else str(months[i]))
        for date, i in zip(dates, rows, strict=True)
    )
    first = old[rows[0]] if rule == "lost_rows" else new[rows[0]]
    item = make_finding(rule, name, text, days=days[rows], error=error, value=first, changes=changes)
    return replace(item, column=column)


def _differ(old: Floats, new: Floats) -> Bools:
    with np.errstate(over="ignore"):  # two values at opposite ends of the float range do differ
        differ: Bools = np.abs(new - old) > SAME * np.maximum(np.abs(old), 1.0)
    return differ


def _returns(old: Floats, new: Floats) -> tuple[Floats, Floats]:
    """Return both series' returns between the sessions that both have; NaN elsewhere."""
    both = ~np.isnan(old) & ~np.isnan(new)
    pair = []
    for values in (old, new):
        returns = np.full(len(values), np.nan)
        returns[np.flatnonzero(both)[1:]] = _simple(np.diff(np.log(values[both])))
        pair.append(returns)
    return pair[0], pair[1]


def _relative(values: Floats, closes: Floats) -> Floats:
    return _simple(np.log(values) - np.log(closes))


def _simple(log: Floats) -> Floats:
    simple: Floats = np.expm1(np.minimum(log, 700.0))
    return simple


def _before(closes: Floats) -> Floats:
    """Return, for each session, the last close before it."""
    there = np.where(np.isnan(closes), 0, np.arange(len(closes)))
    last = closes[np.maximum.accumulate(there)]
    return np.concatenate([[np.nan], last[:-1]])


def _on(days: Sessions, sessions: Sessions, values: Floats) -> Floats:
    aligned = np.full(len(days), np.nan)
    aligned[np.searchsorted(days, sessions)] = values
    return aligned


def _by_key(sessions: Sessions, table: Contracts) -> Mapping[tuple[int, int], float]:
    days = table.days(sessions).astype("datetime64[D]").astype(np.int64)
    return dict(zip(zip(days.tolist(), table.month.tolist(), strict=True), table.price.tolist(), strict=True))
