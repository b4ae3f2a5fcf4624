"""What someone said, as in a strategy file: ``[claim]``, or ``[[claim]]`` for several claims."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

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

BOUNDS = ("about", "at_least", "above", "at_most", "below")
OF_VALUES = ("on", "over", "tolerance", *BOUNDS)
OF_EPISODES = ("said", "since", "until", "joined")


class FigureTable(Table):
    """One figure of a claim: what is measured, what the claim says about it, and how close is close enough.

    ``value``: the indicator of a condition at a session's close, or its ratio to another indicator (`over`).
    ``triggers``: the sessions on which a condition began to hold. ``periods``: the periods in which it held; episodes
    at most `joined` sessions apart are one period. A figure about which nothing is said is shown, and decides nothing.
    """

    name: Words
    find: Literal["value", "triggers", "periods"]
    of: Annotated[str, Field(min_length=1, max_length=64)] = "detector"
    set_: Settings = Field(default_factory=dict, alias="set")
    on: dt.date | None = None
    over: Annotated[str, Field(min_length=1, max_length=64)] | None = None
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
        foreign = OF_EPISODES if self.find == "value" else OF_VALUES
        wrong = next((key for key in foreign if getattr(self, key) is not None), None)
        if wrong:
            raise ValueError(f"'{wrong}' does not go with find = \"{self.find}\"")
        if self.joined is not None and self.find != "periods":
            raise ValueError("'joined' goes with find = \"periods\"")
        if (self.about is None) != (self.tolerance is None):
            raise ValueError("'about' and 'tolerance' go together")
        if self.about is not None and len(self.bounds) > 1:
            raise ValueError("'about' stands alone; at_least, above, at_most and below make a range")
        if self.find != "value" and self.said is not None and self.since is None:
            raise ValueError("'said' needs 'since', the date from which there were these and no others")
        return self

    @property
    def bounds(self) -> dict[str, float]:
        """What the claim says about a value: `about`, or the bounds of a range."""
        return {key: getattr(self, key) for key in BOUNDS if getattr(self, key) is not None}

    @property
    def decides(self) -> bool:
        """Whether the claim says anything about it."""
        return bool(self.bounds) or self.said is not None


class BasisTable(Table):
    """Another reading of the same words: the strategy with some keys changed."""

    name: Words
    set_: Annotated[Settings, Field(min_length=1)] = Field(alias="set")


class ClaimTable(Table):
    """What someone said, and how it is checked: by figures, or by the study itself if it gives no number.

    Attributes
    ----------
    said : str
        The words, in brief.
    on : date
        When it was said; figures are measured at that session's close, without later data.
    number : int, optional
        Its number among the statements of the same text.
    basis : str
        What the strategy measures, in words; `bases` are tried, too.
    open : bool
        The claim gives no number: the study is the answer, with its error.
    unchecked : str, optional
        Why this version cannot check it.
    """

    said: Annotated[str, Field(min_length=1, max_length=500)]
    on: dt.date
    number: Annotated[int, Field(ge=1, le=9999)] | None = None
    basis: Words = "as the strategy says"
    note: Annotated[str, Field(max_length=500)] = ""
    bases: Annotated[list[BasisTable], Field(max_length=10)] = Field(default_factory=list)
    figures: Annotated[list[FigureTable], Field(max_length=20)] = Field(default_factory=list)
    open: bool = False
    unchecked: Words | None = None

    @model_validator(mode="after")
    def _one_way(self) -> ClaimTable:
        ways = [bool(self.figures), self.open, self.unchecked is not None]
        if sum(ways) != 1:
            raise ValueError('needs one of figures, open = true, or unchecked = "why"')
        if self.figures and not any(figure.decides for figure in self.figures):
            raise ValueError("says nothing about any figure: give one about, at_least, above, at_most, below or said")
        for figure in self.figures:
            until = figure.until or self.on
            if figure.since is not None and figure.since > until:
                raise ValueError(f"since = {figure.since} of '{figure.name}' is after {until}, where it ends")
        names = [self.basis, *(basis.name for basis in self.bases)]
        if len(set(names)) < len(names):
            raise ValueError("each basis needs its own name")
        return self


def _as_list(value: object) -> object:
    return [value] if isinstance(value, dict) else value


Claims = Annotated[list[ClaimTable], Field(max_length=20), BeforeValidator(_as_list)]
"""One table, or several."""
