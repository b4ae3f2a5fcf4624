"""The result of a calibration: a table of figures for every signal and horizon, each with its error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backtest.calibration.tally import Tally, monte_carlo_error
from backtest.model import Asked
from backtest.untyped import Json

ANY = "any"
"""The column beside the horizons: whether a test rejects at any of them."""
AVERAGES = ("n", "detectable", "kept")
"""Figures that are not shares of histories, and have no Monte Carlo error here."""


@dataclass(frozen=True)
class Rate:
    """One figure: a share of `tried` with its Monte Carlo error, both fractions."""

    row: str
    column: str
    value: float
    error: float
    tried: int


@dataclass(frozen=True, eq=False)
class Calibration:
    """Figures counted in histories without predictability.

    Attributes
    ----------
    name, title : str
        The histories.
    rows : tuple of str
        The name of each row: a signal.
    horizons : tuple of int or str
        The columns; the last column of `tally`, for any horizon, comes in addition.
    tally : Tally
        The counts; see `tally_history` for its figures.
    histories, sessions, seed : int
        The number of histories and of sessions in each, and the seed.
    """

    name: str
    title: str
    rows: tuple[str, ...]
    horizons: tuple[Asked, ...]
    tally: Tally
    histories: int
    sessions: int
    seed: int

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return (*map(str, self.horizons), ANY)

    @property
    def keys(self) -> tuple[str, ...]:
        """The figures, in the order in which they were first counted."""
        return tuple(self.tally.tried)

    def rates(self, key: str, columns: Sequence[str] | None = None) -> list[Rate]:
        """Return every cell of a figure that was tried, row by row."""
        values, tried = self.tally.rate(key), self.tally.tried[key]
        return [
            self._rate(key, i, j, float(values[i, j]), int(tried[i, j]))
            for i in range(len(self.rows))
            for j, column in enumerate(self.columns)
            if tried[i, j] and (columns is None or column in columns)
        ]

    def worst(self, key: str, columns: Sequence[str] | None = None) -> Rate | None:
        """Return the highest rate of a figure; None if it was never tried."""
        return max(self.rates(key, columns), key=lambda rate: rate.value, default=None)

    def span(self, key: str, column: str) -> tuple[float, float] | None:
        """Return the lowest and the highest value of a figure over the rows; None if it was never tried."""
        values = [rate.value for rate in self.rates(key, [column])]
        return (min(values), max(values)) if values else None

    def to_json(self) -> Json:
        """Return everything; figures that were never tried are left out."""
        rows = {row: {key: dict[str, Json]() for key in self.keys} for row in self.rows}
        for key in self.keys:
            for rate in self.rates(key):
                cell = {"value": rate.value, "tried": rate.tried}
                rows[rate.row][key][rate.column] = cell if key in AVERAGES else {**cell, "error": rate.error}
        return {
            "name": self.name,
            "title": self.title,
            "histories": self.histories,
            "sessions": self.sessions,
            "seed": self.seed,
            "horizons": list(self.horizons),
            "rows": [{"name": row, "figures": {k: v for k, v in of.items() if v}} for row, of in rows.items()],
        }

    def _rate(self, key: str, row: int, column: int, value: float, tried: int) -> Rate:
        error = np.nan if key in AVERAGES else monte_carlo_error(value, tried)
        return Rate(self.rows[row], self.columns[column], value, error, tried)
