"""A first manifest for files that nobody has described yet: guesses to be read and edited, never hidden ones."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from backtest.data.manifest import MANIFEST, parse_manifest
from backtest.data.source import SUFFIXES, Source, read_source
from backtest.errors import BacktestError, DataRefused
from backtest.model import Floats

DATE = re.compile(r"date|day|datetime|timestamp|time|session|datum|observation_date|caldt", re.I)
VALUE = re.compile(r"[-+]?[\d.,]+|\d{4}-\d{2}-\d{2}.*|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
SKIPPED = re.compile(r"vol(ume)?|dividends?|stock splits|capital gains|unnamed.*|", re.I)
RATE = re.compile(r"rate|yield|treasury|sofr|libor|^dff$|^dgs\d|^dfedtar|target", re.I)
TOTAL = re.compile(r"adj|total.?return|(^|[^a-z])tri?($|[^a-z])", re.I)
CONTRACT = re.compile(r"contract(_?month)?|expiry|delivery(_?month)?", re.I)
LEVELS = ("open", "high", "low", "close")
VALUES = ("close", "price", "value", "settle", "settlement", "last")
MOST_SYMBOLS = 500
HEAD = """# A first manifest, guessed from the files' names and values. Read it, correct it, import again.
schema = 1
name = {name}
title = {title}
licence = "not known yet: say whose data these are"
redistributable = false

# The exchange whose sessions the dates are checked against.
[calendar]
exchange = "XNYS"

