"""The conditions that a strategy combines: how often each was met, and the strips that show when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backtest import arrow
from backtest import format as words
from backtest.model import Record
from backtest.untyped import Json

STRETCHES = 4_000
"""Runs of all conditions together that fit a page."""

Days = NDArray[np.int64]


def condition_rows(record: Record) -> list[Json]:
    """Return one row a condition: what it is, its runs, the sessions on which it was met, and the stretches drawn.

    A run recorded before conditions had names has none.
    """
    listed = record.run.get("conditions") or []
    table = record.tables.get("conditions")
    if not listed or table is None:
        return []
    names = np.array(table["condition"].to_pylist(), dtype=object)
    first, last = (arrow.to_days(table[key]).astype(np.int64) for key in ("first", "last"))
    most = STRETCHES if len(names) <= STRETCHES else max(1, STRETCHES // len(listed))
    rows = []
    for about in listed:
        mine = names == about["name"]
        begin, end = joined(first[mine], last[mine], most)
        stretches = np.column_stack((begin, end)).ravel().tolist()
        share = about["met"] / about["sessions"] if about["sessions"] else None
        what = _what(record.run.get("parameters") or {}, str(about["name"]))
        rows.append(
            {**about, "what": what, "share": share, "stretches": stretches, "joined": len(begin) < about["runs"]}
        )
    return rows


def joined(first: Days, last: Days, most: int) -> tuple[Days, Days]:
    """Join the runs that lie closest together until there are at most `most`.

    Parameters
    ----------
    first, last : ndarray of shape (n,)
        First and last day of each run, rising.
    most : int
        At least 1.

    Returns
    -------
    first, last : ndarray of shape (m,)
        The stretches: no run lies outside them, and of all gaps the widest are left open.
    """
    if len(first) <= most:
        return first, last
    gaps = first[1:] - last[:-1]
    open_gaps = np.sort(np.argsort(-gaps, kind="stable")[: most - 1])
    return first[np.concatenate(([0], open_gaps + 1))], last[np.concatenate((open_gaps, [len(last) - 1]))]


def _what(parameters: Mapping[str, Any], name: str) -> str:
    place = f"conditions.{name}."
    given = {key.removeprefix(place): value for key, value in parameters.items() if key.startswith(place)}
    used = given.pop("use", None)
    settings = words.parameter({key: value for key, value in given.items() if value is not None})
    return ": ".join(part for part in (None if used is None else str(used), settings) if part)
