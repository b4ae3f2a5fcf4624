"""When a price by contract month is known: on its day, or later if its source publishes it later."""

from __future__ import annotations

import numpy as np

from backtest.data.files.source import Source
from backtest.data.manifest.manifest import Series
from backtest.errors import DataRefused, did_you_mean
from backtest.model import Bools, Ints, Sessions
from backtest.model.series import Labels
from backtest.workspace import MANIFEST

NEVER = -1
"""The price is not known at any of the sessions."""


def lags_of(name: str, spec: Series, source: Source) -> tuple[Ints, Labels | None]:
    """Return, per row, the number of sessions until its price is known, and its source.

    Parameters
    ----------
    name : str
        The series.
    spec : Series
        Its entry in the manifest. A lag of the whole series is applied when the history is read, and is zero here.
    source : Source
        Its file.

    Returns
    -------
    lags : ndarray of shape (n_rows,)
        Whole sessions.
    labels : ndarray of shape (n_rows,), or None
        The sources; None if the manifest does not distinguish them.

    Raises
    ------
    DataRefused
        The file has no column of sources, or a source in it has no lag in the manifest.
    """
    rows = len(source.lines)
    lags, column, by_source = np.zeros(rows, dtype=np.int64), spec.columns.source, spec.lags
    if column is None:
        return lags, None
    key = f"series.{name}.publication_lag in {MANIFEST}"
    if column not in source.columns:
        raise DataRefused(
            f"{source.name}: has no column '{column}', but {key} depends on it.",
            "Name the column in columns.source; or, if all prices have the same lag, make publication_lag one number.",
        )
    labels = np.empty(rows, dtype=np.object_)
    for label, mine in source.rows_by(column).items():
        if label not in by_source:
            raise DataRefused(
                f'{source.place(mine[0])}: {column} = "{label}": {key} does not say when its prices are known.',
                f'{did_you_mean(label, by_source)} Add "{label}" = 0 for settlements, which are known by the close; '
                "= 1 for later trades, or if the time is unknown.".strip(),
            )
        lags[mine], labels[mine] = by_source[label], label
    return lags, labels


def known_at(dates: Sessions, lags: Ints, sessions: Sessions) -> tuple[Ints, Bools]:
    """Return the session at whose close each price is known, and whether the price's own day is a session.

    The price of a day without a session is known at the next one; `NEVER` if that lies outside `sessions`.
    """
    at = np.searchsorted(sessions, dates)
    on = np.isin(dates, sessions)
    known = at + np.where(on, lags, np.maximum(lags - 1, 0))
    inside = (known < len(sessions)) & (dates >= sessions[0])
    return np.where(inside, known, NEVER), on


def freshest(known: Ints, months: Ints, dates: Sessions, lags: Ints) -> Bools:
    """Flag, among a contract's prices known at one session, that of the latest day; among those, the earliest known."""
    order = np.lexsort((-lags, dates, months, known))
    last = np.ones(len(order), dtype=np.bool_)
    last[:-1] = (np.diff(known[order]) != 0) | (np.diff(months[order]) != 0)
    flags = np.zeros(len(order), dtype=np.bool_)
    flags[order[last]] = True
    return flags
