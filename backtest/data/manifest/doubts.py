"""Cases in which a guess would be dangerous: nothing is guessed, and the refusal names the choices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import NoReturn

import numpy as np

from backtest.data.files.columns import Numbers
from backtest.data.files.shapes import is_like_a_date, is_like_a_number
from backtest.data.files.source import Source
from backtest.data.manifest.column_words import are_maturities, folded, is_not_read, repeats_close
from backtest.data.manifest.guess_kind import VAGUE
from backtest.errors import DataRefused
from backtest.files import NO_FILE

HEAD = 1_000
"""The number of rows that show whether a column holds dates."""
BARS = ("date,close", "date,open,high,low,close", "date,open,high,low,close,volume")
NEAR = 0.2
"""Largest distance between open, high, low and close of a session, as a share."""
ALWAYS = 0.98
KEEP = 'Keep only the columns that you need in the file, or write a manifest: columns = {{ close = "{}" }}.'


def refuse_other_than_files(source: Path) -> None:
    """Refuse sources that are neither file nor folder, which may never end, and names that a manifest cannot hold."""
    if source.exists() and not source.is_dir() and not source.is_file():
        raise DataRefused(f"{source}: is {NO_FILE}.", f"Save its output: cat {source} > prices.csv")
    if not source.is_dir() and (marks := sorted({"\\", ":"} & set(source.name))):
        raise DataRefused(
            f"{source}: has '{marks[0]}' in its name, which a manifest cannot hold.", "Rename the file, and import it."
        )


def refuse_headerless(source: Source) -> None:
    """Refuse a file whose first line holds a date, or only numbers."""
    names = [name for name in source.columns if name]
    if source.unit != "line" or not (any(map(is_like_a_date, names)) or all(map(is_like_a_number, names))):
        return
    if sum(map(is_like_a_date, names)) > max(2, len(names) // 2):
        raise DataRefused(
            f"{source.name}: its dates run across the columns ({', '.join(names)[:60]}).",
            "Transpose the table: one row per date, one column per series.",
        )
    many = max(2, len(source.columns))  # a date and a price, at least
    like = next((line for line in BARS if line.count(",") + 1 == many), f"date, and {many - 1} more")
    hint = f"Add a line of names: {like}"
    if not names:
        raise DataRefused(f"{source.name}: its first line names no column.", hint)
    raise DataRefused(f"{source.name}: its first line reads as values ({', '.join(names)[:60]}).", hint)


def refuse_undated(source: Source) -> NoReturn:
    """Refuse a file without a column of dates, and say what to write instead."""
    columns = list(source.columns)
    parts = [name for name in columns if name.lower() in ("year", "month", "day")]
    hint = "Its first line must name the columns, one of which must have a date in every row."
    if len(parts) == len(("year", "month", "day")):
        hint = f"Combine {', '.join(parts)} into one column: date, such as 2024-07-16."
    elif len(columns) == 1 and source.unit == "line":
        hint = "Its columns must be separated by a comma, a semicolon, a tab or |, and one of them must hold dates."
    raise DataRefused(f"{source.name}: no column holds dates ({', '.join(columns)[:60]}).", hint)


def refuse_second_dates(source: Source, date: str) -> None:
    """Refuse a second column of dates after a column of numbers: side-by-side blocks with their own calendars."""
    columns = list(source.columns)
    behind = [name for name in columns[columns.index(date) + 2 :] if not is_not_read(name)]
    head = source.rows(np.arange(min(len(source.lines), HEAD)))
    behind = [name for name in behind if any(map(is_like_a_date, _filled(head, name)))]
    own = source.distinct(date) if behind else ([], np.empty(0))
    for name in behind:
        texts, codes = source.distinct(name) if source.is_text(name) else ([], np.empty(0))
        filled = [text for text in texts if text]
        if filled and all(map(is_like_a_date, filled)) and len(texts) > 1:
            differ = np.array(texts, dtype=object)[codes] != np.array(own[0], dtype=object)[own[1]]
            if ":" not in filled[0] and differ.any() and _are_days(filled[0], own[0]):
                raise DataRefused(
                    f"{source.name}: columns {date} and {name} have different dates: blocks side by side.",
                    "Save each block as a separate file.",
                )


def _filled(source: Source, name: str) -> list[str]:
    return [text for text in source.distinct(name)[0] if text] if source.is_text(name) else []


def _are_days(text: str, others: Sequence[str]) -> bool:
    """Tell whether a text is a date like the others; seconds since 1970 next to dates are the same moment."""
    return text.strip("-").isdigit() == others[0].strip("-").isdigit()


def refuse_vague_close(source: Source, numbers: Mapping[str, Numbers], close: str, read: Sequence[str]) -> None:
    """Refuse a column called value or last next to columns with unknown names: each may be the price."""
    rest = [name for name in numbers if name not in read and not repeats_close(name)]
    if rest and len(read) == 1 and folded(close) in VAGUE:
        raise DataRefused(
            f"{source.name}: which column is the price: {', '.join([close, *rest])[:80]}?", KEEP.format(rest[0])
        )


def refuse_nameless_bars(source: Source, numbers: Mapping[str, Numbers]) -> None:
    """Refuse columns of which one is always slightly the highest and one the lowest: bars without names."""
    for names in _near(numbers):
        values = np.column_stack([numbers[name].values for name in names])
        values = values[np.isfinite(values).all(axis=1)]
        if len(values) < 20:
            continue
        top = (values >= values.max(axis=1, keepdims=True)).mean(axis=0) >= ALWAYS
        bottom = (values <= values.min(axis=1, keepdims=True)).mean(axis=0) >= ALWAYS
        if top.sum() == 1 and bottom.sum() == 1:
            raise DataRefused(
                f"{source.name}: {', '.join(names)[:80]} look like open, high, low and close of one series.",
                "Name them open, high, low and close in the file's first line, or write a manifest with its columns.",
            )


def _near(numbers: Mapping[str, Numbers]) -> Iterator[tuple[str, ...]]:
    if are_maturities(numbers):
        return
    held = [name for name, look in numbers.items() if len(look.values) and np.nanmedian(look.values) > 0]
    middle = {name: float(np.nanmedian(numbers[name].values)) for name in held}
    for names in combinations(held[:8], 4):
        levels = [middle[name] for name in names]
        if max(levels) <= min(levels) * (1 + NEAR):
            yield names


def refuse_no_close(source: Source, symbol: str, numbers: Mapping[str, Numbers]) -> None:
    """Refuse a long file with several columns of numbers, none of which is named as a close."""
    rest = [name for name in numbers if not repeats_close(name)]
    if len(rest) > 1:
        raise DataRefused(
            f"{source.name}: which column is the price of each {symbol}: {', '.join(rest)[:80]}?", KEEP.format(rest[0])
        )
