"""Which values of a record moved, and how far: tables row by row, the summary leaf by leaf."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from backtest.untyped import Json

SUMMARY = "run.json"
BY_DATE = {"events": "day0", "trades": "entry"}
"""Tables whose rows are numbered: a date tells their rows apart, too, and stays when another row comes before."""
EVENT = "event"


@dataclass(frozen=True)
class Move:
    """A value that is not what was recorded.

    Attributes
    ----------
    table, column, key : str
        Where: a table and column, or ``run.json`` and a key, and the row.
    old, new : object
        The value then and now, plain JSON; None is null.
    """

    table: str
    column: str
    key: str
    old: Any
    new: Any

    @property
    def size(self) -> float:
        """The move relative to the larger of the two; infinite from or to null; 0 between texts."""
        if not (_is_number(self.old) and _is_number(self.new)):
            return math.inf if None in (self.old, self.new) else 0.0
        largest = max(abs(self.old), abs(self.new))
        return abs(self.new - self.old) / largest if largest else 0.0

    def to_json(self) -> Json:
        """Return the move as JSON."""
        size = self.size if math.isfinite(self.size) else None
        return {key: getattr(self, key) for key in ("table", "column", "key", "old", "new")} | {"relative": size}


@dataclass(frozen=True)
class TableMoves:
    """What moved in a table, or in ``run.json``.

    Attributes
    ----------
    table : str
        Its name.
    values : int
        Values that could be compared.
    moves : tuple of Move
        Those that are not as recorded.
    gone, added : int
        Rows of the record that are missing now, and the other way round; of ``run.json``, keys.
    unrecorded : tuple of str
        Columns or keys that the record does not have: an earlier version wrote it.
    """

    table: str
    values: int
    moves: tuple[Move, ...]
    gone: int = 0
    added: int = 0
    unrecorded: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether everything that was recorded is as it was."""
        return not (self.moves or self.gone or self.added)

    @property
    def largest(self) -> Move | None:
        """The move that is largest relative to its value."""
        return max(self.moves, key=lambda one: one.size, default=None)

    def to_json(self) -> Json:
        """Return the counts as JSON."""
        return {
            "table": self.table,
            "values": self.values,
            "moved": len(self.moves),
            "rows_gone": self.gone,
            "rows_added": self.added,
            "unrecorded": list(self.unrecorded),
        }


def table_moves(name: str, old: pa.Table, new: pa.Table, days: Sequence[Mapping[int, str]]) -> TableMoves:
    """Compare a table of a record with the same table computed again.

    Rows are matched by the fewest first columns that tell them apart; the number of an event stands for its day 0.

    Parameters
    ----------
    name : str
        The table.
    old, new : pyarrow.Table
        As recorded, and as computed now.
    days : sequence of two mappings
        Day 0 of each event by its number, as recorded and now.
    """
    columns = [column for column in old.column_names if column in new.column_names]
    unrecorded = tuple(column for column in new.column_names if column not in old.column_names)
    before, after = (_rows(name, table.select(columns), of) for table, of in zip((old, new), days, strict=True))
    keys = _keys(name, columns, before, after)
    then, now = ({_key(row, keys, at): row for at, row in enumerate(rows)} for rows in (before, after))
    both = [key for key in then if key in now]
    moves = [
        Move(name, column, key, _plain(then[key][column]), _plain(now[key][column]))
        for key in both
        for column in columns
        if not _same(then[key][column], now[key][column])
    ]
    missing = [column for column in old.column_names if column not in new.column_names]
    gone = len(then) - len(both) or (old.num_rows if missing else 0)
    return TableMoves(name, len(both) * len(columns), tuple(moves), gone, len(now) - len(both), unrecorded)


def summary_moves(old: Mapping[str, Any], new: Mapping[str, Any]) -> TableMoves:
    """Compare two summaries leaf by leaf; a key that the record does not have at all is unrecorded, not moved."""
    then, now = dict(_leaves(old)), dict(_leaves(new))
    both = [path for path in then if path in now]
    moves = [Move(SUMMARY, path[-1], ".".join(path[:-1]), then[path], now[path]) for path in both
             if not _same(then[path], now[path])]  # fmt: skip
    added = [path for path in now if path not in then]
    unrecorded = [path for path in added if _is_new_key(path, old)]
    names = tuple(dict.fromkeys(path[-1] if path[0] in old else path[0] for path in unrecorded))
    return TableMoves(SUMMARY, len(both), tuple(moves), len(then) - len(both), len(added) - len(unrecorded), names)


def _is_new_key(path: Sequence[str], old: object) -> bool:
    """Return whether a record knows no such key, where it knows the thing that has it."""
    for part in path:
        items = dict(_items(old))
        if part not in items:
            return isinstance(old, Mapping)
        old = items[part]
    return False


def _leaves(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    items = _items(value)
    for name, item in items:
        yield from _leaves(item, (*path, name))
    if not items:
        yield path, value


def _items(value: object) -> list[tuple[str, Any]]:
    """Return what a JSON value holds, with names: an item of a list has that of its first key, else its place."""
    if isinstance(value, Mapping):
        return [(str(key), item) for key, item in value.items()]
    if not isinstance(value, list):
        return []
    first = [next(iter(item.values()), None) if isinstance(item, Mapping) else None for item in value]
    named = all(isinstance(one, str | int) for one in first) and len(set(map(str, first))) == len(first)
    return [(str(name), item) for name, item in zip(first if named else range(len(value)), value, strict=True)]


def _rows(name: str, table: pa.Table, days: Mapping[int, str]) -> list[Json]:
    rows: list[Json] = table.to_pylist()
    if name != "events" and EVENT in table.column_names:
        for row in rows:
            row[EVENT] = days.get(row[EVENT], row[EVENT])
    return rows


def _keys(name: str, columns: Sequence[str], *tables: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the columns that tell the rows of each table apart; none do where rows are repeated."""
    date = BY_DATE.get(name)
    tried = [[date], [date, "asset"]] if date is not None and date in columns else []
    tried = [keys for keys in tried if set(keys) <= set(columns)]
    tried += [list(columns[:n]) for n in range(1, len(columns) + 1)]
    for keys in tried:
        if all(len({tuple(row[key] for key in keys) for row in rows}) == len(rows) for rows in tables):
            return [str(key) for key in keys]
    return []


def _key(row: Mapping[str, Any], keys: Sequence[str], at: int) -> str:
    """Say which row this is: by its key, or by its number where it has none."""
    return ", ".join(f"{key.replace('_', ' ')} {_plain(row[key])}" for key in keys) if keys else f"row {at + 1}"


def _plain(value: object) -> Any:  # noqa: ANN401  plain JSON
    return value.isoformat() if isinstance(value, dt.date) else value


def _same(old: object, new: object) -> bool:
    """Return whether two values are the same to the last bit."""
    return old == new and repr(old) == repr(new)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
