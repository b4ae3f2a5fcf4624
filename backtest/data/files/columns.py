"""What a column looks like at first sight: dates, numbers, marks of missing values, and signs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backtest.data.files.date_formats import ISO, fit_dates
from backtest.data.files.delimited import Ambiguous
from backtest.data.files.numbers import Misread, Unsettled, is_number
from backtest.data.files.source import Source
from backtest.errors import DataRefused
from backtest.model import Floats

MISSING = frozenset(
    (".", "..", "-", "--", "–", "—", "na", "n/a", "n.a.", "#n/a", "#na", "#n/a n/a", "nan", "null", "none", "nil")
)
"""The usual marks of a missing value, in lower case."""
CURRENCIES = ("US$", "$", "€", "£", "¥", "₹", "USD", "EUR", "GBP", "JPY", "CHF")
DATE = re.compile(
    r"dates?|day|datetime|timestamp|time|session|datum|data|fecha|observation_date|(dly)?caldt|datadate|trade ?date|"
    r"trading ?day|gmt time|local time|open time|time_period|日期|交易日期|日付|__index_level_0__|",
    re.I,
)


def comparable_name(name: str) -> str:
    """Return a column's name in the form used for comparison: ``<CLOSE>`` and ``Close*`` become ``close``."""
    return re.sub(r"[^\w% ]+", "", name).strip().lower()


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column of numbers, and what the manifest must declare for it to be read."""

    column: str
    values: Floats
    """One per row; NaN where it is missing. Empty if the column can be read in two ways, or a value not at all."""
    missing: tuple[str, ...] = ()
    currency: str | None = None
    percent: bool = False
    refusal: str = ""
    """Why a value cannot be read."""


def numbers_in(source: Source, column: str) -> Numbers:
    """Examine a column as numbers; `refusal` says why it is not one.

    Parameters
    ----------
    source : Source
        The file.
    column : str
        One of its columns.
    """
    if (plainly := source.plainly(column)) is not None and not np.isnan(plainly).all():
        return Numbers(column, plainly)
    there = sorted(filter(None, source.distinct(column)[0])) if source.is_text(column) else []
    missing = tuple(text for text in there if text.lower() in MISSING)
    marked = [text for text in there if text not in missing]
    currency = next((sign for sign in CURRENCIES if marked and all(sign in text for text in marked)), None)
    percent = bool(marked) and all(text.endswith("%") for text in marked)
    look = Numbers(column, np.empty(0), missing, currency, percent)
    try:
        values = replace(source, missing=missing, currency=currency).numbers(column, percent=percent)
    except Ambiguous:  # the import will report it
        return look
    except DataRefused as error:
        return replace(look, refusal=f"{error.message} {error.hint}".strip().rstrip("."))
    if np.isnan(values).all():
        return replace(look, refusal=f"{source.name}: column '{column}' has no values")
    return replace(look, values=values)


def mostly_numbers(source: Source, look: Numbers) -> bool:
    """Tell whether at least half of a column's values are numbers, so that the others are more likely errors."""
    there = [text for text in texts_of(source, look.column) or () if text and text not in look.missing]
    bare = [text.replace("%", "").replace(look.currency or "%", "") for text in there]
    return sum(map(is_number, bare)) * 2 >= len(there) > 0


def date_column(source: Source) -> tuple[str, str | None] | None:
    """Find the date column: preferably one named as a date that reads as dates, then any that does, then any so named.

    Returns
    -------
    column : str
    form : str or None
        Its ``date_format``, if the file does not use ISO 8601 and one format fits all dates.
    """
    named = [name for name in source.columns if DATE.fullmatch(comparable_name(name))]
    others = [name for name in source.columns if name not in named]
    for name in (*named, *others):
        try:
            if not source.is_text(name):
                source.dates(name)
                return name, None
            form, _ = fit_dates(source.distinct(name)[0])
        except Unsettled:  # the import will report it
            return name, None
        except (Misread, DataRefused):
            continue
        else:
            return name, None if form == ISO else form
    like = [name for name in named if comparable_name(name)[:1].isalpha() and _is_like_dates(texts_of(source, name))]
    return (like[0], None) if like else None


def texts_of(source: Source, column: str) -> list[str] | None:
    """Return a column's texts without surrounding blanks, or None if it does not hold text."""
    raw = source.raw(column)
    return [text.strip() for text in raw] if isinstance(raw, list) else None


def _is_like_dates(texts: Sequence[str] | None) -> bool:
    return texts is not None and sum(sum(c.isdigit() for c in text) >= 3 for text in texts) * 2 >= len(texts) > 0
