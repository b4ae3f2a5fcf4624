"""A small language for what JSON must look like, and the first place at which some does not.

A shape is a function that takes a value and yields nothing, or the path to what is wrong below it. The shapes of a
record are in `run_shape`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

Shape = Callable[[object], Iterator[str]]
"""Yields the paths, each from the value down, at which it is not as it must be; ``""`` is the value itself."""

LARGEST = 2**53
"""Whole numbers beyond it are not exact in JSON, and none is counted in a record."""
MOST = 1e300
"""No number of a record is larger, not even one that is not finite."""
ISO = len("2024-07-16")


def text(value: object) -> Iterator[str]:
    """Accept a text that can be written to a file."""
    if not isinstance(value, str) or not (value.isascii() or not any("\ud800" <= c <= "\udfff" for c in value)):
        yield ""


def flag(value: object) -> Iterator[str]:
    """Accept true and false."""
    if not isinstance(value, bool):
        yield ""


def whole(value: object) -> Iterator[str]:
    """Accept a whole number."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > LARGEST:
        yield ""


def count(value: object) -> Iterator[str]:
    """Accept a whole number that is not negative."""
    yield from whole(value)
    if isinstance(value, int) and value < 0:
        yield ""


def number(value: object) -> Iterator[str]:
    """Accept a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < MOST:
        yield ""


def share(value: object) -> Iterator[str]:
    """Accept a number from 0 to 1."""
    yield from number(value)
    if isinstance(value, int | float) and not 0 <= value <= 1:
        yield ""


def anything(value: object) -> Iterator[str]:
    """Accept any JSON of plain values, such as those of a strategy."""
    if isinstance(value, Mapping):
        yield from each(anything)(value)
    elif isinstance(value, list):
        yield from rows(anything)(value)
    elif isinstance(value, str):
        yield from text(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from number(value)


def matching(pattern: re.Pattern[str]) -> Shape:
    """Return the shape of a text that matches a pattern as a whole."""

    def shape(value: object) -> Iterator[str]:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            yield ""

    return shape


def day(value: object) -> Iterator[str]:
    """Accept a day of the calendar, as ``2024-07-16``."""
    try:
        known = isinstance(value, str) and len(value) == ISO and bool(dt.date.fromisoformat(value))
    except ValueError:
        known = False
    if not known:
        yield ""


def one_of(*shapes: Shape) -> Shape:
    """Return the shape of a value that has one of some shapes."""

    def shape(value: object) -> Iterator[str]:
        if not any(next(one(value), None) is None for one in shapes):
            yield ""

    return shape


def both(*shapes: Shape) -> Shape:
    """Return the shape of a value that has all of some shapes."""

    def shape(value: object) -> Iterator[str]:
        for one in shapes:
            yield from one(value)

    return shape


def maybe(shape: Shape) -> Shape:
    """Return the shape of a value that may be null."""

    def optional(value: object) -> Iterator[str]:
        if value is not None:
            yield from shape(value)

    return optional


def rows(shape: Shape) -> Shape:
    """Return the shape of a list."""

    def every(value: object) -> Iterator[str]:
        if not isinstance(value, list):
            yield ""
            return
        yield from _below((f"[{at}]", shape, one) for at, one in enumerate(value))

    return every


def each(shape: Shape) -> Shape:
    """Return the shape of an object with any keys, whose values have one shape."""

    def every(value: object) -> Iterator[str]:
        if not isinstance(value, Mapping) or any(next(text(key), None) is not None for key in value):
            yield ""
            return
        yield from _below((f".{key}", shape, one) for key, one in value.items())

    return every


def fields(needed: Mapping[str, Shape], allowed: Mapping[str, Shape] | None = None) -> Shape:
    """Return the shape of an object with known keys.

    Parameters
    ----------
    needed : mapping of str to shape
        What it must have.
    allowed : mapping of str to shape, optional
        What it may have: it has nothing of the kind, or an earlier version recorded it. Further keys are ignored.
    """
    every = {**needed, **(allowed or {})}

    def known(value: object) -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield ""
            return
        yield from (f".{key}" for key in needed if key not in value)
        yield from _below((f".{key}", shape, value[key]) for key, shape in every.items() if key in value)

    return known


def _below(parts: Iterable[tuple[str, Shape, object]]) -> Iterator[str]:
    for place, shape, value in parts:
        for path in shape(value):
            yield f"{place}{path}"
