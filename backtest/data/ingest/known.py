"""When a price by contract month is known: on its day, or later where its source brings it later."""

from __future__ import annotations

import numpy as np

from backtest.data.files.source import Source
from backtest.data.manifest.manifest import Series
from backtest.errors import DataRefused, did_you_mean
from backtest.model import Bools, Ints, Sessions
from backtest.model.series import Labels
from backtest.workspace import MANIFEST

NEVER = -1
"""None of the sessions is one at which the price is known."""


def lags_of(name: str, spec: Series, source: Source) -> tuple[Ints, Labels | None]:
    """Return, per row, the sessions until its price is known, and the source that it is from.

    Parameters
    ----------
    name : str
        The series.
    spec : Series
        Its manifest. A lag of the whole series is applied where the history is read, and is zero here.
    source : Source
        Its file.

    Returns
    -------
    lags : ndarray of shape (n_rows,)
        Whole sessions.
    labels : ndarray of shape (n_rows,), or None
        The sources; None where the manifest does not tell them apart.

    Raises
    ------
    DataRefused
        The file has no column of sources, or one in it has no lag in the manifest.
    """
    rows = len(source.lines)
    lags, column, by_source = np.zeros(rows, dtype=np.int64), spec.columns.source, spec.lags
    if column is None:
        return lags, None
    key = f"series.{name}.publication_lag in {MANIFEST}"
    if column not in source.columns:
        raise DataRefused(
            f"{source.name}: has no column '{column}', and {key} goes by it.",
            "Name the column in columns.source; or, where all prices come out alike, give publication_lag one number.",
        )
    labels = np.empty(rows, dtype=np.object_)
    for label, mine in source.rows_by(column).items():
        if label not in by_source:
            raise DataRefused(
                f'{source.place(mine[0])}: {column} = "{label}": {key} does not say when its prices are known.',
                f'{did_you_mean(label, by_source)} Write "{label}" = 0 there for settlements, known by the close; '
                "1 for trades after it, or where it is not known.".strip(),
            )
        lags[mine], labels[mine] = by_source[label], label
    return lags, labels


def known_at(dates: Sessions, lags: Ints, sessions: Sessions) -> tuple[Ints, Bools]:
    """Return the session at whose close each price is known, and whether its own day is a session.

    A price of a day without a session is known at the next one; `NEVER` where that lies outside of `sessions`.
    """
    at = np.searchsorted(sessions, dates)
    on = np.isin(dates, sessions)
    known = at + np.where(on, lags, np.maximum(lags - 1, 0))
    inside = (known < len(sessions)) & (dates >= sessions[0])
    return np.where(inside, known, NEVER), on


def freshest(known: Ints, months: Ints, dates: Sessions, lags: Ints) -> Bools:
    """Flag, of the prices of one contract known at one session, that of the latest day; of that, the earliest known."""
    order = np.lexsort((-lags, dates, months, known))
    last = np.ones(len(order), dtype=np.bool_)
    last[:-1] = (np.diff(known[order]) != 0) | (np.diff(months[order]) != 0)
    flags = np.zeros(len(order), dtype=np.bool_)
    flags[order[last]] = True
    return flags
