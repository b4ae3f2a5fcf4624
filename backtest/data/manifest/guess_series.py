"""What the guesses share: which columns form a series, and what is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from backtest.data.files.columns import Numbers
from backtest.data.files.source import Source
from backtest.data.manifest.column_words import repeats_close, role_of
from backtest.data.manifest.guess_kind import guess_kind
from backtest.data.manifest.manifest import OPEN_UNIT
from backtest.data.manifest.writer import Guessed
from backtest.model import Sessions

CERTAINLY_PERCENT = 1.0
NO_FRACTION = -0.05
"""Sizes from which a rate cannot be a fraction: 100% a year, and -5%, which no rate has ever reached."""
LEVELS_IN_ORDER = ("open", "high", "low", "close")


@dataclass
class GuessNotes:
    """Lines about what is left out, which is a warning, and about columns that are not prices, which is not."""

    left_out: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    days: list[Sessions] = field(default_factory=list)
    """The dates of each file whose series define sessions."""


def bars_of(numbers: Mapping[str, Numbers]) -> dict[tuple[str, bool], dict[str, str]]:
    """Return the columns of each series by level; the key is the series' name, if any, and whether it is adjusted."""
    found: dict[tuple[str, bool], dict[str, tuple[int, str]]] = {}
    for name in numbers:
        if role := role_of(name):
            levels = found.setdefault((role.series, role.adjusted), {})
            levels[role.level] = min(levels.get(role.level, (role.rank, name)), (role.rank, name))
    closed = {key: levels for key, levels in found.items() if "close" in levels}
    nameless = {key: levels for key, levels in closed.items() if not key[0]}
    return {
        key: {level: levels[level][1] for level in LEVELS_IN_ORDER if level in levels}
        for key, levels in (nameless or closed).items()
    }


def guessed_series(
    source: Source, name: str, columns: dict[str, str], numbers: Mapping[str, Numbers], words: str
) -> Guessed:
    """Describe a series from its columns: its kind, judged by the close, and how its values must be read."""
    look = numbers[columns["close"]]
    kind, unit, why = guess_kind(words, look, columns)
    if kind == "percent_return":
        columns = {key: column for key, column in columns.items() if key in ("date", "close")}
    read = [numbers[column] for column in columns.values() if column in numbers]
    missing = dict.fromkeys(mark for one in read for mark in one.missing)
    currency = next((one.currency for one in read if one.currency), None)
    return Guessed(name, name, kind, unit, why, source.name, columns, missing=tuple(missing), currency=currency)


def value_column(numbers: Mapping[str, Numbers]) -> str | None:
    """Return the column that series are read from: an adjusted close, else the most reliable close, else any."""
    closes = [(role, name) for name in numbers if (role := role_of(name)) and role.level == "close" and not role.series]
    ordered = [name for _, name in sorted(closes, key=lambda pair: (not pair[0].adjusted, pair[0].rank))]
    rest = [name for name in numbers if not repeats_close(name)]
    return next(iter([*ordered, *rest, *numbers]), None)


def stem_of(source: Source) -> str:
    """Return the file's name without folder and suffix."""
    file = source.name.rpartition("/")[2].lstrip(".")
    return file.partition(".")[0] or "series"


def unsettled_rates(guessed: Sequence[Guessed], looks: Sequence[Numbers]) -> list[Guessed]:
    """Leave open whether a file's rates are percent or fractions, if none of them reaches 1.

    0.0184 may be 1.84% as a fraction, or a bill's 0.0184%; a single 1.84 next to it settles the unit for all.
    """
    rates = [look for item, look in zip(guessed, looks, strict=True) if item.kind == "rate"]
    highest = max((float(np.nanmax(np.abs(look.values))) for look in rates if len(look.values)), default=0.0)
    lowest = min((float(np.nanmin(look.values)) for look in rates if len(look.values)), default=0.0)
    told = highest >= CERTAINLY_PERCENT or lowest <= NO_FRACTION or any(look.percent for look in rates)
    if told or not highest:
        return list(guessed)
    why = f'{{}}; no rate of the file is above {highest:.4g}: write unit = "fraction" or unit = "percent"'
    return [
        replace(item, unit=OPEN_UNIT, why=why.format(item.why)) if item.kind == "rate" else item for item in guessed
    ]
