"""Guess what kind of series a column holds, by its name and its values."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from backtest.data.files.columns import Numbers
from backtest.data.manifest.column_words import folded, role_of
from backtest.data.manifest.manifest import OPEN_UNIT
from backtest.model import Floats

RATE = re.compile(
    r"(?<![a-z])(rates?|yields?|rendite|euribor|dfii\d+|t10y\w+|estr|sonia|"
    r"treasur(y|ies)|sofr|libor|dff|dgs\d\w*|dfedtar\w*|(fed|funds|policy)[ _-]*target)"
    r"(?![a-z])",
    re.I,
)
NO_RATE = re.compile(r"return|exchange|forex|(?<![a-z])fx(?![a-z])", re.I)
"""A rate of return is a return, and an exchange rate is a price."""
TOTAL = re.compile(r"total[ _-]?returns?", re.I)
PERCENT = re.compile(r"pct|percent|%", re.I)
FRACTION = re.compile(r"fraction|decimal", re.I)
VAGUE = frozenset(("value", "obs_value", "price", "last", "latest"))
"""Names of a close that the column of a rate may also have."""
HIGHEST_RATE = 100.0
FEWEST, STAYS = 20, 0.8
"""With fewer values, nothing is said; from this correlation with the previous value, values are levels."""
OFTEN, NEAR = 0.01, 0.1
"""A rate is 0 or below on at least this share of its days, and nears 0 through values below a tenth of its median."""
STEPS = 0.95
"""Share of the days on which a policy rate is unchanged: a target changes on at most a dozen days a year."""
IN_STEPS = "it hardly ever changes, and then in steps, as a policy rate does"
CALM, LIVELY = 0.0067, 0.03
"""Typical moves that may be percent of something very calm (a daily sigma from 0.01%), or fractions of something
lively (a typical move below 3%; it is 0.5% for the S&P 500 and 0.6% for a small-cap index)."""


def guess_kind(words: str, look: Numbers, columns: Mapping[str, str]) -> tuple[str, str, str]:
    """Guess the kind and unit of a column, with a reason.

    Parameters
    ----------
    words : str
        The names of file and column.
    look : Numbers
        The column.
    columns : mapping of str to str
        The columns of its series, by key: with an open, high or low, or a column named close, it is not a rate.

    Returns
    -------
    kind, unit, why : str
    """
    values = look.values[~np.isnan(look.values)]
    quoted = not {"open", "high", "low"}.isdisjoint(columns)
    close = quoted or (role_of(columns["close"]) is not None and folded(columns["close"]) not in VAGUE)
    if not close and _names_a_rate(words) and not (len(values) and np.median(values) > HIGHEST_RATE):
        return "rate", "percent a year", "its name is that of a rate"
    losses = float(np.mean(values < 0)) if len(values) else 0.0
    if losses > 0.1 and not quoted and _stays(values):
        return "rate", "percent a year", "it is sometimes below 0, and each value is near the one before: not a return"
    if losses > 0.1 and not quoted:
        return ("percent_return", *_return_unit(look, float(np.median(np.abs(values[values != 0])))))
    if look.percent and not quoted:
        return "rate", "percent a year", "its values carry percent signs, and hardly any is below 0"
    if not close and stands_in_steps(np.diff(values)) and np.median(values) <= HIGHEST_RATE:
        return "rate", "percent a year", IN_STEPS
    if not close and _comes_down_to_zero(values):
        return "rate", "percent a year", "it falls to 0 and hardly ever below"
    why = "its values are above 0" if (values > 0).all() else "its values are above 0 but for a few, which are refused"
    if not len(values):
        why = "read as a price, since its values could not be read: say what they are"
    if TOTAL.search(words):
        return "total_return_index", "split- and dividend-adjusted", f"its name is that of a total return, and {why}"
    return "price_index", look.currency or "points", f"{why}; say total_return_index if dividends are in it"


def _stays(values: Floats) -> bool:
    """Tell whether a value predicts the next one, as a level does and a return does not."""
    if len(values) < FEWEST or values.std() == 0:
        return False
    return float(np.corrcoef(values[1:], values[:-1])[0, 1]) > STAYS


def stands_in_steps(changes: Floats) -> bool:
    """Tell whether values are unchanged on almost all days and move on a few, as a target rate does and no price."""
    return len(changes) >= FEWEST and bool(0 < np.count_nonzero(changes) <= (1 - STEPS) * len(changes))


def _names_a_rate(words: str) -> bool:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words)
    return RATE.search(apart) is not None and not NO_RATE.search(apart)


def _comes_down_to_zero(values: Floats) -> bool:
    """Tell whether values reach 0 often and through small values; in a price, a single 0 is an error."""
    above = values[values > 0]
    if not len(above):
        return len(values) > 0
    often = float(np.mean(values <= 0)) >= OFTEN
    return often and float(above.min()) <= NEAR * float(np.median(above))


def _return_unit(look: Numbers, typical: float) -> tuple[str, str]:
    """Return the unit of returns, by their size or else by the column's name; if the two differ, it stays open."""
    if look.percent:
        return "percent", "its values have both signs, and carry percent signs"
    by_size = "percent" if typical >= LIVELY else "fraction" if typical < CALM else ""
    by_name = "percent" if PERCENT.search(look.column) else "fraction" if FRACTION.search(look.column) else ""
    if by_size and by_name in ("", by_size):
        return by_size, f"its values have both signs{', and are small: fractions' if by_size == 'fraction' else ''}"
    if by_name and not by_size:  # percent by name must still pass the firewall's rule of magnitude
        return by_name, "its values have both signs; the unit is in its name"
    either = f"a typical {typical:.3g} is {typical * 100:.3g}% as a fraction"
    if by_name:
        either = f"it is called {by_name}, and {either}"
    return OPEN_UNIT, f'its values have both signs; {either}: write unit = "fraction" or unit = "percent"'
