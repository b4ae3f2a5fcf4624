"""Views of a history: values moved to the session of their publication, only the first sessions, …."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

import numpy as np

from backtest.model.arrays import Floats, Sessions
from backtest.model.series import Contracts

Value = TypeVar("Value")


class Changed(Mapping[str, Value]):
    """Columns or tables by key, each changed on access; what is not accessed is never read.

    Parameters
    ----------
    raw : mapping
        Columns by ``"RUT"`` or ``"RUT.open"``, or tables by series name.
    change : callable
        Takes the name of the series and the value, and returns the changed value.
    """

    def __init__(self, raw: Mapping[str, Value], change: Callable[[str, Value], Value]) -> None:
        self._raw, self._change = raw, change

    def __getitem__(self, key: str) -> Value:
        return self._change(key.partition(".")[0], self._raw[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)

    def __contains__(self, key: object) -> bool:
        return key in self._raw


def later(values: Floats, lag: int) -> Floats:
    """Move values by `lag` sessions; NaN if nothing was published yet."""
    if not lag:
        return values
    moved = np.full_like(values, np.nan)
    moved[lag:] = values[: max(len(values) - lag, 0)]
    moved.flags.writeable = False
    return moved


def contracts_later(table: Contracts, lag: int, sessions: Sessions) -> Contracts:
    """Move quotes by `lag` sessions, keeping their days; drop those published after the last session."""
    if not lag:
        return table
    return contracts_until(replace(table, session=table.session + lag, quoted=table.days(sessions)), len(sessions))


def contracts_until(table: Contracts, n: int) -> Contracts:
    """Keep the quotes of the first `n` sessions, which come first in a table sorted by session."""
    end = int(np.searchsorted(table.session, n))
    return table.take(slice(end))


def contracts_between(table: Contracts, first: int, end: int) -> Contracts:
    """Keep the quotes of the sessions from `first` up to but not including `end`, counted from `first`."""
    begin, stop = np.searchsorted(table.session, [first, end]).tolist()
    kept = table.take(slice(begin, stop))
    return replace(kept, session=kept.session - first)
