"""A dataset: a history with its name, its origin and its cautions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from backtest.model.finding import Finding
from backtest.model.frame import prices_of_frame
from backtest.model.history import Prices
from backtest.model.panel_source import PanelSource
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
    """Warnings of the firewall, for readers of the series that they concern."""
    reference: Callable[[], Dataset] | None = None
    """How to load it again: a dataset on disk is pickled as this reference, one in memory with all its values."""
    panel: PanelSource | None = None
    """Many assets, beside the series that all of them share; None if the dataset has only those."""

    def __reduce__(self) -> tuple[Any, ...]:
        if self.reference is not None:
            return (self.reference, ())
        values = (self.name, self.title, self.synthetic, self.sha256, self.prices, self.notes, self.findings, None)
        return (Dataset, (*values, self.panel))

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
        """Make a dataset from a DataFrame: one column per series, one row per session.

        Parameters
        ----------
        frame : DataFrame
            From pandas (dates in the index or the first column), polars or pyarrow (dates in the first column). Dates
            must ascend, without repeats and without a time of day. A missing value stays missing.
        roles : mapping of str to str, optional
            Role to column, such as ``{"small": "IWM", "mega": "OEF"}``.
        kinds : mapping of str to str, optional
            Kind of each column; by default a price index. Returns in percent and yields are not levels: use
            ``"percent_return"`` or ``"rate"``.
        name, title : str
            Name and title of the dataset in results.
        simulated : bool
            Whether the values are simulated; results then say so.

        Raises
        ------
        DataRefused
            The frame is not a table of dates and numbers, or a role names no column.
        """
        prices, digest = prices_of_frame(frame, roles or {}, kinds or {})
        return cls(name, title or name, simulated, digest, prices)

    def with_prices(self, prices: Prices) -> Dataset:
        """Return the dataset with other prices; it no longer refers to a dataset on disk."""
        return replace(self, prices=prices, reference=None)
