"""Columns of text, whole, without a Python object a cell: what a long file is read by."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from backtest import arrow
from backtest.data.files.memory import give_back
from backtest.model import Floats, Ints

PLAIN = r"^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)?$"
"""A number with a decimal point and no separator of thousands, or a blank."""


CODED = pa.dictionary(pa.int32(), pa.string())
"""Texts that repeat, such as dates and symbols: each is held once, and four bytes a row."""


def is_text(kind: pa.DataType) -> bool:
    """Tell whether a type holds texts."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == CODED)


def is_coded(column: pa.ChunkedArray) -> bool:
    """Tell whether a column holds each of its texts once, and none is missing."""
    return bool(column.type == CODED and not column.null_count)


def distinct(column: pa.ChunkedArray) -> tuple[list[str], Ints]:
    """Return the texts of a column without the blanks around them, each once, and which of them each row has.

    Returns
    -------
    texts : list of str
        In the order in which they first occur; a missing one is blank.
    codes : ndarray of shape (n_rows,)
        Positions in `texts`.
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
            known[word] = place.setdefault(held[word], len(place))  # texts that differ only by blanks are one
        codes[begin : begin + len(chunk)] = known[indices]
        begin += len(chunk)
    return list(place), codes


def plain_numbers(column: pa.ChunkedArray) -> Floats | None:
    """Return a column of plain numbers, blanks as NaN; None where a text is anything else."""
    values = np.empty(len(column), dtype=np.float64)
    at = 0
    for chunk in column.chunks:  # one at a time: a copy of the whole would be as large as the column
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
    """Parse the lines of a text file, after the first `skipped`, into columns of text, piece by piece.

    Parameters
    ----------
    path : Path
        The file.
    names : list of str
        Its columns.
    skipped : int
        Lines up to the header, and that.
    separator : str
        What stands between the columns.
    wanted : sequence of str
        The columns that are kept.
    coded : sequence of str
        Those whose texts repeat: each is held once.

    Raises
    ------
    pyarrow.ArrowInvalid
        A line has more or fewer cells than there are names, or is no UTF-8.
    """
    types = {name: CODED if name in coded else pa.string() for name in names}
    pool, usual = pa.system_memory_pool(), pa.default_memory_pool()
    give_back()  # of a file read before
    pa.set_memory_pool(pool)  # it can give back what the pieces were cut with; the usual one keeps half as much again
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
        give_back()
