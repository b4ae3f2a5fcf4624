"""The firewall of a panel: what each rule found in all assets together, never asset by asset."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from backtest.data.manifest.panel_table import PanelChecks
from backtest.model import Bools, Floats, Ints
from backtest.model.finding import Finding
from backtest.model.panel import BulkFinding

EXAMPLES = 5
"""The worst assets that a rule names."""
TEXT = {
    "off_session": "rows on days that are no session of the calendar are left out",
    "repeated": "rows that repeat a row exactly are counted once",
    "conflict": "two rows of one session differ: the asset is set aside",
    "nonpositive": "a close is not a number above zero: the asset is set aside",
    "no_close": "there is no close on any session: the asset is set aside",
    "blanked": "an open, high or low is not a number above zero: it is unknown",
    "missing_sessions": "closes are missing between an asset's first and last session",
    "jump": "returns of one session are hard to believe",
    "stale": "closes stand unchanged for many sessions in a row",
    "near_names": "names of assets differ only in case or blanks",
    "not_delivered": "assets that the manifest names were not delivered",
    "unknown_member": "intervals of membership name assets that the panel does not have",
    "unknown_grouped": "rows of groups name assets that the panel does not have",
    "no_group": "assets have no group",
    "never_member": "assets have no interval of membership: nothing on them is an event",
}
"""What each rule found, in words."""
SET_ASIDE = ("no_close", "nonpositive", "conflict")
"""Rules that always set an asset aside; if it breaks several, the last one is named."""
OF_CLOSES = ("missing_sessions", "jump", "stale")
"""Rules that a stored panel can be checked by; the others need the delivered rows."""


def counted(rows: Mapping[str, int], rule: str, set_aside: bool = False) -> BulkFinding:
    """Say how many rows of which assets a rule found, and which assets have most."""
    worst = heapq.nlargest(EXAMPLES, rows.items(), key=lambda pair: pair[1])
    aside = rule in SET_ASIDE or set_aside
    text = f"{TEXT[rule]}: the asset is set aside" if set_aside and rule not in SET_ASIDE else TEXT[rule]
    return BulkFinding(rule, sum(rows.values()), len(rows), tuple(worst), aside, text)


def counted_by_asset(names: Sequence[str], counts: Ints, rule: str, set_aside: bool = False) -> BulkFinding:
    """Say the same, given the number of rows of each asset."""
    return counted({names[i]: int(counts[i]) for i in np.flatnonzero(counts).tolist()}, rule, set_aside)


def merged(parts: Iterable[BulkFinding]) -> tuple[BulkFinding, ...]:
    """Add up what the rules found in several blocks, in the order of the rules; an asset is in one block."""
    by_rule: dict[str, BulkFinding] = {}
    for one in parts:
        if (before := by_rule.get(one.rule)) is not None:
            worst = sorted((*before.worst, *one.worst), key=lambda pair: -pair[1])[:EXAMPLES]
            one = replace(before, rows=before.rows + one.rows, assets=before.assets + one.assets, worst=tuple(worst))
        by_rule[one.rule] = one
    return tuple(by_rule[rule] for rule in TEXT if rule in by_rule and by_rule[rule].rows)


def rows_of_closes(close: Floats, checks: PanelChecks) -> dict[str, Ints]:
    """Count what the rules of closes find, by rule and asset.

    Parameters
    ----------
    close : ndarray of shape (n_sessions, n_assets)
        NaN where there is none.
    checks : PanelChecks
        The thresholds.

    Returns
    -------
    dict of str to ndarray of shape (n_assets,)
        Sessions without a close between the first and the last; returns from one session to the next beyond the
        thresholds; sessions in runs of an unchanged close that are long enough.
    """
    has = np.isfinite(close)
    begun = np.logical_or.accumulate(has, axis=0)
    ends = np.logical_or.accumulate(has[::-1], axis=0)[::-1]
    with np.errstate(invalid="ignore", over="ignore"):
        returns = close[1:] / close[:-1] - 1.0
    jumps = (returns <= checks.jump_down) | (returns >= checks.jump_up)
    counts = {"missing_sessions": (begun & ends & ~has).sum(axis=0), "jump": jumps.sum(axis=0)}
    if checks.stale:
        counts["stale"] = _unchanged(close[1:] == close[:-1], checks.stale)
    return counts


def near_names(assets: Sequence[str]) -> BulkFinding:
    """Count the assets whose names differ only in case or in blanks around them."""
    times = Counter(asset.strip().casefold() for asset in assets)
    return counted({asset: 1 for asset in assets if times[asset.strip().casefold()] > 1}, "near_names")


def as_findings(found: Iterable[BulkFinding]) -> list[Finding]:
    """Return what was found in bulk in the form of findings on series, one per rule."""
    return [Finding(one.rule, "panel", "warning", in_words(one), count=one.rows) for one in found]


def in_words(one: BulkFinding) -> str:
    """Say in a sentence what a rule found."""
    several = one.rows > one.assets
    worst = ", ".join(f"{asset} {rows:,}" if several else asset for asset, rows in one.worst)
    more = ", …" if one.assets > len(one.worst) else ""
    if one.assets == 1:
        return f"panel: {one.text} ({one.rows:,}, all of {one.worst[0][0]})."
    return (
        f"panel: {one.text} ({one.rows:,}, of {one.assets:,} assets; {'most' if several else 'first'}: {worst}{more})."
    )


def _unchanged(same: Bools, least: int) -> Ints:
    """Count, by asset, the sessions in runs of at least `least` closes that equal the one before, as `same` says."""
    padded = np.zeros((same.shape[1], len(same) + 2), dtype=np.int8)
    padded[:, 1:-1] = same.T
    asset, edge = np.nonzero(np.diff(padded, axis=1))
    length = edge[1::2] - edge[::2] + 1
    long = length >= least
    return np.bincount(asset[::2][long], weights=length[long], minlength=same.shape[1]).astype(np.int64)
