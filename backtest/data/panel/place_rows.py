"""Lay the rows of a long table on the sessions of a dataset, and say in bulk what does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backtest.data.files.source import LARGEST
from backtest.data.manifest.panel_table import PanelChecks
from backtest.data.panel.bulk_rules import SET_ASIDE, counted_by_asset, merged, rows_of_closes
from backtest.data.panel.long_table import LongTable
from backtest.errors import DataRefused
from backtest.model import Bools, Field, Floats, Ints, Sessions
from backtest.model.panel import OWN, BulkFinding


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
    return replace(aligned, findings=merged(aligned.findings))


def no_asset_left(findings: Sequence[BulkFinding]) -> DataRefused:
    """Say that nothing is left of a panel, and why."""
    why = "; ".join(f"{one.text} ({one.rows:,})" for one in merged(findings)) or "it has no rows"
    return DataRefused(f"panel: no asset is left: {why}.", "Check the columns and the calendar of the manifest.")


def place_rows(table: LongTable, sessions: Sessions, checks: PanelChecks | None = None) -> Aligned:
    """Place every row at its asset and session.

    A row on a day that is no session is left out; an asset is set aside if two of its rows on a session differ, if a
    close is not above zero or is infinite, or if it has no close. A value that is missing stays missing, and an
    impossible open, high or low becomes missing. All of it is counted.

    Parameters
    ----------
    table : LongTable
        The rows.
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        Strictly increasing.
    checks : PanelChecks, optional
        The thresholds of the rules, and which of them set an asset aside besides those that always do.
    """
    checks = checks or PanelChecks()
    rows, off = _on_sessions(table, sessions)
    found = {"off_session": off, **_broken_by_row(rows, len(table.assets))}
    broken = {asset: rule for rule in SET_ASIDE for asset in np.unique(found[rule]).tolist()}
    kept = np.array([asset for asset in range(len(table.assets)) if asset not in broken], dtype=np.int64)
    fields = _laid_out(rows, kept, len(table.assets), len(sessions))
    counts = {rule: np.bincount(assets, minlength=len(table.assets)) for rule, assets in found.items()}
    findings = [counted_by_asset(table.assets, count, rule) for rule, count in counts.items()]
    names = [table.assets[asset] for asset in kept.tolist()]
    good = np.ones(len(kept), dtype=np.bool_)
    for rule, count in rows_of_closes(fields[OWN], checks).items():
        findings.append(counted_by_asset(names, count, rule, rule in checks.set_aside))
        if rule in checks.set_aside:
            broken |= dict.fromkeys(kept[count > 0].tolist(), rule)
            good &= count == 0
    set_aside = tuple((table.assets[asset], broken[asset]) for asset in sorted(broken))
    if not good.all():
        fields = {name: values.T[good].T for name, values in fields.items()}
        names = [name for name, stays in zip(names, good.tolist(), strict=True) if stays]
    return Aligned(tuple(names), fields, tuple(findings), set_aside)


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


def _impossible(values: Floats) -> Bools:
    return np.asarray((values < 1 / LARGEST) | (values > LARGEST))


def _same(values: Floats) -> Bools:
    before = np.concatenate((values[:1], values[:-1]))
    return np.asarray((values == before) | (np.isnan(values) & np.isnan(before)))
