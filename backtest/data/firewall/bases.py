"""Series that do not belong together: on different bases, on the same basis under two names, or with different ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from backtest.data.firewall.findings import make_finding
from backtest.data.manifest.kinds import LEVELS
from backtest.data.manifest.manifest import Manifest
from backtest.model import BASIS, Floats, Sessions
from backtest.model.finding import Finding

PAIRS = (("small", "mega"), ("small_index", "market_index"))
"""Roles whose returns are subtracted from each other."""
SHARED = 252
"""Shared returns needed to compare two series: within a quarter there may be no dividend."""
SAME = 1e-6
SHARE = 0.997
"""A fund that pays quarterly differs from its own price on four sessions in 252, which is more than 3 in 1,000."""


def mixed_bases(manifest: Manifest, sessions: Sessions, columns: Mapping[str, Floats]) -> Iterator[Finding]:
    """Find legs of different kinds, and total returns without dividends, which equal those of a price series."""
    for one, other in PAIRS:
        names = [manifest.roles.get(role, "") for role in (one, other)]
        kinds = [manifest.series[name].kind for name in names if name in columns]
        if len(set(kinds)) > 1:
            words = " and ".join(f"{name} ({BASIS.get(kind, kind)})" for name, kind in zip(names, kinds, strict=True))
            text = f"The roles {one} and {other} are on different bases, {words}: part of their spread is dividends."
            yield make_finding("mixed_bases", ", ".join(names), text)
    prices = [name for name in columns if _kind(manifest, name) == "price_index"]
    totals = [name for name in columns if _kind(manifest, name) == "total_return_index"]
    for total in totals:
        for price in prices:
            both = ~np.isnan(columns[total]) & ~np.isnan(columns[price])
            if both.sum() <= SHARED:
                continue
            gap = np.abs(np.diff(np.log(columns[total][both])) - np.diff(np.log(columns[price][both])))
            if np.mean(gap <= SAME) >= SHARE:
                text = f"{total} is called a total return but moves as the price index {price} does on "
                text += f"{100 * np.mean(gap <= SAME):.1f}% of {len(gap):,} sessions: it holds no dividends."
                yield make_finding("mixed_bases", total, text, days=sessions[both][[0, -1]], count=len(gap))


def uneven_ends(manifest: Manifest, sessions: Sessions, columns: Mapping[str, Floats]) -> Iterator[Finding]:
    """Find levels in a role that end before another level in a role: one finding per series."""
    names = dict.fromkeys(name for name in manifest.roles.values() if name in columns)
    levels = [name for name in names if manifest.series[name].kind in LEVELS]
    last = {name: int(np.flatnonzero(~np.isnan(columns[name]))[-1]) for name in levels}
    if not last:
        return
    latest = max(last, key=lambda name: last[name])
    for name, end in last.items():
        if missing := last[latest] - end:
            text = f"{name} ends on {sessions[end]}, {missing} sessions before {latest} ({sessions[last[latest]]}): "
            yield make_finding(
                "uneven_ends",
                name,
                text + "windows that need both are pending from then on.",
                days=sessions[[end, last[latest]]],
                count=missing,
            )


def _kind(manifest: Manifest, column: str) -> str:
    return "" if column not in manifest.series or manifest.series[column].inputs else manifest.series[column].kind
