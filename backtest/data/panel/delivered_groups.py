"""The group of each asset, such as its sector, from a table beside the panel."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from backtest import arrow
from backtest.data.manifest.panel_table import GroupsTable
from backtest.data.panel.bulk_rules import counted
from backtest.data.panel.delivered_place import copies_of, place_of
from backtest.data.panel.long_table import names_of
from backtest.errors import DataRefused
from backtest.model.panel import BulkFinding

GROUPS = "panel-groups.parquet"
"""The stored groups, beside the blocks of the panel."""
MOST = 10_000_000
"""Most rows."""


@dataclass(frozen=True, eq=False)
class Groups:
    """The group of each asset that has one, by asset, in ascending order; and the rows that name each asset."""

    group: Mapping[str, str]
    rows: Mapping[str, int]

    def of(self, assets: Sequence[str]) -> tuple[str, ...]:
        """Return the group of each asset, empty for none."""
        return tuple(self.group.get(asset, "") for asset in assets)

    def findings(self, assets: Sequence[str]) -> list[BulkFinding]:
        """Count the rows of assets that the panel does not have, and its assets without a group."""
        known = set(assets)
        absent = {asset: n for asset, n in self.rows.items() if asset not in known}
        without = {asset: 1 for asset, group in zip(assets, self.of(assets), strict=True) if not group}
        found = [counted(absent, "unknown_grouped"), counted(without, "no_group")]
        return [one for one in found if one.rows]

    def table(self) -> pa.Table:
        """Lay the groups out as they are stored."""
        return pa.table(
            [arrow.texts(list(self.group)), arrow.texts(list(self.group.values()))], names=["asset", "group"]
        )


def read_groups(folder: Path, spec: GroupsTable) -> Groups:
    """Read the groups that a manifest describes, from Parquet or CSV; a blank group is none.

    Raises
    ------
    DataRefused
        The file is missing, lacks a column, a column is of another type, or an asset has two groups.
    """
    place, columns = place_of(folder, spec.folder), spec.columns
    types = {columns.asset: pa.string(), columns.group: pa.string()}
    file, path = place.file(spec.file, types).is_regular(), f"{place.name}/{spec.file}"
    with tempfile.TemporaryDirectory() as copies:
        file = copies_of([file], Path(copies) / "groups")[0] if place.remote else file
        table = file.read([columns.asset, columns.group], MOST)
    names, code = names_of(path, columns.asset, table.column(columns.asset))
    every = [names[one] for one in code.tolist()]
    found: dict[str, str] = {}
    for row, (asset, group) in enumerate(zip(every, _texts(path, columns.group, table), strict=True)):
        if found.setdefault(asset, group) != group:
            raise DataRefused(
                f"{path}: row {row + 1}: {asset} has two groups: '{found[asset]}' and '{group}'.",
                "Give each asset one group, or name the right columns: panel.groups.columns.",
            )
    return Groups({asset: found[asset] for asset in sorted(found) if found[asset]}, Counter(every))


def stored_groups(content: bytes) -> Groups:
    """Take the groups out of their stored file."""
    table = pq.ParquetFile(pa.BufferReader(content)).read(use_threads=False)
    asset, group = (table.column(name).to_pylist() for name in ("asset", "group"))
    return Groups(dict(zip(asset, group, strict=True)), Counter(asset))


def _texts(path: str, name: str, table: pa.Table) -> list[str]:
    column = table.column(name)
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind)):
        raise DataRefused(f"{path}: column '{name}' is {kind}: must hold groups, as text or whole numbers.")
    return ["" if one is None else str(one).strip() for one in column.to_pylist()]
