"""The delivered files of a panel: one long table, one file an asset, or a partitioned folder, wherever they are."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.fs as pafs

from backtest.data.manifest.panel_table import PanelTable
from backtest.data.panel.delivered_place import Place, copies_of, place_of
from backtest.data.panel.long_table import LongTable, long_table_of, names_of, refuse_names
from backtest.data.panel.spill import BLOCK, ROWS_OF_ASSET
from backtest.data.panel.table_file import IN_THE_MANIFEST, TableFile
from backtest.data.store.lock import dataset_sha256
from backtest.errors import DataRefused
from backtest.files import NO_FILE
from backtest.format import plural

WILD = re.compile(r"\*\*/?|\*|\{asset\}|\{session\}")
AS_PATTERN = {
    "**/": "(?:.*/)?",
    "**": ".*",
    "*": "[^/]*",
    "{asset}": "(?P<asset>[^/]+)",
    "{session}": r"(?P<session>\d{4}-\d\d-\d\d)",
}


MOST_ASSETS = 1_000_000
"""Most assets of a panel."""


@dataclass(frozen=True)
class DeliveredFile:
    """A file, its path as delivered, and what that says of all of its rows; empty where it says nothing."""

    file: TableFile
    path: str
    asset: str = ""
    session: str = ""


class DeliveredRows:
    """The rows of a panel as they were delivered.

    Parameters
    ----------
    folder : Path
        The imported folder.
    spec : PanelTable
        Where the files are, and their columns.

    Raises
    ------
    DataRefused
        There is no such folder or file.
    """

    def __init__(self, folder: Path, spec: PanelTable) -> None:
        self._columns = spec.columns
        self._place = place_of(folder, spec.folder)
        types = {self._columns.asset: pa.string(), **dict.fromkeys(self._columns.fields().values(), pa.float64())}
        self._files = _found(self._place, spec.file or "", types)
        self.file = f"{self._place.name}/{spec.file}" if spec.folder else spec.file or ""
        """What was delivered, as the lock file names it."""
        self._names: tuple[str, ...] = ()
        self.single = True
        """Whether all numbers that have been read have four bytes."""

    @contextmanager
    def at_hand(self, folder: Path) -> Iterator[None]:
        """Copy the files of an object store into a new folder within `folder`, for as long as they are read.

        Raises
        ------
        DataRefused
            A file cannot be read, or changed meanwhile.
        """
        if not self._place.remote:
            yield
            return
        delivered, copies = self._files, folder / ".delivered"
        try:
            copied = copies_of([one.file for one in delivered], copies)
            self._files = [replace(one, file=copy) for one, copy in zip(delivered, copied, strict=True)]
            yield
        finally:
            self._files = delivered
            shutil.rmtree(copies, ignore_errors=True)

    def assets(self) -> tuple[str, ...]:
        """Return the names of all assets, in ascending order; errors as `batches`."""
        if self._names:
            return self._names
        names = {one.asset for one in self._files if one.asset}
        refuse_names(self._place.name, "{asset}", names)
        n_rows = 0
        for one in self._files:
            if not one.asset:
                for rows in one.file.batches([self._columns.asset]):
                    names.update(names_of(one.file.place, self._columns.asset, rows.column(0))[0])
                    n_rows += len(rows)
                    _refuse_many(one.file.place, n_rows, len(names))
        self._names = tuple(sorted(names))
        return self._names

    def batches(self) -> Iterator[LongTable]:
        """Yield the rows, file by file in the order of their paths.

        Raises
        ------
        DataRefused
            A file is damaged, lacks a column, or a column is of another type.
        """
        asset, session = self._columns.asset, self._columns.session
        numbers = list(self._columns.fields().values())
        for one in self._files:
            said = [*([asset] if not one.asset else []), *([session] if not one.session else [])]
            for rows in one.file.batches([*said, *numbers]):
                self.single &= all(rows.schema.field(name).type == pa.float32() for name in numbers)
                yield long_table_of(self._whole(rows, one), self._columns, one.file.place)

    def sha256(self) -> str:
        """Return the SHA-256 of the file; of several, of their paths and hashes."""
        hashes = [(one.path, one.file.sha256()) for one in self._files]
        return hashes[0][1] if len(hashes) == 1 else dataset_sha256(hashes)

    def _whole(self, rows: pa.Table, one: DeliveredFile) -> pa.Table:
        """Add the columns that the path says."""
        if one.asset:
            rows = rows.append_column(self._columns.asset, pa.repeat(one.asset, len(rows)))
        if one.session:
            day = pa.scalar(dt.date.fromisoformat(one.session), pa.date32())
            rows = rows.append_column(self._columns.session, pa.repeat(day, len(rows)))
        return rows


def _refuse_many(place: str, n_rows: int, n_assets: int) -> None:
    """Refuse more rows than the assets that have been read can have, or more assets than a panel can have."""
    if n_rows > ROWS_OF_ASSET * max(n_assets, BLOCK):
        raise DataRefused(
            f"{place}: the first {n_rows:,} rows are of {plural(n_assets, 'asset')}, "
            f"more than {ROWS_OF_ASSET:,} an asset.",
            "Deliver one row per asset and session.",
        )
    if n_assets > MOST_ASSETS:
        raise DataRefused(
            f"{place}: the first {n_rows:,} rows name {n_assets:,} assets: a panel has at most {MOST_ASSETS:,}.",
            "Name the right column in panel.columns.asset.",
        )


def _found(place: Place, template: str, types: dict[str, pa.DataType]) -> list[DeliveredFile]:
    """Find the files of a template in the order of their paths."""
    if not WILD.search(template):
        file = place.file(template, types)
        if file.info().type is pafs.FileType.NotFound:
            place.refuse_absent()
        return [DeliveredFile(file.is_regular(), template)]
    found = []
    for path, said in _matches(place, template):
        asset = said.get("asset") or ""
        asset = unquote(asset) if "={asset}" in template else asset  # as partitioned folders write names
        found.append(DeliveredFile(place.file(path, types), path, asset, said.get("session") or ""))
    if not found:
        place.refuse_absent()
        hint = IN_THE_MANIFEST if place.remote else "Correct panel.file of the manifest, or --from DIR."
        raise DataRefused(f"{place.name}: no file matches '{template}'.", hint)
    return found


def _matches(place: Place, template: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the path of each file that matches, in order, and what it says."""
    start, pattern = WILD.split(template)[0].rpartition("/")[0], re.compile(_pattern(template))
    kinds = {info.path: info.type for info in place.files(start)}
    for path in sorted(path for path, kind in kinds.items() if kind is not pafs.FileType.Directory):
        if any(part.startswith((".", "_")) for part in path.removeprefix(start).split("/")):
            continue  # as whatever writes partitioned folders names what is not part of them
        if (match := pattern.fullmatch(path)) is None:
            continue
        if kinds[path] is pafs.FileType.Unknown:
            raise DataRefused(f"{place.name}/{path}: is {NO_FILE}.", "Save its output as a file, or remove it.")
        yield path, match.groupdict()


def _pattern(template: str) -> str:
    literal = [re.escape(part) for part in WILD.split(template)]
    wild = [AS_PATTERN[part] for part in WILD.findall(template)]
    return "".join(text for pair in zip(literal, [*wild, ""], strict=True) for text in pair)
