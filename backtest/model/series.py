"""One named column of a dataset, and the contracts of a futures series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from backtest.model.arrays import Floats, Ints
from backtest.model.notes import Note

Kind = Literal["price_index", "total_return_index", "percent_return", "rate", "futures", "decisions", "expectation"]
Field = Literal["close", "open", "high", "low"]

BASIS: dict[str, str] = {"price_index": "price", "total_return_index": "total return"}
"""What a level series leaves out or includes: a price index pays no dividends."""

LEVEL_ROLES = ("small_index", "market_index", "tech_index", "small", "mega", "market", "equal_weight")
"""Roles that levels play: price indices, as headlines quote them, and total returns, as investors earn them."""


@dataclass(frozen=True)
class SeriesInfo:
    """What a manifest says of one series."""

    name: str
    title: str
    kind: Kind
    unit: str
    source: str = ""
    derivation: str = ""
    """How it was derived from others, in words; empty for a series as delivered."""
    publication_lag: int = 0
    """Sessions until a value is published."""
    proxy: bool = False
    """Whether it only stands for what another series would say."""

    @property
    def cautions(self) -> tuple[Note, ...]:
        """What must be said wherever the series decides something: that it is a proxy."""
        return (Note("condition", "detector", f"{self.name} is a {self.derivation}."),) if self.proxy else ()

    @property
    def basis(self) -> str | None:
        """``"price"``, ``"total return"``, or None where the series is not a level of wealth."""
        return BASIS.get(self.kind)


@dataclass(frozen=True, eq=False)
class Contracts:
    """Futures settlements as a long table, sorted by session, then month.

    Attributes
    ----------
    session : ndarray of shape (n_rows,)
        Row of `Prices.sessions` on which the contract was quoted.
    month : ndarray of shape (n_rows,)
        Contract month, counted in months since January 1970.
    price : ndarray of shape (n_rows,)
        Quoted price; ``100 - price`` is the expected average rate of the month in percent.
    """

    session: Ints
    month: Ints
    price: Floats
