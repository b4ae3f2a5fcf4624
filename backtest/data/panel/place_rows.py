"""Lay the rows of a long table on the sessions of a dataset, and say in bulk what does not fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.data.panel.long_table import LongTable
from backtest.errors import DataRefused
from backtest.model import Bools, Field, Floats, Ints, Sessions
from backtest.model.panel import BulkFinding

EXAMPLES = 5
"""The worst assets that a rule names."""
JUMP = (-0.9, 9.0)
"""Returns of a session beyond which a price is doubted: a loss of nine tenths, or ten times as much."""


@dataclass(frozen=True, eq=False)
class Aligned:
    """A panel as it is stored: fields of shape (n_sessions, n_assets), without the assets set aside."""

    assets: tuple[str, ...]
    fields: dict[Field, Floats]
    findings: tuple[BulkFinding, ...]


def align(table: LongTable, sessions: Sessions) -> Aligned:
    """Place every row at its asset and session.

    A row on a day that is no session is left out; an asset is set aside if two of its rows on a session differ, or if a
    price is not above zero. A value that is missing stays missing. All of it is counted.

    Raises
    ------
    DataRefused
        No asset is left.
    """
    place = np.minimum(np.searchsorted(sessions, table.session), len(sessions) - 1)
    on = sessions[place] == table.session
    found = [_finding(table, ~on, "off_session", "rows on days that are no session of the calendar are left out")]
    order = np.lexsort((place, table.asset))
    order = order[on[order]]
    asset, at = table.asset[order], place[order]
    values = {name: column[order] for name, column in table.fields.items()}
    again = np.concatenate(([False], (np.diff(asset) == 0) & (np.diff(at) == 0)))
    differs = again & ~np.all([_same(column) for column in values.values()], axis=0)
    low = np.any([column <= 0 for column in values.values()], axis=0)
    found += [
        _of_rows(table, asset, again & ~differs, "repeated", "rows that repeat a row exactly are counted once"),
        _of_rows(table, asset, differs, "conflict", "two rows of one session differ: the asset is set aside", True),
        _of_rows(table, asset, low, "nonpositive", "a price is not above zero: the asset is set aside", True),
    ]
    bad = np.unique(asset[differs | low])
    kept = np.setdiff1d(np.unique(asset), bad)
    if not len(kept):
        raise DataRefused("panel: no asset is left.", "Check the columns and the calendar of the manifest.")
    column_of = np.full(len(table.assets), -1)
    column_of[kept] = np.arange(len(kept))
    use = (column_of[asset] >= 0) & ~again
    fields = {}
    for name, column in values.items():
        fields[name] = np.full((len(sessions), len(kept)), np.nan)
        fields[name][at[use], column_of[asset[use]]] = column[use]
    names = tuple(table.assets[i] for i in kept)
    found += _of_closes(names, fields["close"])
    return Aligned(names, fields, tuple(one for one in found if one.rows))


def _same(column: Floats) -> Bools:
    before = np.concatenate((column[:1], column[:-1]))
    return np.asarray((column == before) | (np.isnan(column) & np.isnan(before)))


def _of_closes(names: tuple[str, ...], close: Floats) -> list[BulkFinding]:
    """Count the holes within each asset's span, and its returns that are hard to believe."""
    has = np.isfinite(close)
    begun = np.logical_or.accumulate(has, axis=0)
    ends = np.logical_or.accumulate(has[::-1], axis=0)[::-1]
    holes = (begun & ends & ~has).sum(axis=0)
    with np.errstate(invalid="ignore"):
        returns = close[1:] / close[:-1] - 1.0
        jumps = ((returns <= JUMP[0]) | (returns >= JUMP[1])).sum(axis=0)
    return [
        _counted(names, holes, "missing_sessions", "closes are missing between an asset's first and last session"),
        _counted(names, jumps, "jump", "returns of a session of −90% or less, or of +900% or more, stay as they are"),
    ]


def _finding(table: LongTable, flags: Bools, rule: str, text: str) -> BulkFinding:
    return _of_rows(table, table.asset, flags, rule, text)


def _of_rows(table: LongTable, asset: Ints, flags: Bools, rule: str, text: str, set_aside: bool = False) -> BulkFinding:
    return _counted(table.assets, np.bincount(asset[flags], minlength=len(table.assets)), rule, text, set_aside)


def _counted(names: tuple[str, ...], counts: Ints, rule: str, text: str, set_aside: bool = False) -> BulkFinding:
    order = np.argsort(-counts, kind="stable")[:EXAMPLES]
    worst = tuple((names[i], int(counts[i])) for i in order.tolist() if counts[i])
    return BulkFinding(rule, int(counts.sum()), int(np.count_nonzero(counts)), worst, set_aside, text)
