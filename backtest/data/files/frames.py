"""A DataFrame of any library as an Arrow table."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pyarrow as pa

from backtest.errors import DataRefused, cut


def table_of_frame(frame: Any, place: str, wanted: Collection[str] | None = None) -> pa.Table:  # noqa: ANN401
    """Return a DataFrame as an Arrow table; a named index is among its columns.

    Parameters
    ----------
    frame : DataFrame
        Of any library that narwhals knows.
    place : str
        How refusals name it.
    wanted : collection of str, optional
        The columns to take, if all are there; default: all.

    Raises
    ------
    DataRefused
        It is no DataFrame, two columns have one name, or a column holds values of several types.
    """
    import narwhals.stable.v2 as nw

    try:
        table = nw.from_native(frame, eager_only=True)
    except TypeError as error:
        raise DataRefused(
            f"a {type(frame).__name__} is not a DataFrame.", "Pass one from pandas, polars or pyarrow."
        ) from error
    except ValueError as error:  # pandas; other libraries allow no such frame
        raise DataRefused(f"{place}: {cut(str(error), 200)}.", "Give each column its own name.") from error
    try:
        if wanted is not None and set(wanted) <= set(table.columns):
            table = table.select(list(wanted))
        return table.to_arrow()
    except (TypeError, ValueError, OverflowError, pa.ArrowException) as error:
        raise _refusal(table, place, error) from error


def _refusal(table: Any, place: str, error: Exception) -> DataRefused:  # noqa: ANN401  a frame of narwhals
    """Name the column that cannot be taken, and its first value of another type than the first, or its first."""
    for name in table.columns:
        try:
            table.select([name]).to_arrow()
        except (TypeError, ValueError, OverflowError, pa.ArrowException):
            there = [(row, value) for row, value in enumerate(table[name].to_list(), 1) if value is not None]
            row, first = there[0]
            other = next(((row, value) for row, value in there if type(value) is not type(first)), None)
            said = f"row {row} is {_said(first)}"
            if other is None:
                said = f"{said}, which Arrow has no type for: {cut(str(error), 200)}"
                return DataRefused(f"{place}: column '{name}': {said}.", "Give it numbers, texts or dates.")
            said = f"row {other[0]} is {_said(other[1])}, {said}"
            return DataRefused(f"{place}: column '{name}': {said}.", "Give the column values of one type.")
    return DataRefused(f"{place}: cannot be read: {cut(str(error), 200)}.", "Pass the columns without an index.")


def _said(value: object) -> str:
    return f"{cut(repr(value), 60)} ({type(value).__name__})"
