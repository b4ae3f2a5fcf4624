"""The first day that a pull takes rows from; existing history is never shortened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path

from backtest.data.store.lock import read_lock
from backtest.errors import BacktestError


def first_days(folder: Path, names: Iterable[str], since: dt.date) -> dict[str, dt.date]:
    """Return the first day to take each series from: `since`, or the first day in the dataset if that is earlier.

    The provider's answer always covers the whole history, so the days before `since` come from it too. Total returns
    from two pulls cannot be combined, because they are rescaled at every dividend.

    Parameters
    ----------
    folder : Path
        The dataset's folder; if it holds no readable data, every series begins on `since`.
    names : iterable of str
        The series to pull.
    since : date
        The day that the user requested.
    """
    try:
        held = read_lock(folder).series
    except BacktestError:
        held = {}
    firsts = {name: held[name].first if name in held else None for name in names}
    return {name: min(first or since, since) for name, first in firsts.items()}


def note_on(starts: Mapping[str, dt.date], since: dt.date) -> str:
    """Return a note that says what was left out."""
    longer = [f"{name} (from {start})" for name, start in starts.items() if start < since]
    text = f"Pulled from {since}: earlier rows are left out"
    return f"{text}, except for existing history: {', '.join(longer)}." if longer else f"{text}."
