"""The names of a file's columns: each once, and not more than anybody means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from backtest.data.files.rectangle import DATES
from backtest.errors import DataRefused

MOST_COLUMNS = 20_000


def check_columns(name: str, columns: Sequence[str]) -> None:
    """Refuse a file in which two columns have one name, or with more columns than anybody means."""
    if len(columns) > MOST_COLUMNS:
        raise DataRefused(
            f"{name}: has {len(columns):,} columns: at most {MOST_COLUMNS:,} are read.",
            "Save fewer columns, or one row per date and symbol.",
        )
    times = Counter(columns)
    twice = [column for column in columns if times[column] > 1]
    if twice and twice[0].lower() in DATES:
        raise DataRefused(
            f"{name}: holds {times[twice[0]]} tables side by side: there is more than one column '{twice[0]}', "
            "and their dates may differ.",
            f"Save each '{twice[0]}' and its values as a separate file, and import their folder: --from DIR",
        )
    if twice:
        raise DataRefused(f"{name}: has more than one column '{twice[0]}'.")
