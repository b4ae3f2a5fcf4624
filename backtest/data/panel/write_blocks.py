"""Import a long table: rows sorted into blocks of assets, placed, inspected, written and read back, block by block."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow.parquet as pq

from backtest.data.manifest.panel_table import PanelTable
from backtest.data.panel.delivered_rows import DeliveredRows
from backtest.data.panel.long_table import LongTable
from backtest.data.panel.membership import MEMBERS, Membership, read_membership
from backtest.data.panel.partition_file import Block, read_fields, table_of, write_block
from backtest.data.panel.place_rows import Aligned, merged, no_asset_left, place_rows
from backtest.data.panel.spill import spill, spilled
from backtest.data.store.lock import LockedFile
from backtest.data.store.locked_panel import LockedBlock, LockedPanel, SetAside
from backtest.errors import DataRefused
from backtest.files import sha256_of
from backtest.model import Sessions
from backtest.model.panel import OWN, BulkFinding
from backtest.workspace import MANIFEST


class PanelRows(Protocol):
    """Rows of a panel, wherever they are."""

    @property
    def single(self) -> bool:
        """Whether all numbers have four bytes."""

    def assets(self) -> tuple[str, ...]:
        """Return the names of all assets, in ascending order."""

    def batches(self) -> Iterator[LongTable]:
        """Yield the rows in their order."""

    def sha256(self) -> str:
        """Return the SHA-256 of what was delivered; empty if nothing was."""


@dataclass(frozen=True)
class RowsInMemory:
    """Rows of four-byte numbers that a generator made."""

    table: LongTable
    single: bool = True

    def assets(self) -> tuple[str, ...]:
        """Return their names."""
        return self.table.assets

    def batches(self) -> Iterator[LongTable]:
        """Yield them at once."""
        yield self.table

    def sha256(self) -> str:
        """Return an empty text."""
        return ""


@dataclass(frozen=True)
class PanelImport:
    """A panel that is to be stored with a dataset.

    Attributes
    ----------
    spec : PanelTable
        As the manifest describes it.
    table : PanelRows
        The rows.
    members : Membership, optional
        When each asset belonged to the universe.
    """

    spec: PanelTable
    table: PanelRows
    members: Membership | None = None

    def write(self, folder: Path, sessions: Sessions) -> tuple[LockedPanel, dict[str, LockedFile]]:
        """Write the blocks into a folder; memory holds one batch of rows, or one block.

        Raises
        ------
        DataRefused
            The file is not such a table, no asset is left, or a block reads back differently.
        """
        about = {key: str(getattr(self.spec, key)) for key in ("kind", "source", "title", "unit")}
        assets, rows = self.table.assets(), folder / ".rows"
        rows.mkdir()
        try:
            spill(self.table.batches(), assets, rows)
            written = _Written(self.table.single, about)
            for part in spilled(assets, tuple(self.spec.columns.fields()), rows):
                written.add(folder, place_rows(part, sessions), sessions)
        finally:
            shutil.rmtree(rows, ignore_errors=True)
        if not written.blocks:
            raise no_asset_left(merged(written.findings))
        if self.members is not None:
            written.add_members(folder, self.members)
        return self._described(written, sessions), written.files

    def _described(self, written: _Written, sessions: Sessions) -> LockedPanel:
        spec = self.spec
        return LockedPanel(
            title=spec.title,
            kind=spec.kind,
            unit=spec.unit,
            source=spec.source,
            description=spec.description,
            file=spec.file or "",
            sha256=self.table.sha256(),
            fields=list(spec.columns.fields()),
            first=sessions[written.first].item(),
            last=sessions[written.last].item(),
            rows=written.rows,
            gaps=written.gaps,
            blocks=written.blocks,
            findings=list(merged(written.findings)),
            members=len(self.members.assets) if self.members else None,
            set_aside=written.set_aside,
        )


def panel_import(spec: PanelTable, folder: Path) -> PanelImport:
    """Open the table that a manifest describes.

    Raises
    ------
    DataRefused
        It is missing, is not such a table, or lacks a column.
    """
    if spec.file is None:
        raise DataRefused("panel: its manifest names no file to import.", f"Write file = … in [panel] of {MANIFEST}.")
    members = read_membership(folder, spec.membership) if spec.membership else None
    return PanelImport(spec, DeliveredRows(folder, spec), members)


@dataclass
class _Written:
    """What has been written so far; `single` stores numbers of four bytes."""

    single: bool
    about: dict[str, str]
    blocks: list[LockedBlock] = field(default_factory=list)
    files: dict[str, LockedFile] = field(default_factory=dict)
    findings: list[BulkFinding] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    rows: int = 0
    gaps: int = 0
    first: int = 2**62
    last: int = -1

    def add(self, folder: Path, aligned: Aligned, sessions: Sessions) -> None:
        """Count what did not fit into a block, and write what is left of it."""
        self.findings += aligned.findings
        self.set_aside += [SetAside(asset=asset, rule=rule) for asset, rule in aligned.set_aside]
        if not aligned.assets:
            return
        block, path = Block(aligned.assets, aligned.fields), folder / f"panel-{len(self.blocks):05}.parquet"
        table = table_of(block, sessions, self.single, self.about)
        write_block(table, path)
        content = path.read_bytes()
        _read_back(content, block)
        self.files[path.name] = LockedFile(sha256=sha256_of(content), rows=len(table), bytes=len(content))
        self.blocks.append(LockedBlock(file=path.name, assets=list(aligned.assets)))
        closes = np.isfinite(aligned.fields[OWN])
        (known,) = np.nonzero(closes.any(axis=1))
        self.rows += int(closes.sum())
        self.gaps += sum(one.rows for one in aligned.findings if one.rule == "missing_sessions")
        self.first, self.last = min(self.first, int(known[0])), max(self.last, int(known[-1]))

    def add_members(self, folder: Path, members: Membership) -> None:
        """Count the intervals and assets that do not fit, and write the intervals."""
        assets = [asset for block in self.blocks for asset in block.assets]
        self.findings += members.findings(assets)
        pq.write_table(members.table(), folder / MEMBERS, compression="zstd")
        content = (folder / MEMBERS).read_bytes()
        self.files[MEMBERS] = LockedFile(sha256=sha256_of(content), rows=len(members.assets), bytes=len(content))


def _read_back(content: bytes, block: Block) -> None:
    read = {name: np.empty(values.T.shape) for name, values in block.fields.items()}
    read_fields(content, read, 0)
    for name, values in block.fields.items():
        if not np.array_equal(read[name].T, values, equal_nan=True):
            raise DataRefused(
                f"panel: what was written is not what was read ({name}); the data that were there stay.",
                "Check the disk and import again; if it stays so, report it as a bug.",
            )
