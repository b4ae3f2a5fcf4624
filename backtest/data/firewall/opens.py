"""Opens that are copies of the previous close."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from backtest.data.firewall.report import found
from backtest.finding import Finding
from backtest.model import Floats, Sessions

SAME = 1e-6
"""Relative difference up to which two prices are the same: vendors round adjusted prices to about seven digits."""
FEWEST = 20
"""Opens of a year below which it is not judged."""


def copied_opens(name: str, days: Sessions, opens: Floats, closes: Floats, threshold: float) -> Iterator[Finding]:
    """Find the years in which `threshold` or more of the opens equal the previous close: one finding a series.

    A NaN takes its session and the next out of the count.
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
        yield found("open_is_close", name, text + "no opens were quoted there.", days=days[1:][rows])


def spans(years: Sequence[int]) -> str:
    """Write years as spans: 1987–1990, 1993."""
    parts: list[list[int]] = []
    for year in years:
        if parts and year == parts[-1][-1] + 1:
            parts[-1].append(year)
        else:
            parts.append([year])
    return ", ".join(f"{part[0]}–{part[-1]}" if len(part) > 1 else str(part[0]) for part in parts)
