"""What an audit found about one condition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from backtest.format import plural
from backtest.model import Note, Prices

Kind = Literal["truncation", "future", "publication", "gap", "not repeatable", "fails"]
FORESIGHT = frozenset(("day0_before_date", "dates_schedule_unknown"))
"""Codes of notes on what no change of the prices can show: whether a listed date was public in advance."""
LEAKS: tuple[Kind, ...] = ("truncation", "future", "publication", "gap")


@dataclass(frozen=True)
class AuditFinding:
    """One finding on a condition.

    Attributes
    ----------
    kind : str
        One of `LEAKS`; or ``"not repeatable"``: it answers differently when run again, so it cannot be judged; or
        ``"fails"``: it raised on some of the histories.
    session : str
        The earliest session found whose answer changed, ISO; empty if there is none.
    last : str
        The session after which the history was changed, ISO.
    series : tuple of str
        The series whose later values matter; if empty, the number or the dates of the sessions matter.
    text : str
        The finding in words.
    """

    kind: Kind
    session: str
    last: str
    series: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class AuditedCondition:
    """One condition of a strategy, and the findings on it.

    Attributes
    ----------
    key, use : str
        Its table in the strategy, and its detector; for combined conditions, how they are combined.
    asked, failed : int
        Number of histories it ran on, and of those on which it raised.
    reads : tuple of str
        The series that it read.
    notes : tuple of Note
        Its notes on what no history can show; see `FORESIGHT`.
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
        """Whether it could be judged and does not look ahead."""
        judged = not any(finding.kind == "not repeatable" for finding in self.findings)
        return judged and self.leak is None and self.failed < self.asked


def notes_on_publication(prices: Prices, reads: Iterable[str], window: tuple[int, int] | None = None) -> list[Note]:
    """Return notes on the series that are read later than their day, and when.

    `window` is the first and the last session position that matter; nothing outside it is noted.
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
