"""What was found of a figure: a value, spells of a condition, what came after events, or a record."""

from __future__ import annotations

from dataclasses import dataclass

from backtest.untyped import Json


class NotMeasured(Exception):
    """The data cannot answer; its text is the reason, shown with the verdict. This is an answer, not a refusal."""


@dataclass(frozen=True)
class Spell:
    """The first and last session of a spell in which a condition held, as ISO dates."""

    trigger: str
    end: str

    @property
    def json(self) -> Json:
        """Its form in the JSON of a claim."""
        return {"trigger": self.trigger, "end": self.end}


@dataclass(frozen=True)
class Value:
    """The value of an indicator on a date; `unit` is the indicator's, or ``"ratio"``."""

    number: float
    unit: str
    cautions: tuple[str, ...] = ()
    """Cautions to show with it, such as that it is a proxy."""


@dataclass(frozen=True)
class Spells:
    """The spells of a condition in the period of the claim, and those before it."""

    inside: tuple[Spell, ...]
    before: tuple[Spell, ...]
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came after the events of a strategy.

    Attributes
    ----------
    number : float
        A count, a return as a fraction, or a share of the outcomes.
    unit : str
        ``"count"``, ``"fraction"`` or ``"share"``.
    n : int
        The outcomes it was taken over: events whose window was complete, or sessions for a base rate.
    events : int
        The events in the period, whether their windows were complete or not.
    first, last : str or None
        Day 0 of the first and of the last outcome; None if there is none.
    covers : str or None
        The first session on which the data can show an event, if the claim reaches back further.
    """

    number: float
    unit: str
    n: int
    events: int
    first: str | None = None
    last: str | None = None
    covers: str | None = None
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """The highest or the lowest value of an indicator in the period of the claim.

    Attributes
    ----------
    number : float
        The record, in `unit`.
    on : str
        The session on which it was set.
    days : tuple of str
        The sessions of the most extreme values, the record first: one more than the claim names.
    values : tuple of float
        Their values.
    since : str or None
        The last session before the period with a value as extreme; None if there is none.
    covers : str or None
        As in `Outcome`.
    """

    number: float
    unit: str
    on: str
    days: tuple[str, ...]
    values: tuple[float, ...]
    since: str | None = None
    covers: str | None = None
    cautions: tuple[str, ...] = ()


Found = Value | Spells | Outcome | Record
