"""Read dates as files write them: with one format that fits a whole column, or not at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np

from backtest.data.files.moments import EPOCH, epoch_dates, local_dates
from backtest.data.files.months import month_of
from backtest.data.files.numbers import Misread, Unsettled, shortened
from backtest.model import Sessions

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
    "%d%b%Y",
    "%Y-%b-%d",
    "%b %d, %Y",
    "%b %d %Y",
    "%b-%d-%Y",
    "%Y年%m月%d日",
    "%d %b, %Y",
    "%d. %b %Y",
    "%d/%b/%Y",
    "%d de %b de %Y",
)
"""The formats that are tried if the manifest declares none."""
SHORT_FORMATS = (
    *(f"{first}{mark}{second}{mark}%y" for mark in "/-." for first, second in (("%d", "%m"), ("%m", "%d"))),
    *(f"%y{mark}%m{mark}%d" for mark in "/-."),
    "%d-%b-%y",
    "%d %b %y",
    "%b %d, %y",
    "%d. %b %y",
    "%d/%b/%y",
)
"""Formats with a two-digit year: read only if the weekdays determine the century."""
FIRST_YEAR, LAST_YEAR = 1700, 2199
PIVOT = 69
"""As strptime: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068."""
_DIRECTIVES = {
    "%Y": r"(?P<year>\d{4})",
    "%y": r"(?P<short>\d\d)",
    "%m": r"(?P<month>\d\d?)",
    "%d": r"(?P<day>\d\d?)(?:st|nd|rd|th|er)?",
    "%b": r"(?P<name>[A-Za-zÀ-ÿ]{3,10})\.?",
}
_TIME = re.compile(
    r"(?P<date>.*?)(?:T| +)(?P<time>(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?)"
    r"(?: ?[AaPp][Mm])?(?: ?(?:Z|UTC|GMT|[A-Z]{1,2}[SD]T|[+-]\d\d:?\d\d))?",
    re.ASCII,
)
_WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? +", re.I)
_MIDNIGHT = re.compile(r"0?0:00(?::00(?:[.,]0+)?)?")


def is_date_format(text: str) -> bool:
    """Tell whether a ``date_format`` has a day, a month and a year, once each and nothing else; or is ``epoch``."""
    if text == EPOCH:
        return True
    found = re.findall(r"%.?", text)
    kinds = sorted({"%y": "%Y", "%b": "%m"}.get(directive, directive) for directive in found)
    return kinds == ["%Y", "%d", "%m"]


def read_dates(texts: Sequence[str], declared: str | None = None, time_zone: str | None = None) -> Sessions:
    """Read dates with the one format that fits them all; see `fit_dates`."""
    return fit_dates(texts, declared, time_zone)[1]


def fit_dates(texts: Sequence[str], declared: str | None = None, time_zone: str | None = None) -> tuple[str, Sessions]:
    """Find the one format that fits all dates of a column.

    A time of day after the date, with or without a UTC offset, is ignored if every row has one: the date is
    the one that is written.

    Parameters
    ----------
    texts : sequence of str
        One date each; none may be blank.
    declared : str, optional
        The format in the manifest: ``%Y %y %m %d %b`` and the characters between them, or ``epoch``.
    time_zone : str, optional
        The zone whose calendar days count, if the texts are times with an offset, or seconds since 1970.

    Returns
    -------
    form : str
        The format.
    dates : ndarray of shape (n_texts,), datetime64[D]

    Raises
    ------
    Misread
        No format fits all of them.
    Unsettled
        Two formats, or two centuries, fit and give different dates: neither is chosen.
    """
    place: dict[str, int] = {}  # of each distinct text: a long file repeats its dates for every symbol
    at = [place.setdefault(text, len(place)) for text in texts]
    try:
        form, dates = _fit(list(place), declared, time_zone)
    except Misread as misread:
        misread.row = at.index(misread.row)
        raise
    return form, dates[at]


def _fit(texts: Sequence[str], declared: str | None, time_zone: str | None) -> tuple[str, Sessions]:
    stripped = [_WEEKDAY.sub("", text.strip()) for text in texts]
    if declared in (EPOCH, None) and not isinstance(days := epoch_dates(stripped, time_zone), int):
        return EPOCH, days
    if declared == EPOCH:
        row = days if isinstance(days, int) else 0
        raise Misread(row, f'must be seconds or milliseconds since 1970 (date_format = "{EPOCH}")')
    if time_zone:
        return ISO, local_dates(stripped, time_zone)
    if not (declared and ":" in declared):
        stripped = _without_times(stripped)
    fits: dict[str, Sessions] = {}
    furthest = (-1, ISO)
    for form in [declared] if declared else DATE_FORMATS:
        dates = _dates(stripped, form)
        if isinstance(dates, int):
            furthest = max(furthest, (dates, form), key=lambda item: item[0])
        else:
            fits[form] = dates
    if not fits:
        if not declared and (short := _short(stripped)):
            return short
        row, form = furthest
        raise Misread(row, _rule_of(stripped, row, form, declared))
    return _one_of(fits)


def _one_of(fits: dict[str, Sessions]) -> tuple[str, Sessions]:
    (form, dates), *others = fits.items()
    for other, also in others:
        if (differs := np.flatnonzero(dates != also)).size:
            row = int(differs[0])
            rule = f"may be {dates[row]} ({form}) or {also[row]} ({other}), and no row of the column settles which"
            raise Unsettled(row, rule, f'Write date_format = "{form}" or date_format = "{other}" for the series.')
    return form, dates


def _short(texts: Sequence[str]) -> tuple[str, Sessions] | None:
    """Read two-digit years, if exactly one order and one century put every date on Monday to Friday."""
    fits = {form: dates for form in SHORT_FORMATS if not isinstance(dates := _dates(texts, form), int)}
    if not fits:
        return None
    if by_month := {form: dates for form, dates in fits.items() if form.endswith("%y")}:
        _one_of(by_month)
    earlier = {form: dates for form in fits if not isinstance(dates := _dates(texts, form, years=-100), int)}
    likely = {form: dates for form, dates in fits.items() if _on_weekdays(dates)}
    rivals = {form: dates for form, dates in earlier.items() if _on_weekdays(dates)}
    if likely and not rivals:
        return _one_of(likely)
    form, dates = next(iter((likely or fits).items()))
    other, also = next(iter((rivals or earlier or fits).items()))
    rule = f"may be {dates[0]} ({form}) or {also[0]}{'' if form == other else f' ({other})'}: a year of two digits"
    meaning = f"{PIVOT} to 99 are 19{PIVOT} to 1999, 00 to {PIVOT - 1} are 2000 to 20{PIVOT - 1}"
    forms = " or ".join(f'date_format = "{one}"' for one in dict.fromkeys((form, other)))
    hint = f"Write {forms} for the series ({meaning}), or four digits a year in the file."
    raise Unsettled(0, f"{rule}, and no row of the column settles which", hint)


def _on_weekdays(dates: Sessions) -> bool:
    return bool(np.is_busday(dates).all())


def _without_times(texts: Sequence[str]) -> list[str]:
    """Remove a time of day that every row has; rows at midnight may lack it."""
    found = [_TIME.fullmatch(text) for text in texts]
    timed = [match is not None and not _MIDNIGHT.fullmatch(match["time"]) for match in found]
    if any(timed) and (alike := [row for row, text in enumerate(texts) if text and found[row] is None]):
        row = alike[0] if timed[0] else timed.index(True)
        rest = "with a time of day, as in the rows before it" if timed[0] else "such as 2024-07-16"
        raise Misread(row, f"must be a date {rest}")
    return [text if match is None else match["date"] for text, match in zip(texts, found, strict=True)]


@cache
def _pattern(form: str) -> re.Pattern[str]:
    parts = re.split(r"(%.)", form)
    text = "".join(_DIRECTIVES[part] if part in _DIRECTIVES else re.escape(part) for part in parts)
    if re.search(r"%[Yymd]%[Yymd]", form):  # without separators, each part has all its digits
        text = text.replace(r"\d\d?", r"\d\d")
    return re.compile(text, re.ASCII)


def _dates(texts: Sequence[str], form: str, years: int = 0) -> Sessions | int:
    """Read all texts with one format, `years` later if given, or return the first row that it does not fit."""
    pattern = _pattern(form)
    found: list[str] = []
    for row, text in enumerate(texts):
        match = pattern.fullmatch(text)
        day = _iso(match, years) if match else None
        if day is None:
            return row
        found.append(day)
    try:
        return np.array(found, dtype="datetime64[D]")
    except ValueError:  # a day such as 2024-02-30
        return next(row for row, day in enumerate(found) if not exists(day))


def _iso(match: re.Match[str], years: int) -> str | None:
    parts = match.groupdict()
    if "short" in parts:
        year = int(parts["short"]) + (1900 if int(parts["short"]) >= PIVOT else 2000)
    else:
        year = int(parts["year"])
    year += years
    name = parts.get("name")
    month = month_of(name) if name else int(parts["month"])
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and 1 <= int(parts["day"]) <= 31):
        return None
    return f"{year:04d}-{month:02d}-{int(parts['day']):02d}"


def exists(text: str) -> bool:
    """Tell whether a text such as 2024-02-29 or 2024-02 is a day or month that exists."""
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
    return f'must be a date in the form of "{shortened(texts[0])}", as in the rows before it ({form})'
