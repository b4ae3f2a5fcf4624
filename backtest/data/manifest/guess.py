"""Guess a first manifest for files without one; every guess is written down, to be read and edited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from backtest.data.files.columns import (
    DATE,
    Numbers,
    comparable_name,
    date_column,
    mostly_numbers,
    numbers_in,
)
from backtest.data.files.delimited import SEPARATORS, Ambiguous
from backtest.data.files.reading import ENDINGS, GZIPPED_TEXTS, SUFFIXES, read_source
from backtest.data.files.source import Source
from backtest.data.firewall.recognise import EVERY_DAY, USUAL, recognise
from backtest.data.firewall.rhythm import shift_in_days
from backtest.data.manifest.column_words import are_maturities, is_not_read, role_of
from backtest.data.manifest.doubts import (
    refuse_headerless,
    refuse_nameless_bars,
    refuse_other_than_files,
    refuse_second_dates,
    refuse_undated,
    refuse_vague_close,
)
from backtest.data.manifest.guess_decisions import decision_columns, decisions
from backtest.data.manifest.guess_futures import contract_column, settlement_column
from backtest.data.manifest.guess_kind import IN_STEPS
from backtest.data.manifest.guess_long import (
    crsp_series,
    is_key,
    is_named_as_key,
    long_series,
    may_be_many,
    refuse_many,
    security_column,
    unused_columns,
)
from backtest.data.manifest.guess_series import (
    GuessNotes,
    bars_of,
    guessed_series,
    stem_of,
    unsettled_rates,
    value_column,
)
from backtest.data.manifest.kinds import DEFINES_SESSIONS
from backtest.data.manifest.read import parse_manifest
from backtest.data.manifest.writer import Guessed, manifest_text
from backtest.errors import BacktestError, DataRefused
from backtest.model import Sessions
from backtest.workspace import MANIFEST

SMALL = 1.0
"""In a table of returns, a column whose values stay below this is a return too: that of a bill."""


@dataclass(frozen=True)
class FirstManifest:
    """A first manifest: its text, and lines about what it leaves out."""

    text: str
    left_out: tuple[str, ...]


def guess_manifest(name: str, source: Path) -> FirstManifest:
    """Guess the manifest of a file or of a folder of files.

    Parameters
    ----------
    name : str
        The dataset's new name.
    source : Path
        A file of a supported format, or a folder of such files.

    Returns
    -------
    first : First
        A valid manifest. Comments name the files and columns that are left out, with the reason.

    Raises
    ------
    DataRefused
        There is no such file or folder, or it holds no series.
    """
    refuse_other_than_files(source)
    folder = source if source.is_dir() else source.parent
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if source.is_dir() else [source]
    if source.is_dir():  # hidden files come from editors or version control
        files = [path for path in files if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    names = [path.relative_to(folder).as_posix() for path in files if path.name.lower().endswith(SUFFIXES)]
    if not source.exists() or not names:
        what = "does not exist" if not source.exists() else f"has no file that ends with {', '.join(ENDINGS)}"
        hint = "Give a file, or the folder that holds the files: --from PATH"
        if source.suffix.lower() == ".gz":  # the suffix before it tells what is inside
            what, hint = f"does not end with {', '.join(GZIPPED_TEXTS)}", "Rename it to show what it holds."
        raise DataRefused(f"{source}: {what}.", hint)
    series: list[Guessed] = []
    seen = GuessNotes()
    for file in names:
        try:
            refuse_other_than_files(folder / file)
            series += _in_path(folder, file, seen)
        except BacktestError as error:
            if not source.is_dir():
                raise
            seen.left_out.append(error.message)
    if not series:
        raise DataRefused(f"{source}: no series was found: {'; '.join(seen.left_out)[:300]}.")
    text = manifest_text(name, series, seen.left_out, seen.unread, *_exchange(seen.days))
    parse_manifest(text, folder / MANIFEST)
    return FirstManifest(text, tuple(seen.left_out))


def _in_path(folder: Path, file: str, seen: GuessNotes) -> list[Guessed]:
    try:
        return list(_in_file(read_source(folder, file), seen))
    except Ambiguous:  # of separators: if more than one works, the import will report it
        found = [(mark, series) for mark in SEPARATORS if (series := _by_separator(folder, file, mark))]
        if not found:
            raise
        (mark, series), *others = found
        return series if others else [replace(item, separator=mark) for item in series]


def _by_separator(folder: Path, file: str, separator: str) -> list[Guessed]:
    try:
        return list(_in_file(read_source(folder, file, separator), GuessNotes()))
    except DataRefused:
        return []


def _in_file(source: Source, seen: GuessNotes) -> Iterator[Guessed]:
    columns = list(source.columns)
    if not len(source.lines):
        raise DataRefused(f"{source.name}: has no rows.")
    refuse_headerless(source)
    if (found := date_column(source)) is None:
        refuse_undated(source)
    date, form = found
    refuse_second_dates(source, date)
    others = [name for name in columns if name != date and not (_is_index(source, name) or _is_time(name))]
    skipped = [name for name in columns if name not in (date, *others) and name.strip()]
    seen.unread.extend(f"{source.name}, {line}" for line in source.unread)
    seen.unread.extend(f"{source.name}, column {name}: not a price, by its name" for name in skipped)
    guessed = list(_of_columns(source, {} if date == "date" else {"date": date}, date, others, seen))
    if any(item.kind in DEFINES_SESSIONS for item in guessed):
        with suppress(DataRefused):  # a date that cannot be read: the import will report it
            seen.days.append(np.unique(source.dates(date)))
    yield from (replace(item, date_format=None if item.index_of else form) for item in guessed)


def _exchange(days: Sequence[Sessions]) -> tuple[str, str]:
    """Name the exchange whose sessions the dates of the files are, and say how well they fit; stock exchanges first."""
    found = [recognise(one) for one in days if not shift_in_days(one)]
    best = max(found, key=lambda item: (item.exchange != EVERY_DAY, item.exchange != USUAL, item.of), default=None)
    if best is None or not best.of:
        return USUAL, "the exchange whose sessions the dates are checked against"
    if not best.differing:
        return best.exchange, f"its sessions are the dates of the files ({best.of:,})"
    return (
        best.exchange,
        f"of {best.of:,} dates, {best.off} are not its sessions, and {best.missing} of its sessions are missing",
    )


def _of_columns(
    source: Source, keys: dict[str, str], date: str, others: Sequence[str], seen: GuessNotes
) -> Iterator[Guessed]:
    contract = contract_column(source, others)
    if not contract and (symbol := next((name for name in others if may_be_many(source, date, name)), None)):
        refuse_many(source, symbol)  # before reading all numbers
    looks = [numbers_in(source, name) for name in others if name != contract]
    # A close with an unreadable value is still the close.
    numbers = {
        look.column: look
        for look in looks
        if not look.refusal or (_is_close(look.column) and mostly_numbers(source, look))
    }
    # If the only column has an unreadable value, it is read all the same, and the import says where the value is.
    numbers = numbers or {look.column: look for look in looks if look.refusal and mostly_numbers(source, look)}
    words = [look for look in looks if look.column not in numbers]
    if contract and (price := settlement_column(numbers) or value_column(numbers)):
        names = {**keys, "contract": contract, "price": price}
        yield Guessed(
            *(stem_of(source), stem_of(source), "futures", "price", "it has contracts", source.name, names),
            missing=numbers[price].missing,
            currency=numbers[price].currency,
        )
        seen.left_out += unused_columns(source, [*numbers, *(look.column for look in words)], [*names.values()], price)
        return
    if columns := decision_columns(numbers):
        yield decisions(source, {**keys, **columns}, numbers)
        seen.left_out += unused_columns(source, [*numbers], [*columns.values()], columns["after"])
        return
    if security := security_column(source, others):
        yield from crsp_series(source, {**keys, "date": date}, security, seen)
        return
    keyed = [look.column for look in words] + [name for name in numbers if is_named_as_key(name)]
    symbol = next((name for name in keyed if is_key(source, date, name)), None)
    if symbol is not None:  # a column without a name may be the key
        numbers = {name: look for name, look in numbers.items() if name != symbol}
        yield from long_series(source, keys, symbol, numbers, [look.column for look in words], seen)
        return
    yield from _wide(source, keys, numbers, words, seen)


def _wide(
    source: Source, keys: dict[str, str], numbers: Mapping[str, Numbers], words: Sequence[Numbers], seen: GuessNotes
) -> Iterator[Guessed]:
    """Read a column named as a close, with its open, high and low; if there is none, every column is a series."""
    bars = bars_of(numbers)
    stem = stem_of(source)
    unread = [f"{source.name}, column {look.column}: holds no numbers ({look.refusal})" for look in words]
    if not bars:
        refuse_nameless_bars(source, numbers)
        seen.left_out += unread
        yield from _each(source, keys, numbers)
        return
    used = {column for columns in bars.values() for column in columns.values()}
    for columns in bars.values():
        refuse_vague_close(source, numbers, columns["close"], list(used))
    seen.unread += unread  # next to a close, a column without numbers is not a missed series
    seen.unread += [f"{source.name}, column {name}: the close is read instead" for name in numbers if name not in used]
    for (series, adjusted), columns in bars.items():
        raw = (series, False) in bars
        name = f"{series or stem}{'_total_return' if adjusted and raw else ''}"
        guessed = guessed_series(source, name, {**keys, **columns}, numbers, f"{stem} {name}")
        (guessed,) = unsettled_rates([guessed], [numbers[columns["close"]]])
        if adjusted:
            why = "its column is adjusted for dividends"
            guessed = replace(guessed, kind="total_return_index", unit="split- and dividend-adjusted", why=why)
        yield guessed


def _each(source: Source, keys: dict[str, str], numbers: Mapping[str, Numbers]) -> Iterator[Guessed]:
    """Read every column of numbers as a separate series: a table of closes, yields or returns."""
    stem = stem_of(source)
    dated = [name for name in numbers if are_maturities([name])]
    maturities = len(dated) * 2 >= len(numbers)
    guessed = [
        guessed_series(source, own, {**keys, "close": name}, numbers, f"{stem} {name}")
        for name in numbers
        for own in [stem if len(numbers) == 1 else name]
    ]
    if maturities:
        why = "its columns are maturities"
        guessed = [replace(item, kind="rate", unit="percent a year", why=why) for item in guessed]
    guessed = _beside_returns(guessed, numbers)
    yield from unsettled_rates(guessed, [numbers[item.columns["close"]] for item in guessed])


def _beside_returns(guessed: Sequence[Guessed], numbers: Mapping[str, Numbers]) -> list[Guessed]:
    """Treat small values in a table of returns as a bill's return: never below 0, and unchanged for months."""
    returns = [item for item in guessed if item.kind == "percent_return"]
    if len(returns) * 2 < len(guessed) or not returns:
        return list(guessed)
    found = []
    for item in guessed:
        values = numbers[item.columns["close"]].values
        small = len(values) > 0 and np.nanmax(np.abs(values)) < SMALL
        if small and (item.kind == "price_index" or item.why == IN_STEPS):
            found.append(
                replace(item, kind="percent_return", unit=returns[0].unit, why="it is small, and beside returns")
            )
        else:
            found.append(item)
    return found


def _is_close(name: str) -> bool:
    role = role_of(name)
    return role is not None and role.level == "close"


def _is_index(source: Source, name: str) -> bool:
    """Tell from its name that a column is not a series; without a name, words may be a key and numbers an index."""
    if name.strip():
        return is_not_read(name)
    return not source.is_text(name) or all(text.isdigit() or not text for text in source.distinct(name)[0])


def _is_time(name: str) -> bool:
    return bool(comparable_name(name)) and DATE.fullmatch(comparable_name(name)) is not None
