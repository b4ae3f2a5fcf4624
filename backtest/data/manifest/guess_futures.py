"""Guess what the columns of a table of futures are: the contract, and the price."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from backtest.data.files.columns import plain
from backtest.data.files.contract_codes import is_code
from backtest.data.files.source import Source

CONTRACT = re.compile(r"contract(_?month)?|expiry|delivery(_?month)?", re.I)
SETTLEMENT = re.compile(r"(daily[_ ]?)?settle(ment)?([_ ]?(price|value))?", re.I)


def contract_column(source: Source, columns: Sequence[str]) -> str | None:
    """Name the column of contracts: by its name, or because codes such as ZQN26 are all that it holds."""
    named = (name for name in columns if CONTRACT.fullmatch(plain(name)))
    return next(named, None) or next((name for name in columns if _holds_codes(source, name)), None)


def settlement_column(columns: Iterable[str]) -> str | None:
    """Name the column of settlements, which are known by the close; a last trade or a close may be later."""
    return next((name for name in columns if SETTLEMENT.fullmatch(plain(name))), None)


def _holds_codes(source: Source, column: str) -> bool:
    if not len(source.lines) or not source.is_text(column):
        return False
    (first,), _ = source.rows([0]).distinct(column)  # most often enough to tell
    return is_code(first) and all(map(is_code, source.distinct(column)[0]))
