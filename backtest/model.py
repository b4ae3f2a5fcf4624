"""The nouns that the stages hand to one another: series, prices, conditions, episodes, events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from backtest.errors import NotFound, StudyRefused, did_you_mean
from backtest.finding import Finding

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

Sessions = NDArray[np.datetime64]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

Kind = Literal["price_index", "total_return_index", "percent_return", "rate", "futures", "decisions"]
Field = Literal["close", "open", "high", "low"]

BASIS: dict[str, str] = {"price_index": "price", "total_return_index": "total return"}
"""What a level series leaves out or includes: a price index pays no dividends."""


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


@dataclass(frozen=True, eq=False)
class Prices:
    """A history as a detector sees it: sessions, and series aligned on them by position.

    Parameters
    ----------
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        Strictly increasing trading days.
    columns : mapping of str to ndarray of shape (n_sessions,)
        ``"RUT"`` for the close (or the value of a rate), ``"RUT.open"``, ``"RUT.high"``, ``"RUT.low"`` for the others.
        May be lazy. A missing value is NaN and stays NaN: nothing is ever filled.
    series : mapping of str to SeriesInfo
        Every series of the dataset by its own name.
    roles : mapping of str to str
        Role to series name, e.g. ``{"small_index": "RUT"}``.
    tables : mapping of str to Contracts
        Futures by series name. May be lazy.
    """

    sessions: Sessions
    columns: Mapping[str, Floats]
    series: Mapping[str, SeriesInfo]
    roles: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, Contracts] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    """Names of the series that were asked for so far: what a detector depends on."""

    def __len__(self) -> int:
        return len(self.sessions)

    def name(self, role_or_series: str) -> str:
        """Resolve a role, or a series' own name, to the series' own name.

        Raises
        ------
        NotFound
            The dataset has neither.
        """
        resolved = self.roles.get(role_or_series, role_or_series)
        if resolved not in self.series:
            known = [*self.roles, *self.series]
            raise NotFound(
                f"series '{role_or_series}': the dataset has no such role or series.",
                did_you_mean(role_or_series, known),
            )
        return resolved

    def info(self, role_or_series: str) -> SeriesInfo:
        """Return what the manifest says of a series."""
        return self.series[self.name(role_or_series)]

    def close(self, role_or_series: str) -> Floats:
        """Return the closing level (or the value of a rate) per session; NaN where there is none."""
        return self.values(role_or_series, "close")

    def values(self, role_or_series: str, of: Field) -> Floats:
        """Return one field of a series per session; NaN where there is none.

        Raises
        ------
        NotFound
            The dataset has no such series.
        StudyRefused
            The series has no such field, or is a table of contracts.
        """
        name = self.name(role_or_series)
        self.read.add(name)
        key = name if of == "close" else f"{name}.{of}"
        if key not in self.columns:
            kind = self.series[name].kind
            raise StudyRefused(
                f"series '{name}' ({kind}) has no {of} per session in this dataset.",
                "Choose a series that has one; 'backtest show DATASET' lists them.",
            )
        return self.columns[key]

    def contracts(self, role_or_series: str) -> Contracts:
        """Return futures by contract month.

        Raises
        ------
        StudyRefused
            The series is not a table of futures.
        """
        name = self.name(role_or_series)
        self.read.add(name)
        if name not in self.tables:
            raise StudyRefused(
                f"series '{name}' is of kind {self.series[name].kind}; futures by contract month are needed.",
                "Name a series of kind 'futures'; 'backtest show DATASET' lists them.",
            )
        return self.tables[name]

    def pandas(self, role_or_series: str, of: Field = "close") -> pd.Series[float]:
        """Return one field of a series as a pandas Series indexed by session, for detectors written in pandas."""
        import pandas as pd

        index = pd.DatetimeIndex(self.sessions, name="session")
        return pd.Series(self.values(role_or_series, of), index=index, name=role_or_series)

    def published(self) -> Prices:
        """Return the history as it could be read at each close: what is published late stands where it came out."""
        if not any(info.publication_lag for info in self.series.values()):
            return self
        columns = Published(self.columns, self.series, _later)
        tables = Published(self.tables, self.series, lambda table, lag: _contracts_later(table, lag, len(self)))
        return Prices(self.sessions, columns, self.series, self.roles, tables)

    def until(self, n: int) -> Prices:
        """Return the history as it was known after the first `n` sessions, and nothing of what came later."""
        names = {name for name in self.series if self.series[name].kind == "futures" and name in self.tables}
        tables = {name: _contracts_until(self.tables[name], n) for name in names}
        columns = {key: self.columns[key][:n] for key in self.columns}
        return Prices(self.sessions[:n], columns, self.series, self.roles, tables)


Value = TypeVar("Value")


class Published(Mapping[str, Value]):
    """Columns or tables by series, each moved to the session on which it was published, when it is asked for."""

    def __init__(
        self, raw: Mapping[str, Value], series: Mapping[str, SeriesInfo], move: Callable[[Value, int], Value]
    ) -> None:
        self._raw, self._series, self._move = raw, series, move

    def __getitem__(self, key: str) -> Value:
        lag = self._series[key.partition(".")[0]].publication_lag
        return self._move(self._raw[key], lag) if lag else self._raw[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)

    def __contains__(self, key: object) -> bool:
        return key in self._raw


def _later(values: Floats, lag: int) -> Floats:
    moved = np.full(len(values), np.nan)
    moved[lag:] = values[: len(values) - lag]
    moved.flags.writeable = False
    return moved


def _contracts_later(table: Contracts, lag: int, n: int) -> Contracts:
    return _contracts_until(Contracts(table.session + lag, table.month, table.price), n)


def _contracts_until(table: Contracts, n: int) -> Contracts:
    keep = table.session < n
    return Contracts(table.session[keep], table.month[keep], table.price[keep])


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


@dataclass(frozen=True, eq=False)
class Indicator:
    """The quantity a detector watches, one value a session; NaN where it is missing."""

    name: str
    unit: str
    values: Floats


@dataclass(frozen=True, eq=False)
class Condition:
    """A detector's answer per session.

    Attributes
    ----------
    met : ndarray of shape (n_sessions,)
        True where the condition holds, judged at that session's close. False where it is unknown.
    known : ndarray of shape (n_sessions,)
        False where an input was missing, so that nothing can be said.
    indicator : Indicator, optional
        What the detector watches.
    """

    met: Bools
    known: Bools
    indicator: Indicator | None = None


@dataclass(frozen=True, eq=False)
class Episodes:
    """Maximal runs of a condition, in order; all arrays of shape (n_episodes,) hold session positions.

    Attributes
    ----------
    start : ndarray
        First session of the pattern (day 1 of 5).
    trigger : ndarray
        The session on which the condition first became true.
    end : ndarray
        The last session of the run.
    ongoing : ndarray of bool
        True where what follows the run is not known: the history ends, or an input is missing. It has no seen end.
    """

    start: Ints
    trigger: Ints
    end: Ints
    ongoing: Bools

    def __len__(self) -> int:
        return len(self.trigger)

    def take(self, index: Ints | Bools) -> Episodes:
        """Return a selection of the episodes."""
        return Episodes(self.start[index], self.trigger[index], self.end[index], self.ongoing[index])


@dataclass(frozen=True, eq=False)
class Events:
    """Episodes dated to day 0.

    Attributes
    ----------
    episodes : Episodes
        The episodes the events were taken from, one each, aligned by position.
    day0 : ndarray of shape (n_events,)
        Session position of day 0.
    knowable : ndarray of shape (n_events,)
        Session position at whose close the event could first be known; a trade enters after it.
    """

    episodes: Episodes
    day0: Ints
    knowable: Ints

    def __len__(self) -> int:
        return len(self.day0)


@dataclass(frozen=True, eq=False)
class Record:
    """A recorded run as it stands on disk: all that a report may know."""

    folder: Path
    run: dict[str, Any]
    """The content of ``run.json``."""
    tables: dict[str, pa.Table]
    """The Parquet tables by name; ``trades`` and ``equity`` only where the run simulated a trade."""
