"""The table in a file: its header, its rows, and the lines around them that are neither."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from backtest.data.files.shapes import is_like_a_date, is_like_a_number
from backtest.errors import DataRefused
from backtest.format import plural

SAMPLED = 500
"""The number of rows by which the shape of a table is recognised."""
TICKERS = frozenset(("ticker", "tickers", "symbol", "symbols"))
DATES = frozenset(("date", "dates", "time", "datetime", "timestamp", "day", "datum", "data", "fecha", "日期", "日付"))
ABOUT = frozenset(("currency", "code", "unit", "units", "datatype", "frequency", "source", "type", "einheit"))
"""How a row below the header begins that describes the columns."""
TOTAL = re.compile(r"(grand )?total|totale?n?\b|sum\b|summe|somme|average|mean\b|mittelwert|durchschnitt|count\b", re.I)
"""How a row begins that adds up the rows above it."""
QUOTED = 40
"""Most characters shown of a line that is not read."""


@dataclass(frozen=True)
class Rectangle:
    """A header, and rows with the same number of cells.

    Attributes
    ----------
    header : list of str
        The names of the columns, without surrounding blanks.
    rows : list of list of str
        One per row of data, each as long as the header.
    lines : list of int
        The line of each row in the file, from 1.
    unread : tuple of str
        What else the file holds, in words.
    """

    header: list[str]
    rows: list[list[str]]
    lines: list[int]
    unread: tuple[str, ...] = ()


def find_rectangle(name: str, rows: Sequence[list[str]], lines: Sequence[int], table: int = 1) -> Rectangle:
    """Find the table among the rows of a file.

    The header is the last row without a number above the first row with a date; it is joined with a row of names above
    it if the two belong together. Lines above the header are not read, nor are lines after the last row with a date if
    they hold no numbers. A missing last cell is blank, and blank cells beyond the header are ignored.

    Parameters
    ----------
    name : str
        The name of the file, for refusals.
    rows : sequence of list of str
        The lines that are not blank, split into cells.
    lines : sequence of int
        The line of each row in the file.
    table : int, optional
        Which table is read, from 1, if the file holds several, each under a title of its own.

    Raises
    ------
    DataRefused
        A row has more or fewer cells than the header, or there is no such table.
    """
    date_cell = _date_cell(rows)
    if date_cell is None:
        return _to_width(name, [cell.strip() for cell in rows[0]], rows[1:], lines[1:], ())
    rows, lines, again = _run_on(rows, lines, date_cell)
    begins = _tables(rows, date_cell)
    if not 1 <= table <= len(begins):
        raise DataRefused(f"{name}: table = {table}: the file holds {len(begins)}.", "Set table to one of them.")
    low, high = begins[table - 1], begins[table] if table < len(begins) else len(rows)
    first = next(row for row in range(low, high) if _is_data(rows[row], date_cell))
    last = max(row for row in range(first, high) if _is_data(rows[row], date_cell))
    while last + 1 < high and _is_torn(rows[last + 1], date_cell):
        last += 1  # a row of numbers with an unreadable date is an error, not the end of the table
    header, names, body = _header(rows, low, first, date_cell)
    unread = [
        *again,
        *_describe_lines(rows, lines, low, header, "above the header"),
        *(
            line
            for row in range(header, body)
            if any(
                cell.strip() and not any(cell.strip() in name for name in names)
                for number, cell in enumerate(rows[row])
                if number != date_cell
            )
            for line in _describe_lines(rows, lines, row, row + 1, "a second line of names")
        ),
        *_describe_lines(rows, lines, last + 1, high, "below the last row"),
        *(
            f"lines {lines[begin]} to {lines[end - 1]} hold another table: table = {number} reads it"
            for number, (begin, end) in enumerate(zip(begins, [*begins[1:], len(rows)], strict=True), 1)
            if number != table
        ),
    ]
    return _to_width(name, names, rows[body : last + 1], lines[body : last + 1], tuple(unread))


def _date_cell(rows: Sequence[list[str]]) -> int | None:
    """Return the position of the cell that is a date in most rows; None if there is no date in any row."""
    sample = rows[:SAMPLED]
    counts = Counter(
        date_cell for row in sample if len(row) > 1 for date_cell, cell in enumerate(row) if is_like_a_date(cell)
    )
    if not counts:
        return None
    most = max(counts.values())
    return min(date_cell for date_cell, count in counts.items() if count == most)


def _is_data(row: Sequence[str], date_cell: int) -> bool:
    return len(row) > max(date_cell, 1) and is_like_a_date(row[date_cell])


def _tables(rows: Sequence[list[str]], date_cell: int) -> list[int]:
    """Return the row on which each table begins with its title: after data come a lone cell, names, and data again."""
    begins, seen = [0], False
    for number, row in enumerate(rows[:-2]):
        if _is_data(row, date_cell):
            seen = True
        elif (
            seen
            and _filled(row) == 1
            and _is_names(rows[number + 1], date_cell)
            and _is_data(rows[number + 2], date_cell)
        ):
            begins.append(number)
            seen = False
    return begins


def _is_torn(row: Sequence[str], date_cell: int) -> bool:
    """Tell whether a row is data without its date, rather than a line of text."""
    if _filled(row) == 1 and any(character.isalpha() for character in row[0]):
        return False  # a line of text is in the first cell
    if _is_footer(row, date_cell):
        return False
    undated = len(row) > date_cell and not row[date_cell].strip() and _filled(row) > 0
    return undated or row[0].lstrip()[:1].isdigit() or any(map(is_like_a_number, row))


def _is_footer(row: Sequence[str], date_cell: int) -> bool:
    """Tell whether a row is a total, or a line about the file in which the only numbers are dates."""
    filled = [cell.strip() for cell in row if cell.strip()]
    if not filled or len(row) <= date_cell or is_like_a_date(row[date_cell]):
        return False
    words = any(map(str.isalpha, row[date_cell])) and not any(map(str.isdigit, row[date_cell]))
    dated = any(map(is_like_a_date, filled)) and all(is_like_a_date(c) or not is_like_a_number(c) for c in filled)
    return TOTAL.match(filled[0]) is not None or (words and dated)


def _run_on(
    rows: Sequence[list[str]], lines: Sequence[int], date_cell: int
) -> tuple[Sequence[list[str]], Sequence[int], list[str]]:
    """Remove headers that recur among the rows, each with the title above it, if the dates continue below.

    Two tables with the same names begin with the same date; pages of one table do not.
    """
    first = next(
        (n for n in range(1, len(rows)) if _is_data(rows[n], date_cell) and _is_names(rows[n - 1], date_cell)), None
    )
    if first is None:
        return rows, lines, []
    header = [cell.strip() for cell in rows[first - 1]]
    repeated = [n for n in range(first, len(rows) - 1) if [cell.strip() for cell in rows[n]] == header]
    begun = [rows[n + 1][date_cell].strip() for n in repeated if _is_data(rows[n + 1], date_cell)]
    if not repeated or rows[first][date_cell].strip() in begun or len(set(begun)) < len(repeated):
        return rows, lines, []
    titles = [n - 1 for n in repeated if not _is_data(rows[n - 1], date_cell) and _filled(rows[n - 1]) == 1]
    out = {*repeated, *titles}
    kept = [n for n in range(len(rows)) if n not in out]
    said = [f"lines {', '.join(str(lines[n]) for n in sorted(out)[:5])}{' …' * (len(out) > 5)}, the header repeated"]
    return [rows[n] for n in kept], [lines[n] for n in kept], said


def _filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell.strip())


def _is_names(row: Sequence[str], date_cell: int) -> bool:
    """Tell whether a row can be a header: at least two cells are filled, and none holds a number."""
    if len(row) > date_cell and row[date_cell].strip().strip("<>").lower() in DATES:
        return True
    cells = [cell for number, cell in enumerate(row) if number != date_cell]
    return _filled(row) > 1 and not any(is_like_a_number(cell) or is_like_a_date(cell) for cell in cells)


def _header(rows: Sequence[list[str]], low: int, first: int, date_cell: int) -> tuple[int, list[str], int]:
    """Return the first row of the header, its names, and the row on which the data begin."""
    width = len(rows[first])
    fits = [row for row in range(low, first) if _is_names(rows[row], date_cell)]
    full = [row for row in fits if _filled(rows[row]) > 1]
    if not fits:
        return low, [cell.strip() for cell in rows[low]], low + 1
    lower = _names_row(rows, full, date_cell) if full else fits[-1]
    about = [row[date_cell] for row in rows[lower + 1 : first] if len(row) > date_cell]
    body = next((row for row in range(lower + 1, first) if _has_numbers(rows[row], date_cell)), first)
    if len(about) > 1 and not any(character.isdigit() for cell in about for character in cell):
        body = first  # lines that describe the columns, as the Bundesbank has them: title, unit, date of issue
    names = [cell.strip() for cell in rows[lower]]
    upper = lower - 1
    if upper >= low and upper in full and len(rows[upper]) == len(names) and _filled(rows[upper]) * 2 >= width:
        above = [cell.strip() for cell in rows[upper]]
        joined = _joined(above, names, date_cell)
        label = next(
            (
                row[date_cell].strip()
                for row in rows[lower + 1 : body]
                if len(row) > date_cell and row[date_cell].strip()
            ),
            "",
        )
        joined[date_cell] = (
            label
            or next((name for name in (names[date_cell], above[date_cell]) if name.lower() in DATES), "")
            or "Date"
        )
        return upper, joined, body
    if len(names) == width - 1 and date_cell == 0 and names[0].lower() not in DATES and rows[first][-1].strip():
        names = ["", *names]  # R writes a table with row names this way
    return lower, names, body


def _names_row(rows: Sequence[list[str]], full: Sequence[int], date_cell: int) -> int:
    """Return the row that names the most columns, the last of several; never a row of currencies, units or codes."""
    named = [row for row in full if date_cell >= len(rows[row]) or rows[row][date_cell].strip().lower() not in ABOUT]
    return max(named or full, key=lambda row: (_filled([*rows[row][:date_cell], *rows[row][date_cell + 1 :]]), row))


def _joined(above: Sequence[str], below: Sequence[str], date_cell: int) -> list[str]:
    """Combine two header rows: both if one names tickers or neither has unique names; else the one that has."""
    rest = [number for number in range(len(below)) if number != date_cell]
    tickers = {above[date_cell].lower(), below[date_cell].lower()} & TICKERS
    for this, other in ((below, above), (above, below)):
        apart = len({this[number] for number in rest}) == len(rest)
        if not tickers and apart and (this[date_cell].lower() in DATES or other[date_cell].lower() not in DATES):
            return list(this)
    return [f"{one} {other}".strip() for one, other in zip(above, below, strict=True)]


def _has_numbers(row: Sequence[str], date_cell: int) -> bool:
    return any(is_like_a_number(cell) for number, cell in enumerate(row) if number != date_cell)


def _describe_lines(rows: Sequence[list[str]], lines: Sequence[int], begin: int, end: int, where: str) -> list[str]:
    """Describe a run of lines that is not read by its place and its first words."""
    if begin >= end:
        return []
    span = f"line {lines[begin]}" if end - begin == 1 else f"lines {lines[begin]} to {lines[end - 1]}"
    text = ", ".join(cell.strip() for cell in rows[begin] if cell.strip())
    return [f'{span}, {where} ("{text[:QUOTED]}{"…" if len(text) > QUOTED else ""}")']


def _to_width(
    name: str, header: list[str], rows: Sequence[list[str]], lines: Sequence[int], unread: tuple[str, ...]
) -> Rectangle:
    """Make all rows as long as the header, if at most one cell is missing and none would be lost.

    A row in the middle that lacks a cell is damaged; the first or last row may belong to a day that is not over.
    """
    width = len(header)
    while width > 1 and not header[width - 1] and not any(len(row) >= width and row[width - 1].strip() for row in rows):
        width -= 1
    body = []
    short = [number for number, row in enumerate(rows) if len(row) == width - 1]
    trimmed = width > 2 and (len(short) > 1 or {0, len(rows) - 1}.issuperset(short))
    for row, line in zip(rows, lines, strict=True):
        cells = row
        if len(row) > width and not any(cell.strip() for cell in row[width:]):
            cells = row[:width]
        elif len(row) == width - 1 and trimmed:
            cells = [*row, ""]
        if len(cells) != width:
            raise DataRefused(
                f"{name} line {line}: has {plural(len(row), 'value')}: must have {width}, as the header does."
            )
        body.append(cells)
    return Rectangle(header[:width], body, list(lines), unread)
