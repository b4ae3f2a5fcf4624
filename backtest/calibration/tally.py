"""Counts that can be added: how often something was tried, and the sum of its results."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backtest.errors import BacktestError
from backtest.model import Bools, Floats, Ints
from backtest.untyped import Json


@dataclass(frozen=True, eq=False)
class Tally:
    """Totals of several figures over histories.

    Attributes
    ----------
    tried : dict of str to ndarray of shape (n_rows, n_columns)
        How often each figure was available, such as histories in which a test had an answer.
    total : dict of str to ndarray of shape (n_rows, n_columns)
        The sum of the figure: for rejections, their number.
    """

    tried: dict[str, Ints]
    total: dict[str, Floats]

    def __add__(self, other: Tally) -> Tally:
        keys = dict.fromkeys((*self.tried, *other.tried))
        return Tally(
            {key: _sum(self.tried.get(key), other.tried.get(key)).astype(np.int64) for key in keys},
            {key: _sum(self.total.get(key), other.total.get(key)) for key in keys},
        )

    def rate(self, key: str) -> Floats:
        """Return the mean of a figure (for rejections, their share); NaN if it was never tried."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.total[key] / np.where(self.tried[key] > 0, self.tried[key], np.nan))

    def grouped(self, groups: Sequence[Sequence[int]]) -> Tally:
        """Add up groups of rows; one row per group."""
        return Tally(
            {key: np.array([values[list(rows)].sum(axis=0) for rows in groups]) for key, values in self.tried.items()},
            {key: np.array([values[list(rows)].sum(axis=0) for rows in groups]) for key, values in self.total.items()},
        )

    def to_json(self) -> Json:
        """Return plain lists."""
        return {
            "tried": {key: values.tolist() for key, values in self.tried.items()},
            "total": {key: values.tolist() for key, values in self.total.items()},
        }


def tally_of_json(content: Mapping[str, Mapping[str, list[list[float]]]]) -> Tally:
    """Read what `Tally.to_json` wrote; every number is restored exactly."""
    tried = {key: np.array(values, dtype=np.int64) for key, values in content["tried"].items()}
    return Tally(tried, {key: np.array(values, dtype=np.float64) for key, values in content["total"].items()})


def counted(figures: Mapping[str, Floats]) -> Tally:
    """Count one history.

    Parameters
    ----------
    figures : mapping of str to ndarray of shape (n_rows, n_columns)
        Each figure, 0 or 1 for yes or no; NaN where there is none.
    """
    known: dict[str, Bools] = {key: np.isfinite(values) for key, values in figures.items()}
    return Tally(
        {key: flags.astype(np.int64) for key, flags in known.items()},
        {key: np.where(known[key], values, 0.0) for key, values in figures.items()},
    )


def added(tallies: Iterable[Tally]) -> Tally:
    """Add up tallies in order, so that the last digit does not depend on which process counted."""
    whole: Tally | None = None
    for one in tallies:
        whole = one if whole is None else whole + one
    if whole is None:
        raise BacktestError("there is nothing to add up.", "Use at least one history.")
    return whole


def monte_carlo_error(rate: float, tried: int) -> float:
    """Return the standard error of a counted share; never below that of a single case, so that zero has an error too.

    Parameters
    ----------
    rate : float
        The share, from 0 to 1.
    tried : int
        Number of cases, at least 1.
    """
    inside = min(max(rate, 1.0 / tried), 1.0 - 1.0 / tried) if tried > 1 else 0.5
    return math.sqrt(inside * (1.0 - inside) / tried)


def _sum(one: Ints | Floats | None, other: Ints | Floats | None) -> Floats:
    if one is None or other is None:
        return np.asarray(other if one is None else one, dtype=np.float64)
    return np.asarray(one + other, dtype=np.float64)
