"""What a dataset covers and where it came from, as ``backtest show`` prints it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from backtest.cli.console import print_table, print_text
from backtest.format import NONE

if TYPE_CHECKING:
    from backtest.data.store.lock import Lock, LockedSeries

CELLS = 40
MINUTE = "%Y-%m-%d %H:%M"
SHORT = 12
"""Digits of a hash to show: enough to compare by eye."""


def print_coverage(lock: Lock) -> None:
    """Draw when each series starts and ends, on one scale of years; write out an end before the dataset's."""
    spans = {name: (item.first, item.last) for name, item in lock.series.items() if item.first and item.last}
    if not spans:
        return
    first, last = min(begin for begin, _ in spans.values()), max(end for _, end in spans.values())
    rows = [
        (name, bar(begin, end, first, last), str(end) if end < last else "") for name, (begin, end) in spans.items()
    ]
    print_table(("coverage", f"{first.year}{str(last.year).rjust(CELLS - 4)}", "ends early"), rows)
    print_text()


def bar(begin: dt.date, end: dt.date, first: dt.date, last: dt.date) -> str:
    """Draw a span within the span of the dataset: one mark for each cell that the series reaches into."""
    days = max((last - first).days, 1)
    left = (begin - first).days * CELLS // (days + 1)
    right = (end - first).days * CELLS // (days + 1)
    return "·" * left + "█" * (right - left + 1) + "·" * (CELLS - right - 1)


def print_origins(lock: Lock) -> None:
    """Print where and when each series and the panel came from, and the hash of its file."""
    rows = [(name, _origin(item), _read(item, lock), item.sha256[:SHORT] or NONE) for name, item in lock.series.items()]
    if lock.panel and lock.panel.file:
        rows.append(("(each asset)", lock.panel.file, f"{lock.created:{MINUTE}}", lock.panel.sha256[:SHORT]))
    print_table(("series", "from", "read (UTC)", "sha256"), rows, left=(0, 1, 2, 3))
    if any(item.sha256 for item in lock.series.values()):
        print_text(f"The first {SHORT} digits of each sha256; all of them: backtest show {lock.dataset} --json")
    print_text()


def _origin(item: LockedSeries) -> str:
    if item.provider:
        return f"{item.provider} {item.symbol}"
    return item.file or item.derivation or item.source


def _read(item: LockedSeries, lock: Lock) -> str:
    """Write when a series was fetched, or when its file was imported."""
    when = item.fetched or (lock.created if item.file else None)
    return f"{when:{MINUTE}}" if when else NONE
