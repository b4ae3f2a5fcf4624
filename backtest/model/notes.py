"""What a reader must know beside the numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass

SAID_BY_CONDITION = frozenset(
    (
        *("condition", "dates_of_several_assets", "dates_moved", "dates_after_close", "dates_merged"),
        *("dates_outside_history", "dates_no_session", "dates_closed_unforeseen"),
        *("dates_schedule_unknown", "day0_before_date", "list_rows_left_out"),
    )
)
"""Codes of what a condition itself says, wherever it is used."""


@dataclass(frozen=True)
class Note:
    """One remark on a study.

    Attributes
    ----------
    code : str
        What kind of remark it is, such as ``"simulated"`` or ``"pending"``; programs read this, never the text.
    about : str
        What it concerns: a field of the record, a table, or a part of the strategy.
    text : str
        The remark in words.
    """

    code: str
    about: str
    text: str

    def to_json(self) -> dict[str, str]:
        """Return the note as the record holds it."""
        return asdict(self)


@dataclass(frozen=True)
class Lookahead:
    """A leak that was found in a study's own detector, and allowed.

    Attributes
    ----------
    session : str
        The earliest session found whose answer depends on what came later; ISO.
    series : tuple of str
        The series whose later values matter.
    text : str
        The leak in words.
    """

    session: str
    series: tuple[str, ...]
    text: str
