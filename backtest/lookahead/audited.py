"""What an audit found of one condition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from backtest.format import plural
from backtest.model import Note, Prices

Kind = Literal["truncation", "future", "publication", "gap", "not repeatable", "fails"]
FORESIGHT = frozenset(("day0_before_date", "dates_schedule_unknown"))
"""Codes of notes on what no change of the prices can show: what was public before a listed date."""
LEAKS: tuple[Kind, ...] = ("truncation", "future", "publication", "gap")


@dataclass(frozen=True)
class AuditFinding:
    """What was found of one condition.

    Attributes
    ----------
    kind : str
        One of `LEAKS`; or ``"not repeatable"``: it answers differently when asked again, so that nothing can be
        told; or ``"fails"``: it raised on some of the histories.
    session : str
        The earliest session found whose answer changed, ISO; empty where there is none.
    last : str
        The session after which the history was another, ISO.
    series : tuple of str
        Whose later values matter; empty where none does: then it is the number or the dates of the sessions.
    text : str
        All of it in words.
    """

    kind: Kind
    session: str
    last: str
    series: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class AuditedCondition:
    """One condition of a strategy, and what was found of it.

    Attributes
    ----------
    key, use : str
        Where it stands in the strategy, and its detector; for conditions combined, how.
    asked, failed : int
        How many histories it was asked of, and on how many it raised.
    reads : tuple of str
        The series that it asked for.
    notes : tuple of Note
        What it says of itself that no history can show; see `FORESIGHT`.
    """

    key: str
    use: str
    findings: tuple[AuditFinding, ...]
    asked: int
    failed: int
    reads: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def leak(self) -> AuditFinding | None:
        """The leak on the earliest session."""
        found = [finding for finding in self.findings if finding.kind in LEAKS]
        return min(found, key=lambda finding: finding.session) if found else None

    @property
    def clean(self) -> bool:
        """Whether it could be judged, and does not look ahead."""
        judged = not any(finding.kind == "not repeatable" for finding in self.findings)
        return judged and self.leak is None and self.failed < self.asked


def notes_on_publication(prices: Prices, reads: Iterable[str], window: tuple[int, int] | None = None) -> list[Note]:
    """Tell which of the series that a detector reads are read later than their day, and when.

    What lies outside of `window`, the first and the last session position that matter, is not told.
    """
    first, last = window or (0, len(prices) - 1)
    notes = []
    for info in map(prices.info, reads):
        if lag := info.publication_lag:
            text = f"{info.name} is seen {plural(lag, 'session')} late, as it is published."
            notes.append(Note("published_late", "detector", text))
        late = info.late
        if late and late.first <= prices.sessions[last].item() and late.last >= prices.sessions[first].item():
            notes.append(Note("known_late", "detector", f"{info.name}: {late.words}."))
    return notes
