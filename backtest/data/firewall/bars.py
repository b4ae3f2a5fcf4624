"""Impossible bars: a high below its low, or an open or close that is not between the two."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from backtest.data.firewall.findings import and_more, make_finding
from backtest.model import Bools, Floats, Sessions
from backtest.model.finding import Finding

ROUNDING = 1e-6
"""Relative differences up to this are rounding: vendors round adjusted prices to about seven digits."""
ORDER = (("high", "low"), ("high", "close"), ("close", "low"), ("high", "open"), ("open", "low"))
"""Pairs whose first level must not be below the second."""
MOSTLY = 0.5
"""From this share of the sessions, the column is wrong and not a single value: an error."""


def out_of_bars(
    name: str, days: Sessions, closes: Floats, opens: Floats | None, highs: Floats | None, lows: Floats | None
) -> Iterator[Finding]:
    """Find sessions whose high is below their low, or whose open or close lies outside: one finding per series.

    Parameters
    ----------
    name : str
        The series.
    days : ndarray of shape (n_sessions,)
        The sessions.
    closes, opens, highs, lows : ndarray of shape (n_sessions,), or None
        Levels; NaN values and missing columns are not judged.
    """
    levels = {"open": opens, "high": highs, "low": lows, "close": closes}
    wrong = {
        pair: _below(upper, lower)
        for pair in ORDER
        if (upper := levels[pair[0]]) is not None and (lower := levels[pair[1]]) is not None
    }
    rows = np.flatnonzero(np.logical_or.reduce(list(wrong.values())))
    if not len(rows):
        return
    i = int(rows[0])
    above, under = next(pair for pair, where in wrong.items() if where[i])
    high, low = (float(levels[side][i]) for side in (above, under))  # type: ignore[index]
    text = f"{name}: on {days[i]} the {above} {high:.10g} is below the {under} {low:.10g}{and_more(len(rows))}: "
    error = bool(len(rows) >= MOSTLY * np.count_nonzero(~np.isnan(closes)))
    yield make_finding(
        "bars", name, text + "a wrong value, or columns mixed up?", days=days[rows], error=error, value=high
    )


def _below(upper: Floats, lower: Floats) -> Bools:
    """Tell where the upper level is below the lower by more than rounding; false where either is missing."""
    below: Bools = upper < lower - ROUNDING * np.abs(lower)
    return below
