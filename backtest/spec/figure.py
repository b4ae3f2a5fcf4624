"""One figure of a claim, as in a strategy file: ``[[claim.figures]]``."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from backtest.spec.measure import Ahead
from backtest.spec.validation import Table
from backtest.untyped import Parameters

LONGEST_JOIN = 2520

Words = Annotated[str, Field(min_length=1, max_length=300)]
Settings = Parameters
"""Dotted keys of the strategy to values, as in ``--set``."""
Time = Annotated[
    Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")],
    BeforeValidator(lambda value: value.isoformat() if type(value) is dt.date else value),
]
"""A year, a month or a day, as precise as it was said."""
What = Literal["n", "mean", "median", "positive", "ahead", "base_rate"]

BOUNDS = ("about", "at_least", "above", "at_most", "below")
NUMBERS = ("tolerance", *BOUNDS)
FITS: dict[str, tuple[str, ...]] = {
    "value": ("on", "over", *NUMBERS),
    "triggers": ("said", "since", "until"),
    "periods": ("said", "since", "until", "joined"),
    "outcome": ("what", "leg", "horizon", "since", "until", *NUMBERS),
    "record": ("said", "since", "until", "lowest", *NUMBERS),
}
"""Which keys go with which `find`."""
KEYS = tuple(dict.fromkeys(key for keys in FITS.values() for key in keys))


class FigureTable(Table):
    """One figure of a claim: what is measured, what the claim says about it, and how close is close enough.

    ``value``: the indicator of a condition at a session's close, or its ratio to another indicator (`over`).
    ``triggers``: the sessions on which a condition began to hold. ``periods``: the periods in which it held; episodes
    at most `joined` sessions apart are one period. ``outcome``: what came after the events, over `horizon`: their
    number, the mean or median return of a `leg`, the share that rose, the share in which the asset beat the benchmark,
    or the base rate. ``record``: the highest (or `lowest`) value of the indicator, and when it was. A figure about
    which nothing is said is shown, and decides nothing.
    """

    name: Words
    find: Literal["value", "triggers", "periods", "outcome", "record"]
    of: Annotated[str, Field(min_length=1, max_length=64)] = "detector"
    set_: Settings = Field(default_factory=dict, alias="set")
    on: dt.date | None = None
    over: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    what: What | None = None
    leg: Literal["asset", "benchmark", "spread"] | None = None
    horizon: Ahead | None = None
    about: float | None = None
    tolerance: Annotated[float, Field(gt=0)] | None = None
    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None
    said: Annotated[list[Time], Field(max_length=100)] | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    joined: Annotated[int, Field(ge=1, le=LONGEST_JOIN)] | None = None
    lowest: bool | None = None

    @field_validator("said")
    @classmethod
    def _dates(cls, value: list[str] | None) -> list[str] | None:
        for text in value or []:
            try:
                dt.date.fromisoformat(f"{text}-01-01"[:10])
            except ValueError:
                raise ValueError(f"'{text}' is not a date") from None
        return value

    @model_validator(mode="after")
    def _keys_fit(self) -> FigureTable:
        wrong = next((key for key in KEYS if key not in FITS[self.find] and getattr(self, key) is not None), None)
        if wrong and wrong == "joined":
            raise ValueError("'joined' goes with find = \"periods\"")
        if wrong:
            raise ValueError(f"'{wrong}' does not go with find = \"{self.find}\"")
        if self.find == "outcome":
            self._outcome_is_whole()
        if (self.about is None) != (self.tolerance is None) and (self.what != "n" or self.about is None):
            raise ValueError("'about' and 'tolerance' go together")
        if self.about is not None and len(self.bounds) > 1:
            raise ValueError("'about' stands alone; at_least, above, at_most and below make a range")
        if self.find in ("triggers", "periods") and self.said is not None and self.since is None:
            raise ValueError("'said' needs 'since', the date from which there were these and no others")
        return self

    def _outcome_is_whole(self) -> None:
        if self.what is None:
            raise ValueError("find = \"outcome\" needs 'what': n, mean, median, positive, ahead or base_rate")
        if self.horizon is None and self.what != "n":
            raise ValueError(f"what = \"{self.what}\" needs 'horizon', such as 21 or '1y'")
        if self.leg is not None and self.what in ("n", "ahead"):
            raise ValueError(f"'leg' does not go with what = \"{self.what}\"")

    @property
    def bounds(self) -> dict[str, float]:
        """What the claim says about a number: `about`, or the bounds of a range."""
        return {key: getattr(self, key) for key in BOUNDS if getattr(self, key) is not None}

    @property
    def decides(self) -> bool:
        """Whether the claim says anything about it."""
        return bool(self.bounds) or self.said is not None
