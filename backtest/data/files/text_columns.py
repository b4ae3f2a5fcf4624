"""Read columns of text without one Python object per cell, for long files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from backtest import arrow
from backtest.data.files.memory import free_memory
from backtest.model import Floats, Ints

PLAIN = r"^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)?$"
"""A number with a decimal point and no thousands separator, or a blank."""


CODED = pa.dictionary(pa.int32(), pa.string())
"""The type for texts that repeat, such as dates and symbols: each is stored once, with four bytes per row."""


def is_text(kind: pa.DataType) -> bool:
    """Tell whether a type holds texts."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == CODED)


def as_texts(column: pa.ChunkedArray) -> list[str]:
    """Return the values of a column that is not text as texts; also times beyond the years that Python knows."""
    try:
        return [str(value) for value in column.to_pylist()]
    except (OverflowError, ValueError):
        return [str(value) for value in column.cast(pa.string()).to_pylist()]


def is_coded(column: pa.ChunkedArray) -> bool:
    """Tell whether a column stores each of its texts once, and none is missing."""
    return bool(column.type == CODED and not column.null_count)


def distinct(column: pa.ChunkedArray) -> tuple[list[str], Ints]:
    """Return the distinct texts of a column without surrounding blanks, and the index of each row's text.

    Returns
    -------
    texts : list of str
        In the order of their first occurrence; a missing one is blank.
    codes : ndarray of shape (n_rows,)
        Positions in `texts`, one per row.
    """
    if is_coded(column):
        return _distinct_of_coded(column)
    encoded = pc.fill_null(pc.utf8_trim_whitespace(column), "").combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    texts: list[str] = encoded.dictionary.to_pylist()
    return texts, encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def _distinct_of_coded(column: pa.ChunkedArray) -> tuple[list[str], Ints]:
    place: dict[str, int] = {}
    codes = np.empty(len(column), dtype=np.int64)
    begin, known = 0, None
    for chunk in column.unify_dictionaries().chunks:
        if known is None:
            held = [text.strip() for text in chunk.dictionary.to_pylist()]
            known = np.full(len(held), -1, dtype=np.int64)
        indices = chunk.indices.to_numpy()
        words, first = np.unique(indices, return_index=True)
        for word in words[np.argsort(first)].tolist():
            known[word] = place.setdefault(held[word], len(place))  # texts that differ only in blanks are the same
        codes[begin : begin + len(chunk)] = known[indices]
        begin += len(chunk)
    return list(place), codes


def plain_numbers(column: pa.ChunkedArray) -> Floats | None:
    """Return a column of plain numbers, blanks as NaN; None where a text is anything else."""
    values = np.empty(len(column), dtype=np.float64)
    at = 0
    for chunk in column.chunks:  # one at a time: a copy of the whole column would be as large as the column
        trimmed = pc.fill_null(pc.utf8_trim_whitespace(chunk.cast(pa.string())), "")
        if not pc.all(pc.match_substring_regex(trimmed, PLAIN)).as_py():
            return None
        known = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, trimmed.type), trimmed)
        values[at : at + len(chunk)] = arrow.to_floats(pa.chunked_array([pc.cast(known, pa.float64())]))
        at += len(chunk)
    return values


def parse(
    path: Path, names: list[str], skipped: int, separator: str, wanted: Sequence[str], coded: Sequence[str]
) -> pa.Table:
    """Parse the lines of a text file after the first `skipped` into columns of text, piece by piece.

    Parameters
    ----------
    path : Path
        The file.
    names : list of str
        The names of its columns.
    skipped : int
        The number of lines up to and including the header.
    separator : str
        The separator of the columns.
    wanted : sequence of str
        The columns to keep.
    coded : sequence of str
        The columns whose texts repeat: each text is stored once.

    Raises
    ------
    pyarrow.ArrowInvalid
        A line has more or fewer cells than there are names, or is not UTF-8.
    """
    types = {name: CODED if name in coded else pa.string() for name in names}
    pool, usual = pa.system_memory_pool(), pa.default_memory_pool()
    free_memory()  # memory of the file that was read before
    pa.set_memory_pool(pool)  # this pool can free the memory of the pieces; the default one keeps 50% more
    try:
        with pyarrow.csv.open_csv(
            path,
            read_options=pyarrow.csv.ReadOptions(column_names=names, skip_rows=skipped, use_threads=False),
            parse_options=pyarrow.csv.ParseOptions(delimiter=separator, ignore_empty_lines=False),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=types, include_columns=wanted, strings_can_be_null=False, quoted_strings_can_be_null=False
            ),
        ) as pieces:
            return pieces.read_all().unify_dictionaries()
    finally:
        pa.set_memory_pool(usual)
        free_memory()
