"""Columns of text, whole, without a Python object a cell: what a long file is read by."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from backtest import arrow
from backtest.model import Floats, Ints

PLAIN = r"^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)?$"
"""A number with a decimal point and no separator of thousands, or a blank."""


def is_text(kind: pa.DataType) -> bool:
    """Tell whether a type holds texts."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def distinct(column: pa.ChunkedArray) -> tuple[list[str], Ints]:
    """Return the texts of a column without the blanks around them, each once, and which of them each row has.

    Returns
    -------
    texts : list of str
        In the order in which they first occur; a missing one is blank.
    codes : ndarray of shape (n_rows,)
        Positions in `texts`.
    """
    encoded = pc.fill_null(pc.utf8_trim_whitespace(column), "").combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    texts: list[str] = encoded.dictionary.to_pylist()
    return texts, encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def plain_numbers(column: pa.ChunkedArray) -> Floats | None:
    """Return a column of plain numbers, blanks as NaN; None where a text is anything else."""
    trimmed = pc.fill_null(pc.utf8_trim_whitespace(column), "")
    if not pc.all(pc.match_substring_regex(trimmed, PLAIN)).as_py():
        return None
    known = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, trimmed.type), trimmed)
    return arrow.to_floats(pa.chunked_array(pc.cast(known, pa.float64())))


def parse(content: bytes, names: list[str], skipped: int, separator: str) -> pa.Table:
    """Parse the lines of a text file, after the first `skipped`, into columns of text.

    Raises
    ------
    pyarrow.ArrowInvalid
        A line has more or fewer cells than there are names, or is no UTF-8.
    """
    return pyarrow.csv.read_csv(
        pa.BufferReader(content),
        read_options=pyarrow.csv.ReadOptions(column_names=names, skip_rows=skipped, use_threads=False),
        parse_options=pyarrow.csv.ParseOptions(delimiter=separator, ignore_empty_lines=False),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, quoted_strings_can_be_null=False
        ),
    )
