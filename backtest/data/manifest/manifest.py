"""The manifest of a dataset: what each series is, where it comes from, and its role."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from backtest.data.files.date_formats import is_date_format
from backtest.data.files.moments import is_time_zone
from backtest.data.manifest.checks import Checks
from backtest.data.manifest.expectation import Expectation
from backtest.data.manifest.kinds import ALLOWED_COLUMNS, DEFINES_SESSIONS, IN_PERCENT, TABLES, WAYS
from backtest.data.manifest.panel_table import PanelTable, inside_the_folder
from backtest.model import Kind

OPEN_UNIT = "fraction or percent"

Text = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
Lag = Annotated[int, Field(ge=0, le=260)]
Pair = Annotated[list[Name], Field(min_length=2, max_length=2)]


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)


class Columns(_Table):
    """Which column of the source file holds what; an omitted key means the column of the same name."""

    date: str = "date"
    """May be blank: a table written with its index has no name for that column."""
    open: Text | None = None
    high: Text | None = None
    low: Text | None = None
    close: Text = "close"
    contract: Text = "contract"
    price: Text = "price"
    source: Text | None = None
    """The source of each price, if the table combines sources that publish at different times."""
    before: Text = "before"
    after: Text = "after"
    unscheduled: Text | None = None


class Series(_Table):
    """One series: read from a file, pulled from a provider, or derived from other series.

    A series without any of these is written by a generator, as in the embedded sample.
    """

    title: Text
    kind: Kind
    unit: Text
    source: str = ""
    optional: bool = False
    """Whether an import continues without its file."""
    file: Text | None = None
    columns: Columns = Columns()
    where: dict[str, str] = {}
    """The rows of a long file to read: a column and its value, such as ``{ symbol = "RUT" }``."""
    date_format: Text | None = None
    """How the file writes dates, such as ``"%d/%m/%Y"``; default: the one format that fits them all."""
    decimal: Literal[".", ","] | None = None
    """The decimal mark; default: the one that fits all values of a column."""
    separator: Literal[",", ";", "|", "\t"] | None = None
    """The separator of the columns in a text file; default: the one that isolates the dates."""
    table: Annotated[int, Field(ge=1)] = 1
    """Which table of a text file is read, if it holds several, each under a title of its own."""
    sheet: Text | None = None
    """The sheet of a workbook; default: the first one with dates."""
    time_zone: Text | None = None
    """The zone whose calendar days count, for times such as UTC: ``"Europe/Berlin"``; default: the date as written."""
    missing: list[Text] = []
    """Marks of a missing value, besides a blank."""
    currency: Annotated[str, Field(pattern=r"^[^\s\d.,+%-]{1,4}$")] | None = None
    """A sign that all numbers of a column carry, before or after, such as ``"$"`` or ``"EUR"``."""
    publication_lag: Lag | Annotated[dict[Text, Lag], Field(min_length=1)] = 0
    """Sessions until a value is published; detectors see it only then. A derived series has the longest of its inputs.
    Futures may have one lag per source, such as ``{ settlements = 0, last_trades = 1 }``; see ``columns.source``."""
    provider: Literal["yahoo", "fred", "french"] | None = None
    symbol: Text | None = None
    index_of: Name | None = None
    """Percent returns to compound; the index is 100 on the session before the first return."""
    splice: Pair | None = None
    """Two levels, chained at the first session of the second, so that no return crosses the seam."""
    ratio: Pair | None = None
    sum: Annotated[list[Name], Field(min_length=2)] | None = None
    expects: Expectation | None = None
    """What the market expects of the central bank, from futures."""

    @field_validator("file")
    @classmethod
    def _inside_the_folder(cls, value: str | None) -> str | None:
        return value if value is None else inside_the_folder(value)

    @field_validator("date_format")
    @classmethod
    def _names_a_date(cls, value: str | None) -> str | None:
        if value is not None and not is_date_format(value):
            raise ValueError('must have %d, %m or %b, and %Y or %y, once each, and no other %; or be "epoch"')
        return value

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, value: str | None) -> str | None:
        if value is not None and not is_time_zone(value):
            raise ValueError('must be the name of a time zone such as "Europe/Berlin"')
        return value

    @model_validator(mode="after")
    def _one_origin(self) -> Series:
        origins = [key for key in WAYS if getattr(self, key) is not None]
        if len(origins) > 1:
            raise ValueError(f"{' and '.join(origins)} exclude each other")
        if origins and (self.file or self.provider):
            raise ValueError(f"{origins[0]} and {'file' if self.file else 'provider'} exclude each other")
        if (self.provider is None) != (self.symbol is None):
            raise ValueError("provider and symbol require each other")
        if origins and self.kind in TABLES:
            raise ValueError(f"a series of kind {self.kind} cannot be derived by {origins[0]}")
        for key in sorted(self.columns.model_fields_set):
            if key not in ALLOWED_COLUMNS[self.kind]:
                allowed = ", ".join(ALLOWED_COLUMNS[self.kind])
                raise ValueError(f"columns.{key} does not belong to kind {self.kind}; allowed: {allowed}")
        return self

    @model_validator(mode="after")
    def _lags_by_source(self) -> Series:
        if isinstance(self.publication_lag, dict) and self.kind != "futures":
            raise ValueError("publication_lag by source is for futures; give one number")
        if isinstance(self.publication_lag, dict) != (self.columns.source is not None):
            raise ValueError("columns.source and a publication_lag by source require each other")
        return self

    @property
    def lag(self) -> int:
        """Sessions until any value of the series is published; 0 if it depends on the source."""
        return 0 if isinstance(self.publication_lag, dict) else self.publication_lag

    @property
    def lags(self) -> dict[str, int]:
        """Sessions until a price is known, by source; empty if all sources have the same lag."""
        return self.publication_lag if isinstance(self.publication_lag, dict) else {}

    @property
    def is_fraction(self) -> bool:
        """Whether its file holds fractions, by the first word of the unit; returns and rates are stored as percent."""
        return self.kind in IN_PERCENT and self.unit.lower().startswith("fraction") and not self.is_open

    @property
    def is_open(self) -> bool:
        """Whether its manifest leaves open whether values are percent or fractions; then no import reads them."""
        return self.kind in IN_PERCENT and self.unit == OPEN_UNIT

    def columns_read(self) -> set[str]:
        """Name the columns of its file that are read."""
        keys = (getattr(self.columns, key) for key in ALLOWED_COLUMNS[self.kind])
        return {*(name for name in keys if name is not None), *self.where}

    @property
    def derivation(self) -> str:
        """The derivation in words; empty for a delivered series."""
        if self.index_of:
            return f"index of the percent returns {self.index_of}, 100 on the session before the first"
        if self.splice:
            first, second = self.splice
            return f"{first} up to the first session of {second}, then {second}, chained"
        if self.ratio:
            return f"{self.ratio[0]} divided by {self.ratio[1]}"
        return self.expects.derivation if self.expects else " + ".join(self.sum or [])

    @property
    def inputs(self) -> list[str]:
        """The series that it is derived from."""
        if self.expects:
            return self.expects.inputs
        return [self.index_of] if self.index_of else [*(self.splice or self.ratio or self.sum or [])]


class Calendar(_Table):
    """Which dates are sessions."""

    exchange: Text
    series: list[Name] | None = None
    """Series whose dates, combined, are the sessions; default: all delivered levels and percent returns."""


class Manifest(_Table):
    """A dataset as its ``manifest.toml`` describes it."""

    schema_: Literal[1] = Field(alias="schema")
    name: Name
    title: Text
    synthetic: bool = False
    licence: Text
    redistributable: bool
    description: str = ""
    calendar: Calendar
    series: Annotated[dict[Name, Series], Field(min_length=1)]
    panel: PanelTable | None = None
    """Many assets, beside the series that all of them share."""
    roles: dict[Name, str] = {}
    checks: Checks = Checks()
    """What the firewall tolerates, and what it repairs."""

    def sessions_from(self) -> list[str]:
        """Name the series whose dates are the sessions."""
        if self.calendar.series is not None:
            return list(self.calendar.series)
        return [name for name, spec in self.series.items() if spec.kind in DEFINES_SESSIONS and not spec.inputs]

    def as_kept(self) -> Manifest:
        """Return the manifest with the units of the stored data: fractions have become percent."""
        fractions = {name: spec for name, spec in self.series.items() if spec.is_fraction}
        series = {
            name: spec.model_copy(update={"unit": f"percent{spec.unit[8:].removeprefix('s')}"})
            for name, spec in fractions.items()
        }
        return self.model_copy(update={"series": {**self.series, **series}})

    def derived_in_order(self) -> list[str]:
        """Name the derived series so that each follows its inputs."""
        done = {name for name, spec in self.series.items() if not spec.inputs}
        waiting = [name for name in self.series if name not in done]
        order: list[str] = []
        while ready := [name for name in waiting if set(self.series[name].inputs) <= done]:
            order += ready
            done.update(ready)
            waiting = [name for name in waiting if name not in done]
        return order
