"""When each asset belonged to the universe: intervals of days, against survivorship."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from backtest import arrow
from backtest.data.manifest.panel_table import MembershipTable
from backtest.data.panel.bulk_rules import counted
from backtest.data.panel.delivered_place import copies_of, place_of
from backtest.data.panel.long_table import days_of, names_of
from backtest.errors import DataRefused
from backtest.model import Bools, Sessions
from backtest.model.panel import BulkFinding

MEMBERS = "panel-members.parquet"
"""The stored intervals, beside the blocks of the panel."""
MOST = 10_000_000
"""Most intervals."""
EVER, STILL = np.datetime64("0001-01-01", "D"), np.datetime64("9999-12-31", "D")
"""What a missing first or last day stands for."""


@dataclass(frozen=True, eq=False)
class Membership:
    """Intervals in the order of the assets and days; both ends included, and those of an asset may overlap."""

    assets: tuple[str, ...]
    first: Sessions
    last: Sessions

    def flags(self, assets: Sequence[str], sessions: Sessions) -> Bools:
        """Return whether each asset is a member on each session, of shape (n_sessions, n_assets)."""
        row = {asset: code for code, asset in enumerate(assets)}
        flags = np.zeros((len(assets), len(sessions)), dtype=np.bool_)
        begin = np.searchsorted(sessions, self.first).tolist()
        end = np.searchsorted(sessions, self.last, side="right").tolist()
        for asset, start, stop in zip(self.assets, begin, end, strict=True):
            if (code := row.get(asset)) is not None:
                flags[code, start:stop] = True
        return flags.T

    def findings(self, assets: Sequence[str]) -> list[BulkFinding]:
        """Count the intervals of assets that the panel does not have, and its assets without an interval."""
        known, named = set(assets), set(self.assets)
        absent = Counter(asset for asset in self.assets if asset not in known)
        never = [asset for asset in assets if asset not in named]
        found = [counted(absent, "unknown_member"), counted(Counter(never), "never_member")]
        return [one for one in found if one.rows]

    def table(self) -> pa.Table:
        """Lay the intervals out as they are stored."""
        columns = [arrow.texts(self.assets), arrow.days(self.first), arrow.days(self.last)]
        return pa.table(columns, names=["asset", "from", "to"])


def read_membership(folder: Path, spec: MembershipTable) -> Membership:
    """Read the intervals that a manifest describes, from Parquet or CSV.

    A blank first day means always before the last, a blank last day that the asset is still a member.

    Raises
    ------
    DataRefused
        The file is missing, lacks a column, a column is of another type, or an interval ends before it begins.
    """
    place, columns = place_of(folder, spec.folder), spec.columns
    file, path = place.file(spec.file, {columns.asset: pa.string()}).is_regular(), f"{place.name}/{spec.file}"
    with tempfile.TemporaryDirectory() as copies:
        file = copies_of([file], Path(copies) / "members")[0] if place.remote else file
        table = file.read([columns.asset, columns.first, columns.last], MOST)
    names, code = names_of(path, columns.asset, table.column(columns.asset))
    first, last = (days_of(path, name, table.column(name), blank=True) for name in (columns.first, columns.last))
    first, last = np.where(np.isnat(first), EVER, first), np.where(np.isnat(last), STILL, last)
    if len(bad := np.flatnonzero(first > last)):
        row = bad[0]
        raise DataRefused(
            f"{path}: row {row + 1} ('{names[code[row]]}') ends on {last[row]}, before it begins on {first[row]}"
            f"{f'; so do {len(bad) - 1:,} more' if len(bad) > 1 else ''}.",
            "Correct it, or name the right columns: panel.membership.columns.",
        )
    order = np.lexsort((last, first, code))
    return Membership(tuple(names[one] for one in code[order].tolist()), first[order], last[order])


def stored_membership(content: bytes) -> Membership:
    """Take the intervals out of their stored file."""
    table = pq.ParquetFile(pa.BufferReader(content)).read(use_threads=False)
    first, last = (arrow.to_days(table.column(name)) for name in ("from", "to"))
    return Membership(tuple(table.column("asset").to_pylist()), first, last)
