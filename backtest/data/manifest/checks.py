"""The thresholds of the rules: the ``[checks]`` table of a manifest, with every key optional."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator

Count = Annotated[int, Field(ge=0)]
Size = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]

Rule = Literal[
    "not_daily",
    "intraday",
    "duplicate_date",
    "unsorted",
    "future_date",
    "nonpositive",
    "missing_mark",
    "magnitude",
    "off_calendar",
    "missing_sessions",
    "blank_end",
    "stale",
    "jump",
    "spike",
    "open_is_close",
    "bars",
    "mixed_bases",
    "uneven_ends",
    "restated",
    "lost_rows",
    "calendar",
]
RULES: tuple[str, ...] = get_args(Rule)


NEVER_RIGHT = {
    "future_date": "a day in the future cannot have a price",
    "not_daily": "a study counts sessions, which these are not",
    "intraday": "a session has one close",
}


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)


class Accepted(_Table):
    """An error that is known to be right: it becomes a warning, and every report shows it."""

    rule: Rule
    series: str
    date: dt.date | None = None
    """Only the finding that begins on this date; default: all findings of the rule on the series."""

    @field_validator("rule")
    @classmethod
    def _can_be_right(cls, value: str) -> str:
        if value in NEVER_RIGHT:
            raise ValueError(f"must not be {value}: {NEVER_RIGHT[value]}")
        return value


class Repairs(_Table):
    """What to do about an error, only on request; the lock file lists each row that is changed."""

    duplicate_date: Literal["drop", "first", "last"] | None = None
    """``drop`` leaves out rows that repeat another in all values read; ``first`` or ``last`` keeps that one."""
    intraday: Literal["bars"] | None = None
    """``bars`` merges the rows of a day into one: first open, highest high, lowest low, last close."""
    unsorted: Literal["sort"] | None = None
    off_calendar: Literal["drop"] | None = None
    nonpositive: Literal["blank"] | None = None
    missing_mark: Literal["blank"] | None = None
    stale_futures: Literal["drop"] | None = None
    """``drop`` leaves out the quotes of unchanged contracts, from the second quote of each run."""


class Checks(_Table):
    """Thresholds; 0 switches a rule off."""

    calendar_since: dt.date | None = None
    """The first date on which the exchange calendar is trusted; default: the one measured for the exchange."""
    stale: Count = 5
    """Consecutive sessions with an unchanged level or an equal return (except a bill's)."""
    stale_rates: Count = 0
    """The same for rates: a policy target may stay for seven years, so by default the rule is off."""
    stale_futures: Count = 42
    """Consecutive days with an unchanged price of one contract, three or more months before its month."""
    jump: Size = 25.0
    """A one-session change, in scales of the 63 sessions before and after; if a split fits, a share of it suffices."""
    jump_error: Size = 40.0
    """Beyond this, if the change is also a quarter or more, the finding is an error."""
    spike: Size = 12.0
    """A change that the next session reverses, in the same scale."""
    jump_rates: Size = 10.0
    """A one-session change of a rate, in percentage points."""
    jump_futures: Size = 5.0
    """A one-day change of one contract's price, in points."""
    open_is_close: Share = 0.25
    """Share of a year's opens that equal the previous close, from which they are considered copies."""
    missing_rates: Count = 10
    """Consecutive sessions without a value from which a hole in a rate is reported."""
    lost_rows: Share = 0.1
    """Share of a series' earlier rows whose loss is an error; a smaller loss, or any loss with 0, is a warning."""
    accept: list[Accepted] = []
    repair: Repairs = Repairs()
