"""One delivered file of a panel, read in batches of rows; one of an object store is copied first."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from threading import Event
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.fs as pafs

from backtest.data.files.text_columns import is_text
from backtest.data.panel.long_table import refuse_absent
from backtest.errors import DataRefused
from backtest.far_away import far_away
from backtest.files import NO_FILE

BATCH = 500_000
"""Rows that are in memory at a time."""
BLOCK_BYTES = 16_000_000
"""Bytes of a text file that are in memory at a time."""
COPIED_BYTES = 8_000_000
"""Bytes that are asked of an object store at a time."""
LONGEST_ENDING = 16
"""Characters of the longest ending of a file's name that says how it is read."""
IN_THE_MANIFEST = "Correct folder or file in the manifest."
REACHED = "Check folder in the manifest, the network and your credentials."
SEPARATORS = (",", ";", "\t", "|")
T = TypeVar("T")


@dataclass(frozen=True)
class TableFile:
    """A table: Parquet by its ending, else text with a header; text may be compressed, as its ending says.

    Attributes
    ----------
    store : pyarrow.fs.FileSystem
        Where it is.
    path : str
        Its path there.
    place : str
        How messages name it.
    types : mapping of str to pyarrow.DataType
        How columns of a text file are read; the type of others is inferred.
    remote : bool
        Whether it is in an object store.
    """

    store: pafs.FileSystem
    path: str
    place: str
    types: Mapping[str, pa.DataType] = field(default_factory=dict)
    remote: bool = False

    def read(self, columns: Sequence[str], most: int) -> pa.Table:
        """Read some columns of all rows, `most` at most; errors as `batches`."""
        tables, rows = [], 0
        for table in self.batches(columns):
            tables.append(table)
            rows += len(table)
            if rows > most:
                raise DataRefused(f"{self.place}: has more than {most:,} rows.", "Check that it is the right file.")
        return pa.concat_tables(tables)

    def batches(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Yield some columns of the rows in their order; at least one table, which may be empty.

        The first of a Parquet file is empty: its types can be refused before anything is unpacked.

        Raises
        ------
        DataRefused
            The file is missing or damaged, or lacks a column.
        """
        names, rows = self._tried(lambda: self._opened(list(columns)))
        refuse_absent(self.place, columns, names)
        some = False
        while (batch := self._tried(lambda: next(rows, None))) is not None:
            some = True
            yield pa.Table.from_batches([batch]).select(list(columns))
        if not some:
            yield pa.table({name: pa.array([], self.types.get(name, pa.date32())) for name in columns})

    def sha256(self) -> str:
        """Return the SHA-256 of its content."""
        digest = hashlib.sha256()
        with self._tried(lambda: self.store.open_input_stream(self.path, compression=None)) as stream:
            while content := self._tried(lambda: stream.read(BLOCK_BYTES)):
                digest.update(content)
        return digest.hexdigest()

    def is_regular(self) -> TableFile:
        """Return the file itself if it is one; a pipe or device may never end, and is not opened.

        Raises
        ------
        DataRefused
            There is no such file, or it is another thing.
        """
        if self.info().type is pafs.FileType.Unknown:
            raise DataRefused(f"{self.place}: is {NO_FILE}.", "Save its output as a file.")
        return self

    def info(self) -> pafs.FileInfo:
        """Return what its file system says of it.

        Raises
        ------
        DataRefused
            It cannot be asked.
        """
        return self._tried(lambda: far_away(lambda: self.store.get_file_info(self.path)))

    def copy(self, path: Path, stopped: Event) -> TableFile:
        """Copy it to a file of this machine, to whose name its ending is added; messages still name the original.

        Raises
        ------
        DataRefused
            It cannot be read, or changed meanwhile.
        """
        ending = PurePosixPath(self.path).suffix
        path = path.with_name(path.name + ending) if len(ending) < LONGEST_ENDING else path
        before = self.info()
        with (
            path.open("wb") as copy,
            self._tried(lambda: self.store.open_input_stream(self.path, compression=None)) as stream,
        ):
            while not stopped.is_set() and (content := self._tried(lambda: stream.read(COPIED_BYTES))):
                copy.write(content)
        after = self.info()
        if (before.size, before.mtime, path.stat().st_size) != (after.size, after.mtime, after.size):
            raise DataRefused(f"{self.place}: changed while it was being read.", "Import again.")
        return replace(self, store=pafs.LocalFileSystem(), path=str(path), remote=False)

    def _opened(self, columns: list[str]) -> tuple[list[str], Iterator[pa.RecordBatch]]:
        """Return the names of all columns, and the rows of those that are wanted and there."""
        if self.path.lower().endswith((".parquet", ".pq")):
            import pyarrow.parquet as pq

            schema = pq.read_schema(self.store.open_input_file(self.path))
            names = list(schema.names)
            wanted = [name for name in columns if names.count(name) == 1]
            texts = [name for name in wanted if is_text(schema.field(name).type)]
            source = self.store.open_input_file(self.path)
            # Each text once: a file of a few bytes can hold a long text in a million rows.
            file = pq.ParquetFile(source, pre_buffer=False, read_dictionary=texts)
            kinds = pa.schema([file.schema_arrow.field(name) for name in wanted])
            none = pa.RecordBatch.from_arrays([pa.array([], kind) for kind in kinds.types], schema=kinds)
            groups = range(file.num_row_groups)  # one at a time: a reader of all keeps what it has read
            rows = (batch for group in groups for batch in file.iter_batches(BATCH, [group], wanted))
            return names, itertools.chain([none] if file.metadata.num_rows else [], rows)
        with self.store.open_input_stream(self.path) as stream:
            header = _first_line(stream.read(BLOCK_BYTES))
        first = [_open_csv(pa.BufferReader(header), separator).schema.names for separator in SEPARATORS]
        names, separator = max(zip(first, SEPARATORS, strict=True), key=lambda one: len(set(columns) & set(one[0])))
        if any(names.count(name) != 1 for name in columns):
            return names, iter(())
        types = {name: self.types[name] for name in columns if name in self.types}
        convert = {"include_columns": columns, "column_types": types}
        return names, iter(_open_csv(self.store.open_input_stream(self.path), separator, **convert))

    def _tried(self, do: Callable[[], T]) -> T:
        try:
            return do()
        except FileNotFoundError as error:
            hint = IN_THE_MANIFEST if self.remote else "Give the folder that holds it: --from DIR"
            raise DataRefused(f"{self.place}: there is no such file.", hint) from error
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise self.unreadable(error) from error

    def unreadable(self, error: Exception) -> DataRefused:
        """Return the refusal of what cannot be read."""
        reason = " ".join(str(error).split())[:300].rstrip(". ")
        return DataRefused(f"{self.place}: cannot be read: {reason}.", REACHED if self.remote else "")


def _first_line(content: bytes) -> bytes:
    """Return the header: lines below it may hold other separators within a text."""
    return next((line + b"\n" for line in content.splitlines() if line.strip()), b"")


def _open_csv(stream: Any, separator: str, **convert: Any) -> Any:  # noqa: ANN401  pyarrow has no types
    import pyarrow.csv as csv

    return csv.open_csv(
        stream,
        csv.ReadOptions(block_size=BLOCK_BYTES),
        csv.ParseOptions(delimiter=separator),
        csv.ConvertOptions(**convert),
    )
