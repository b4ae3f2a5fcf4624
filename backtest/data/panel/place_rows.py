"""Lay the rows of a long table on the sessions of a dataset, and say in bulk what does not fit."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from backtest.data.panel.long_table import LongTable
from backtest.errors import DataRefused
from backtest.model import Bools, Field, Floats, Ints, Sessions
from backtest.model.panel import OWN, BulkFinding

EXAMPLES = 5
"""The worst assets that a rule names."""
JUMP = (-0.9, 9.0)
"""Returns of a session beyond which a price is doubted: a loss of nine tenths, or ten times as much."""
TEXT = {
    "off_session": "rows on days that are no session of the calendar are left out",
    "repeated": "rows that repeat a row exactly are counted once",
    "conflict": "two rows of one session differ: the asset is set aside",
    "nonpositive": "a close is not a number above zero: the asset is set aside",
    "no_close": "there is no close on any session: the asset is set aside",
    "blanked": "an open, high or low is not a number above zero: it is unknown",
    "missing_sessions": "closes are missing between an asset's first and last session",
    "jump": "returns of a session of −90% or less, or of +900% or more, stay as they are",
    "unknown_member": "intervals of membership name assets that the panel does not have",
    "never_member": "assets have no interval of membership: nothing on them is an event",
}
"""What each rule found, in words."""
SET_ASIDE = ("no_close", "nonpositive", "conflict")
"""Rules that set an asset aside; if it breaks several, the last one is named."""


@dataclass(frozen=True, eq=False)
class Aligned:
    """A panel as it is stored: fields of shape (n_sessions, n_assets), without the assets set aside."""

    assets: tuple[str, ...]
    fields: dict[Field, Floats]
    findings: tuple[BulkFinding, ...]
    set_aside: tuple[tuple[str, str], ...] = ()
    """Each asset that was left out, and the rule that it broke."""


@dataclass(frozen=True, eq=False)
class _Rows:
    """Rows on sessions, in the order of the assets and then of the sessions; arrays of shape (n_rows,)."""

    asset: Ints
    at: Ints
    values: dict[Field, Floats]
    again: Bools
    """Whether the row before has the same asset and session."""


def align(table: LongTable, sessions: Sessions) -> Aligned:
    """Place every row as `place_rows` does.

    Raises
    ------
    DataRefused
        No asset is left.
    """
    aligned = place_rows(table, sessions)
    if not aligned.assets:
        raise no_asset_left(aligned.findings)
    return aligned


def no_asset_left(findings: Sequence[BulkFinding]) -> DataRefused:
    """Say that nothing is left of a panel, and why."""
    why = "; ".join(f"{one.text} ({one.rows:,})" for one in findings) or "it has no rows"
    return DataRefused(f"panel: no asset is left: {why}.", "Check the columns and the calendar of the manifest.")


def place_rows(table: LongTable, sessions: Sessions) -> Aligned:
    """Place every row at its asset and session.

    A row on a day that is no session is left out; an asset is set aside if two of its rows on a session differ, if a
    close is not above zero or is infinite, or if it has no close. A value that is missing stays missing, and an
    impossible open, high or low becomes missing. All of it is counted.
    """
    rows, off = _on_sessions(table, sessions)
    found = {"off_session": off, **_broken_by_row(rows, len(table.assets))}
    broken = {asset: rule for rule in SET_ASIDE for asset in np.unique(found[rule]).tolist()}
    kept = np.array([asset for asset in range(len(table.assets)) if asset not in broken], dtype=np.int64)
    fields = _laid_out(rows, kept, len(table.assets), len(sessions))
    names = tuple(table.assets[asset] for asset in kept.tolist())
    counts = {rule: np.bincount(assets, minlength=len(table.assets)) for rule, assets in found.items()}
    findings = [_counted(table.assets, count, rule) for rule, count in counts.items()]
    findings += [_counted(names, count, rule) for rule, count in _broken_by_close(fields[OWN]).items()]
    set_aside = tuple((table.assets[asset], broken[asset]) for asset in sorted(broken))
    return Aligned(names, fields, tuple(one for one in findings if one.rows), set_aside)


def merged(parts: Iterable[BulkFinding]) -> tuple[BulkFinding, ...]:
    """Add up what the rules found in several blocks, in the order of the rules; an asset is in one block."""
    by_rule: dict[str, BulkFinding] = {}
    for one in parts:
        if (before := by_rule.get(one.rule)) is not None:
            worst = sorted((*before.worst, *one.worst), key=lambda pair: -pair[1])[:EXAMPLES]
            one = replace(before, rows=before.rows + one.rows, assets=before.assets + one.assets, worst=tuple(worst))
        by_rule[one.rule] = one
    return tuple(by_rule[rule] for rule in TEXT if rule in by_rule)


def _on_sessions(table: LongTable, sessions: Sessions) -> tuple[_Rows, Ints]:
    """Return the rows on sessions, sorted, and the asset of each row that lies on none."""
    place = np.minimum(np.searchsorted(sessions, table.session), len(sessions) - 1)
    on = sessions[place] == table.session
    order = np.lexsort((place, table.asset))
    order = order[on[order]]
    asset, at = table.asset[order], place[order]
    again = np.zeros(len(order), dtype=np.bool_)
    again[1:] = (np.diff(asset) == 0) & (np.diff(at) == 0)
    return _Rows(asset, at, {name: values[order] for name, values in table.fields.items()}, again), table.asset[~on]


def _broken_by_row(rows: _Rows, n_assets: int) -> dict[str, Ints]:
    """Return, by rule, the asset of each row that breaks it; without any close, each asset once."""
    differs = rows.again & ~np.all([_same(values) for values in rows.values.values()], axis=0)
    blanked = np.zeros(len(rows.asset), dtype=np.bool_)
    for name in rows.values.keys() - {OWN}:
        blanked |= _impossible(rows.values[name])
    return {
        "repeated": rows.asset[rows.again & ~differs],
        "conflict": rows.asset[differs],
        "nonpositive": rows.asset[_impossible(rows.values[OWN])],
        "blanked": rows.asset[blanked],
        "no_close": np.setdiff1d(np.arange(n_assets), rows.asset[~np.isnan(rows.values[OWN])]),
    }


def _laid_out(rows: _Rows, kept: Ints, n_assets: int, n_sessions: int) -> dict[Field, Floats]:
    """Return fields of shape (n_sessions, n_kept), each asset's values one after the other in memory."""
    column_of = np.full(n_assets, -1)
    column_of[kept] = np.arange(len(kept))
    use = (column_of[rows.asset] >= 0) & ~rows.again
    fields = {}
    for name, values in rows.values.items():
        by_asset = np.full((len(kept), n_sessions), np.nan)
        by_asset[column_of[rows.asset[use]], rows.at[use]] = np.where(_impossible(values), np.nan, values)[use]
        fields[name] = by_asset.T
    return fields


