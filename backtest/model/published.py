"""Point in time: a value stands on the session on which it came out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

import numpy as np

from backtest.model.arrays import Floats
from backtest.model.series import Contracts, SeriesInfo

Value = TypeVar("Value")


class Published(Mapping[str, Value]):
    """Columns or tables by series, each moved to the session on which it was published, when it is asked for."""

    def __init__(
        self, raw: Mapping[str, Value], series: Mapping[str, SeriesInfo], move: Callable[[Value, int], Value]
    ) -> None:
        self._raw, self._series, self._move = raw, series, move

    def __getitem__(self, key: str) -> Value:
        lag = self._series[key.partition(".")[0]].publication_lag
        return self._move(self._raw[key], lag) if lag else self._raw[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)

    def __contains__(self, key: object) -> bool:
        return key in self._raw


def later(values: Floats, lag: int) -> Floats:
    """Move values by `lag` sessions; NaN where nothing was out yet."""
    moved = np.full(len(values), np.nan)
    moved[lag:] = values[: len(values) - lag]
    moved.flags.writeable = False
    return moved


def contracts_later(table: Contracts, lag: int, n: int) -> Contracts:
    """Move quotes by `lag` sessions; what comes out after the last of `n` sessions is not out yet."""
    return contracts_until(Contracts(table.session + lag, table.month, table.price), n)


def contracts_until(table: Contracts, n: int) -> Contracts:
    """Keep the quotes of the first `n` sessions."""
    keep = table.session < n
    return Contracts(table.session[keep], table.month[keep], table.price[keep])
