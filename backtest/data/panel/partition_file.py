"""The file of one block of assets: a long table that other tools read as it is, laid out to be read by field.

Rows are in the order of the assets, then of the sessions. Every session from an asset's first to its last has a row, so
a field is one run of numbers per asset, and a reader that knows where each run begins needs no other column.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from backtest import arrow
from backtest.model import Field, Floats, Ints, Sessions

RUNS = "runs"
"""The key under which a file says at which session each asset begins, and how many rows it has."""


@dataclass(frozen=True, eq=False)
class Block:
    """Some assets of a panel: fields of shape (n_sessions, n_assets), NaN where an asset has no value."""

    assets: tuple[str, ...]
    fields: Mapping[Field, Floats]

    def runs(self) -> tuple[Ints, Ints]:
        """Return each asset's first session with a value of any field, and the sessions from there to its last."""
        known = np.any([np.isfinite(values) for values in self.fields.values()], axis=0)
        first = known.argmax(axis=0)
        rows = len(known) - known[::-1].argmax(axis=0) - first
        return first, np.where(known.any(axis=0), rows, 0)


def table_of(block: Block, sessions: Sessions, single: bool, about: Mapping[str, str]) -> pa.Table:
    """Lay out a block as rows.

    Parameters
    ----------
    block : Block
        The assets.
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        Of the dataset.
    single : bool
        Store numbers of four bytes, as they were delivered.
    about : mapping of str to str
        What the numbers are; written into the file, so that another meaning gives another hash.
    """
    first, rows = block.runs()
    spans = [slice(begin, begin + count) for begin, count in zip(first.tolist(), rows.tolist(), strict=True)]
    names = pa.DictionaryArray.from_arrays(arrow.ints(np.repeat(np.arange(len(rows)), rows)), arrow.texts(block.assets))
    columns = {"asset": names, "session": arrow.days(np.concatenate([sessions[span] for span in spans]))}
    for name, values in block.fields.items():
        run = np.concatenate([values[span, column] for column, span in enumerate(spans)])
        columns[name] = arrow.singles(run) if single else arrow.floats(run)
    runs = json.dumps([first.tolist(), rows.tolist()])
    return pa.table(columns).replace_schema_metadata({**about, RUNS: runs})


def write_block(table: pa.Table, path: Path) -> None:
    """Write a block: prices split into bytes, which compresses best, with the compression that reads fastest."""
    fields = [name for name in table.column_names if name not in ("asset", "session")]
    pq.write_table(
        table,
        path,
        compression="lz4",
        row_group_size=max(1, len(table)),
        use_dictionary=["asset"],
        column_encoding={"session": "DELTA_BINARY_PACKED", **dict.fromkeys(fields, "BYTE_STREAM_SPLIT")},
    )


def read_fields(content: bytes, into: Mapping[Field, Floats], first: int) -> None:
    """Read some fields of a block, and no other column.

    Parameters
    ----------
    content : bytes
        The file.
    into : mapping of str to ndarray of shape (n_assets, n_sessions)
        Arrays to fill, by field; NaN where an asset has no value.
    first : int
        Which session of the dataset comes first in them; all that the file holds lie between it and their end.

    Raises
    ------
    ValueError, pyarrow.ArrowException
        The content is not such a block.
    """
    file = pq.ParquetFile(pa.BufferReader(content))
    runs = json.loads((file.schema_arrow.metadata or {}).get(RUNS.encode(), b"[]"))
    table = file.read(columns=list(into), use_threads=False)
    for name, by_asset in into.items():
        if len(runs) != 2 or not len(runs[0]) == len(runs[1]) == len(by_asset) or sum(runs[1]) != len(table):
            raise ValueError("it does not say where its assets begin")
        values, at = arrow.as_floats(table.column(name)), 0
        for row, begin, count in zip(by_asset, *runs, strict=True):
            since, until = begin - first, begin - first + count
            row[:since] = row[until:] = np.nan
            row[since:until] = values[at : at + count]
            at += count
