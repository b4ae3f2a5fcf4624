"""What every command prints with: tables on stdout, progress and asides on stderr, one JSON object on request."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from backtest.errors import printable
from backtest.untyped import Json

if TYPE_CHECKING:
    from rich.console import RenderableType

"""Stands where there is no number; the notes say why."""

NARROWEST = 80
"""A table is never made narrower, and wider where its numbers ask for it: one that is cut looks like another."""

GAP = 2
"""Blanks between two columns."""

LONGEST = 28
"""A longer word may be cut where its column must shrink; any other makes the table wider instead."""

PLAIN = str.maketrans({"−": "-", "–": "-", "…": "...", "’": "'", "×": "x", "█": "#", "·": "."})
"""For a terminal or pipe that cannot encode the others."""


def print_json(content: object) -> None:
    """Print one JSON object on stdout."""
    write(json.dumps(content, indent=2, ensure_ascii=True, allow_nan=False))


def print_table(headers: Sequence[str], rows: Sequence[Sequence[str]], left: Collection[int] = (0,)) -> None:
    """Print a plain table; the columns in `left` are words and may wrap, all others are numbers and may not."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="dim")
    widths = _widths([[printable(cell) for cell in column] for column in zip(headers, *rows, strict=True)], left)
    for column, (header, width) in enumerate(zip(headers, widths, strict=True)):
        words = column in left
        side: Literal["left", "right"] = "left" if words else "right"
        table.add_column(printable(header), justify=side, width=width, no_wrap=not words, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    write(_drawn(table, sum(widths) + GAP * (len(widths) - 1)))


def fits(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether a table fits with every cell on one line."""
    widths = [max(len(printable(cell)) for cell in column) for column in zip(headers, *rows, strict=True)]
    return sum(widths) + GAP * (len(widths) - 1) <= max(_width(), NARROWEST)


def _widths(columns: Sequence[Sequence[str]], left: Collection[int]) -> list[int]:
    """Shrink the widest columns of words until the table fits, but none below its longest word."""
    full = [max(map(len, column)) for column in columns]
    words = [max((len(word) for cell in column for word in cell.split()), default=0) for column in columns]
    least = [min(word, LONGEST) if i in left else wide for i, (wide, word) in enumerate(zip(full, words, strict=True))]
    room = max(_width(), NARROWEST) - GAP * (len(full) - 1)
    for cap in range(max(full, default=0), 0, -1):
        widths = [min(wide, max(few, cap)) for wide, few in zip(full, least, strict=True)]
        if sum(widths) <= room:
            return widths
    return least


def print_text(text: str = "", *, bold: bool = False, red: bool = False) -> None:
    """Print a paragraph, wrapped at the width of the terminal."""
    from rich.text import Text

    write(_drawn(Text(printable(text), style=" ".join(["bold"] * bold + ["red"] * red)), max(_width(), 40)))


def print_path(what: str, path: Path) -> None:
    """Print where something is, on one line that can be copied."""
    write(f"{what}: {printable(shown_path(path))}")


def write(text: str) -> None:
    """Write to stdout: in plain characters where others cannot be encoded, to nobody where the reader has gone.

    A run whose table is piped into ``head`` is still recorded.
    """
    try:
        encoding = sys.stdout.encoding or "utf-8"
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            text = text.translate(PLAIN).encode(encoding, errors="replace").decode(encoding)
        click.echo(text)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _drawn(content: RenderableType, width: int) -> str:
    from rich.console import Console

    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    buffer = io.StringIO()
    console = Console(file=buffer, width=width, force_terminal=colour, highlight=False, markup=False, emoji=False)
    console.print(content)
    return buffer.getvalue().removesuffix("\n")


def _width() -> int:
    import shutil

    return shutil.get_terminal_size((NARROWEST, 24)).columns or NARROWEST


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show a spinner on stderr while something takes its time, if stderr is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


@contextmanager
def progress_of(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on stderr, if stderr is a terminal; yields a function of steps done and their total."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def shown_path(path: Path) -> str:
    """Write a path as short as it can be typed from here."""
    try:
        here = Path.cwd()
    except FileNotFoundError:  # the current folder has been deleted
        return str(path)
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def with_paths(summary: Json, folder: Path) -> Json:
    """Return a run's summary with the places of its files as seen from here."""
    files = {name: shown_path(folder / file) for name, file in summary["files"].items()}
    return {**summary, "files": files}