def _broken_by_close(close: Floats) -> dict[str, Ints]:
    """Count, by rule and asset, the holes within its span, and its returns that are hard to believe."""
    has = np.isfinite(close)
    begun = np.logical_or.accumulate(has, axis=0)
    ends = np.logical_or.accumulate(has[::-1], axis=0)[::-1]
    with np.errstate(invalid="ignore", over="ignore"):
        returns = close[1:] / close[:-1] - 1.0
        jumps = (returns <= JUMP[0]) | (returns >= JUMP[1])
    return {"missing_sessions": (begun & ends & ~has).sum(axis=0), "jump": jumps.sum(axis=0)}


def _impossible(values: Floats) -> Bools:
    return np.asarray((values <= 0) | np.isinf(values))


def _same(values: Floats) -> Bools:
    before = np.concatenate((values[:1], values[:-1]))
    return np.asarray((values == before) | (np.isnan(values) & np.isnan(before)))


def _counted(names: tuple[str, ...], counts: Ints, rule: str) -> BulkFinding:
    return counted({names[i]: int(counts[i]) for i in np.flatnonzero(counts).tolist()}, rule)


def counted(rows: Mapping[str, int], rule: str) -> BulkFinding:
    """Say how many rows of which assets a rule found, and which assets have most."""
    worst = heapq.nlargest(EXAMPLES, rows.items(), key=lambda pair: pair[1])
    return BulkFinding(rule, sum(rows.values()), len(rows), tuple(worst), rule in SET_ASIDE, TEXT[rule])
