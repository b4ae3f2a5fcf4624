"""A first manifest for files that nobody has described yet: guesses to be read and edited, never hidden ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from backtest.data.files.columns import DATE, Numbers, date_column, mostly_numbers, numbers_in, plain, words_of
from backtest.data.files.delimited import SEPARATORS, Ambiguous
from backtest.data.files.source import SUFFIXES, Source, read_source
from backtest.data.manifest.guess_futures import contract_column, settlement_column
from backtest.data.manifest.guess_kind import LEVELS, TOTAL, guess_kind
from backtest.data.manifest.read import parse_manifest
from backtest.data.manifest.writer import Guessed, manifest_text
from backtest.errors import BacktestError, DataRefused
from backtest.model import Ints
from backtest.workspace import MANIFEST

VALUE = re.compile(r"[-+]?[\d.,]+|\d{4}-\d{2}-\d{2}.*|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
SKIPPED = re.compile(r"vol(ume)?|dividends?|stock splits|capital gains|unnamed.*|__index_level_\d+__|", re.I)
KEY = re.compile(r"symbol|ticker|permno|permco|gvkey|cusip|isin|secid|asset|series|name|id", re.I)
VALUES = ("close", "price", "value", "settle", "settlement", "last")
MOST_SYMBOLS = 500


@dataclass(frozen=True)
class First:
    """A first manifest: its text, and what it leaves out, as lines."""

    text: str
    left_out: tuple[str, ...]


@dataclass
class _Seen:
    """Lines for what is left out, which is a warning, and for what is no price anyway, which is not."""

    left_out: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def guess_manifest(name: str, source: Path) -> First:
    """Guess the manifest of a file or of a folder of files.

    Parameters
    ----------
    name : str
        What the dataset is to be called.
    source : Path
        A CSV, gzipped CSV or Parquet file, or a folder of such files.

    Returns
    -------
    first : First
        A valid manifest. Files and columns that are left out are named in comments, with the reason.

    Raises
    ------
    DataRefused
        There is no such file or folder, or no series in it.
    """
    folder = source if source.is_dir() else source.parent
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if source.is_dir() else [source]
    names = [path.relative_to(folder).as_posix() for path in files if path.name.lower().endswith(SUFFIXES)]
    if not source.exists() or not names:
        what = "does not exist" if not source.exists() else f"has no file that ends with {', '.join(SUFFIXES)}"
        raise DataRefused(f"{source}: {what}.", "Give a file, or the folder that holds the files: --from PATH")
    series: list[Guessed] = []
    seen = _Seen()
    for file in names:
        try:
            series += _in_path(folder, file, seen)
        except BacktestError as error:
            if not source.is_dir():
                raise
            seen.left_out.append(error.message)
    if not series:
        raise DataRefused(f"{source}: no series was found: {'; '.join(seen.left_out)[:300]}.")
    text = manifest_text(name, series, seen.left_out, seen.unread)
    parse_manifest(text, folder / MANIFEST)
    return First(text, tuple(seen.left_out))


def _in_path(folder: Path, file: str, seen: _Seen) -> list[Guessed]:
    try:
        return list(_in_file(read_source(folder, file), seen))
    except Ambiguous:  # of separators: if more than one makes sense, the import will say so
        found = [(mark, series) for mark in SEPARATORS if (series := _by_separator(folder, file, mark))]
        if not found:
            raise
        (mark, series), *others = found
        return series if others else [replace(item, separator=mark) for item in series]


def _by_separator(folder: Path, file: str, separator: str) -> list[Guessed]:
    try:
        return list(_in_file(read_source(folder, file, separator), _Seen()))
    except DataRefused:
        return []


def _in_file(source: Source, seen: _Seen) -> Iterator[Guessed]:
    columns = list(source.columns)
    if not len(source.lines):
        raise DataRefused(f"{source.name}: has no rows.")
    if source.unit == "line" and any(VALUE.fullmatch(name) for name in columns):
        first = ", ".join(columns)[:60]
        raise DataRefused(
            f"{source.name}: its first line reads as values ({first}).", "Add a line of names: date,close"
        )
    if (found := date_column(source)) is None:
        names = ", ".join(columns)[:60]
        hint = "Its first line must name the columns, and one of them have a date in every row."
        raise DataRefused(f"{source.name}: no column holds dates ({names}).", hint)
    date, form = found
    others = [name for name in columns if name != date and not (SKIPPED.fullmatch(plain(name)) or _is_time(name))]
    skipped = [name for name in columns if name not in (date, *others) and name.strip()]
    seen.unread.extend(f"{source.name}, column {name}: no price by its name" for name in skipped)
    guessed = _of_columns(source, {} if date == "date" else {"date": date}, date, others, seen)
    yield from (replace(item, date_format=form) for item in guessed)


def _of_columns(
    source: Source, keys: dict[str, str], date: str, others: Sequence[str], seen: _Seen
) -> Iterator[Guessed]:
    contract = contract_column(source, others)
    if not contract and (symbol := next((name for name in others if _may_be_many(source, date, name)), None)):
        _refuse_many(source, symbol)  # before every number is read
    looks = [numbers_in(source, name) for name in others if name != contract]
    numbers = {look.column: look for look in looks if not look.refusal}
    # A value that cannot be read: the only column there is is taken all the same, and the import says where it is.
    numbers = numbers or {look.column: look for look in looks if look.refusal and mostly_numbers(source, look)}
    words = [look for look in looks if look.column not in numbers]
    if contract and (price := settlement_column(numbers) or _value_column(numbers)):
        names = {**keys, "contract": contract, "price": price}
        yield Guessed(
            *(_stem(source), _stem(source), "futures", "price", "it has contracts", source.name, names),
            missing=numbers[price].missing,
            currency=numbers[price].currency,
        )
        seen.left_out += _unused(source, [*numbers, *(look.column for look in words)], [*names.values()], price)
        return
    keyed = [look.column for look in words] + [name for name in numbers if KEY.fullmatch(plain(name))]
    if symbol := next((name for name in keyed if _is_key(source, date, name)), None):
        numbers = {name: look for name, look in numbers.items() if name != symbol}
        yield from _long(source, keys, symbol, numbers, [look.column for look in words], seen)
        return
    seen.left_out += [f"{source.name}, column {look.column}: holds no numbers ({look.refusal})" for look in words]
    yield from _wide(source, keys, numbers)


def _wide(source: Source, keys: dict[str, str], numbers: Mapping[str, Numbers]) -> Iterator[Guessed]:
    levels = _levels(numbers)
    adjusted = [name for name in numbers if re.fullmatch(r"adj\w*[ _]?close", plain(name))]
    stem, rest = _stem(source), [name for name in numbers if name not in (*levels.values(), *adjusted)]
    if "close" in levels:
        yield _guessed(source, stem, {**keys, **levels}, numbers, stem)
    else:
        rest = [name for name in numbers if name not in adjusted]
    for name in adjusted:
        full = f"{stem}_total_return" if "close" in levels and not TOTAL.search(stem) else stem
        guessed = _guessed(source, full, {**keys, "close": name}, numbers, full)
        why = "its column is adjusted for dividends"
        yield replace(guessed, kind="total_return_index", unit="split- and dividend-adjusted", why=why)
    for name in rest:
        own = stem if len(numbers) == 1 else name
        yield _guessed(source, own, {**keys, "close": name}, numbers, f"{own} {name}")


def _long(
    source: Source,
    keys: dict[str, str],
    symbol: str,
    numbers: Mapping[str, Numbers],
    words: Sequence[str],
    seen: _Seen,
) -> Iterator[Guessed]:
    value = _value_column(numbers)
    if value is None:
        raise DataRefused(f"{source.name}: has a column '{symbol}', but none of numbers.")
    _refuse_many(source, symbol)
    levels = _levels(numbers) if LEVELS.get(plain(value)) == "close" else {"close": value}
    for name, rows in sorted(source.rows_by(symbol).items()):
        if not name:
            continue
        own = {column: _rows(numbers[column], np.array(rows, dtype=np.int64)) for column in levels.values()}
        yield replace(_guessed(source, name, {**keys, **levels}, own, f"{name} {value}"), where={symbol: name})
    seen.left_out += _unused(source, [*numbers, *words], [symbol, *levels.values()], value)


def _guessed(source: Source, name: str, columns: dict[str, str], numbers: Mapping[str, Numbers], words: str) -> Guessed:
    look = numbers[columns["close"]]
    kind, unit, why = guess_kind(words, look, columns)
    if kind == "percent_return":
        columns = {key: column for key, column in columns.items() if key in ("date", "close")}
    read = [numbers[column] for column in columns.values() if column in numbers]
    missing = dict.fromkeys(mark for one in read for mark in one.missing)
    currency = next((one.currency for one in read if one.currency), None)
    return Guessed(name, name, kind, unit, why, source.name, columns, missing=tuple(missing), currency=currency)


def _levels(numbers: Mapping[str, Numbers]) -> dict[str, str]:
    return {LEVELS[plain(name)]: name for name in numbers if plain(name) in LEVELS}


def _is_time(name: str) -> bool:
    return bool(plain(name)) and DATE.fullmatch(plain(name)) is not None


def _refuse_many(source: Source, symbol: str) -> None:
    if (many := len(source.rows_by(symbol).keys() - {""})) > MOST_SYMBOLS:
        raise DataRefused(
            f"{source.name}: column '{symbol}' has {many:,} names: at most {MOST_SYMBOLS} are listed.",
            "Write the manifest of those that you need, each with its where.",
        )


def _rows(look: Numbers, kept: Ints) -> Numbers:
    return replace(look, values=look.values[kept]) if len(look.values) else look


def _unused(source: Source, columns: Sequence[str], used: Sequence[str], value: str) -> list[str]:
    unused = [name for name in columns if name not in used]
    return [f"{source.name}, column {name}: its series are made of column {value}" for name in unused]


def _is_key(source: Source, date: str, column: str) -> bool:
    """Tell whether a column of words says which series a row belongs to: dates repeat, but not within a word."""
    words, dates = words_of(source, column), words_of(source, date)
    distinct = len(set(dates))
    pairs: set[tuple[str, str]] = set()
    for pair in zip(words, dates, strict=True) if distinct < len(dates) else ():
        pairs.add(pair)
        if len(pairs) > distinct:
            return True
    return False


def _may_be_many(source: Source, date: str, column: str) -> bool:
    return KEY.fullmatch(plain(column)) is not None and _is_key(source, date, column)


def _value_column(numbers: Mapping[str, Numbers]) -> str | None:
    adjusted = [name for name in numbers if TOTAL.search(name)]
    named = [name for wanted in VALUES for name in numbers if plain(name) == wanted]
    return next(iter([*adjusted, *named, *numbers]), None)


def _stem(source: Source) -> str:
    return source.name.rpartition("/")[2].partition(".")[0]
