"""Group the rows of a long file by series, without a second copy of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa

from backtest.data.files.memory import free_memory
from backtest.data.files.source import Source
from backtest.data.manifest.manifest import Series
from backtest.model import Ints

PIECE = 500_000
"""The number of rows placed at a time."""


def select_series(source: Source, specs: Mapping[str, Series]) -> dict[str, Source]:
    """Return the rows of a file that each series is read from, in the order of the file.

    Parameters
    ----------
    source : Source
        The file as read. Its columns may be freed on the way: use the returned sources instead.
    specs : mapping of str to Series
        The manifest's entry for each series.

    Raises
    ------
    DataRefused
        No row has a word that a series selects.
    """
    declared = {}
    for column in sorted({_first_key(spec) for spec in specs.values()}):  # series without a key, of all rows, go first
        source = grouped_by(source, column)
        mine = [name for name, spec in specs.items() if _first_key(spec) == column]
        declared.update({name: source.as_declared(specs[name]) for name in mine})
    return {name: declared[name] for name in specs}


def _first_key(spec: Series) -> str:
    return next(iter(spec.where), "")


def grouped_by(source: Source, column: str) -> Source:
    """Return the rows grouped by the words of a column, so that each series is a slice of them.

    The rows of a word keep the order of the file. If all columns are Arrow columns, each is freed as soon as it has
    been placed, so that the file is never in memory twice; `source` is then empty.
    """
    if column not in source.columns or any(isinstance(held, list) for held in source.columns.values()):
        return source  # picking rows from a list only copies references
    _, codes = source.distinct(column)
    order: Ints = np.lexsort((source.lines, codes))
    if (np.diff(order) > 0).all():
        return source
    del codes
    source.groups.clear()
    columns: dict[str, list[str] | pa.ChunkedArray] = {}
    for name in list(source.columns):
        columns[name] = _placed(source.columns.pop(name), order)
        free_memory()
    return replace(source, columns=columns, lines=source.lines[order], groups={})


def _placed(column: pa.ChunkedArray, order: Ints) -> pa.ChunkedArray:
    """Return the rows of a column in another order, in pieces: one array of text holds at most 2 GB."""
    whole = column.combine_chunks()
    pieces = [whole.take(pa.array(order[at : at + PIECE])) for at in range(0, len(order), PIECE)]
    chunks = [chunk for piece in pieces for chunk in (piece.chunks if isinstance(piece, pa.ChunkedArray) else [piece])]
    return pa.chunked_array(chunks, column.type)
