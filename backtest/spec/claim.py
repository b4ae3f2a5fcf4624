"""What someone said, as in a strategy file: ``[claim]``, or ``[[claim]]`` for several claims."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from backtest.spec.figure import FigureTable, Settings, Words
from backtest.spec.validation import Table

Counting = Literal["first", "every"]
Span = Literal["then", "later", "all"]
Kind = Literal["basis", "counting", "cooldown", "dating", "horizon", "returns", "span"]


class BasisTable(Table):
    """Another reading of the same words: the strategy with some keys changed."""

    name: Words
    set_: Annotated[Settings, Field(min_length=1)] = Field(alias="set")


class ChoiceTable(Table):
    """A choice that the words leave open, made in another way than by the claim's own reading.

    Attributes
    ----------
    kind : str
        What is chosen: the ``basis``, the ``counting`` rule, the ``cooldown``, the ``dating`` of events, the
        ``horizon``, the ``returns`` (price or total), or the ``span``.
    set_ : dict
        Keys of the strategy, as with ``--set``.
    counting, span : str, optional
        As in `ClaimTable`.
    horizons : str, optional
        ``sessions`` counts a month as 21 sessions of stocks, a year as 252; ``calendar`` does the reverse.
    """

    kind: Kind
    name: Words
    set_: Settings = Field(default_factory=dict, alias="set")
    counting: Counting | None = None
    span: Span | None = None
    horizons: Literal["sessions", "calendar"] | None = None

    @model_validator(mode="after")
    def _chooses(self) -> ChoiceTable:
        if not (self.set_ or self.counting or self.span or self.horizons):
            raise ValueError(f"'{self.name}' changes nothing: give set, counting, span or horizons")
        return self


class ClaimTable(Table):
    """What someone said, and how it is checked: by figures, or by the study itself if it gives no number.

    Attributes
    ----------
    said : str
        The words, in brief.
    by : str
        Who said it, and where.
    on : date
        When it was said; figures are measured at that session's close, without later data.
    number : int, optional
        Its number among the statements of the same text.
    basis : str
        What the strategy measures, in words; `bases` and `choices` are tried, too.
    counting : str
        How outcomes count: after the ``first`` session of each episode, as the strategy dates it, or after ``every``
        session on which the condition holds. The cooldown of the strategy holds for both.
    span : str
        Which outcomes count: ``then``, those known when it was said; ``later``, those of the events until then, with
        what came after; ``all``, those of every event to the end of the data.
    open : bool
        The claim gives no number: the study is the answer, with its error.
    unchecked : str, optional
        Why this version cannot check it.
    """

    said: Annotated[str, Field(min_length=1, max_length=500)]
    by: Annotated[str, Field(max_length=300)] = ""
    on: dt.date
    number: Annotated[int, Field(ge=1, le=9999)] | None = None
    basis: Words = "as the strategy says"
    note: Annotated[str, Field(max_length=1000)] = ""
    counting: Counting = "first"
    span: Span = "then"
    bases: Annotated[list[BasisTable], Field(max_length=10)] = Field(default_factory=list)
    choices: Annotated[list[ChoiceTable], Field(max_length=10)] = Field(default_factory=list)
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
        names = [self.basis, *(one.name for one in self.bases), *(one.name for one in self.choices)]
        if len(set(names)) < len(names):
            raise ValueError("each basis needs its own name")
        return self


def _as_list(value: object) -> object:
    return [value] if isinstance(value, dict) else value


Claims = Annotated[list[ClaimTable], Field(max_length=20), BeforeValidator(_as_list)]
"""One table, or several."""
