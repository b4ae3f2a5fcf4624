"""Opens that copy the previous close; opens, highs and lows that are far from the closes before and after them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from backtest.data.firewall.findings import make_finding
from backtest.data.firewall.jumps import LARGE, scales
from backtest.data.manifest.checks import Checks
from backtest.model import Floats, Sessions
from backtest.model.finding import Finding

SAME = 1e-6
"""Relative difference up to which two prices are equal: vendors round adjusted prices to about seven digits."""
MOST = 10
"""Most findings per series; the first ones are kept."""
FEWEST = 20
"""With fewer opens, a year is not judged."""


def copied_opens(name: str, days: Sessions, opens: Floats, closes: Floats, threshold: float) -> Iterator[Finding]:
    """Find the years in which `threshold` or more of the opens equal the previous close: one finding per series.

    A NaN excludes its session and the next.
    """
    known = ~np.isnan(opens[1:]) & ~np.isnan(closes[:-1])
    same = np.abs(opens[1:] - closes[:-1]) <= SAME * np.abs(closes[:-1])
    year = days[1:].astype("datetime64[Y]").astype(np.int64) + 1970
    copied = [
        int(one)
        for one in np.unique(year[known])
        if (of := known & (year == one)).sum() >= FEWEST and (same & of).sum() >= threshold * of.sum()
    ]
    if copied:
        rows = known & same & np.isin(year, copied)
        total = int((known & np.isin(year, copied)).sum())
        text = f"{name}: {int(rows.sum()):,} of {total:,} opens equal the previous close, in {spans(copied)}: "
        yield make_finding("open_is_close", name, text + "no opens were quoted there.", days=days[1:][rows])


def far_from_closes(name: str, days: Sessions, quoted: Floats, closes: Floats, checks: Checks) -> Iterator[Finding]:
    """Find opens, highs or lows that are far from the previous close and from the close of their own session.

    Far means the threshold of a spike, in scales of the closes; an error from the threshold of a jump and a change of a
    quarter. NaN values are not judged.
    """
    at = np.flatnonzero(~np.isnan(closes))
    if len(at) < 3 or not checks.spike:
        return
    scale = scales(np.diff(np.log(closes[at])))
    value, before, own = quoted[at[1:]], closes[at[:-1]], closes[at[1:]]
    away = np.fmin(np.abs(np.log(value) - np.log(before)), np.abs(np.log(value) - np.log(own)))
    size = away / scale
    for i in np.flatnonzero(size >= checks.spike)[:MOST]:
        error = bool(size[i] >= checks.jump_error and away[i] >= LARGE)
        day, series = days[at[1:]][i : i + 1], name.partition(".")[0]
        text = f"{name}: {value[i]:.10g} on {day[0]}, between closes of {before[i]:.10g} and {own[i]:.10g}, is "
        text += f"{size[i]:.0f} times the scale around it away from both: a wrong value?"
        yield make_finding("spike", series, text, days=day, error=error, value=float(value[i]))


def spans(years: Sequence[int]) -> str:
    """Write years as spans: 1987–1990, 1993."""
    parts: list[list[int]] = []
    for year in years:
        if parts and year == parts[-1][-1] + 1:
            parts[-1].append(year)
        else:
            parts.append([year])
    return ", ".join(f"{part[0]}–{part[-1]}" if len(part) > 1 else str(part[0]) for part in parts)
