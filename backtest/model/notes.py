"""Notes: what a reader must know besides the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

SAID_BY_CONDITION = frozenset(
    (
        *("condition", "dates_of_several_assets", "dates_moved", "dates_after_close", "dates_merged"),
        *("dates_outside_history", "dates_no_session", "dates_closed_unforeseen"),
        *("dates_schedule_unknown", "day0_before_date", "list_rows_left_out"),
    )
)
"""Codes of notes that a condition itself gives, wherever it is used."""

SAID_OF_ASSET = frozenset(("pending", "not_covered", "missing", "no_window", "no_test", "small_circle", "mixed_basis"))
"""Codes of notes on a single asset of a study, not on its events or data."""

LATE_DAY0 = {
    "end": "day 0 is the end of the run, which is only seen one session later: nobody could have entered at its close.",
    "start": "day 0 is the start of the pattern, before the event could be known: returns from there include it.",
}
"""What is wrong with a day 0 on which nobody could have known the event, by ``episodes.day0``."""


@dataclass(frozen=True)
class Note:
    """One remark on a study.

    Attributes
    ----------
    code : str
        The kind of remark, such as ``"simulated"`` or ``"pending"``; programs read this, never the text.
    about : str
        What it concerns: a field of the record, a table, or a part of the strategy.
    text : str
        The remark in words.
    """

    code: str
    about: str
    text: str

    def to_json(self) -> dict[str, str]:
        """Return the note in the form of the record."""
        return asdict(self)


@dataclass(frozen=True)
class Lookahead:
    """A leak that was found in a study's detector and allowed.

    Attributes
    ----------
    session : str
        The earliest session found whose answer depends on later data; ISO.
    series : tuple of str
        The series whose later values matter.
    text : str
        The leak in words.
    """

    session: str
    series: tuple[str, ...]
    text: str


def notes_on_day0(chosen: Sequence[str]) -> list[Note]:
    """Return notes on a day 0 on which nobody could have known the event.

    Parameters
    ----------
    chosen : sequence of str
        ``episodes.day0`` of each study, or of each set of a search; if only some have it, the note says how many.
    """
    notes = []
    for day0, text in LATE_DAY0.items():
        if n := chosen.count(day0):
            where = "As set" if n == len(chosen) else f"In {n} of {len(chosen)} sets"
            notes.append(Note("late_day0", "episodes.day0", f"{where}, {text}"))
    return notes
