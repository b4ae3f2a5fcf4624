"""Damaged records: any field of ``run.json`` missing or of another kind, tables cut or with flipped bytes."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Damage = tuple[str, bytes | None]
"""The name of a file, and its new content; None removes it."""

OTHERS: tuple[Any, ...] = (
    *(None, True, -1, 0, 10**40, 1.5, -1e308, "", "x", "../../outside", "\u202e\u200f", "\x1b[2J", "\udc80"),
    *([], [None], [[]], {}, {"x": None}, [{}], "9" * 3000, "<script>alert(1)</script>", "2024-02-31", "NaN"),
)
"""What comes in the place of a value."""


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value; of a list, the first and the last element stand for all."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, one in value.items():
            yield from places(one, (*path, key))
    elif isinstance(value, list) and value:
        for at in sorted({0, len(value) - 1}):
            yield from places(value[at], (*path, at))


def with_value(run: Any, path: tuple[Any, ...], change: Callable[[Any, Any], None]) -> Any:
    """Return a copy in which what holds the value at `path` was changed."""
    made = copy.deepcopy(run)
    holder = made
    for key in path[:-1]:
        holder = holder[key]
    change(holder, path[-1])
    return made


def damage_of(folder: Path, draw: random.Random, summary: str = "run.json") -> tuple[str, Damage]:
    """Draw one kind of damage to a record, whose JSON is `summary`; return it in words, and as it is written."""
    kinds = ["value", "value", "value", "missing", "double", "text", "wild"]
    tables = sorted(path.name for path in folder.glob("*.parquet"))
    kind = draw.choice([*kinds, "table", "cut", "gone"] if tables else kinds)
    text = (folder / summary).read_bytes()
    run = json.loads(text)
    if kind in ("value", "missing", "double"):
        path = draw.choice(list(places(run)))
        if kind == "missing":
            made = with_value(run, path, lambda holder, key: holder.pop(key))
        elif kind == "double":
            made = with_value(run, path, _doubled)
        else:
            new = draw.choice(OTHERS)
            made = with_value(run, path, lambda holder, key: holder.__setitem__(key, new))
            kind = f"value {str(new)[:20]!a}"
        return f"{kind} at {path}", (summary, json.dumps(made).encode())
    if kind == "gone":
        return "a table is gone", (draw.choice(tables), None)
    name = draw.choice(tables) if kind in ("table", "cut") else summary
    content = bytearray((folder / name).read_bytes())
    if kind == "cut":
        return f"{name} is cut", (name, bytes(content[: draw.randrange(len(content))]))
    if kind == "wild":
        return f"{summary} is noise", (name, draw.randbytes(draw.randrange(2000)))
    for _ in range(draw.randint(1, 4)):
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    return f"flipped bits in {name}", (name, bytes(content))


def _doubled(holder: Any, key: Any) -> None:
    value = holder[key]
    holder[key] = value * 2 if isinstance(value, str | list | int | float) else [value, value]
