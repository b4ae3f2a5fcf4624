"""Parameters of a detector that name a file: a path below the strategy's folder, and nowhere else."""

from __future__ import annotations

import datetime as dt
import math
import types
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AfterValidator
from pydantic.fields import FieldInfo

from backtest.errors import StrategyInvalid
from backtest.untyped import Parameters


def below(value: str) -> str:
    """Return a path that leads to a file below a folder.

    Raises
    ------
    ValueError
        It leads out of the folder, names no file, or is not printable.
    """
    posix, windows = PurePosixPath(value), PureWindowsPath(value)
    leaves = bool(windows.anchor) or ".." in {*posix.parts, *windows.parts}
    if leaves or not posix.name or not value.isprintable():
        raise ValueError("must name a file beside the strategy or in a folder below it")
    return value


FileName = Annotated[str, AfterValidator(below)]
"""A path as the strategy writes it; it is recorded so, and resolved only when the detector runs."""


def as_written(hint: Any) -> Any:  # noqa: ANN401  any annotation
    """Return an annotation with every ``Path``, alone or in a union, replaced by `FileName`."""
    if hint is Path:
        return FileName
    if get_origin(hint) in (Union, types.UnionType) and Path in get_args(hint):
        return Union[tuple(as_written(one) for one in get_args(hint))]  # noqa: UP007  built from a tuple
    return hint


def names_file(field: FieldInfo) -> bool:
    """Return whether a parameter names a file."""
    alone = any(isinstance(one, AfterValidator) and one.func is below for one in field.metadata)
    return alone or FileName in get_args(field.annotation)


def resolve(values: Mapping[str, Any], files: frozenset[str], folder: Path) -> Parameters:
    """Return parameters with those in `files`, if given, as paths below `folder`.

    Raises
    ------
    StrategyInvalid
        A link leads out of the folder.
    """
    if not files:
        return dict(values)
    given = {name: folder / value for name, value in values.items() if name in files and value is not None}
    for name, path in given.items():
        if not path.resolve().is_relative_to(folder.resolve()):
            raise StrategyInvalid(
                f'{name} = "{values[name]}": is a link that leads out of the strategy\'s folder.',
                "Copy the file beside the strategy.",
            )
    return {**values, **given}


def is_plain(value: object) -> bool:
    """Return whether a default can be written in a strategy and in a record: a finite TOML value, a path, or None."""
    if isinstance(value, list | tuple):
        return all(is_plain(one) for one in value)
    if type(value) is int:
        return -(2**63) <= value < 2**63
    if type(value) is float:
        return math.isfinite(value)
    if type(value) is str:
        return not any("\ud800" <= c <= "\udfff" for c in value)
    return value is None or type(value) in (bool, dt.date, dt.datetime, dt.time) or isinstance(value, Path)
