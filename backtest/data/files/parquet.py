"""A Parquet file as a table: bounded, only what is needed, and without columns of text that is none."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa
import pyarrow.parquet as pq

from backtest.data.files.column_names import check_columns
from backtest.data.files.text_columns import is_text
from backtest.errors import DataRefused

MOST_CELLS = 100_000_000
"""Most values that are read, of all columns together: 800 MB of numbers. A few bytes of Parquet can repeat one value
for a billion rows."""
MOST_BYTES = 2_000_000_000
"""Largest size of what is read, unpacked."""
AT_ONCE = 250_000
"""Rows that are unpacked before the size is looked at."""
HINT = "Save fewer rows or columns, or split the file."


def parquet_table(name: str, content: bytes, wanted: Collection[str] = ()) -> tuple[pa.Table, tuple[str, ...]]:
    """Read a Parquet file.

    Parameters
    ----------
    name : str
        The file, for refusals.
    content : bytes
        The file's bytes.
    wanted : collection of str, optional
        The columns to read, if all of them exist; default: all.

    Returns
    -------
    table : pyarrow.Table
    unread : tuple of str
        What is not in the table, in words: columns of text that is not UTF-8 and that nobody asked for.

    Raises
    ------
    DataRefused
        It is too large, or a column asked for is not UTF-8.
    pyarrow.ArrowException, OSError
        It is not Parquet.
    """
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        names: list[str] = file.schema_arrow.names
    except (UnicodeDecodeError, OverflowError) as error:
        raise DataRefused(f"{name}: is not Parquet: {error}.") from error
    check_columns(name, names)
    kept = [column for column in names if column in wanted] if set(wanted) <= set(names) else []
    cells = file.metadata.num_rows * len(kept or names)
    if cells > MOST_CELLS:
        raise DataRefused(
            f"{name}: holds {file.metadata.num_rows:,} rows, with {cells:,} values: at most {MOST_CELLS:,} are read.",
            HINT,
        )
    return _checked(name, _unpacked(name, file, kept), bool(kept))


def _unpacked(name: str, file: pq.ParquetFile, kept: list[str]) -> pa.Table:
    batches, size = [], 0
    for batch in file.iter_batches(AT_ONCE, columns=kept or None, use_threads=False):
        size += batch.nbytes
        if size > MOST_BYTES:
            raise DataRefused(f"{name}: unpacks to more than {MOST_BYTES:,} bytes.", HINT)
        batches.append(batch)
    table = pa.Table.from_batches(batches, None if batches else file.schema_arrow)
    return table.select(kept) if kept else table  # the reader takes 'a' for 'a.b', too


def _checked(name: str, table: pa.Table, asked: bool) -> tuple[pa.Table, tuple[str, ...]]:
    wrong = [column for column in table.column_names if not _is_sound(table.column(column))]
    if wrong and asked:
        raise DataRefused(f"{name}: column '{wrong[0]}' is not UTF-8.", "Write the file again, with text as UTF-8.")
    unread = tuple(f"column {column}: is not UTF-8" for column in wrong)
    return table.drop_columns(wrong), unread


def _is_sound(column: pa.ChunkedArray) -> bool:
    if not is_text(column.type) and not pa.types.is_dictionary(column.type):
        return True
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
