"""A history as a detector sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from backtest.errors import LacksSeries, StudyRefused, did_you_mean
from backtest.model.arrays import Floats, Sessions
from backtest.model.series import Contracts, Field, SeriesInfo
from backtest.model.views import Changed, contracts_between, contracts_later, contracts_until, later

if TYPE_CHECKING:
    import pandas as pd


MOST_DERIVED = 64
"""Arrays that are kept for detectors that ask again: five megabytes with forty years of sessions."""
WEEKENDS = 0.2
"""A history without an exchange is quoted every day if at least this share of its sessions are on weekends."""


@dataclass(frozen=True, eq=False)
class Prices:
    """A history as a detector sees it: sessions, and series aligned on them by position.

    Parameters
    ----------
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        Strictly increasing trading days.
    columns : mapping of str to ndarray of shape (n_sessions,)
        ``"RUT"`` for the close (or the value of a rate), ``"RUT.open"``, ``"RUT.high"``, ``"RUT.low"`` for the others.
        May be lazy. A missing value is NaN and stays NaN; nothing is ever filled.
    series : mapping of str to SeriesInfo
        Every series of the dataset by name.
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
    """Names of the series read so far: what a detector depends on."""
    declared: Mapping[str, str] = field(default_factory=dict)
    """Roles and series declared in the manifest since the import, and how to import them."""
    exchange: str = ""
    """Market identifier code of the exchange whose sessions they are; empty if not known."""
    _derived: dict[tuple[object, ...], np.ndarray] = field(init=False, default_factory=dict)

    def __len__(self) -> int:
        return len(self.sessions)

    @property
    def sessions_a_year(self) -> int:
        """Sessions a year for annualised figures: 365 for series quoted every day, else 252, as usual for stocks."""
        quoted_daily = np.is_busday(self.sessions, weekmask="0000011").mean() > WEEKENDS if len(self) else False
        return 365 if self.exchange == "24/7" or (not self.exchange and quoted_daily) else 252

    def name(self, role_or_series: str) -> str:
        """Resolve a role or a series name to the series name.

        Raises
        ------
        NotFound
            The dataset has neither.
        """
        resolved = self.roles.get(role_or_series, role_or_series)
        if resolved not in self.series:
            hint = self.declared.get(role_or_series) or did_you_mean(role_or_series, [*self.roles, *self.series])
            raise LacksSeries(
                f"series '{role_or_series}': the dataset has no such role or series.", hint, role_or_series
            )
        return resolved

    def knows(self, role_or_series: str) -> bool:
        """Return whether the dataset has a role or series, or its manifest declares it since the import."""
        return self.roles.get(role_or_series, role_or_series) in self.series or role_or_series in self.declared

    def info(self, role_or_series: str) -> SeriesInfo:
        """Return the manifest's description of a series."""
        return self.series[self.name(role_or_series)]

    def close(self, role_or_series: str) -> Floats:
        """Return the closing level (or the value of a rate) per session; NaN if there is none."""
        return self.values(role_or_series, "close")

    def values(self, role_or_series: str, of: Field) -> Floats:
        """Return one field of a series per session; NaN if there is none.

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

    def once(self, key: tuple[object, ...], make: Callable[[], np.ndarray]) -> np.ndarray:
        """Return what was made of this history before, or make it: detectors asked with many parameters share it.

        Parameters
        ----------
        key : tuple
            What it is: the name of the quantity, of the series, and every parameter that it depends on.
        make : callable
            Makes an array, which must not be changed afterwards. Reading series is the caller's part, so that each
            detector is known to have read them.
        """
        if key not in self._derived:
            made = make()
            made.flags.writeable = False
            if len(self._derived) >= MOST_DERIVED:
                self._derived.pop(next(iter(self._derived)))
            self._derived[key] = made
        return self._derived[key]

    def contracts(self, role_or_series: str) -> Contracts:
        """Return futures by contract month.

        Raises
        ------
        NotFound
            The dataset has no such series; if it has no futures at all, the hint names a substitute.
        StudyRefused
            The series is not a table of futures.
        """
        if self.roles.get(role_or_series, role_or_series) not in self.series and not self.tables:
            hint = self.declared.get(role_or_series) or self.proxy_hint()
            raise LacksSeries(f"series '{role_or_series}': the dataset has no futures.", hint, role_or_series)
        name = self.name(role_or_series)
        self.read.add(name)
        if name not in self.tables:
            raise StudyRefused(
                f"series '{name}' is of kind {self.series[name].kind}; futures by contract month are needed.",
                "Name a series of kind 'futures'; 'backtest show DATASET' lists them.",
            )
        return self.tables[name]

    def proxy_hint(self) -> str:
        """Return a substitute for futures: a proxy in the dataset, or how its manifest can define one."""
        proxies = [name for name, info in self.series.items() if info.cautions]
        if proxies:
            return (
                f"It has a proxy from yields: --set detector.use=change --set detector.series={proxies[0]} "
                "--set detector.threshold=1."
            )
        return (
            "Treasury yields make a proxy for the detectors change and level: a series of kind expectation, "
            'expects = { of = "cuts_priced_proxy", policy = …, treasury = … }; see docs/fedwatch.md.'
        )

    def pandas(self, role_or_series: str, of: Field = "close") -> pd.Series[float] | pd.DataFrame:
        """Return one field of a series as a pandas Series indexed by session, for detectors written in pandas.

        Of the assets of a block it is a DataFrame with one column each.
        """
        import pandas as pd

        index, values = pd.DatetimeIndex(self.sessions, name="session"), self.values(role_or_series, of)
        if values.ndim == 2:
            return pd.DataFrame(values, index=index)
        return pd.Series(values, index=index, name=role_or_series)

    def published(self) -> Prices:
        """Return the history as it could be read at each close: late values are moved to their publication."""
        lags = {name: info.publication_lag for name, info in self.series.items()}
        if not any(lags.values()):
            return self
        columns = Changed(self.columns, lambda name, values: later(values, lags[name]))
        tables = Changed(self.tables, lambda name, table: contracts_later(table, lags[name], self.sessions))
        return self.on(columns, tables)

    def until(self, n: int) -> Prices:
        """Return the history as it was known after the first `n` sessions, without anything later."""
        columns = Changed(self.columns, lambda _name, values: values[:n])
        tables = Changed(self.tables, lambda _name, table: contracts_until(table, n))
        return self._with(self.sessions[:n], columns, tables)

    def between(self, first: int, end: int) -> Prices:
        """Return the sessions from position `first` up to but not including `end`, and nothing before or after."""
        if (first, end) == (0, len(self)):
            return self
        columns = Changed(self.columns, lambda _name, values: values[first:end])
        tables = Changed(self.tables, lambda _name, table: contracts_between(table, first, end))
        return self._with(self.sessions[first:end], columns, tables)

    def beside(self, series: Mapping[str, SeriesInfo], columns: Mapping[str, Floats]) -> Prices:
        """Return the history with further series on the same sessions, none of them read yet."""
        more = replace(self, series={**self.series, **series}, columns=_Both(columns, self.columns))
        return more._with(more.sessions, more.columns, more.tables)

    def on(self, columns: Mapping[str, Floats], tables: Mapping[str, Contracts]) -> Prices:
        """Return other values on the same sessions, none of them read yet."""
        return self._with(self.sessions, columns, tables)

    def _with(self, sessions: Sessions, columns: Mapping[str, Floats], tables: Mapping[str, Contracts]) -> Prices:
        return replace(self, sessions=sessions, columns=columns, tables=tables, read=set())


class _Both(Mapping[str, Floats]):
    """Two mappings as one; the second may be lazy, and is read only where the first has no such key."""

    def __init__(self, first: Mapping[str, Floats], second: Mapping[str, Floats]) -> None:
        self._first, self._second = first, second

    def __getitem__(self, key: str) -> Floats:
        return self._first[key] if key in self._first else self._second[key]

    def __contains__(self, key: object) -> bool:
        return key in self._first or key in self._second

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self._first, *self._second]))

    def __len__(self) -> int:
        return len(list(iter(self)))
