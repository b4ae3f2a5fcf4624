"""Changes too large for the volatility: a split that was not adjusted, a wrong digit, a misplaced decimal point."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from backtest.data.firewall.findings import and_more, make_finding
from backtest.data.manifest.checks import Checks
from backtest.model import Bools, Contracts, Floats, Sessions
from backtest.model.finding import Finding
from backtest.workspace import MANIFEST

WINDOW = 63
MAD = 1.4826
"""Standard deviation of a normal variable divided by the median of its absolute value."""
LEAST_SCALE = 0.002
"""Smallest scale: where prices hardly move, a small step is not a jump."""
LARGE = np.log(1.25)
RATIOS = {"2:1": 2.0, "3:1": 3.0, "4:1": 4.0, "5:1": 5.0, "6:1": 6.0, "7:1": 7.0, "8:1": 8.0, "10:1": 10.0} | {
    "15:1": 15.0,
    "20:1": 20.0,
    "25:1": 25.0,
    "30:1": 30.0,
    "50:1": 50.0,
    "100:1": 100.0,
    "1000:1": 1000.0,
    "3:2": 1.5,
    "4:3": 4 / 3,
    "5:4": 1.25,
}
BARS = ((2.0, 0.4), (1.5, 0.56), (1.25, 0.7))
"""Smallest ratio of a split, and the share of the threshold that suffices if one fits: the larger the ratio, the fewer
market moves look like it. Each share lies just above everything in 41 clean series (docs/data.md)."""
FITS = 3.0
"""How far a change may be from a split, in scales: the market also moves on that day."""
STEPS = 0.95
"""From this share of zero changes, a history moves in steps, as a policy rate does."""
RATE = 'it hardly ever changes, and then in steps: a rate? (kind = "rate")'
STEPWISE = f'A policy rate? Write kind = "rate" for the series in {MANIFEST}.'
LISTED = 10
LARGEST = 709.0
"""The largest log change whose exponential is finite."""
MANIFOLD = np.log(10.0)
"""Changes of more than this factor are shown as a multiple."""


def scales(changes: Floats) -> Floats:
    """Return the robust scale around each change, which is itself excluded.

    The scale is 1.4826 times the median absolute change of the `WINDOW` sessions before, or of those after, whichever
    is larger, so that the first day of a crisis is judged by the crisis. Shape ``(n,)`` and unit as `changes`; a
    history of fewer than two windows has a single scale.
    """
    size = np.abs(changes)
    n = len(size)
    if n < 2 * WINDOW + 1:
        middle = float(np.median(size)) if n else 0.0
        return np.full(n, max(MAD * middle, LEAST_SCALE))
    medians = np.median(sliding_window_view(size, WINDOW), axis=1)
    before, after = np.full(n, np.nan), np.full(n, np.nan)
    before[WINDOW:] = medians[: n - WINDOW]
    after[: n - WINDOW] = medians[1:]
    scale: Floats = np.maximum(MAD * np.fmax(before, after), LEAST_SCALE)
    return scale


def jumps(
    name: str, days: Sessions, changes: Floats, checks: Checks, levels: Floats | None = None
) -> Iterator[Finding]:
    """Find one-session log changes that are out of proportion to the sessions around them.

    Parameters
    ----------
    name : str
        The series.
    days : ndarray of shape (n,)
        The session at the end of each change.
    changes : ndarray of shape (n,)
        Log returns; no NaN.
    checks : Checks
        Thresholds.
    levels : ndarray of shape (n + 1,), optional
        The levels on both sides of each change, to suggest which digit may be wrong; None for returns.
    """
    if len(changes) < 3:
        return
    size = np.abs(changes) / scales(changes)
    back = _taken_back(changes, size, checks.spike)
    for i in np.flatnonzero(back)[:LISTED]:
        error = bool(size[i] >= checks.jump_error and abs(changes[i]) >= LARGE)
        digit = _digit(levels, int(i)) if levels is not None else ""
        text = f"{name}: {days[i]} moves {_percent(changes[i])}, {size[i]:.0f} times the scale around it, and the next "
        text += f"session reverses it: a wrong value?{digit}"
        yield make_finding("spike", name, text, days=days[i : i + 1], error=error, value=simple_return(changes[i]))
    far = size >= checks.jump * _shares(changes, size)
    lasting = ~back & ~np.concatenate([[False], back[:-1]]) & far & (checks.jump > 0)
    stepwise = _stands_in_steps(changes)
    for i in np.flatnonzero(lasting)[:LISTED]:
        error = bool(size[i] >= checks.jump_error and abs(changes[i]) >= LARGE)
        text = f"{name}: {days[i]} moves {_percent(changes[i])}, {size[i]:.0f} times the scale around it, and stays: "
        text += RATE if stepwise else _split(changes[i], changes[i] / size[i])
        hint = STEPWISE if stepwise else ""
        yield make_finding(
            "jump", name, text, days=days[i : i + 1], error=error, value=simple_return(changes[i]), hint=hint
        )
    for rule, where in (("spike", back), ("jump", lasting)):
        if (count := int(where.sum())) > LISTED:
            text = f"{name}: {count - LISTED} more changes like these ({rule})."
            yield make_finding(
                "spike" if rule == "spike" else "jump", name, text, days=days[where], count=count - LISTED
            )


def _stands_in_steps(changes: Floats) -> bool:
    return len(changes) >= WINDOW and bool(np.mean(changes == 0) >= STEPS)


def steps(name: str, days: Sessions, values: Floats, threshold: float) -> Iterator[Finding]:
    """Find one-session changes of a rate by `threshold` percentage points or more: one finding per series."""
    change = _differences(values)
    size = np.abs(change)
    far = np.flatnonzero((size >= threshold) & (threshold > 0))
    if len(far):
        worst = int(far[np.argmax(size[far])])
        text = f"{name}: {days[worst + 1]} goes from {values[worst]:.10g} to {values[worst + 1]:.10g}"
        text += f"{and_more(len(far))}: {threshold:g} points or more in a session, a wrong digit?"
        yield make_finding("jump", name, text, days=days[far + 1], value=change[worst])


def contract_steps(name: str, sessions: Sessions, table: Contracts, threshold: float) -> Iterator[Finding]:
    """Find one-day changes of a contract's price by `threshold` points or more: one finding per series."""
    order = np.lexsort((table.session, table.month))
    month, price, day = table.month[order], table.price[order], sessions[table.session[order]]
    change = np.where(np.diff(month) == 0, _differences(price), 0.0)
    far = np.flatnonzero((np.abs(change) >= threshold) & (threshold > 0))
    if len(far):
        worst = int(far[np.argmax(np.abs(change)[far])])
        contract = month[worst].astype("datetime64[M]")
        text = f"{name}: {contract} goes from {price[worst]:.10g} to {price[worst + 1]:.10g} on {day[worst + 1]}"
        text += f"{and_more(len(far))}: {threshold:g} points or more in a day, a wrong digit?"
        yield make_finding("jump", name, text, days=day[far + 1], value=change[worst])


