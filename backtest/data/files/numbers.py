"""Read numbers as files write them: with one decimal mark that fits a whole column, or not at all."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from backtest.model import Floats

# One or more digits, or groups of three with the same separator; then decimals; then an exponent.
_NUMBER = r"(?=.?\D?\d)[+-]?(?:\d+|[1-9]\d{0,2}(?:(?P<group>[%s'’ \u00a0\u202f])\d{3})(?:(?P=group)\d{3})*)?"
_DECIMALS = {
    ".": re.compile(_NUMBER % "," + r"(?:\.\d*)?(?:[eE][+-]?\d+)?", re.ASCII),
    ",": re.compile(_NUMBER % "." + r"(?:,\d*)?(?:[eE][+-]?\d+)?", re.ASCII),
}
_GROUPS = str.maketrans("", "", "'’ \u00a0\u202f")
LONGEST = 60
"""Most characters of a value that a refusal shows."""
A_NUMBER = "must be a number, or blank where it is missing"


class Misread(Exception):
    """No reading fits a value, or two readings fit the column; `row` is the place, `rule` is what must hold."""

    def __init__(self, row: int, rule: str, hint: str = "") -> None:
        super().__init__(rule)
        self.row, self.rule, self.hint = row, rule, hint


class Unsettled(Misread):
    """Two readings fit the column: neither is chosen, and the hint names the key that settles it."""


def read_numbers(
    texts: Sequence[str], decimal: str | None = None, missing: Sequence[str] = (), *, plain: bool = True
) -> Floats:
    """Read numbers with the one decimal mark that fits them all; a blank or a mark in `missing` becomes NaN.

    Parameters
    ----------
    texts : sequence of str
        One number each, with or without a thousands separator: comma or point (whichever is not the decimal
        mark), apostrophe or space.
    decimal : str, optional
        ``"."`` or ``","``, if the manifest declares it.
    missing : sequence of str, optional
        Marks of a missing value, besides a blank.
    plain : bool, optional
        Whether a column without commas uses decimal points; certain if commas separate the columns.

    Returns
    -------
    values : ndarray of shape (n_texts,)
        May hold infinities, if a number is too large for a float.

    Raises
    ------
    Misread
        A value is not a number.
    Unsettled
        The whole column can be read as two different columns.
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
        rule = A_NUMBER + (f' (decimal = "{decimal}")' if decimal else "")
        raise Misread(furthest, rule, _hint(stripped[furthest]))
    if len(fits) == 1 or (plain and not any("," in text for text in stripped)):
        return next(iter(fits.values()))
    point, comma = fits["."], fits[","]
    differs = np.flatnonzero((point != comma) & ~np.isnan(point))
    if len(differs):
        row = int(differs[0])
        rule = f"may be {point[row]:.10g} or {comma[row]:.10g}, and no row of the column settles which"
        raise Unsettled(row, rule, 'Write decimal = "." or decimal = "," for the series.')
    return point


def decimal_of(text: str) -> str | None:
    """Return the decimal mark of a text that is a number with only one mark; a magnitude or % may follow."""
    bare = text.strip().rstrip("%KMBTkmbt").rstrip()
    if "." not in bare and "," not in bare:
        return None
    fits = [mark for mark, pattern in _DECIMALS.items() if pattern.fullmatch(bare)]
    return fits[0] if len(fits) == 1 else None


def is_number(text: str) -> bool:
    """Tell whether a text is a number with either decimal mark."""
    return any(pattern.fullmatch(text.strip()) for pattern in _DECIMALS.values())


def without_sign(texts: Sequence[str], sign: str, missing: Sequence[str] = ()) -> Sequence[str]:
    """Remove a sign, such as % or $, from a column in which every value carries it; otherwise change nothing.

    A percent sign follows the number. Any other sign precedes or follows it, or stands between a minus and the number.
    """
    stripped = [text.strip() for text in texts]
    there = [text for text in stripped if text and text not in missing]
    if not there or not all(_carries(text, sign) for text in there):
        return texts
    return [_bare(text, sign) if _carries(text, sign) else text for text in stripped]


def _carries(text: str, sign: str) -> bool:
    return text.endswith(sign) or (sign != "%" and text.lstrip("+-").startswith(sign))


def _bare(text: str, sign: str) -> str:
    if text.endswith(sign):
        return text.removesuffix(sign).rstrip()
    number = text.lstrip("+-")
    return text[: len(text) - len(number)] + number.removeprefix(sign).lstrip()


def shortened(text: str) -> str:
    """Return a value as a refusal shows it: shortened if it is long."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} … ({len(text):,} characters)"


def _hint(text: str) -> str:
    """Say what a value that is not a number may be: a loss without "-", or a mark of a missing value."""
    for dash in "\u2212\u2013\u2012\uff0d":
        if text.startswith(dash) and is_number(text[1:].rstrip("% ")):
            return f'Write its minus as "-": this character is U+{ord(dash):04X}.'
    if text.startswith("(") and any(c.isdigit() for c in text) and text.rstrip("% ").endswith(")"):
        return 'Write a loss as "-1.2": parentheses are not read.'
    if any(c.isdigit() for c in text) or not text.isprintable() or not 0 < len(text) <= 12:
        return ""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'Fix the file, or write missing = ["{quoted}"] for the series if it marks a missing value.'


def _number(text: str, mark: str) -> float:
    bare = text.translate(_GROUPS)
    return float(bare.replace(",", "") if mark == "." else bare.replace(".", "").replace(",", "."))
