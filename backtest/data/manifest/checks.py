"""Where a rule draws its line: the ``[checks]`` table of a manifest, every key of it optional."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator

Count = Annotated[int, Field(ge=0)]
Size = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(gt=0, le=1)]

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
    "future_date": "a day that has not come cannot have a price",
    "not_daily": "a study counts sessions, and these are none",
    "intraday": "a session has one close",
}


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)


class Accepted(_Table):
    """An error that is known to be right: it becomes a warning, and stays visible in every report."""

    rule: Rule
    series: str
    date: dt.date | None = None
    """Only the finding that begins on this date; default: every finding of the rule on the series."""

    @field_validator("rule")
    @classmethod
    def _can_be_right(cls, value: str) -> str:
        if value in NEVER_RIGHT:
            raise ValueError(f"must not be {value}: {NEVER_RIGHT[value]}")
        return value


class Repairs(_Table):
    """What to do about an error, only ever on request; each row it touches is listed in the lock file."""

    duplicate_date: Literal["drop", "first", "last"] | None = None
    """``drop`` leaves out rows that repeat another in every value read; ``first`` or ``last`` keeps that one."""
    intraday: Literal["bars"] | None = None
    """``bars`` makes one row of those of a day: first open, highest high, lowest low, last close."""
    unsorted: Literal["sort"] | None = None
    off_calendar: Literal["drop"] | None = None
    nonpositive: Literal["blank"] | None = None
    missing_mark: Literal["blank"] | None = None
    stale_futures: Literal["drop"] | None = None
    """``drop`` leaves out the quotes of contracts that stand still, from the second of each run on."""


class Checks(_Table):
    """Thresholds; 0 switches a rule off."""

    calendar_since: dt.date | None = None
    """First date that the exchange calendar is believed on; default: what was measured for the exchange."""
    stale: Count = 5
    """Sessions in a row with an unchanged level, or an equal return other than a bill's."""
    stale_rates: Count = 0
    """The same for rates: a policy target may stand for seven years, so by default nothing is said."""
    stale_futures: Count = 42
    """Days in a row with an unchanged price of one contract, three or more months ahead of its month."""
    jump: Size = 25.0
    """A one-session change, in the scale of the 63 sessions before and after; a share of it, where a split fits."""
    jump_error: Size = 40.0
    """Beyond this, and by a quarter or more, an error."""
    spike: Size = 12.0
    """A change that the next session takes back, in the same scale."""
    jump_rates: Size = 10.0
    """A one-session change of a rate, in percentage points."""
    jump_futures: Size = 5.0
    """A one-day change of one contract's price, in points."""
    open_is_close: Share = 0.25
    """Share of a year's opens that equal the previous close, from which on they are taken to be copies."""
    missing_rates: Count = 10
    """Sessions in a row without a value from which on a hole in a rate is worth a word."""
    lost_rows: Share = 0.1
    """Share of a series' earlier rows whose loss is an error; a smaller loss is a warning."""
    accept: list[Accepted] = []
    repair: Repairs = Repairs()
