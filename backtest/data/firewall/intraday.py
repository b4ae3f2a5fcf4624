"""Several rows per day: bars of hours or minutes, and the daily bars that can be made from them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backtest.data.firewall.delivered import Delivered
from backtest.data.firewall.exchange import weekday
from backtest.data.firewall.findings import and_more, make_finding
from backtest.data.firewall.rhythm import FEWEST_WEEKS, FRIDAY
from backtest.data.manifest.checks import Repairs
from backtest.data.store.lock import Dropped
from backtest.model import Floats, Ints, Sessions
from backtest.model.finding import Finding

FEWEST = 5
"""With fewer dates, a date that occurs twice is a mistake."""
MAKE = "Bring daily bars, or request them: --repair intraday=bars (first open, highest high, lowest low, last close)."
OVER_MIDNIGHT = (
    "Write time_zone, the zone of its exchange, for the series if its times have a UTC offset or count from 1970; "
    "for a market that opens on the evening before, bring daily bars."
)
MOST = 0.75
"""If a weekend day has fewer rows than this share of other days' rows, they belong to the session next to it."""
APART = 'Bring daily bars; if the file holds several series, select the rows of each: where = { COLUMN = "WORD" }.'


def is_intraday(delivered: Delivered) -> bool:
    """Tell whether dates have two or more different rows on average."""
    dates = delivered.dates
    days = len(np.unique(dates))
    if days < FEWEST or len(dates) < 2 * days:
        return False
    order = np.argsort(dates, kind="stable")
    again = np.diff(dates[order]) == np.timedelta64(0, "D")
    return any(bool((again & (np.diff(values[order]) != 0)).any()) for values in delivered.fields.values())


def as_daily(name: str, delivered: Delivered, repairs: Repairs) -> tuple[Delivered, list[Finding]]:
    """Make daily bars if a repair asks for it and the rows have a time of day; otherwise report an error."""
    clock = delivered.seconds
    if clock is None or not repairs.intraday:
        rows = round(len(delivered.dates) / len(np.unique(delivered.dates)))
        when = "" if clock is None else f", {_clock(clock.min())} to {_clock(clock.max())}"
        text = f"{delivered.source.name}: {rows} rows per day{when}: must be one per session."
        hint = APART if clock is None else MAKE
        return delivered, [make_finding("intraday", name, text, days=delivered.dates, error=True, hint=hint)]
    if len(days := _split_days(delivered.dates)):
        day = f"{days[0]} ({days[0].item():%A})"
        text = (
            f"{delivered.source.name}: midnight splits its sessions: {day} has only a few rows{and_more(len(days))}, "
        )
        text += "which belong to a day in another time zone, or to an evening session."
        return delivered, [make_finding("intraday", name, text, days=days, error=True, hint=OVER_MIDNIGHT)]
    order = np.lexsort((clock, delivered.dates))
    dates = delivered.dates[order]
    begins = np.flatnonzero(np.concatenate(([True], np.diff(dates) > np.timedelta64(0, "D"))))
    ends = np.append(begins[1:], len(dates)) - 1
    fields = {suffix: _bar(suffix, values[order], begins, ends) for suffix, values in delivered.fields.items()}
    merged = np.setdiff1d(np.arange(len(dates)), ends)
    made = delivered.rows(order[ends].astype(np.int64), Dropped.repaired("intraday", "bars", dates[merged]))
    return replace(made, fields=fields), []


def _split_days(dates: Sessions) -> Sessions:
    """Return the weekend days that have fewer rows than other days: their rows belong to a neighbouring session."""
    days, rows = np.unique(dates, return_counts=True)
    weekend = weekday(days) > FRIDAY
    if weekend.sum() < FEWEST_WEEKS or weekend.all():
        return days[:0]
    return days[weekend & (np.median(rows[weekend]) < MOST * np.median(rows[~weekend]))]


def _bar(suffix: str, values: Floats, begins: Ints, ends: Ints) -> Floats:
    """Return one value per day: the extreme of highs or lows, the first known open, or the last known close."""
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
