"""The rows of each series of a long file behind one another, without a second copy of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa

from backtest.data.files.memory import give_back
from backtest.data.files.source import Source
from backtest.data.manifest.manifest import Series
from backtest.model import Ints

PIECE = 500_000
"""Rows that are placed in one go."""


def each_as_declared(source: Source, specs: Mapping[str, Series]) -> dict[str, Source]:
    """Return the rows of a file that each series is read from, in the order of the file.

    Parameters
    ----------
    source : Source
        The file, as it was read. Its columns may be let go on the way: use what is returned.
    specs : mapping of str to Series
        What the manifest says of each series.

    Raises
    ------
    DataRefused
        No row has a word that a series asks for.
    """
    declared = {}
    for column in sorted({_first_key(spec) for spec in specs.values()}):  # series of all rows, without a key, go first
        source = in_runs(source, column)
        mine = [name for name, spec in specs.items() if _first_key(spec) == column]
        declared.update({name: source.as_declared(specs[name]) for name in mine})
    return {name: declared[name] for name in specs}


def _first_key(spec: Series) -> str:
    return next(iter(spec.where), "")


def in_runs(source: Source, column: str) -> Source:
    """Return the rows with those of each word of a column behind one another: a series is then a slice of them.

    The rows of a word stay in the order of the file. Where all columns are Arrow's, each is let go as soon as it is
    placed, so that the file is never in memory twice; `source` is then empty.
    """
    if column not in source.columns or any(isinstance(held, list) for held in source.columns.values()):
        return source  # of a list, rows are picked for the price of a reference
    _, codes = source.distinct(column)
    order: Ints = np.lexsort((source.lines, codes))
    if (np.diff(order) > 0).all():
        return source
    del codes
    source.groups.clear()
    columns: dict[str, list[str] | pa.ChunkedArray] = {}
    for name in list(source.columns):
        columns[name] = _placed(source.columns.pop(name), order)
        give_back()
    return replace(source, columns=columns, lines=source.lines[order], groups={})


def _placed(column: pa.ChunkedArray, order: Ints) -> pa.ChunkedArray:
    """Return the rows of a column in another order, piece by piece: one array of text holds 2 GB at most."""
    whole = column.combine_chunks()
    pieces = [whole.take(pa.array(order[at : at + PIECE])) for at in range(0, len(order), PIECE)]
    chunks = [chunk for piece in pieces for chunk in (piece.chunks if isinstance(piece, pa.ChunkedArray) else [piece])]
    return pa.chunked_array(chunks, column.type)
