"""Whose events a list holds: columns that name assets, recognised by header and content."""

from __future__ import annotations

import re
from collections.abc import Set

from backtest.data.files.columns import MISSING
from backtest.data.files.source import Source
from backtest.detect.event_times import YES_NO, cells
from backtest.detect.times_of_day import is_time
from backtest.errors import StudyRefused
from backtest.model import Note

ASSETS = frozenset(
    (
        *("symbol", "ticker", "tic", "asset", "security", "stock", "instrument", "underlying", "company", "firm"),
        *("issuer", "permno", "permco", "gvkey", "cik", "isin", "cusip", "ncusip", "sedol", "ric", "figi", "lei"),
        *("comnam", "conm", "fund", "etf", "coin", "equity", "share"),
    )
)
"""Words of a header, in lower case and singular, that say whose event it is."""
BESIDE = frozenset(("id", "name", "code", "identifier", "key", "no", "number", "the", "of"))
"""Words that may stand beside such a word in the header of a column that holds only assets."""
SYMBOL = re.compile(r"[A-Z][A-Z0-9]{0,5}(?:[.\-/^=][A-Z0-9]{0,4})?(?: [A-Z]{2}(?: Equity)?)?", re.ASCII)


def one_asset(source: Source, name: str, column: str | None) -> list[Note]:
    """Refuse pairs of asset and date, unless the column of dates was named: then every date is an event.

    Parameters
    ----------
    source : Source
        The file.
    name : str
        The column of dates.
    column : str or None
        The same, if the strategy names it.

    Raises
    ------
    StudyRefused
        A column names several assets.
    """
    for one in source.columns:
        named = _assets(source, one) if one != name else []
        if len(named) < 2:
            continue
        which = f"{', '.join(named[:3])}{', …' if len(named) > 3 else ''}"
        pairs = f"{source.name}: column '{one}' names {len(named)} assets ({which})"
        if column is None:
            raise StudyRefused(
                f"{pairs}: pairs of asset and date need a panel; elsewhere every event of a study applies to all its "
                "assets.",
                "Run it on a panel; or keep the rows of one asset; or set the detector's "
                f'column = "{name}" to take every date as an event of this study\'s asset.',
            )
        text = f'{pairs}; all dates are taken as events of this study\'s asset, as column = "{name}" asks.'
        return [Note("dates_of_several_assets", "detector", text)]
    return []


def asset_column(source: Source, known: Set[str]) -> str | None:
    """Return the column of a list that says whose event each row is; None if no column names assets.

    Parameters
    ----------
    source : Source
        The file.
    known : set of str
        The assets of the panel; of several columns that name assets, the one that names any of these is taken.

    Raises
    ------
    StudyRefused
        Several columns name assets, and the panel does not settle which is meant.
    """
    named = [one for one in source.columns if _is_for_assets(one) or len(_assets(source, one)) > 1]
    if len(named) > 1:
        settled = [one for one in named if not known.isdisjoint(cells(source, one))]
        if len(settled) != 1:
            raise StudyRefused(
                f"{source.name}: more than one column names assets: {', '.join(map(repr, named))}.",
                f'Set the detector\'s assets = "{named[0]}" or assets = "{named[1]}".',
            )
        return settled[0]
    return named[0] if named else None


def _is_for_assets(column: str) -> bool:
    words = _words(column)
    return bool(words & ASSETS) and words <= ASSETS | BESIDE


def _assets(source: Source, column: str) -> list[str]:
    """Return the different assets that a column names, in order; none if it holds something else."""
    words = _words(column)
    if not words & ASSETS and words != {"name"}:
        return []
    there = [text for text in cells(source, column) if text and text.lower() not in MISSING]
    named = sorted(set(there))
    if _is_for_assets(column):
        return named
    if not all(any(map(str.isalpha, text)) and text.lower() not in YES_NO and not is_time(text) for text in named):
        return []  # numbers, flags or times beside the name of an asset: stock_return, stock split
    repeats = len(named) < len(there)
    return named if repeats or all(map(SYMBOL.fullmatch, named)) else []


def _words(header: str) -> set[str]:
    """Return the words of a header in lower case: TickerSymbol and ticker_symbols are ticker and symbol."""
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", header)
    lower = (part.lower() for part in parts)
    return {_singular(word) for word in lower}


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