def _differences(values: Floats) -> Floats:
    """Return the changes between values, limited to the largest float."""
    with np.errstate(over="ignore"):
        changes: Floats = np.nan_to_num(np.diff(values))
    return changes


def _taken_back(changes: Floats, size: Floats, threshold: float) -> Bools:
    """Tell which changes the next session reverses, up to a quarter of the smaller of the two."""
    back = np.zeros(len(changes), dtype=np.bool_)
    if not threshold:
        return back
    here, after = changes[:-1], changes[1:]
    undone = np.abs(here + after) <= 0.25 * np.minimum(np.abs(here), np.abs(after))
    back[:-1] = undone & (size[:-1] >= threshold) & (size[1:] >= threshold)
    for i in np.flatnonzero(back):  # the reversal is not a spike of its own
        back[i] &= i == 0 or not back[i - 1]
    return back


def simple_return(change: float) -> float:
    """Return a log change as a simple return, limited to the largest float."""
    return float(np.expm1(min(change, LARGEST)))


def _percent(change: float) -> str:
    if change > LARGEST:
        return f"to 1e{change / np.log(10):.0f} times its level"
    if change > MANIFOLD:
        return f"to {np.exp(change):.3g} times its level"
    return f"{100 * np.expm1(change):+.1f}%".replace("-", "−")


def _shares(changes: Floats, size: Floats) -> Floats:
    """Return the share of the threshold that suffices for each change: less than 1 if a split fits."""
    away = FITS * np.abs(changes) / np.where(size > 0, size, 1.0)
    shares = np.ones(len(changes))
    for ratio in RATIOS.values():
        bar = next(share for least, share in BARS if ratio >= least)
        fits = np.abs(np.abs(changes) - np.log(ratio)) <= away
        shares = np.where(fits, np.minimum(shares, bar), shares)
    return shares


def _split(change: float, scale: float) -> str:
    name, ratio = min(RATIOS.items(), key=lambda item: abs(abs(change) - np.log(item[1])))
    if abs(abs(change) - np.log(ratio)) > FITS * abs(scale):
        return "no usual split fits; a wrong digit, or another series?"
    turned = ":".join(reversed(name.split(":")))
    return f"fits a {f'split of {name}' if change < 0 else f'reverse split of {turned}'} that was not adjusted."


def _digit(levels: Floats, i: int) -> str:
    """Suggest the value with another digit, or another decimal place, that comes closest to both neighbours."""
    value, middle = float(levels[i + 1]), float(np.exp((np.log(levels[i]) + np.log(levels[i + 2])) / 2))
    shifted = [(f"{value * 10.0**power:.10g}", value * 10.0**power) for power in (-3, -2, -1, 1, 2, 3)]
    text = f"{value:.10g}"
    changed = [text[:k] + d + text[k + 1 :] for k in range(len(text)) if text[k].isdigit() for d in "0123456789"]
    tried = [(other, like) for other, like in shifted + [(o, float(o)) for o in changed] if 0 < like < np.inf]
    best, near = min(tried, key=lambda item: abs(np.log(item[1]) - np.log(middle)))
    close = abs(np.log(near) - np.log(middle)) <= 0.5 * abs(np.log(value) - np.log(middle))
    return f" {text} for {best}?" if close else ""
