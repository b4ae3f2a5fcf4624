"""A dataset: a history with its name, where it is from, and what must be said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from backtest.model.finding import Finding
from backtest.model.frame import prices_of_frame
from backtest.model.history import Prices
from backtest.model.series import Kind


@dataclass(frozen=True, eq=False)
class Dataset:
    """A loaded dataset."""

    name: str
    title: str
    synthetic: bool
    sha256: str
    prices: Prices
    notes: tuple[str, ...] = ()
    """What a reader of any result on these data must know: repairs, dropped rows, licence."""
    findings: tuple[Finding, ...] = ()
    """What the firewall warned of; who reads a series that one of them concerns must know."""
    reference: Callable[[], Dataset] | None = None
    """How to load it again: a dataset on disk pickles as this, one in memory with all its values."""

    def __reduce__(self) -> tuple[Any, ...]:
        if self.reference is not None:
            return (self.reference, ())
        values = (self.name, self.title, self.synthetic, self.sha256, self.prices, self.notes, self.findings)
        return (Dataset, values)

    @classmethod
    def from_frame(
        cls,
        frame: Any,  # noqa: ANN401  a DataFrame of any library that narwhals knows
        roles: Mapping[str, str] | None = None,
        *,
        kinds: Mapping[str, Kind] | None = None,
        name: str = "frame",
        title: str = "",
        simulated: bool = False,
    ) -> Dataset:
        """Make a dataset of a DataFrame: one column a series, one row a session.

        Parameters
        ----------
        frame : DataFrame
            Of pandas (dates in the index or the first column), polars or pyarrow (dates in the first column). Dates
            rise, each once, without a time of day. A missing value stays missing.
        roles : mapping of str to str, optional
            What a column stands for, such as ``{"small": "IWM", "mega": "OEF"}``.
        kinds : mapping of str to str, optional
            Kind of each column; by default a price index. Returns in percent or yields are no levels: say
            ``"percent_return"`` or ``"rate"``.
        name, title : str
            What results call the dataset.
        simulated : bool
            Whether the values are simulated; results then say so.

        Raises
        ------
        DataRefused
            The frame is no table of dates and numbers, or a role names no column.
        """
        prices, digest = prices_of_frame(frame, roles or {}, kinds or {})
        return cls(name, title or name, simulated, digest, prices)

    def with_prices(self, prices: Prices) -> Dataset:
        """Return a part of the dataset, which no reference on disk gives."""
        return replace(self, prices=prices, reference=None)
