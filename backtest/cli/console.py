"""How every command prints: tables on stdout, progress and remarks on stderr, one JSON object on request."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any

import click

from backtest.cli.standard_streams import streams
from backtest.errors import printable
from backtest.untyped import Json

NARROWEST = 80
"""A table is never narrower than this, and wider if its numbers need it: a number that is cut looks like another."""

GAP = 2
"""Blanks between two columns."""

LONGEST = 28
"""A longer word may be cut if its column must shrink; a shorter word makes the table wider instead."""

PLAIN = str.maketrans({"−": "-", "–": "-", "…": "...", "’": "'", "×": "x", "█": "#", "·": ".", "│": "|", "┃": "H"})
"""Replacements for a terminal or pipe that cannot encode these characters."""


def print_json(content: object) -> None:
    """Print one JSON object on stdout."""
    write(json.dumps(content, indent=2, ensure_ascii=True, allow_nan=False))


def print_table(headers: Sequence[str], rows: Sequence[Sequence[str]], left: Collection[int] = (0,)) -> None:
    """Print a plain table; the columns in `left` hold words and may wrap, all others hold numbers and may not."""
    table = [[printable(cell) for cell in row] for row in (headers, *rows)]
    widths = _widths(list(zip(*table, strict=True)), left)
    head, *body = ("\n".join(_row(cells, widths, left)) for cells in table)
    write("\n".join([_styled(head, dim=True), *body]))


def _row(cells: Sequence[str], widths: Sequence[int], left: Collection[int]) -> list[str]:
    """Lay the cells of a row side by side, each wrapped in its column; words align left, numbers right."""
    columns = [wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
    sides = [str.ljust if column in left else str.rjust for column in range(len(cells))]
    return [
        (" " * GAP).join(side(line, width) for side, line, width in zip(sides, lines, widths, strict=True))
        for lines in zip_longest(*columns, fillvalue="")
    ]


def wrapped(text: str, width: int) -> list[str]:
    """Break a text at blanks into lines of at most `width` characters; only a word longer than that is cut."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        first, *words = paragraph.split(" ")
        *whole, line = _cut(first, width)
        for word in words:
            if len(line) + 1 + len(word) <= width:
                line = f"{line} {word}"
            else:
                *more, last = _cut(word, width)
                whole += [line, *more]
                line = last
        lines += [*whole, line]
    return lines


def _cut(word: str, width: int) -> list[str]:
    width = max(width, 1)  # a column may hold nothing at all
    return [word[at : at + width] for at in range(0, max(len(word), 1), width)]


def fits(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Return whether a table fits with every cell on one line."""
    widths = [max(len(printable(cell)) for cell in column) for column in zip(headers, *rows, strict=True)]
    return sum(widths) + GAP * (len(widths) - 1) <= max(_width(), NARROWEST)


def _widths(columns: Sequence[Sequence[str]], left: Collection[int]) -> list[int]:
    """Shrink the widest columns of words until the table fits, but none below its longest word."""
    full = [max(len(line) for cell in column for line in cell.split("\n")) for column in columns]
    words = [max((len(word) for cell in column for word in cell.split()), default=0) for column in columns]
    least = [min(word, LONGEST) if i in left else wide for i, (wide, word) in enumerate(zip(full, words, strict=True))]
    room = max(_width(), NARROWEST) - GAP * (len(full) - 1)
    for cap in range(max(full, default=0), 0, -1):
        widths = [min(wide, max(few, cap)) for wide, few in zip(full, least, strict=True)]
        if sum(widths) <= room:
            return widths
    return least


def table_width() -> int:
    """Return the width that a table may take."""
    return max(_width(), NARROWEST)


def print_text(text: str = "", *, bold: bool = False, red: bool = False, indent: int = 0) -> None:
    """Print a paragraph, wrapped at the width of the terminal, `indent` blanks from the left."""
    lines = [" " * indent + line for line in wrapped(printable(text), max(_width(), 40) - indent)]
    write("\n".join(_styled(line, bold=bold or None, fg="red" if red else None) for line in lines))


def print_path(what: str, path: Path) -> None:
    """Print a path on one line that can be copied; on stderr if stdout is lost, so that what was made can be found."""
    line = f"{what}: {printable(shown_path(path))}"
    write(line)
    if streams.failed(1):
        click.echo(line, err=True)


def write(text: str) -> None:
    """Write to stdout, in plain characters if the encoding lacks others."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(PLAIN).encode(encoding, errors="replace").decode(encoding)
    click.echo(text)


def _colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def _styled(text: str, **style: Any) -> str:  # noqa: ANN401  what click.style takes
    """Style a text if the terminal has colours."""
    return click.style(text, **style) if text and _colour() and any(style.values()) else text


def _width() -> int:
    import shutil

    return shutil.get_terminal_size((NARROWEST, 24)).columns or NARROWEST


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show a spinner during slow work, if stderr is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


@contextmanager
def progress_of(what: str, rate: tuple[str, float] | None = None) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar, if stderr is a terminal; yield a function that takes the steps done and their total.

    `rate` names what is counted a second, and how much of it a step is.
    """
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import Progress, TextColumn

    columns = Progress.get_default_columns()
    if rate is not None:
        columns = (*columns, TextColumn("{task.fields[rate]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, rate="")

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, rate=_rate(rate, done, bar.tasks[0].elapsed))

        yield tell


def _rate(rate: tuple[str, float] | None, done: int, seconds: float | None) -> str:
    return "" if rate is None or not seconds else f"{done * rate[1] / seconds:,.0f} {rate[0]}/s"


def shown_path(path: Path) -> str:
    """Write a path relative to the current folder if it lies below it."""
    try:
        here = Path.cwd()
    except FileNotFoundError:  # the current folder has been deleted
        return str(path)
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def with_paths(summary: Json, folder: Path) -> Json:
    """Return a run's summary with the paths of its files as seen from the current folder."""
    files = {name: shown_path(folder / file) for name, file in summary["files"].items()}
    return {**summary, "files": files}
