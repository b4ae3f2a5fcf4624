"""The delivered files of a panel: one long table, one file an asset, or a partitioned folder, wherever they are."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.fs as pafs

from backtest.data.manifest.panel_table import PanelTable
from backtest.data.panel.long_table import LongTable, long_table_of, names_of, refuse_names
from backtest.data.panel.spill import BLOCK, ROWS_OF_ASSET
from backtest.data.panel.table_file import TableFile
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
    """A file, and what its path says of all of its rows; empty where it says nothing."""

    file: TableFile
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
        self._place, store = _store(folder, spec.folder)
        types = {self._columns.asset: pa.string(), **dict.fromkeys(self._columns.fields().values(), pa.float64())}
        self._files = _found(store, self._place, spec.file or "", types)
        self._names: tuple[str, ...] = ()
        self.single = True
        """Whether all numbers that have been read have four bytes."""

    def assets(self) -> tuple[str, ...]:
        """Return the names of all assets, in ascending order; errors as `batches`."""
        if self._names:
            return self._names
        names = {one.asset for one in self._files if one.asset}
        refuse_names(self._place, "{asset}", names)
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
        hashes = [(one.file.path, one.file.sha256()) for one in self._files]
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
            f"{place}: the first {n_rows:,} rows are of {plural(n_assets, 'asset')}, more than {ROWS_OF_ASSET:,} an asset.",
            "Deliver one row per asset and session.",
        )
    if n_assets > MOST_ASSETS:
        raise DataRefused(
            f"{place}: the first {n_rows:,} rows name {n_assets:,} assets: a panel has at most {MOST_ASSETS:,}.",
            "Name the right column in panel.columns.asset.",
        )


def _store(folder: Path, uri: str | None) -> tuple[str, pafs.FileSystem]:
    """Open the folder that a manifest names, or the imported one, as a file system of its own; its name, and itself."""
    if uri is None:
        return str(folder), pafs.SubTreeFileSystem(str(folder.resolve()), pafs.LocalFileSystem())
    try:
        store, path = from_uri(uri)
        return re.sub(r"//[^/@]*@", "//…@", uri), pafs.SubTreeFileSystem(path, store)
    except (pa.ArrowException, OSError) as error:
        shown = re.sub(r"//[^/@]*@", "//…@", uri)  # without a password
        reason = " ".join(str(error).split())[:300]
        raise DataRefused(
            f"{shown}: cannot be opened: {reason.replace(uri, shown)}.",
            "Check panel.folder of the manifest, the network and your credentials.",
        ) from error


def from_uri(uri: str) -> tuple[pafs.FileSystem, str]:
    """Open what a URI names; pyarrow takes the credentials of an object store from where its own tools look."""
    store, path = pafs.FileSystem.from_uri(uri)
    return store, path


def _found(store: pafs.FileSystem, place: str, template: str, types: dict[str, pa.DataType]) -> list[DeliveredFile]:
    """Find the files of a template in the order of their paths."""

    def at(path: str) -> TableFile:
        return TableFile(store, path, f"{place}/{path}", types)

    if not WILD.search(template):
        return [DeliveredFile(at(template).is_regular())]
    found = []
    for path, said in _matches(store, place, template):
        asset = said.get("asset") or ""
        asset = unquote(asset) if "={asset}" in template else asset  # as partitioned folders write names
        found.append(DeliveredFile(at(path), asset, said.get("session") or ""))
    if not found:
        hint = "Correct panel.file of the manifest, or --from DIR."
        raise DataRefused(f"{place}: no file matches '{template}'.", hint)
    return found


def _matches(store: pafs.FileSystem, place: str, template: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the path of each file that matches, in order, and what it says."""
    start, pattern = WILD.split(template)[0].rpartition("/")[0], re.compile(_pattern(template))
    try:
        infos = store.get_file_info(pafs.FileSelector(start, allow_not_found=True, recursive=True))
    except (pa.ArrowException, OSError) as error:
        raise DataRefused(f"{place}: its files cannot be listed: {' '.join(str(error).split())[:300]}.") from error
    kinds = {info.path: info.type for info in infos if not info.base_name.startswith((".", "_"))}
    for path in sorted(path for path, kind in kinds.items() if kind is not pafs.FileType.Directory):
        if (match := pattern.fullmatch(path)) is None:
            continue
        if kinds[path] is pafs.FileType.Unknown:
            raise DataRefused(f"{place}/{path}: is {NO_FILE}.", "Save its output as a file, or remove it.")
        yield path, match.groupdict()


def _pattern(template: str) -> str:
    literal = [re.escape(part) for part in WILD.split(template)]
    wild = [AS_PATTERN[part] for part in WILD.findall(template)]
    return "".join(text for pair in zip(literal, [*wild, ""], strict=True) for text in pair)
