"""Histories seen through a change: a value on the session on which it came out, only the first sessions, …."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

import numpy as np

from backtest.model.arrays import Floats, Sessions
from backtest.model.series import Contracts

Value = TypeVar("Value")


class Changed(Mapping[str, Value]):
    """Columns or tables by key, each changed when it is asked for; what nobody asks for is never read.

    Parameters
    ----------
    raw : mapping
        Columns by ``"RUT"`` or ``"RUT.open"``, or tables by series name.
    change : callable
        Gets the name of the series and the value, and returns the changed value.
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
    """Move values by `lag` sessions; NaN where nothing was out yet."""
    if not lag:
        return values
    moved = np.full(len(values), np.nan)
    moved[lag:] = values[: max(len(values) - lag, 0)]
    moved.flags.writeable = False
    return moved


def contracts_later(table: Contracts, lag: int, sessions: Sessions) -> Contracts:
    """Move quotes by `lag` sessions, each still of its day; what comes out after the last session is not out yet."""
    if not lag:
        return table
    return contracts_until(replace(table, session=table.session + lag, quoted=table.days(sessions)), len(sessions))


def contracts_until(table: Contracts, n: int) -> Contracts:
    """Keep the quotes of the first `n` sessions: they come first, as a table is sorted by session."""
    end = int(np.searchsorted(table.session, n))
    return table.take(slice(end))
