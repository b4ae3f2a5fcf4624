"""From the bytes of a CSV file to rows of texts: encoding, separator, lines."""

from __future__ import annotations

import codecs
import csv
import gzip
import io

from backtest.errors import DataRefused

SEPARATORS = (",", ";", "\t", "|")
BYTE_ORDER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Ambiguous(DataRefused):
    """What reads in two ways, until a key of the manifest settles it."""


def decoded(name: str, content: bytes) -> str:
    """Return a file's text, unpacked if it is gzipped; it is UTF-8, or UTF-16 with its mark."""
    plain = gzip.decompress(content) if name.lower().endswith(".gz") else content
    if _is_bare_utf16(plain):
        raise DataRefused(f"{name}: is UTF-16 without a byte-order mark.", "Save it as UTF-8, or with the mark.")
    return plain.decode("utf-16" if plain.startswith(BYTE_ORDER_MARKS) else "utf-8-sig")


def rows_of(text: str, separator: str) -> tuple[list[list[str]], list[int]]:
    """Return the rows, without blank lines, and the line that each ends on."""
    lines_of = io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8", newline="")  # a fourth of StringIO
    reader = csv.reader(lines_of, strict=True, delimiter=separator)
    rows, lines = [], []
    for row in reader:
        if row:  # a blank line holds no row
            rows.append(row)
            lines.append(reader.line_num)
    return rows, lines


def separator_of(name: str, text: str) -> str:
    """Return what separates the columns: what the header has of it, if need be what gives all rows equally many."""
    header = text.lstrip("\r\n").partition("\n")[0]
    found = [mark for mark in SEPARATORS if mark in header]
    if len(found) > 1:
        found = [mark for mark in found if _is_even(text, mark)] or found[:1]
    if len(found) > 1:
        marks = " or ".join(f'"{mark}"'.replace("\t", "\\t") for mark in found)
        raise Ambiguous(f"{name}: columns may be separated by {marks}.", "Write separator = … for the series.")
    return found[0] if found else ","


def _is_even(text: str, separator: str) -> bool:
    try:
        return len({len(row) for row in rows_of(text, separator)[0]}) == 1
    except csv.Error:
        return False


def _is_bare_utf16(content: bytes) -> bool:
    head = content[:64]
    zeros = {at % 2 for at, byte in enumerate(head) if not byte}
    return len(head) > 3 and head.count(0) * 2 >= len(head) - 1 and len(zeros) == 1
