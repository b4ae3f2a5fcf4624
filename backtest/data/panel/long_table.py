"""A long table of many assets: one row per asset and session, taken out of an Arrow table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from backtest import arrow
from backtest.data.manifest.panel_table import PanelColumns
from backtest.errors import DataRefused, cut, did_you_mean
from backtest.format import plural
from backtest.model import Field, Floats, Ints, Sessions

EXACT = 2**53
"""Whole numbers beyond it are not exact as floats."""
LONGEST_NAME = 100
"""Characters of an asset's name."""
AS_DATES = "Convert it to days, without a time or a time zone, such as 2024-07-16."
"""What to do with a column that holds no dates."""


@dataclass(frozen=True, eq=False)
class LongTable:
    """Rows in the order of the file.

    Attributes
    ----------
    assets : tuple of str
        Names in ascending order.
    asset : ndarray of shape (n_rows,)
        Position in `assets`.
    session : ndarray of shape (n_rows,), datetime64[D]
    fields : dict of str to ndarray of shape (n_rows,)
        Numbers; NaN where there is none.
    """

    assets: tuple[str, ...]
    asset: Ints
    session: Sessions
    fields: dict[Field, Floats]


def long_table_of(table: pa.Table, columns: PanelColumns, place: str) -> LongTable:
    """Take a long table out of an Arrow table; `place` names it in refusals.

    Raises
    ------
    DataRefused
        A column is absent or of another type.
    """
    refuse_absent(place, columns.read(), table.column_names)
    names, codes = names_of(place, columns.asset, table.column(columns.asset))
    days = days_of(place, columns.session, table.column(columns.session))
    fields = {name: _numbers(place, column, table.column(column)) for name, column in columns.fields().items()}
    return LongTable(names, codes, days, fields)


def refuse_absent(place: str, columns: Sequence[str], present: Sequence[str]) -> None:
    """Refuse a table that lacks a column, or has it twice.

    Raises
    ------
    DataRefused
        The message names the column.
    """
    for column in columns:
        if present.count(column) != 1:
            what = "has no column" if column not in present else "has more than one column"
            raise DataRefused(f"{place}: {what} '{column}'.", did_you_mean(column, present))


def names_of(place: str, name: str, column: pa.ChunkedArray) -> tuple[tuple[str, ...], Ints]:
    """Return the names of a column, each once and in ascending order, and the position of each row's among them."""
    kind = _plain(column.type)
    if not pa.types.is_string(kind) and not pa.types.is_large_string(kind) and not pa.types.is_integer(kind):
        raise DataRefused(f"{place}: column '{name}' is {kind}: must name assets.")
    words, code = _coded(place, name, column)
    if missing := int(np.count_nonzero(code < 0)):
        rows = plural(missing, "row")
        raise DataRefused(f"{place}: {rows} without an asset in '{name}'.", "Fill it in, or leave such rows out.")
    used = np.unique(code).tolist()
    names = {one: str(words[one]) for one in used}
    refuse_names(place, name, names.values())
    ordered = tuple(sorted(set(names.values())))
    position = {word: rank for rank, word in enumerate(ordered)}
    rank = np.zeros(len(words), dtype=np.int64)
    rank[used] = [position[word] for word in names.values()]
    return ordered, rank[code]


def _plain(kind: pa.DataType) -> pa.DataType:
    """Return the type of a column's values, coded or not."""
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _coded(place: str, name: str, column: pa.ChunkedArray) -> tuple[list[Any], Ints]:
    """Return the values of a column, and the position of each row's among them, or -1 where it has none."""
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    whole = coded.combine_chunks()
    try:
        words = whole.dictionary.to_pylist()
    except UnicodeDecodeError as error:
        hint = "Write the file again, with text as UTF-8."
        raise DataRefused(f"{place}: column '{name}' is not UTF-8.", hint) from error
    code = np.nan_to_num(arrow.to_floats(pa.chunked_array([whole.indices])), nan=-1).astype(np.int64)
    blank = [at for at, word in enumerate(words) if word is None]
    return words, np.where(np.isin(code, blank), -1, code) if blank else code


def refuse_names(place: str, column: str, names: Iterable[str]) -> None:
    """Refuse names that are blank, longer than `LONGEST_NAME`, or hold what cannot be printed.

    Raises
    ------
    DataRefused
        The message names the first of them.
    """
    for name in names:
        if name.strip() and len(name) <= LONGEST_NAME and name.isprintable():
            continue
        rule = f"a name has 1 to {LONGEST_NAME} printable characters"
        shown = repr(name) if len(name) <= LONGEST_NAME else f"'{cut(name, 60)}'"  # blanks and controls are seen
        raise DataRefused(
            f"{place}: '{column}' holds {shown}, which is no name of an asset: {rule}.",
            "Name the right column in the manifest, or correct the file.",
        )


def days_of(place: str, name: str, column: pa.ChunkedArray, *, blank: bool = False) -> Sessions:
    """Return a column of dates; NaT where there is none, which is refused unless `blank`."""
    if blank and pa.types.is_null(column.type):
        column = column.cast(pa.date32())
    if pa.types.is_string(_plain(column.type)) or pa.types.is_large_string(_plain(column.type)):
        try:
            column = _dates_in_texts(column)
        except pa.ArrowException as error:
            reason = " ".join(str(error).split())[:200]
            raise DataRefused(f"{place}: column '{name}' must hold dates: {reason}.", AS_DATES) from error
    kind: Any = column.type
    if not pa.types.is_date32(kind) and not (pa.types.is_timestamp(kind) and kind.tz is None):
        raise DataRefused(f"{place}: column '{name}' is {_plain(kind)}: must hold dates.", AS_DATES)
    if column.null_count and not blank:
        rows = plural(column.null_count, "row")
        raise DataRefused(f"{place}: {rows} without a date in '{name}'.", "Fill it in, or leave such rows out.")
    if pa.types.is_timestamp(kind):
        moments = arrow.to_floats(column.cast(pa.timestamp("us")).cast(pa.int64()))
        if np.any(np.nan_to_num(moments) % 86_400_000_000):
            raise DataRefused(f"{place}: column '{name}' has times of day: a session is a day.", AS_DATES)
        column = column.cast(pa.date32())
    return arrow.to_days(column)


def _dates_in_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Read each text of a coded column once, which may be long and stand in many rows."""
    if not pa.types.is_dictionary(column.type):
        return column.cast(pa.date32())
    whole = column.combine_chunks()
    return pa.chunked_array([whole.dictionary.cast(pa.date32()).take(whole.indices)])


def _numbers(place: str, name: str, column: pa.ChunkedArray) -> Floats:
    if pa.types.is_null(column.type):
        return np.full(len(column), np.nan)
    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        raise DataRefused(f"{place}: column '{name}' is {_plain(column.type)}: must hold numbers.")
    values = arrow.to_floats(column)
    if pa.types.is_integer(column.type) and (np.abs(values) > EXACT).any():
        raise DataRefused(
            f"{place}: column '{name}' holds whole numbers above {EXACT:,}, which a price cannot be.",
            "Divide them by the factor that they carry.",
        )
    return values
