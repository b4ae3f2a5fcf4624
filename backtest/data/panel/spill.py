"""Sort the rows of a long table into blocks of assets on disk: memory holds one batch of rows, or one block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from backtest.data.panel.long_table import LongTable
from backtest.errors import DataRefused
from backtest.model import Field, Ints

BLOCK = 64
"""Assets of a block: forty years of their closes are five megabytes, small enough for any worker."""


ROWS_OF_ASSET = 100_000
"""Most rows of an asset, on average over a block: four centuries of sessions. More are the same rows many times."""


def spill(batches: Iterable[LongTable], assets: tuple[str, ...], folder: Path) -> None:
    """Append the rows of every batch to the file of their block.

    Parameters
    ----------
    batches : iterable of LongTable
        In the order of the delivered table; each with its own names.
    assets : tuple of str
        The names to keep, in ascending order: block ``i`` holds those from ``i * BLOCK`` on.
    folder : Path
        Where the files go.

    Raises
    ------
    DataRefused
        A block has more rows than its assets can have, so that it would not fit into memory.
    """
    in_block = np.zeros(-(-len(assets) // BLOCK), dtype=np.int64)
    place = {name: code for code, name in enumerate(assets)}
    for batch in batches:
        code = np.array([place.get(name, -1) for name in batch.assets], dtype=np.int64)[batch.asset]
        keep = code >= 0
        code = code[keep]
        rows = np.empty(len(code), dtype=_layout(tuple(batch.fields)))
        rows["asset"], rows["day"] = code, batch.session[keep].astype(np.int64)
        for name, values in batch.fields.items():
            rows[name] = values[keep]
        block = code // BLOCK
        in_block += np.bincount(block, minlength=len(in_block))
        _refuse_many(in_block, assets)
        order = np.argsort(block, kind="stable")
        starts = np.flatnonzero(np.diff(block[order], prepend=-1))
        for part in np.split(order, starts[1:]) if len(order) else []:
            with _file(folder, int(block[part[0]])).open("ab") as file:
                file.write(rows[part].tobytes())


def spilled(assets: tuple[str, ...], fields: tuple[Field, ...], folder: Path) -> Iterator[LongTable]:
    """Yield the rows of each block, in the order in which they were delivered, and remove its file."""
    for block, first in enumerate(range(0, len(assets), BLOCK)):
        path = _file(folder, block)
        rows = np.fromfile(path, dtype=_layout(fields)) if path.exists() else np.empty(0, dtype=_layout(fields))
        path.unlink(missing_ok=True)
        days = rows["day"].astype("datetime64[D]")
        values = {name: np.ascontiguousarray(rows[name]) for name in fields}
        yield LongTable(assets[first : first + BLOCK], rows["asset"] - first, days, values)


def _refuse_many(in_block: Ints, assets: tuple[str, ...]) -> None:
    """Refuse the first block that has more rows than its assets can have."""
    for number in np.flatnonzero(in_block > ROWS_OF_ASSET):
        own = assets[number * BLOCK : (number + 1) * BLOCK]
        if in_block[number] <= ROWS_OF_ASSET * len(own):
            continue
        raise DataRefused(
            f"panel: '{own[0]}' to '{own[-1]}' ({len(own)} assets) have {in_block[number]:,} rows or more, "
            f"more than {ROWS_OF_ASSET:,} an asset.",
            "Deliver one row per asset and session.",
        )


def _layout(fields: tuple[Field, ...]) -> np.dtype[np.void]:
    return np.dtype([("asset", np.int64), ("day", np.int64), *((name, np.float64) for name in fields)])


def _file(folder: Path, block: int) -> Path:
    return folder / f"{block}.rows"
