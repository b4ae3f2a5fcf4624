"""Guess the series of files in which a column says which series a row belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from backtest.data.files.columns import Numbers, comparable_name, texts_of
from backtest.data.files.source import Source
from backtest.data.manifest.column_words import folded, role_of
from backtest.data.manifest.doubts import refuse_no_close
from backtest.data.manifest.guess_series import (
    GuessNotes,
    bars_of,
    guessed_series,
    stem_of,
    unsettled_rates,
    value_column,
)
from backtest.data.manifest.writer import Guessed
from backtest.errors import DataRefused
from backtest.model import Ints

KEY = re.compile(r"symbol|ticker|permno|permco|gvkey|iid|cusip|isin|secid|asset|series|name|id", re.I)
PERMNO = "permno"
CRSP = frozenset(("ret", "dlyret", "prc", "dlyprc"))
MOST_SYMBOLS = 500
HEAD = 100_000


def security_column(source: Source, columns: Sequence[str]) -> str | None:
    """Return the column of CRSP's security numbers, if the file is from CRSP."""
    if CRSP.isdisjoint(map(folded, source.columns)):
        return None
    return next((name for name in columns if folded(name) == PERMNO), None)


def is_named_as_key(column: str) -> bool:
    """Tell whether a column is named as one that says which series a row belongs to."""
    return KEY.fullmatch(comparable_name(column)) is not None


def long_series(
    source: Source,
    keys: dict[str, str],
    symbol: str,
    numbers: Mapping[str, Numbers],
    words: Sequence[str],
    seen: GuessNotes,
) -> Iterator[Guessed]:
    """Read one series per word of the column `symbol`, all from the same columns of numbers."""
    keyless = {name: look for name, look in numbers.items() if not is_named_as_key(name)}
    value = value_column(keyless)
    if value is not None and not any((role := role_of(name)) and role.level == "close" for name in keyless):
        refuse_no_close(source, symbol, keyless)
    if value is None:
        raise DataRefused(f"{source.name}: has a column '{symbol}', but no column of numbers.")
    refuse_many(source, symbol)
    levels = next((levels for levels in bars_of(numbers).values() if levels["close"] == value), {"close": value})
    guessed, looks = [], []
    for name, rows in sorted(source.rows_by(symbol).items()):
        if not name:
            continue
        own = {column: _rows(numbers[column], rows) for column in levels.values()}
        item = guessed_series(source, name, {**keys, **levels}, own, f"{stem_of(source)} {value}")
        guessed.append(replace(item, where={symbol: name}))
        looks.append(own[value])
    yield from unsettled_rates(guessed, looks)
    seen.left_out += unused_columns(source, [*numbers, *words], [symbol, *levels.values()], value)


def crsp_series(source: Source, keys: dict[str, str], security: str, seen: GuessNotes) -> Iterator[Guessed]:
    """Read CRSP's returns by PERMNO and compound them; never read its prices. Letters mark missing returns.

    In CRSP, a negative price is the mean of bid and ask, and prices are not adjusted for splits.
    """
    column = next((name for name in source.columns if folded(name) in ("ret", "dlyret")), None)
    if column is None:
        raise DataRefused(
            f"{source.name}: has {security} and PRC, but no RET: PRC is not adjusted for splits, and below 0 it is the "
            "mean of bid and ask.",
            "Add the column RET to the file, or write a manifest that reads PRC with its where.",
        )
    refuse_many(source, security)
    texts = texts_of(source, column) or []
    letters = tuple(sorted({text for text in texts if text.isalpha() and len(text) == 1}))
    for name in sorted(source.rows_by(security)):
        returns = f"{name}_returns"
        yield Guessed(
            *(returns, f"{name}, returns", "percent_return", "fraction", "CRSP's RET", source.name),
            {**keys, "close": column},
            {security: name},
            missing=letters,
        )
        why = f"{returns}, compounded"
        yield Guessed(name, f"{name}, total return", "total_return_index", "index", why, "", {}, index_of=returns)
    rest = [name for name in source.columns if name not in (security, column, *keys.values())]
    seen.unread += [f"{source.name}, column {name}: its series are made of column {column}" for name in rest]


def refuse_many(source: Source, symbol: str) -> None:
    """Refuse a file with more series than anyone would read in a manifest."""
    if (many := len(source.rows_by(symbol).keys() - {""})) > MOST_SYMBOLS:
        raise DataRefused(
            f"{source.name}: column '{symbol}' has {many:,} names: a guessed manifest lists at most {MOST_SYMBOLS}.",
            "Write a manifest with those that you need, each with its where.",
        )


def _rows(look: Numbers, kept: Ints) -> Numbers:
    return replace(look, values=look.values[kept]) if len(look.values) else look


def unused_columns(source: Source, columns: Sequence[str], used: Sequence[str], value: str) -> list[str]:
    """Say which columns are not read."""
    unused = [name for name in columns if name not in used]
    return [f"{source.name}, column {name}: its series are made of column {value}" for name in unused]


def is_key(source: Source, date: str, column: str) -> bool:
    """Tell whether a column of words says which series a row belongs to: dates recur, but not within a word."""
    for n in (HEAD, len(source.lines)):  # the head usually settles it, and needs hardly any memory
        rows = source.rows(np.arange(min(n, len(source.lines))))
        dates, day = rows.distinct(date)
        _, word = rows.distinct(column)
        if len(np.unique(word * len(dates) + day)) > len(dates):
            return True
    return False


def may_be_many(source: Source, date: str, column: str) -> bool:
    """Tell whether a column is named as a key, and is one."""
    return is_named_as_key(column) and is_key(source, date, column)
