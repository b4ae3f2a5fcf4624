"""What every command prints with: tables on stdout, progress and asides on stderr, one JSON object on request."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from backtest.errors import printable

if TYPE_CHECKING:
    from rich.console import Console

GAP = "–"
"""Stands where there is no number; the notes say why."""


def print_json(content: object) -> None:
    """Print one JSON object on stdout."""
    click.echo(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))


def console() -> Console:
    """Return the console of stdout: 80 columns where it is no terminal."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, soft_wrap=False)


def print_table(headers: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int] = (0,)) -> None:
    """Print a plain table; the columns in `left` are words and may wrap, all others are numbers and may not."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="dim")
    for column, header in enumerate(headers):
        words = column in left
        table.add_column(printable(header), justify="left" if words else "right", no_wrap=not words, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console().print(table)


def print_text(text: str = "", *, bold: bool = False) -> None:
    """Print a paragraph, wrapped at the width of the terminal."""
    console().print(printable(text), style="bold" if bold else None)


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show a spinner on stderr while something takes its time, if stderr is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


def percent(value: float | None) -> str:
    """Format a fraction as percent with its sign; zero has none."""
    if value is None:
        return GAP
    text = f"{value * 100:+.2f}%"
    return text.lstrip("+-") if text.strip("+-") == "0.00%" else text.replace("-", "−")


def share(value: float | None) -> str:
    """Format a hit rate."""
    return GAP if value is None else f"{value * 100:.0f}%"


def probability(value: float | None) -> str:
    """Format a p-value: never zero."""
    if value is None:
        return GAP
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def shown_path(path: Path) -> str:
    """Write a path as short as it can be typed from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def with_paths(summary: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return a run's summary with the places of its files as seen from here."""
    files = {name: shown_path(folder / file) for name, file in summary["files"].items()}
    return {**summary, "files": files}
