"""Dates and numbers as files write them: one reading that fits a whole column, or none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np

from backtest.model import Floats, Sessions

ISO = "%Y-%m-%d"
DATE_FORMATS = (
    ISO,
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d.%m.%Y",
    "%m.%d.%Y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%b %d, %Y",
    "%b %d %Y",
)
"""What a date may look like where the manifest does not say; a year of two digits must be declared."""
FIRST_YEAR, LAST_YEAR = 1800, 2199
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_DIRECTIVES = {
    "%Y": r"(?P<year>\d{4})",
    "%y": r"(?P<short>\d\d)",
    "%m": r"(?P<month>\d\d?)",
    "%d": r"(?P<day>\d\d?)",
    "%b": r"(?P<name>[A-Za-z]{3,9})\.?",
}
_MIDNIGHT = r"(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z| ?[+-]\d\d:?\d\d)?)?"

# One or more digits, or groups of three between equal separators; then decimals; then an exponent.
_NUMBER = r"(?=.?\D?\d)[+-]?(?:\d+|[1-9]\d{0,2}(?:(?P<group>[%s'’ \u00a0\u202f])\d{3})(?:(?P=group)\d{3})*)?"
_DECIMALS = {
    ".": re.compile(_NUMBER % "," + r"(?:\.\d*)?(?:[eE][+-]?\d+)?", re.ASCII),
    ",": re.compile(_NUMBER % "." + r"(?:,\d*)?(?:[eE][+-]?\d+)?", re.ASCII),
}
_GROUPS = str.maketrans("", "", "'’ \u00a0\u202f")
A_NUMBER = "must be a number, or blank where it is missing"


class Misread(Exception):
    """A value that no reading fits, or a column that two readings fit; `row` is where, `rule` what must hold."""

    def __init__(self, row: int, rule: str, hint: str = "") -> None:
        super().__init__(rule)
        self.row, self.rule, self.hint = row, rule, hint


def is_date_format(text: str) -> bool:
    """Tell whether a ``date_format`` names a day, a month and a year, each once, and knows no other directive."""
    found = re.findall(r"%.?", text)
    kinds = sorted({"%y": "%Y", "%b": "%m"}.get(directive, directive) for directive in found)
    return kinds == ["%Y", "%d", "%m"]


def read_dates(texts: Sequence[str], declared: str | None = None) -> Sessions:
    """Read dates with the one format that fits them all.

    Parameters
    ----------
    texts : sequence of str
        A date each; none may be blank.
    declared : str, optional
        The format that the manifest gives: ``%Y %y %m %d %b`` and what stands between them.

    Returns
    -------
    dates : ndarray of shape (n_texts,), datetime64[D]

    Raises
    ------
    Misread
        No format fits them all, or two formats do and give different dates: then neither is chosen.
    """
    stripped = [text.strip() for text in texts]
    fits: dict[str, Sessions] = {}
    furthest = (-1, ISO)
    for form in [declared] if declared else DATE_FORMATS:
        dates = _dates(stripped, form)
        if isinstance(dates, int):
            furthest = max(furthest, (dates, form), key=lambda item: item[0])
        else:
            fits[form] = dates
    if not fits:
        row, form = furthest
        raise Misread(row, _rule_of(stripped, row, form, declared))
    (form, dates), *others = fits.items()
    for other, also in others:
        if (differs := np.flatnonzero(dates != also)).size:
            row = int(differs[0])
            rule = f"may be {dates[row]} ({form}) or {also[row]} ({other}), and no row of the column settles which"
            raise Misread(row, rule, f'Write date_format = "{form}" or date_format = "{other}" for the series.')
    return dates


def read_numbers(
    texts: Sequence[str], decimal: str | None = None, missing: Sequence[str] = (), *, plain: bool = True
) -> Floats:
    """Read numbers with the one decimal mark that fits them all; a blank or a mark in `missing` is NaN.

    Parameters
    ----------
    texts : sequence of str
        A number each, with or without a separator of thousands: comma or point (the one that is not the decimal
        mark), apostrophe or space.
    decimal : str, optional
        ``"."`` or ``","``, where the manifest says so.
    missing : sequence of str, optional
        What else than a blank stands for a missing value.
    plain : bool, optional
        Whether a column without any comma has decimal points: not to be doubted where commas separate columns.

    Returns
    -------
    values : ndarray of shape (n_texts,)
        May hold infinities, where a number is too large for a float.

    Raises
    ------
    Misread
        A value is no number, or the whole column reads as two different columns.
    """
    stripped = ["" if (bare := text.strip()) in missing else bare for text in texts]
    fits: dict[str, Floats] = {}
    furthest = -1
    for mark in [decimal] if decimal else _DECIMALS:
        fullmatch = _DECIMALS[mark].fullmatch
        row = next((row for row, text in enumerate(stripped) if text and not fullmatch(text)), len(stripped))
        furthest = max(furthest, row)
        if row == len(stripped):
            fits[mark] = np.array([_number(text, mark) if text else np.nan for text in stripped], dtype=np.float64)
    if not fits:
        raise Misread(furthest, A_NUMBER + (f' (decimal = "{decimal}")' if decimal else ""))
    if len(fits) == 1 or (plain and not any("," in text for text in stripped)):
        return next(iter(fits.values()))
    point, comma = fits["."], fits[","]
    differs = np.flatnonzero((point != comma) & ~np.isnan(point))
    if len(differs):
        row = int(differs[0])
        rule = f"may be {point[row]:.10g} or {comma[row]:.10g}, and no row of the column settles which"
        raise Misread(row, rule, 'Write decimal = "." or decimal = "," for the series.')
    return point


def without_percent_signs(texts: Sequence[str]) -> Sequence[str]:
    """Take the percent signs off a column in which every value that is there carries one."""
    stripped = [text.strip() for text in texts]
    if any(stripped) and all(text.endswith("%") for text in stripped if text):
        return [text.removesuffix("%").rstrip() for text in stripped]
    return texts


def _number(text: str, mark: str) -> float:
    bare = text.translate(_GROUPS)
    return float(bare.replace(",", "") if mark == "." else bare.replace(".", "").replace(",", "."))


@cache
def _pattern(form: str) -> re.Pattern[str]:
    parts = re.split(r"(%.)", form)
    text = "".join(_DIRECTIVES[part] if part in _DIRECTIVES else re.escape(part) for part in parts)
    return re.compile(text + (_MIDNIGHT if form == ISO else ""), re.ASCII)


def _dates(texts: Sequence[str], form: str) -> Sessions | int:
    """Read all texts by one format, or return the first row that it does not fit."""
    pattern = _pattern(form)
    found: list[str] = []
    for row, text in enumerate(texts):
        match = pattern.fullmatch(text)
        day = _iso(match) if match else None
        if day is None:
            return row
        found.append(day)
    try:
        return np.array(found, dtype="datetime64[D]")
    except ValueError:  # a day such as 2024-02-30
        return next(row for row, day in enumerate(found) if not _exists(day))


def _iso(match: re.Match[str]) -> str | None:
    parts = match.groupdict()
    if "short" in parts:  # as strptime: 69 to 99 are the last century's
        year = int(parts["short"]) + (1900 if int(parts["short"]) >= 69 else 2000)
    else:
        year = int(parts["year"])
    name = parts.get("name")
    month = _month(name) if name else int(parts["month"])
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and 1 <= int(parts["day"]) <= 31):
        return None
    return f"{year:04d}-{month:02d}-{int(parts['day']):02d}"


def _month(name: str) -> int:
    short = name.lower()
    fits = [number for number, month in enumerate(MONTHS, 1) if short in (month, month[:3])]
    return fits[0] if fits else 9 if short == "sept" else 0


def _exists(text: str) -> bool:
    try:
        np.datetime64(text, "D")
    except ValueError:
        return False
    return True


def _rule_of(texts: Sequence[str], row: int, form: str, declared: str | None) -> str:
    if declared:
        return f'must be a date by date_format = "{declared}"'
    if row == 0 or form == ISO:
        return "must be a date such as 2024-07-16"
    return f'must be a date in the form of "{texts[0]}", as the rows before it are ({form})'
