"""The readings of a claim: the strategy's own, its bases, and the choices that the words leave open.

They are few, and fixed in the file before anything is measured: a claim that holds on one of many readings found by
search would say nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from backtest.model.horizon import about
from backtest.spec.claim import ClaimTable, Counting, Kind, Span
from backtest.spec.figure import Settings

CALENDAR = ("1w", "2w", "1m", "2m", "3m", "6m", "9m", "1y", "2y", "3y", "5y", "10y")
"""Words for the usual numbers of sessions."""


@dataclass(frozen=True)
class Reading:
    """One reading of a claim.

    Attributes
    ----------
    name : str
        In words.
    settings : dict
        Keys of the strategy that it changes.
    kind : str or None
        The choice that it makes in another way; None for the claim's own reading and another basis.
    counting, span, horizons
        As in `ClaimTable` and `ChoiceTable`.
    """

    name: str
    settings: Settings = field(default_factory=dict)
    kind: Kind | None = None
    counting: Counting = "first"
    span: Span = "then"
    horizons: str | None = None

    def horizon(self, asked: int | str, sessions_a_year: int) -> int | str:
        """Return a horizon as this reading counts it; one that has no counterpart stays."""
        if self.horizons == "sessions":
            return about(asked, sessions_a_year)
        if self.horizons == "calendar":
            return next((word for word in CALENDAR if about(word, sessions_a_year) == asked), asked)
        return asked


def readings_of(claim: ClaimTable) -> tuple[Reading, ...]:
    """Return the readings of a claim, its own first."""
    own = Reading(claim.basis, {}, None, claim.counting, claim.span)
    bases = (Reading(one.name, one.set_, None, claim.counting, claim.span) for one in claim.bases)
    choices = (
        Reading(one.name, one.set_, one.kind, one.counting or claim.counting, one.span or claim.span, one.horizons)
        for one in claim.choices
    )
    return (own, *bases, *choices)
