"""Sessions that a search does not see, and the look that sees them first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backtest.format import plural
from backtest.ledger.distinct_looks import LOOKING, tally_of
from backtest.ledger.looked_at import Looks
from backtest.untyped import Json

HOLDOUT = "holdout"


@dataclass(frozen=True)
class Holdout:
    """Sessions from a day on that were withheld from a question.

    Attributes
    ----------
    entry : dict
        The line of the ledger that withheld them.
    openings : tuple of dict
        Lines of later studies that saw them, in order.
    """

    entry: Json
    openings: tuple[Json, ...] = ()

    @property
    def begins(self) -> str:
        """The first day that is withheld, as an ISO date."""
        return str(self.entry["from"])

    @property
    def seen(self) -> int:
        """Looks that had seen some of it before it was withheld."""
        return int(self.entry["seen"])

    def sentence(self, study: str) -> str:
        """Say whether it is still unseen, in the report of a study."""
        when = self.entry["at"][:10]
        spoilt = f" {plural(self.seen, 'look')} had seen it before." if self.seen else ""
        head = f"The holdout from {self.begins} on, set aside on {when},"
        if not self.openings:
            return f"{head} has not been looked at.{spoilt}"
        first = self.openings[0]
        if first["study"] != study:
            later = len(self.openings) - 1
            again = f", and seen {later:,} times more since" if later > 1 else ", and seen again since" if later else ""
            return f"{head} was opened on {first['at'][:10]}{again}: it is no longer unseen.{spoilt}"
        return f"{head} was opened by this study on {first['at'][:10]}, the first to see it.{spoilt}"

    def to_json(self, study: str) -> Json:
        """Return it as JSON, for the report of a study."""
        return {
            "from": self.begins,
            "set_aside": self.entry["at"],
            "seen_before": self.seen,
            "opened": self.openings[0]["at"] if self.openings else None,
            "opened_by_this": bool(self.openings) and self.openings[0]["study"] == study,
            "openings": len(self.openings),
            "text": self.sentence(study),
        }


def holdout_entry(looks: Looks, begins: str, lines: Sequence[Json]) -> Json | None:
    """Return the line that withholds sessions from a question; None if they are withheld already.

    Parameters
    ----------
    looks : Looks
        What is about to be looked at, without them.
    begins : str
        The first day that is withheld, as an ISO date.
    lines : sequence of dict
        The lines about the question so far.
    """
    if any(entry["kind"] == HOLDOUT and entry["from"] == begins for entry in lines):
        return None
    saw = tally_of(entry for entry in lines if _sees(entry, begins)).total
    return {
        "kind": HOLDOUT,
        "strategy": looks.strategy,
        "dataset": looks.dataset,
        "data_sha256": looks.sha256,
        "from": begins,
        "seen": saw,
    }


def holdouts_of(lines: Sequence[Json]) -> list[Holdout]:
    """Return what was withheld from a question, each with the studies that saw it since."""
    return [
        Holdout(entry, tuple(one for one in lines[at + 1 :] if _sees(one, entry["from"])))
        for at, entry in enumerate(lines)
        if entry["kind"] == HOLDOUT
    ]


def _sees(entry: Json, begins: str) -> bool:
    """Tell whether a line's study saw any of it; one that could test nothing saw nothing."""
    looked = any(group["sets"] and group["horizons"] for group in entry.get("looks", ()))
    return entry["kind"] in LOOKING and looked and str(entry["last"]) >= begins
