"""From the text of a file to rows of cells: encoding, separator, lines."""

from __future__ import annotations

import codecs
import csv
import io
from itertools import islice

from backtest.data.files.shapes import is_like_a_date
from backtest.errors import DataRefused

SEPARATORS = (",", ";", "\t", "|")
BYTE_ORDER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
EASTERN = {
    "gb18030": ("日期", "收盘", "时间", "开盘", "日付"),
    "shift_jis": ("日付", "終値", "始値", "高値", "年月日", "時刻"),
    "big5": ("日期", "收盤", "開盤", "時間", "日 期"),
    "euc_kr": ("날짜", "일자", "종가", "시가"),
}
"""Header words that distinguish files in East Asian encodings from those in Windows-1252."""
MOST_CELLS = 20_000_000
"""Most cells of a file that is read line by line: each takes about a hundred bytes."""
SAMPLED = 300
"""The number of lines by which the separator is chosen."""


class Ambiguous(DataRefused):
    """The file can be read in two ways; a key of the manifest settles which."""


def decoded(name: str, content: bytes) -> tuple[str, str]:
    """Return a file's text and its encoding: UTF-8, UTF-16 with its mark, an East Asian one, or Windows-1252."""
    if _is_bare_utf16(content):
        raise DataRefused(f"{name}: is UTF-16 without a byte-order mark.", "Save it as UTF-8, or with the mark.")
    if content.startswith(BYTE_ORDER_MARKS):
        return content.decode("utf-16"), "UTF-16"
    try:
        return content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError as error:
        if b"\0" in content[:1000]:
            raise DataRefused(f"{name}: is not text: {error}.", "Give a CSV, Excel or Parquet file.") from error
    for encoding, words in EASTERN.items():
        head = content[:4000].decode(encoding, errors="replace")
        if any(word in head for word in words):
            return content.decode(encoding, errors="replace"), encoding.upper().replace("_", "-")
    western = content.decode("cp1252", errors="replace")
    first = next((line for line in western.splitlines() if line.strip()), "")
    if "\ufffd" in first or any(ord(character) < 32 and character != "\t" for character in first):
        raise DataRefused(f"{name}: is in an encoding that is not recognised.", "Save it as UTF-8.")
    return western, "Windows-1252"


def rows_of(text: str, separator: str) -> tuple[list[list[str]], list[int]]:
    """Return the rows without blank lines, and the line on which each row ends."""
    lines_of = io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8", newline="")  # a quarter of StringIO's size
    reader = csv.reader(lines_of, strict=True, delimiter=separator)
    rows, lines, cells = [], [], 0
    for row in reader:
        if row:  # a blank line gives no row
            cells += len(row)
            if cells > MOST_CELLS:
                raise csv.Error(f"more than {MOST_CELLS:,} cells, up to line {reader.line_num:,}")
            rows.append(row)
            lines.append(reader.line_num)
    return rows, lines


def separator_of(name: str, text: str) -> str:
    """Return the separator of the columns: the one that isolates the dates, or else the one in the first line.

    If several do, return the one that gives every row the same number of columns.
    """
    head = "\n".join(islice(text.lstrip("\r\n").splitlines(), SAMPLED))
    found = [mark for mark in SEPARATORS if _sets_dates_apart(head, mark)]
    if not found:
        header = head.partition("\n")[0]
        found = [mark for mark in SEPARATORS if mark in header]
    if len(found) > 1:
        found = [mark for mark in found if _is_even(text, mark)] or found[:1]
    if len(found) > 1:
        marks = " or ".join(f'"{mark}"'.replace("\t", "\\t") for mark in found)
        raise Ambiguous(f"{name}: columns may be separated by {marks}.", "Write separator = … for the series.")
    return found[0] if found else ","


def _sets_dates_apart(text: str, separator: str) -> bool:
    """Tell whether, of the lines that contain the separator, at least half have a date alone in a cell."""
    try:
        rows = [row for row in rows_of(text, separator)[0] if len(row) > 1]
    except csv.Error:
        return False
    return sum(any(map(is_like_a_date, row)) for row in rows) * 2 > len(rows)


def _is_even(text: str, separator: str) -> bool:
    try:
        return len({len(row) for row in rows_of(text, separator)[0]}) == 1
    except csv.Error:
        return False


def _is_bare_utf16(content: bytes) -> bool:
    head = content[:64]
    zeros = {at % 2 for at, byte in enumerate(head) if not byte}
    return len(head) > 3 and head.count(0) * 2 >= len(head) - 1 and len(zeros) == 1
