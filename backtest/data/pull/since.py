"""From which day on a pull takes rows: what is there already is not shortened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path

from backtest.data.store.lock import read_lock
from backtest.errors import BacktestError


def starts_of(folder: Path, names: Iterable[str], since: dt.date) -> dict[str, dt.date]:
    """Return the first day that each series is taken from: `since`, or the first day that the dataset has of it.

    The provider's whole answer is at hand, so the days before `since` come from it too: total returns of two pulls
    cannot be put together, as they are rescaled at every dividend.

    Parameters
    ----------
    folder : Path
        The dataset's; without data that can be read, every series begins on `since`.
    names : iterable of str
        The series that are pulled.
    since : date
        The day that was asked for.
    """
    try:
        held = read_lock(folder).series
    except BacktestError:
        held = {}
    firsts = {name: held[name].first if name in held else None for name in names}
    return {name: min(first or since, since) for name, first in firsts.items()}


def said_of(starts: Mapping[str, dt.date], since: dt.date) -> str:
    """Say in a note what was left out."""
    longer = [f"{name} (from {start})" for name, start in starts.items() if start < since]
    text = f"Pulled from {since} on: rows before are left out"
    return f"{text}, but for what was there already: {', '.join(longer)}." if longer else f"{text}."
