"""Recognise the columns of a futures table: the contract and the price."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from backtest.data.files.columns import comparable_name
from backtest.data.files.contract_codes import is_code
from backtest.data.files.source import Source

CONTRACT = re.compile(r"contract(_?month)?|expiry|delivery(_?month)?", re.I)
SETTLEMENT = re.compile(r"(daily[_ ]?)?settle(ment)?([_ ]?(price|value))?", re.I)


def contract_column(source: Source, columns: Sequence[str]) -> str | None:
    """Return the contract column: by its name, or because it holds only codes such as ZQN26."""
    named = (name for name in columns if CONTRACT.fullmatch(comparable_name(name)))
    return next(named, None) or next((name for name in columns if _holds_codes(source, name)), None)


def settlement_column(columns: Iterable[str]) -> str | None:
    """Return the settlement column; settlements are known by the close, but last trades and closes may be later."""
    return next((name for name in columns if SETTLEMENT.fullmatch(comparable_name(name))), None)


def _holds_codes(source: Source, column: str) -> bool:
    if not len(source.lines) or not source.is_text(column):
        return False
    (first,), _ = source.rows([0]).distinct(column)  # the first row usually settles it
    return is_code(first) and all(map(is_code, source.distinct(column)[0]))
