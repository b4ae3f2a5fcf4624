"""Before written data become the dataset: what a later command would read from them is what was given."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from backtest.data.store.lock import Lock
from backtest.data.store.read import dataset_of
from backtest.errors import DataRefused, DatasetCorrupt
from backtest.model import Contracts, Floats, Sessions


def read_back(
    folder: Path,
    lock: Lock,
    sessions: Sessions,
    columns: Mapping[str, Floats],
    tables: Mapping[str, Contracts | pa.Table],
) -> None:
    """Read the files that a lock names, before it is written, and compare them with what they were made of.

    Parameters
    ----------
    folder : Path
        The dataset's folder.
    lock : Lock
        The lock that would make the files the dataset.
    sessions : ndarray of shape (n_sessions,), datetime64[D]
    columns : mapping of str to ndarray of shape (n_sessions,)
    tables : mapping of str to Contracts or pyarrow.Table
        As given to `write`.

    Raises
    ------
    DataRefused
        Something differs or cannot be read; the data that were there stay.
    """
    try:
        prices = dataset_of(folder, lock).prices
        differs = [] if np.array_equal(prices.sessions, sessions) else ["the sessions"]
        differs += [
            name
            for name, values in columns.items()
            if name not in prices.columns or not np.array_equal(prices.columns[name], values, equal_nan=True)
        ]
        differs += [
            name
            for name, table in tables.items()
            if isinstance(table, Contracts) and not _same(prices.tables[name], table)
        ]
    except DatasetCorrupt as error:
        raise _refusal(lock, error.statement.rstrip(".")) from error
    if differs:
        raise _refusal(lock, f"{', '.join(differs[:5])} read back differently")


def _same(stored: Contracts, given: Contracts) -> bool:
    order = np.lexsort((given.month, given.session))
    return (
        np.array_equal(stored.session, given.session[order])
        and np.array_equal(stored.month, given.month[order])
        and np.array_equal(stored.price, given.price[order], equal_nan=True)
    )


def _refusal(lock: Lock, what: str) -> DataRefused:
    return DataRefused(
        f"dataset '{lock.dataset}': what was written is not what was read ({what}); the data that were there stay.",
        "Check the disk and import again; if it stays so, report it as a bug.",
    )
