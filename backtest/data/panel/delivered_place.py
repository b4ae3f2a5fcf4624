"""Where the files of a panel lie: a folder of this machine, or an object store, whose files are copied to be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.fs as pafs

from backtest.data.panel.table_file import IN_THE_MANIFEST, TableFile
from backtest.errors import DataRefused, cut
from backtest.far_away import all_far_away, far_away


@dataclass(frozen=True)
class Place:
    """A folder of delivered files.

    Attributes
    ----------
    name : str
        How messages and the lock file name it: without the options of its address.
    store : pyarrow.fs.FileSystem
        The folder as a file system of its own.
    remote : bool
        Whether it is on another machine.
    """

    name: str
    store: pafs.FileSystem
    remote: bool

    def file(self, path: str, types: Mapping[str, pa.DataType]) -> TableFile:
        """Return a table in it; `types` are those of the columns of a text file."""
        return TableFile(self.store, path, f"{self.name}/{path}", types, self.remote)

    def files(self, folder: str) -> list[pafs.FileInfo]:
        """List all files and folders below a folder of it, which may be absent.

        Raises
        ------
        DataRefused
            They cannot be listed.
        """
        below = pafs.FileSelector(folder, allow_not_found=True, recursive=True)
        try:
            return far_away(lambda: list(self.store.get_file_info(below)))
        except (pa.ArrowException, OSError) as error:
            raise self._itself().unreadable(error) from error

    def refuse_absent(self) -> None:
        """Refuse a bucket or folder that is not there; only asked when a file was not found in it.

        Raises
        ------
        DataRefused
            It is not there, or may not be read.
        """
        if self.remote and self._itself().info().type is pafs.FileType.NotFound:
            raise DataRefused(f"{self.name}: there is no such bucket or folder.", IN_THE_MANIFEST)

    def _itself(self) -> TableFile:
        return TableFile(self.store, "", self.name, remote=self.remote)


def place_of(folder: Path, uri: str | None) -> Place:
    """Open the folder that a manifest names, or the imported one.

    Raises
    ------
    DataRefused
        The address is of no known kind, or has an unknown option.
    """
    if uri is None:
        return Place(str(folder), pafs.SubTreeFileSystem(str(folder.resolve()), pafs.LocalFileSystem()), False)
    name = uri.partition("?")[0].rstrip("/")
    try:
        store, path = from_uri(uri)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DataRefused(
            f"{name}: cannot be opened: {cut(' '.join(str(error).split()), 300).rstrip('.')}.",
            "Correct folder in the manifest; docs/data.md says how an object store is named.",
        ) from error
    return Place(name, pafs.SubTreeFileSystem(path, store), not isinstance(store, pafs.LocalFileSystem))


def from_uri(uri: str) -> tuple[pafs.FileSystem, str]:
    """Open what a URI names; pyarrow takes the credentials of an object store from where its own tools look."""
    store, path = pafs.FileSystem.from_uri(uri)
    return store, path


def copies_of(files: Sequence[TableFile], folder: Path) -> list[TableFile]:
    """Copy files into a folder, several at a time; each copy is named by its position.

    All that an import reads of a file is then of the same bytes, and a store is asked once.

    Raises
    ------
    DataRefused
        A file cannot be read, or changed meanwhile.
    """
    folder.mkdir()
    return list(all_far_away([partial(file.copy, folder / str(at)) for at, file in enumerate(files)]))