# Say which series plays which role, so that strategies find them:
# [roles]
# small_index = ""      # a price index
# small = ""            # a total return
# mega = ""
# market = ""
"""


@dataclass(frozen=True)
class Guessed:
    """One series of a first manifest, and why it is taken to be what it is."""

    name: str
    title: str
    kind: str
    unit: str
    why: str
    file: str
    columns: dict[str, str]
    where: dict[str, str] = field(default_factory=dict)


def guess_manifest(name: str, source: Path) -> str:
    """Guess the manifest of a file or of a folder of files.

    Parameters
    ----------
    name : str
        What the dataset is to be called.
    source : Path
        A CSV, gzipped CSV or Parquet file, or a folder of such files.

    Returns
    -------
    text : str
        A valid manifest. Files and columns that are left out are named in comments, with the reason.

    Raises
    ------
    DataRefused
        There is no such file or folder, or no series in it.
    """
    folder = source if source.is_dir() else source.parent
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if source.is_dir() else [source]
    names = [path.relative_to(folder).as_posix() for path in files if path.name.endswith(SUFFIXES)]
    if not source.exists() or not names:
        what = "does not exist" if not source.exists() else f"has no file that ends with {', '.join(SUFFIXES)}"
        raise DataRefused(f"{source}: {what}.", "Give a file, or the folder that holds the files: --from PATH")
    series: list[Guessed] = []
    left_out: list[str] = []
    for file in names:
        try:
            series += _in_file(read_source(folder, file), left_out.append)
        except BacktestError as error:
            if not source.is_dir():
                raise
            left_out.append(error.message)
    if not series:
        raise DataRefused(f"{source}: no series was found: {'; '.join(left_out)[:300]}.")
    text = HEAD.format(name=_quoted(name), title=_quoted(f"{name}, as delivered"))
    text += "".join(f"\n# Left out: {line}" for line in left_out) + ("\n" if left_out else "")
    text += "".join(map(_table, _named_apart(series)))
    parse_manifest(text, folder / MANIFEST)
    return text


def write_manifest(folder: Path, text: str) -> Path:
    """Write a first manifest, whole or not at all; one that is there is never replaced.

    Raises
    ------
    DataRefused
        There is one already.
    """
    path, new = folder / MANIFEST, folder / f".{MANIFEST}-{os.getpid()}"
    folder.mkdir(parents=True, exist_ok=True)
    new.write_text(text, encoding="utf-8", newline="\n")
    try:
        os.link(new, path)
    except FileExistsError:
        raise DataRefused(f"{path}: is there already, and stays.") from None
    finally:
        new.unlink()
    return path


def _in_file(source: Source, leave_out: Callable[[str], None]) -> Iterator[Guessed]:
    columns = list(source.columns)
    if not len(source.lines):
        raise DataRefused(f"{source.name}: has no rows.")
    if source.unit == "line" and any(VALUE.fullmatch(name) for name in columns):
        first = ", ".join(columns)[:60]
        raise DataRefused(
            f"{source.name}: its first line reads as values ({first}).", "Add a line of names: date,close"
        )
    date = next((name for name in columns if DATE.fullmatch(name.strip())), None)
    date = date if date is not None and _reads(source.dates, date) else None
    date = date or next((name for name in columns if _reads(source.dates, name)), None)
    if date is None:
        raise DataRefused(f"{source.name}: no column holds dates.")
    keys = {} if date == "date" else {"date": date}
    others = [name for name in columns if name != date and not SKIPPED.fullmatch(name.strip())]
    numbers = [name for name in others if _reads(source.numbers, name)]
    contract = next((name for name in others if CONTRACT.fullmatch(name)), None)
    if contract and (price := _value_column(numbers)):
        names = {**keys, "contract": contract, "price": price}
        yield Guessed(_stem(source), _stem(source), "futures", "price", "it has contracts", source.name, names)
        return
    words = [name for name in others if name not in numbers]
    if symbol := next((name for name in words if _is_key(source, date, name)), None):
        yield from _long(source, keys, symbol, numbers)
        return
    for name in words:
        leave_out(f"{source.name}, column {name}: holds no numbers{_refusal(source.numbers, name)}")
    yield from _wide(source, keys, numbers)


def _wide(source: Source, keys: dict[str, str], numbers: Sequence[str]) -> Iterator[Guessed]:
    levels = {name.strip().lower(): name for name in numbers if name.strip().lower() in LEVELS}
    adjusted = [name for name in numbers if re.fullmatch(r"adj\w*[ _.]?close", name.strip(), re.I)]
    stem, rest = _stem(source), [name for name in numbers if name not in (*levels.values(), *adjusted)]
    if "close" in levels:
        yield _guessed(source, stem, {**keys, **levels}, source.numbers(levels["close"]), stem)
    for name in adjusted:
        full = f"{stem}_total_return" if "close" in levels and not TOTAL.search(stem) else stem
        why = "its column is adjusted for dividends"
        unit = "split- and dividend-adjusted"
        yield Guessed(full, full, "total_return_index", unit, why, source.name, {**keys, "close": name})
    for name in rest:
        own = stem if len(numbers) == 1 else name
        yield _guessed(source, own, {**keys, "close": name}, _numbers(source, name), f"{own} {name}")


def _long(source: Source, keys: dict[str, str], symbol: str, numbers: Sequence[str]) -> Iterator[Guessed]:
    value = _value_column(numbers)
    if value is None:
        raise DataRefused(f"{source.name}: has a column '{symbol}', but none of numbers.")
    raw = source.columns[symbol]
    texts = [text.strip() for text in (raw if isinstance(raw, list) else [str(item) for item in raw.to_pylist()])]
    known = sorted({text for text in texts if text})
    if len(known) > MOST_SYMBOLS:
        raise DataRefused(
            f"{source.name}: column '{symbol}' has {len(known)} names: at most {MOST_SYMBOLS} are listed."
        )
    of = np.array(texts)
    values = _numbers(source, value)
    for name in known:
        columns = {**keys, "close": value}
        yield _guessed(source, name, columns, values[of == name], f"{name} {value}", {symbol: name})


def _guessed(
    source: Source,
    name: str,
    columns: dict[str, str],
    values: Floats,
    words: str,
    where: dict[str, str] | None = None,
) -> Guessed:
    kind, unit, why = _kind(words, values[~np.isnan(values)])
    if kind == "percent_return":
        columns = {key: column for key, column in columns.items() if key in ("date", "close")}
    return Guessed(name, name, kind, unit, why, source.name, columns, where or {})


def _kind(words: str, values: Floats) -> tuple[str, str, str]:
    if RATE.search(words):
        return "rate", "percent a year", "its name is that of a rate"
    losses = float(np.mean(values < 0)) if len(values) else 0.0
    if losses > 0.1:
        typical = float(np.median(np.abs(values)))
        if typical < 0.03:
            return "percent_return", "fraction", "its values have both signs, and are small: fractions"
        return "percent_return", "percent", "its values have both signs"
    if losses or (values == 0).any():
        return "rate", "percent a year", "it reaches 0 and is hardly ever below"
    if TOTAL.search(words):
        return "total_return_index", "split- and dividend-adjusted", "its name is that of a total return"
    return "price_index", "points", "its values are all above 0; say total_return_index if dividends are in it"


def _reads(read: Callable[[str], object], column: str) -> bool:
    """Tell whether a column reads as dates or numbers, be it in more than one way."""
    try:
        read(column)
    except DataRefused as error:
        return "may be" in error.message and bool(error.hint)
    return True


def _refusal(read: Callable[[str], object], column: str) -> str:
    try:
        read(column)
    except DataRefused as error:
        return f" ({error.message.rstrip('.')})"
    return ""


def _numbers(source: Source, column: str) -> Floats:
    try:
        return source.numbers(column)
    except DataRefused:  # more than one reading: the import will say so
        return np.array([1.0])


def _is_key(source: Source, date: str, column: str) -> bool:
    """Tell whether a column of words says which series a row belongs to: dates repeat, but not within a word."""
    raw, days = source.columns[column], source.columns[date]
    words = raw if isinstance(raw, list) else raw.to_pylist()
    dates = days if isinstance(days, list) else days.to_pylist()
    return len(set(dates)) < len(dates) and len(set(zip(words, dates, strict=True))) > len(set(dates))


def _value_column(numbers: Sequence[str]) -> str | None:
    adjusted = [name for name in numbers if TOTAL.search(name)]
    named = [name for wanted in VALUES for name in numbers if name.strip().lower() == wanted]
    return next(iter([*adjusted, *named, *numbers]), None)


def _stem(source: Source) -> str:
    return source.name.rpartition("/")[2].partition(".")[0]


def _named_apart(series: Sequence[Guessed]) -> Iterator[tuple[str, Guessed]]:
    used: set[str] = set()
    for item in series:
        stem = item.file.rpartition("/")[2].partition(".")[0]
        base = re.sub(r"[^A-Za-z0-9_-]+", "_", item.name).strip("_-")[:50] or "series"
        if base.lower() in used or (base.lower() == "prices" and item.kind == "futures"):
            base = re.sub(r"[^A-Za-z0-9_-]+", "_", f"{stem}_{base}").strip("_-")[:50] or "series"
        name, number = base, 2
        while name.lower() in used:
            name, number = f"{base}_{number}", number + 1
        used.add(name.lower())
        yield name, item


def _table(named: tuple[str, Guessed]) -> str:
    name, item = named
    lines = [f"\n[series.{name}]", f"title = {_quoted(item.title)}"]
    lines += [f"kind = {_quoted(item.kind)}  # {item.why}", f"unit = {_quoted(item.unit)}"]
    lines += [f"file = {_quoted(item.file)}"]
    shown = {key: column for key, column in item.columns.items() if key != column}
    shown |= {key: column for key, column in item.columns.items() if key in ("open", "high", "low")}
    for key, pairs in (("columns", shown), ("where", item.where)):
        if pairs:
            inside = ", ".join(f"{_key(one)} = {_quoted(other)}" for one, other in pairs.items())
            lines.append(f"{key} = {{ {inside} }}")
    return "\n".join(lines) + "\n"


def _key(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
