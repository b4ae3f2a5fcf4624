"""Compose the text of a first manifest, and write it where there is none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from backtest.data.manifest.rules import name_is_taken
from backtest.errors import DataRefused
from backtest.files import create_file
from backtest.workspace import MANIFEST

HEAD = """# A first manifest, guessed from the files' names and values. Read it, correct it, and import again.
schema = 1
name = {name}
title = {title}
licence = "unknown until you say here whose data these are"
redistributable = false

[calendar]
exchange = "{exchange}"  # {why}

# Assign the roles, so that strategies find their series:
# [roles]
# small_index = ""      # a price index
# small = ""            # a total return
# mega = ""
# market = ""
"""


OPTIONAL = ("open", "high", "low", "unscheduled")
"""Columns that are read only if they are named."""


@dataclass(frozen=True)
class Guessed:
    """One series of a first manifest, and the reason for its kind."""

    name: str
    title: str
    kind: str
    unit: str
    why: str
    file: str
    columns: dict[str, str]
    where: dict[str, str] = field(default_factory=dict)
    date_format: str | None = None
    separator: str | None = None
    missing: tuple[str, ...] = ()
    currency: str | None = None
    index_of: str | None = None
    """The returns to compound, if the series is not read from a file."""


def manifest_text(
    name: str, series: Sequence[Guessed], left_out: Sequence[str], unread: Sequence[str], exchange: str, why: str
) -> str:
    """Compose a manifest; comments name what is left out or not read."""
    text = HEAD.format(name=_quoted(name), title=_quoted(f"{name}, as delivered"), exchange=exchange, why=why)
    comments = [f"Left out: {line}" for line in left_out] + [f"Not read: {line}" for line in unread]
    text += "".join(f"\n# {_on_one_line(line)}" for line in comments) + ("\n" if comments else "")
    return text + "".join(map(_table, _named_apart(series)))


def write_manifest(folder: Path, text: str) -> Path:
    """Write a first manifest completely or not at all; an existing one is never replaced.

    Raises
    ------
    DataRefused
        There already is one.
    """
    path = folder / MANIFEST
    try:
        create_file(path, text)
    except FileExistsError:
        raise DataRefused(f"{path}: exists already, and is not replaced.") from None
    return path


def _named_apart(series: Sequence[Guessed]) -> Iterator[tuple[str, Guessed]]:
    used: set[str] = set()
    for item in series:
        stem = item.file.rpartition("/")[2].partition(".")[0]
        base = re.sub(r"[^A-Za-z0-9_-]+", "_", item.name).strip("_-")[:50] or "series"
        if base.lower() in used or name_is_taken(base.lower(), item.kind):
            apart = f"{stem}_{base}" if stem.lower() != base.lower() else f"{base}_series"
            base = re.sub(r"[^A-Za-z0-9_-]+", "_", apart).strip("_-")[:50] or "series"
        name, number = base, 2
        while name.lower() in used:
            name, number = f"{base}_{number}", number + 1
        used.add(name.lower())
        yield name, item


def _table(named: tuple[str, Guessed]) -> str:
    name, item = named
    lines = [f"\n[series.{name}]", f"title = {_quoted(item.title)}"]
    lines += [f"kind = {_quoted(item.kind)}  # {item.why}", f"unit = {_quoted(item.unit)}"]
    if item.index_of:
        return "\n".join([*lines, f"index_of = {_quoted(item.index_of)}"]) + "\n"
    lines += [f"file = {_quoted(item.file)}"]
    shown = {key: column for key, column in item.columns.items() if key != column}
    shown |= {key: column for key, column in item.columns.items() if key in OPTIONAL}
    for key, pairs in (("columns", shown), ("where", item.where)):
        if pairs:
            inside = ", ".join(f"{_key(one)} = {_quoted(other)}" for one, other in pairs.items())
            lines.append(f"{key} = {{ {inside} }}")
    for key in ("date_format", "separator", "currency"):
        if value := getattr(item, key):
            lines.append(f"{key} = {_quoted(value)}")
    if item.missing:
        lines.append(f"missing = [{', '.join(map(_quoted, item.missing))}]")
    return "\n".join(lines) + "\n"


def _key(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _on_one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() or c.isspace() else repr(c)[1:-1] for c in text).split())
