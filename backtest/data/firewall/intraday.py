"""Several rows a day: bars of hours or minutes, and the daily bars that can be made of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backtest.data.firewall.delivered import Delivered
from backtest.data.firewall.exchange import weekday
from backtest.data.firewall.findings import found, more
from backtest.data.firewall.rhythm import FEWEST_WEEKS, FRIDAY
from backtest.data.manifest.checks import Repairs
from backtest.data.store.lock import Dropped
from backtest.model import Floats, Ints, Sessions
from backtest.model.finding import Finding

FEWEST = 5
"""Dates below which a date that is there twice is a slip."""
MAKE = "Bring daily bars, or have them made: --repair intraday=bars (first open, highest high, lowest low, last close)."
OVER_MIDNIGHT = (
    "Write time_zone, the zone of its exchange, for the series, where its times are moments with an offset or seconds "
    "since 1970; of a market that opens on the evening before, bring daily bars."
)
MOST = 0.75
"""Rows on a day of a weekend, as a share of other days', below which they belong to the session beside it."""
APART = 'Bring daily bars; in a file of several series, name the rows of each: where = { COLUMN = "WORD" }.'


def is_intraday(delivered: Delivered) -> bool:
    """Tell whether dates have two rows or more on the average, and not the same ones."""
    dates = delivered.dates
    days = len(np.unique(dates))
    if days < FEWEST or len(dates) < 2 * days:
        return False
    order = np.argsort(dates, kind="stable")
    again = np.diff(dates[order]) == np.timedelta64(0, "D")
    return any(bool((again & (np.diff(values[order]) != 0)).any()) for values in delivered.fields.values())


def as_daily(name: str, delivered: Delivered, repairs: Repairs) -> tuple[Delivered, list[Finding]]:
    """Make daily bars where that was asked for and the rows say their time of day; else an error."""
    clock = delivered.seconds
    if clock is None or not repairs.intraday:
        rows = round(len(delivered.dates) / len(np.unique(delivered.dates)))
        when = "" if clock is None else f", {_clock(clock.min())} to {_clock(clock.max())}"
        text = f"{delivered.source.name}: {rows} rows a day{when}: must be one a session."
        hint = APART if clock is None else MAKE
        return delivered, [found("intraday", name, text, days=delivered.dates, error=True, hint=hint)]
    if len(days := _cut(delivered.dates)):
        day = f"{days[0]} ({days[0].item():%A})"
        text = f"{delivered.source.name}: midnight cuts its sessions in two: {day} has a few rows{more(len(days))}: "
        text += "of a day of another time zone, or of an evening before."
        return delivered, [found("intraday", name, text, days=days, error=True, hint=OVER_MIDNIGHT)]
    order = np.lexsort((clock, delivered.dates))
    dates = delivered.dates[order]
    begins = np.flatnonzero(np.concatenate(([True], np.diff(dates) > np.timedelta64(0, "D"))))
    ends = np.append(begins[1:], len(dates)) - 1
    fields = {suffix: _bar(suffix, values[order], begins, ends) for suffix, values in delivered.fields.items()}
    merged = np.setdiff1d(np.arange(len(dates)), ends)
    made = delivered.rows(order[ends].astype(np.int64), Dropped.repaired("intraday", "bars", dates[merged]))
    return replace(made, fields=fields), []


def _cut(dates: Sessions) -> Sessions:
    """Return the days of weekends that have fewer rows than others: each belongs to the session on the other side."""
    days, rows = np.unique(dates, return_counts=True)
    weekend = weekday(days) > FRIDAY
    if weekend.sum() < FEWEST_WEEKS or weekend.all():
        return days[:0]
    return days[weekend & (np.median(rows[weekend]) < MOST * np.median(rows[~weekend]))]


def _bar(suffix: str, values: Floats, begins: Ints, ends: Ints) -> Floats:
    """Return one value a day: the extreme of a high or a low, the first known of an open, the last known of a close."""
    if suffix == ".high":
        return np.fmax.reduceat(values, begins)
    if suffix == ".low":
        return np.fmin.reduceat(values, begins)
    spans = [values[begin : end + 1] for begin, end in zip(begins, ends, strict=True)]
    known = [span[np.isfinite(span)] for span in spans]
    at = 0 if suffix == ".open" else -1
    return np.array([span[at] if len(span) else np.nan for span in known])


def _clock(second: np.int64) -> str:
    return f"{second // 3600:02d}:{second % 3600 // 60:02d}"
