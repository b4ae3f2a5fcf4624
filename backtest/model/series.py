"""One named column of a dataset, and the contracts of a futures series."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backtest.model.arrays import Bools, Floats, Ints, Sessions
from backtest.model.notes import Note

Kind = Literal["price_index", "total_return_index", "percent_return", "rate", "futures", "decisions", "expectation"]
Field = Literal["close", "open", "high", "low"]

Labels = NDArray[np.object_]
"""Words, one per row."""

BASIS: dict[str, str] = {"price_index": "price", "total_return_index": "total return"}
"""What a level series includes: a price index leaves out dividends."""

LEVEL_ROLES = ("small_index", "market_index", "tech_index", "small", "mega", "market", "equal_weight")
"""Roles of level series: price indices, as quoted in headlines, and total returns, as earned by investors."""


@dataclass(frozen=True)
class Late:
    """Prices of some sources that became known only after their day, and are read then.

    Attributes
    ----------
    lags : tuple of (str, int)
        Each source, and the number of sessions until its prices are known.
    first, last : datetime.date
        The first and the last session on which one of them is read.
    """

    lags: tuple[tuple[str, int], ...]
    first: dt.date
    last: dt.date

    @property
    def words(self) -> str:
        """How they are read, in words."""
        each = [f"{source} {lag} session{'s' * (lag > 1)}" for source, lag in self.lags]
        return (
            f"prices known only after their day are read when they were known ({', '.join(each)} late), "
            f"from {self.first} to {self.last}"
        )


@dataclass(frozen=True)
class SeriesInfo:
    """A manifest's description of one series."""

    name: str
    title: str
    kind: Kind
    unit: str
    source: str = ""
    derivation: str = ""
    """How it was derived from other series, in words; empty for a series as delivered."""
    publication_lag: int = 0
    """Sessions until a value is published."""
    proxy: bool = False
    """Whether it is only a substitute for another series."""
    late: Late | None = None
    """Those of its prices that became known only after their day; None if there are none."""

    @property
    def cautions(self) -> tuple[Note, ...]:
        """Cautions for every use of the series: that it is a proxy."""
        return (Note("condition", "detector", f"{self.name} is a {self.derivation}."),) if self.proxy else ()

    @property
    def basis(self) -> str | None:
        """``"price"``, ``"total return"``, or None if the series is not a level of wealth."""
        return BASIS.get(self.kind)


@dataclass(frozen=True, eq=False)
class Contracts:
    """Futures prices as a long table, sorted by session, then month; one row per session and month.

    Attributes
    ----------
    session : ndarray of shape (n_rows,)
        Row of `Prices.sessions` at whose close the price was known.
    month : ndarray of shape (n_rows,)
        Contract month, counted in months since January 1970.
    price : ndarray of shape (n_rows,)
        Quoted price; ``100 - price`` is the expected average rate of the month in percent.
    quoted : ndarray of shape (n_rows,), datetime64[D], or None
        The day of each price, if some became known only later; None if each price is of its session.
    source : ndarray of shape (n_rows,), or None
        The source of each price while a dataset is made from several sources; None once it is read.
    """

    session: Ints
    month: Ints
    price: Floats
    quoted: Sessions | None = None
    source: Labels | None = None

    def days(self, sessions: Sessions) -> Sessions:
        """Return the day of each price, given the sessions to which `session` refers."""
        return sessions[self.session] if self.quoted is None else self.quoted

    def take(self, rows: Ints | Bools | slice) -> Contracts:
        """Return some of the rows, in the order given."""
        quoted = None if self.quoted is None else self.quoted[rows]
        source = None if self.source is None else self.source[rows]
        return Contracts(self.session[rows], self.month[rows], self.price[rows], quoted, source)
