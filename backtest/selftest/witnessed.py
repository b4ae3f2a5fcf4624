"""The result of a check, as a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Check:
    """One figure, and the value that its witness gives.

    Attributes
    ----------
    what : str
        The quantity.
    witness : str
        The source of the expected value.
    expected, found : float
        The witness's value and the package's; for several figures, the pair that differs most.
    tolerance : float
        Largest difference that counts as agreement, in the unit of the figure.
    difference : float
        The largest difference; infinite if only one side is missing.
    reason : str
        Why there is no figure, if the package failed; otherwise empty.
    """

    what: str
    witness: str
    expected: float
    found: float
    tolerance: float
    difference: float
    reason: str = ""

    @property
    def ok(self) -> bool:
        """Whether the two agree."""
        return self.difference <= self.tolerance


@dataclass(frozen=True)
class Subject:
    """A group of related checks.

    Attributes
    ----------
    name : str
        For programs.
    title, witness : str
        For readers.
    checks : callable
        Computes its checks.
    """

    name: str
    title: str
    witness: str
    checks: Callable[[], Iterable[Check]]


def compare(what: str, witness: str, expected: ArrayLike, found: ArrayLike, tolerance: float = 0.0) -> Check:
    """Compare figures with those of a witness.

    Parameters
    ----------
    what, witness : str
        As `Check` has them.
    expected, found : array_like
        Of the same shape; a different shape counts as an infinite difference, as does NaN against a number. NaN equals
        NaN.
    tolerance : float
        Largest absolute difference that agrees.
    """
    theirs, ours = np.asarray(expected, dtype=float), np.asarray(found, dtype=float)
    if theirs.shape != ours.shape:
        reason = f"{ours.shape} figures instead of {theirs.shape}"
        return Check(what, witness, np.nan, np.nan, tolerance, np.inf, reason)
    theirs, ours = theirs.ravel(), ours.ravel()
    with np.errstate(invalid="ignore"):  # the difference of two infinities is NaN, but they are equal
        apart = np.where((theirs == ours) | (np.isnan(theirs) & np.isnan(ours)), 0.0, np.abs(theirs - ours))
    apart = np.where(np.isnan(apart), np.inf, apart)
    most = int(apart.argmax())
    return Check(what, witness, float(theirs[most]), float(ours[most]), tolerance, float(apart[most]))
