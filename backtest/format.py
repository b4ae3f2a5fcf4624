"""The one formatter of numbers, dates and lengths of time: terminal, page and notebook agree.

Only here does a fraction become percent. The charts have the same functions in ``report/kit/words.js``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence, Sized
from datetime import date, datetime
from typing import TypeGuard

NONE = "–"
"""Shown for a missing number."""

BREAKS = re.compile("[\t-\r\x1c-\x1f\x85\u2028\u2029]+")
"""Characters that end a line or have an arbitrary width; replaced by one space."""

UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, characters that change the direction of text, and surrogates."""

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

LENGTHS = {
    1: "the next session",
    2: "two sessions",
    3: "three sessions",
    5: "about a week",
    10: "about two weeks",
    15: "about three weeks",
    21: "about a month",
    42: "about two months",
    63: "about a quarter",
    126: "about half a year",
    189: "about nine months",
    252: "about a year",
    504: "about two years",
    756: "about three years",
    1260: "about five years",
}
HALF_A_PERCENT = 0.005
LIMIT = 0.05
"""A p just above it is not written as one at most as large: the level of `backtest.model.significance`."""

SHARES = ("fraction", "probability")
"""Units that are shown as percent; a probability has no sign."""


def plain(text: str) -> str:
    """Make a text safe to show: one line, with control characters as escapes."""
    return UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", BREAKS.sub(" ", text))


def percent(value: float | None, digits: int = 2) -> str:
    """Write a fraction as a signed percentage: ``0.0321`` is ``+3.21%``."""
    return f"{_signed(value * 100, digits)}%" if _is_given(value) else NONE


def points(value: float | None, digits: int = 2) -> str:
    """Write a difference of two fractions in percentage points: ``0.0321`` is ``+3.21 pp``."""
    return f"{_signed(value * 100, digits)} pp" if _is_given(value) else NONE


def points_range(low: float | None, high: float | None) -> str:
    """Write a range of differences in percentage points: ``−0.07 to +1.86 pp``; a dash where an end is missing.

    An end that is not zero shows its sign, with up to six digits: whether zero lies within is what a reader looks for.
    """
    if not (_is_given(low) and _is_given(high)):
        return NONE
    first, last = (
        next((text for digits in range(2, 7) if (text := points(end, digits))[0] in "+−"), points(0.0))
        for end in (low, high)
    )
    return f"{first.removesuffix(' pp')} to {last}"


def outcome(value: float | None, word: str) -> str:
    """Write what a study judges: a spread in percentage points, the return of a single asset in percent."""
    return points(value) if word == "spread" else percent(value)


def share(value: float | None, digits: int = 0) -> str:
    """Write a share of a whole without sign: ``0.6`` is ``60%``; below half a percent, whole percent are ``<1%``."""
    if _is_given(value) and digits == 0 and 0 < value < HALF_A_PERCENT:
        return "<1%"
    return f"{number(value * 100, digits)}%" if _is_given(value) else NONE


def probability(value: float | None) -> str:
    """Write a p-value with three digits; never zero, and above the limit of 5% it is not ``0.050`` but ``>0.050``."""
    if not _is_given(value):
        return NONE
    text = f"{value:.3f}"
    return "<0.001" if value < 0.001 else f">{text}" if value > LIMIT >= float(text) else text


def share_of_cases(p: float) -> str:
    """Write a probability as a share of cases; never zero, and just above the limit of 5% it is more than that."""
    if p < 0.001:
        return "less than 0.1%"
    return f"{'more than ' if p > LIMIT >= round(p, 3) else ''}{share(p, 1 if p < 0.1 else 0)}"


def threshold(value: float, unit: str) -> str:
    """Write a threshold in its unit, with all its digits: the fraction ``0.0125`` is ``1.25%``."""
    if unit in SHARES:
        return minus(f"{value * 100:.6g}%")
    return minus(f"{value:.6g}{'' if unit[:1] in ('', '%') else ' '}{unit}")


def number(value: float | None, digits: int = 2) -> str:
    """Write a plain number with a typographic minus."""
    if not _is_given(value):
        return NONE
    text = f"{value:,.{digits}f}"
    return minus(text) if text.strip("-0.,") else text.lstrip("-")


def significant(value: float | None, digits: int = 6) -> str:
    """Write a number with so many significant digits, and a typographic minus."""
    return minus(f"{value:.{digits}g}") if _is_given(value) else NONE


def exact(value: object) -> str:
    """Write a recorded value with every digit it has; null where there is none."""
    return "null" if value is None else minus(repr(value)) if isinstance(value, float) else plain(str(value))


def count(value: int | str | None) -> str:
    """Write a whole number with thousands separators; a calendar horizon, such as ``"3m"``, as it is."""
    return NONE if value is None else value if isinstance(value, str) else f"{value:,}"


def count_of(items: Sized) -> int:
    """Return the number of items, for templates, where `length` is a length of time."""
    return len(items)


def times(n: int | None) -> str:
    """Write how often something occurred."""
    return {None: "not known", 0: "never", 1: "once", 2: "twice"}.get(n, f"{n or 0:,} times")


def file_size(n_bytes: int) -> str:
    """Write the size of files: ``812 B``, ``1.4 MB``; 1 kB is 1,000 bytes."""
    if n_bytes < 1000:
        return f"{n_bytes} B"
    return f"{n_bytes / 1e3:,.0f} kB" if n_bytes < 999_500 else f"{n_bytes / 1e6:,.1f} MB"


