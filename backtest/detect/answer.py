"""The answer of a detector, checked and copied into plain values: nothing after it touches a stranger's objects."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from backtest.errors import DetectorFailed
from backtest.model import Bools, Condition, Indicator, Note, Prices, Sessions
from backtest.model.accounts import Account

SIDES = ("above", "below")


def condition_from(name: str, answer: object, prices: Prices, assets: int | None = None) -> Condition:
    """Return what a detector answered as a condition; on a block of so many assets without its indicator.

    Raises
    ------
    DetectorFailed
        It is not one flag per session, or per session and asset of a block, or its indicator, notes or accounts are of
        another kind.
    """
    _refuse_other_index(name, answer, prices.sessions)
    n = len(prices)
    if not isinstance(answer, Condition):
        met = _flags(name, answer, answer)
        _refuse_other_shape(name, met, met, n, assets)
        return Condition(met, np.ones_like(met))
    met, known = _flags(name, answer, answer.met), _flags(name, answer, answer.known)
    _refuse_other_shape(name, met, known, n, assets)
    shown = None if assets is not None else answer.indicator
    indicator = None if shown is None else _indicator(name, shown, n)
    begins = None if answer.begins is None else _flags(name, answer, answer.begins)
    if begins is not None and begins.shape != met.shape:
        raise DetectorFailed(f"detector '{name}' returned begins of shape {begins.shape} for {n} sessions.")
    return Condition(met & known, known, indicator, _notes(answer.notes), begins, _accounts(name, answer.accounts))


def _refuse_other_index(name: str, answer: object, sessions: Sessions) -> None:
    index = getattr(answer, "index", None)
    if index is None or callable(index):  # not a pandas object; a list has a method called index
        return
    if not np.array_equal(np.asarray(index), sessions):
        raise DetectorFailed(
            f"detector '{name}' returned a Series whose index is not the sessions in their order.",
            "Keep the index of prices.pandas(…), or return only the values.",
        )


def _refuse_other_shape(name: str, met: Bools, known: Bools, n: int, assets: int | None) -> None:
    if met.shape not in ((n,), (n, assets)) or known.shape != met.shape:
        shape = f"{met.shape}" if met.shape == known.shape else f"{met.shape}, known where {known.shape},"
        of = f"{n} sessions" if assets is None else f"{n} sessions of {assets} assets"
        hint = "Return one flag per session." if assets is None else "Return one flag per session and asset."
        raise DetectorFailed(f"detector '{name}' returned an answer of shape {shape} for {of}.", hint)


def _notes(given: Iterable[Note | str]) -> tuple[Note, ...]:
    """Return a detector's notes; a plain text is a note, too."""
    return tuple(
        Note(str(one.code), str(one.about), str(one.text))
        if isinstance(one, Note)
        else Note("condition", "detector", str(one))
        for one in given
    )


def _accounts(name: str, given: Iterable[Account]) -> tuple[Account, ...]:
    found = tuple(given)
    if not all(type(one) is Account for one in found):
        raise DetectorFailed(f"detector '{name}' returned accounts that are none.", "Leave 'accounts' out.")
    return found


def _flags(name: str, answer: object, flags: object) -> Bools:
    try:
        found = np.array(flags)
    except ValueError:  # a list of lists of unequal lengths
        found = np.empty(0, dtype=object)
    if found.dtype != np.bool_:
        raise DetectorFailed(
            f"detector '{name}' returned {type(answer).__name__} of {found.dtype}; one boolean per session is needed.",
            "A comparison gives booleans; fill missing values with False first.",
        )
    return found


def _indicator(name: str, given: Indicator, n: int) -> Indicator:
    try:
        values = np.array(given.values, dtype=np.float64)
    except (AttributeError, TypeError, ValueError):
        values = np.empty(0)
    if values.shape != (n,):
        raise DetectorFailed(
            f"detector '{name}' returned an indicator that is not one number per session.",
            "Return one number per session.",
        )
    wrong = [key for key in ("name", "unit") if not isinstance(getattr(given, key, None), str)]
    wrong += [] if given.side in SIDES else ["side"]
    threshold = given.threshold
    if threshold is not None and not (isinstance(threshold, int | float | np.number) and math.isfinite(threshold)):
        wrong += ["threshold"]
    if wrong:
        raise DetectorFailed(
            f"detector '{name}' returned an indicator whose {wrong[0]} is {getattr(given, wrong[0], None)!r}.",
            "Name and unit are texts, the threshold is a number or None, the side 'above' or 'below'.",
        )
    number = None if threshold is None else float(threshold)
    return Indicator(str(given.name), str(given.unit), values, number, given.side)
