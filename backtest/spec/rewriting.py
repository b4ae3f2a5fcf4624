"""Change single values of a strategy file and keep the rest of it, its comments included."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from backtest.errors import StrategyInvalid
from backtest.spec.overrides import setting

HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_.\s\"'-]+?)\s*\]\]?\s*(#.*)?$")
Lines = list[str]


def rewritten(text: str, values: Mapping[str, Any], without: Sequence[str] = ()) -> str:
    """Return the text of a TOML file with some values replaced or added.

    Parameters
    ----------
    text : str
        The file.
    values : mapping
        Dotted keys to values; a key without a table stands at the top.
    without : sequence of str
        Tables to leave out, with the tables in them.

    Raises
    ------
    StrategyInvalid
        The file writes a table in a form that cannot be changed line by line, such as ``detector = {…}``.
    """
    lines = _without(text.splitlines(), without)
    for key, value in values.items():
        table, _, name = key.rpartition(".")
        lines = _set(lines, table, name, setting(name, value).partition("=")[2])
    changed = "\n".join(lines).rstrip("\n") + "\n"
    _check(changed, text, values, without)
    return changed


def _without(lines: Lines, tables: Sequence[str]) -> Lines:
    kept, inside = [], False
    for line in lines:
        header = HEADER.match(line)
        if header:
            name = _name(header[1])
            inside = any(name == table or name.startswith(f"{table}.") for table in tables)
        if not inside:
            kept.append(line)
    return kept


def _set(lines: Lines, table: str, name: str, written: str) -> Lines:
    begin, end = _section(lines, table)
    if begin is None:
        gap = [""] if lines and lines[-1].strip() else []
        return [*lines, *gap, f"[{table}]", f"{name} = {written}"]
    for at in range(begin, end):
        found = re.match(rf"(\s*(?:{re.escape(name)}|\"{re.escape(name)}\")\s*=\s*)(.*)$", lines[at])
        if found:
            stop, rest = _value(lines[at:end], found[2])
            return [*lines[:at], f"{found[1]}{written}{rest}", *lines[at + stop :]]
    while end > begin and not lines[end - 1].strip():
        end -= 1
    return [*lines[:end], f"{name} = {written}", *lines[end:]]


def _section(lines: Lines, table: str) -> tuple[int | None, int]:
    """Return the first line after a table's header, and the one after its end; the top of the file has no header."""
    headers = [(at, _name(found[1])) for at, line in enumerate(lines) if (found := HEADER.match(line))]
    begin = 0 if not table else next((at + 1 for at, name in headers if name == table), None)
    end = len(lines) if begin is None else next((at for at, _ in headers if at >= begin), len(lines))
    return begin, end


def _value(lines: Lines, first: str) -> tuple[int, str]:
    """Return how many lines a value takes, and the comment after it."""
    parts = [first]
    for at in range(len(lines)):
        if at:
            parts.append(lines[at])
        for cut in range(len(parts[-1]), 0, -1):
            if parts[-1][cut:].strip()[:1] in ("", "#") and _is_value("\n".join([*parts[:-1], parts[-1][:cut]])):
                shortest = _shortest([*parts[:-1], parts[-1][:cut]])
                return at + 1, parts[-1][len(shortest) :]
    return 1, ""


def _shortest(parts: Lines) -> str:
    """Cut the comment and the space from the last line of a value."""
    last = parts[-1]
    for cut in (at for at, letter in enumerate(last) if letter == "#"):
        if _is_value("\n".join([*parts[:-1], last[:cut]])):
            last = last[:cut]
            break
    return last.rstrip()


def _is_value(text: str) -> bool:
    try:
        return list(tomllib.loads(f"value = {text}")) == ["value"]
    except (ValueError, RecursionError):
        return False


def _check(changed: str, text: str, values: Mapping[str, Any], without: Sequence[str]) -> None:
    """Refuse what did not come out as it should: the file is then written in another way than line by line."""
    wanted: Any = {key: value for key, value in tomllib.loads(text).items() if key not in without}
    for key, value in values.items():
        *tables, name = key.split(".")
        table = wanted
        for one in tables:
            table = table.setdefault(one, {})
        table[name] = value
    try:
        found = tomllib.loads(changed)
    except ValueError:
        found = {}
    if found != wanted:
        raise StrategyInvalid(
            f"{', '.join(values)}: the file writes a table in one line or in parts, and cannot be rewritten.",
            "Write it as [table] with a line for each key, or copy the file and change it by hand.",
        )


def _name(header: str) -> str:
    return re.sub(r"[\s\"']", "", header)