def plural(n: int, word: str) -> str:
    """Write a count with its noun: ``1 event``, ``5 events``."""
    return f"{n:,} {word}" if n == 1 else f"{n:,} {word}s"


UNITS = {"w": "week", "m": "month", "y": "year"}
"""Of calendar horizons, by the letter that they end in."""


def period(horizon: int | str) -> str:
    """Write a horizon in a sentence: ``21 sessions``; by the calendar, ``"3m"`` is ``3 months``."""
    if isinstance(horizon, int):
        return plural(horizon, "session")
    return plural(int(horizon[:-1]), UNITS[horizon[-1]])


def periods(horizons: Sequence[int | str]) -> str:
    """Write several horizons in a sentence, the word for sessions once: ``5, 21 sessions and 3 months``."""
    counted = [one for one in horizons if isinstance(one, int)]
    texts = [f"{one:,}" if isinstance(one, int) and one != counted[-1] else period(one) for one in horizons]
    return joined(texts)


def joined(texts: Sequence[str]) -> str:
    """Write a list of one or more as a sentence has it: ``a, b and c``."""
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def some(texts: Sequence[str], shown: int = 12) -> str:
    """Write the first texts of a list, and how many more there are."""
    more = f" and {len(texts) - shown:,} more" if len(texts) > shown else ""
    return f"{', '.join(texts[:shown])}{more}"


def settings_inline(parameters: Mapping[str, object]) -> str:
    """Write parameters under dotted keys in a sentence, without their tables: ``sessions = 5, threshold = 0.01``."""
    return ", ".join(f"{key.partition('.')[2]} = {parameter(value)}" for key, value in parameters.items())


def searched_words(sets: int, event_sets: int | None, looks: int, effective: float | None) -> str:
    """Say how much a search tried: sets, how many of them differ in their events, looks, and what these are worth."""
    words = plural(sets, "parameter set")
    if not looks:
        return f"{words}; no look, as no set has an event with a complete window"
    if event_sets is not None and event_sets < sets:
        words += f" with {plural(event_sets, 'different set')} of events"
    words += f", {plural(looks, 'look')}"
    return words if effective is None or looks < 2 else f"{words} worth {effective:,.0f} independent ones"


ALONE = ("no set has an event", "there is only one set of events, and nothing to choose between")
"""Why sets are not compared with one another, by the number of different sets of events."""


def objective_words(objective: str) -> str:
    """Return the words for the objective of a search."""
    names = {"p_adjusted": "adjusted p", "t": "studentised excess", "sharpe": "Sharpe ratio of the trade"}
    return names.get(objective, objective.replace("_", " "))


def settings(parameters: Mapping[str, object]) -> list[str]:
    """Write parameters under dotted keys, one text per table: ``detector: use = streak, sessions = 5``."""
    tables: dict[str, list[str]] = {}
    for key, value in parameters.items():
        table, _, name = key.rpartition(".")
        tables.setdefault(table, []).append(f"{name} = {parameter(value)}")
    return [f"{table}: {', '.join(pairs)}" for table, pairs in tables.items()]


def day(value: date | str | None) -> str:
    """Write a date as ISO; a dash if there is none."""
    return NONE if value is None else str(value)[:10]


def long_day(value: date | str | None) -> str:
    """Write a date for prose: ``16 July 2024``; a text that is not a date is unchanged."""
    if value is None:
        return NONE
    try:
        found = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    except ValueError:
        return str(value)
    return f"{found.day} {MONTHS[found.month - 1]} {found.year}"


def moment(value: str) -> str:
    """Write a UTC time stamp for prose: ``16 July 2024, 14:05 UTC``."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return value
    return f"{long_day(found.date())}, {found:%H:%M} UTC"


def clock(value: str) -> str:
    """Write the time of day of a UTC time stamp: ``14:05 UTC``."""
    try:
        return f"{datetime.fromisoformat(value):%H:%M} UTC"
    except ValueError:
        return ""


def length(sessions: int | str) -> str:
    """Say a number of sessions in words: 21 is about a month; a calendar horizon, that it is one."""
    if isinstance(sessions, str):
        return f"{sessions}, by the calendar"
    if sessions in LENGTHS:
        return LENGTHS[sessions]
    if sessions < 8:
        return plural(sessions, "session")
    size, unit = next(pair for pair in ((252, "year"), (21, "month"), (5, "week")) if sessions >= 1.5 * pair[0])
    return f"about {round(2 * sessions / size) / 2:g} {unit}s"


def parameter(value: object) -> str:
    """Write the value of a parameter as in a strategy file; an empty name is none."""
    if value is None:
        return NONE
    if value == "":
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {parameter(item)}" for key, item in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(parameter(item) for item in value)
    return str(value)


def _signed(value: float, digits: int) -> str:
    text = f"{value:+,.{digits}f}"
    return text[1:] if not text.strip("+-0.,") else minus(text)


def _is_given(value: float | None) -> TypeGuard[float]:
    return value is not None and not math.isnan(value)


def minus(text: str) -> str:
    """Write a negative sign as a minus, not as a hyphen."""
    return text.replace("-", "−")
