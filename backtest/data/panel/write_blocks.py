"""Import a long table: rows sorted into blocks of assets, placed, inspected, written and read back, block by block."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from backtest.data.manifest.panel_table import PanelTable
from backtest.data.panel.bulk_rules import counted, merged, near_names
from backtest.data.panel.delivered_groups import GROUPS, read_groups
from backtest.data.panel.delivered_rows import DeliveredRows
from backtest.data.panel.long_table import LongTable
from backtest.data.panel.membership import MEMBERS, read_membership
from backtest.data.panel.partition_file import Block, read_fields, table_of, write_block
from backtest.data.panel.place_rows import Aligned, no_asset_left, place_rows
from backtest.data.panel.spill import spill, spilled
from backtest.data.store.lock import LockedFile
from backtest.data.store.locked_panel import LockedBlock, LockedPanel, SetAside
from backtest.errors import DataRefused
from backtest.files import sha256_of
from backtest.model import Sessions
from backtest.model.panel import OWN, BulkFinding
from backtest.workspace import MANIFEST

Findings = tuple[BulkFinding, ...]


class PanelRows(Protocol):
    """Rows of a panel, wherever they are."""

    @property
    def single(self) -> bool:
        """Whether all numbers have four bytes."""

    @property
    def file(self) -> str:
        """What was delivered, as the lock file names it; empty if nothing was."""

    def at_hand(self, folder: Path) -> AbstractContextManager[None]:
        """Have what is far away in a folder for as long as it is read."""

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
    file: str = ""

    def at_hand(self, folder: Path) -> AbstractContextManager[None]:  # noqa: ARG002  nothing is far away
        """Do nothing."""
        return nullcontext()

    def assets(self) -> tuple[str, ...]:
        """Return their names."""
        return self.table.assets

    def batches(self) -> Iterator[LongTable]:
        """Yield them at once."""
        yield self.table

    def sha256(self) -> str:
        """Return an empty text."""
        return ""


class AboutAssets(Protocol):
    """What a table beside the panel says of its assets."""

    def findings(self, assets: Sequence[str]) -> list[BulkFinding]:
        """Count what does not fit to the assets of the panel."""

    def table(self) -> pa.Table:
        """Lay it out as it is stored."""


@dataclass(frozen=True)
class PanelImport:
    """A panel that is to be stored with a dataset.

    Attributes
    ----------
    spec : PanelTable
        As the manifest describes it.
    table : PanelRows
        The rows.
    beside : mapping of str to AboutAssets
        What else is known of the assets, by the name of its file: when each belonged to the universe, and its group.
    """

    spec: PanelTable
    table: PanelRows
    beside: Mapping[str, AboutAssets] = field(default_factory=dict)

    def write(self, folder: Path, sessions: Sessions) -> tuple[LockedPanel, dict[str, LockedFile]]:
        """Write the blocks into a folder; memory holds one batch of rows, or one block.

        Raises
        ------
        DataRefused
            The file is not such a table, cannot be read, no asset is left, or a block reads back differently.
        """
        with self.table.at_hand(folder):
            return self._write(folder, sessions)

    def _write(self, folder: Path, sessions: Sessions) -> tuple[LockedPanel, dict[str, LockedFile]]:
        about = {key: str(getattr(self.spec, key)) for key in ("kind", "source", "title", "unit")}
        written = _Written(about)
        for aligned in self._placed(folder, sessions):
            written.add(folder, aligned, sessions, self.table.single)
        written.findings += self._of_names()
        if not written.blocks:
            raise no_asset_left(written.findings)
        for name, one in self.beside.items():
            written.add_beside(folder, name, one)
        return self._described(written, sessions), written.files

    def inspect(self, sessions: Sessions) -> tuple[BulkFinding, ...]:
        """Return what an import would find, and write nothing that stays.

        Raises
        ------
        DataRefused
            As `write`, except that nothing is read back.
        """
        with tempfile.TemporaryDirectory() as folder, self.table.at_hand(Path(folder)):
            placed = list(self._without_values(Path(folder), sessions))
        if not any(assets for assets, _ in placed):
            raise no_asset_left([one for _, findings in placed for one in findings])
        kept = [asset for assets, _ in placed for asset in assets]
        beside = [one for about in self.beside.values() for one in about.findings(kept)]
        return merged([*(one for _, findings in placed for one in findings), *self._of_names(), *beside])

    def _without_values(self, folder: Path, sessions: Sessions) -> Iterator[tuple[tuple[str, ...], Findings]]:
        for aligned in self._placed(folder, sessions):
            yield aligned.assets, aligned.findings

    def _placed(self, folder: Path, sessions: Sessions) -> Iterator[Aligned]:
        """Yield the rows of each block on the sessions; they lie in a folder within `folder` until they are read."""
        assets, rows = self._wanted(), folder / ".rows"
        rows.mkdir()
        try:
            spill(self.table.batches(), assets, rows)
            for part in spilled(assets, tuple(self.spec.columns.fields()), rows):
                yield place_rows(part, sessions, self.spec.checks)
        finally:
            shutil.rmtree(rows, ignore_errors=True)

    def _wanted(self) -> tuple[str, ...]:
        delivered, symbols = self.table.assets(), set(self.spec.symbols)
        return tuple(asset for asset in delivered if asset in symbols) if symbols else delivered

    def _of_names(self) -> list[BulkFinding]:
        absent = set(self.spec.symbols).difference(self.table.assets())
        return [near_names(self._wanted()), counted(dict.fromkeys(sorted(absent), 1), "not_delivered")]

    def _described(self, written: _Written, sessions: Sessions) -> LockedPanel:
        spec = self.spec
        return LockedPanel(
            title=spec.title,
            kind=spec.kind,
            unit=spec.unit,
            source=spec.source,
            description=spec.description,
            file=self.table.file,
            sha256=self.table.sha256(),
            fields=list(spec.columns.fields()),
            first=sessions[written.first].item(),
            last=sessions[written.last].item(),
            rows=written.rows,
            gaps=written.gaps,
            blocks=written.blocks,
            findings=list(merged(written.findings)),
            members=written.files[MEMBERS].rows if MEMBERS in self.beside else None,
            groups=written.files[GROUPS].rows if GROUPS in self.beside else None,
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
    beside: dict[str, AboutAssets] = {}
    if spec.membership:
        beside[MEMBERS] = read_membership(folder, spec.membership)
    if spec.groups:
        beside[GROUPS] = read_groups(folder, spec.groups)
    return PanelImport(spec, DeliveredRows(folder, spec), beside)


@dataclass
class _Written:
    """What has been written so far."""

    about: dict[str, str]
    blocks: list[LockedBlock] = field(default_factory=list)
    files: dict[str, LockedFile] = field(default_factory=dict)
    findings: list[BulkFinding] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    rows: int = 0
    gaps: int = 0
    first: int = 2**62
    last: int = -1

    def add(self, folder: Path, aligned: Aligned, sessions: Sessions, single: bool) -> None:
        """Count what did not fit into a block, and write what is left of it; `single` stores four bytes a number."""
        self.findings += aligned.findings
        self.set_aside += [SetAside(asset=asset, rule=rule) for asset, rule in aligned.set_aside]
        if not aligned.assets:
            return
        block, path = Block(aligned.assets, aligned.fields), folder / f"panel-{len(self.blocks):05}.parquet"
        table = table_of(block, sessions, single, self.about)
        write_block(table, path)
        content = path.read_bytes()
        _read_back(content, block)
        self.files[path.name] = LockedFile(sha256=sha256_of(content), rows=len(table), bytes=len(content))
        self.blocks.append(LockedBlock(file=path.name, assets=list(aligned.assets)))
        self.rows += int(np.isfinite(aligned.fields[OWN]).sum())
        self.gaps += sum(one.rows for one in aligned.findings if one.rule == "missing_sessions")
        begin, count = block.runs()
        self.first, self.last = min(self.first, int(begin.min())), max(self.last, int((begin + count).max()) - 1)

    def add_beside(self, folder: Path, name: str, about: AboutAssets) -> None:
        """Count what does not fit to the assets, and write the table into a file of that name."""
        self.findings += about.findings([asset for block in self.blocks for asset in block.assets])
        table = about.table()
        pq.write_table(table, folder / name, compression="zstd")
        content = (folder / name).read_bytes()
        self.files[name] = LockedFile(sha256=sha256_of(content), rows=len(table), bytes=len(content))


def _read_back(content: bytes, block: Block) -> None:
    read = {name: np.empty(values.T.shape) for name, values in block.fields.items()}
    read_fields(content, read, 0)
    for name, values in block.fields.items():
        if not np.array_equal(read[name].T, values, equal_nan=True):
            raise DataRefused(
                f"panel: what was written is not what was read ({name}); the data that were there stay.",
                "Check the disk and import again; if it stays so, report it as a bug.",
            )
