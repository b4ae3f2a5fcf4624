"""What a check found, as a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Check:
    """One figure, and what its witness says of it.

    Attributes
    ----------
    what : str
        What is computed.
    witness : str
        Who says what it should be.
    expected, found : float
        What the witness says, and what the package gives; of several figures, those that differ most.
    tolerance : float
        Largest difference that agrees, in the unit of the figure.
    difference : float
        The largest one; infinite where one side is missing and the other is not.
    reason : str
        Why there is no figure, where the package failed; else empty.
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
        """Whether both agree."""
        return self.difference <= self.tolerance


@dataclass(frozen=True)
class Subject:
    """What belongs together.

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
        Of one shape; another one differs infinitely, and so does NaN from a number. NaN and NaN agree.
    tolerance : float
        Largest absolute difference that agrees.
    """
    theirs, ours = np.asarray(expected, dtype=float), np.asarray(found, dtype=float)
    if theirs.shape != ours.shape:
        reason = f"{ours.shape} figures instead of {theirs.shape}"
        return Check(what, witness, np.nan, np.nan, tolerance, np.inf, reason)
    theirs, ours = theirs.ravel(), ours.ravel()
    with np.errstate(invalid="ignore"):  # two infinities differ by NaN, and are equal
        apart = np.where((theirs == ours) | (np.isnan(theirs) & np.isnan(ours)), 0.0, np.abs(theirs - ours))
    apart = np.where(np.isnan(apart), np.inf, apart)
    most = int(apart.argmax())
    return Check(what, witness, float(theirs[most]), float(ours[most]), tolerance, float(apart[most]))
