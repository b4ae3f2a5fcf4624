"""Accounts: how many things were read and kept, and why each of the others was not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from backtest.untyped import Json

Of = Literal["dates", "episodes"]

REASONS = {
    "merged": "merged with another on its session",
    "outside_history": "outside the history",
    "no_session": "on no session",
    "closed_unforeseen": "before an unforeseen closure",
    "outside_sample": "with day 0 outside the sample window",
    "no_end": "without a seen end",
    "unknown_asset": "of an asset that the panel lacks",
    "outside_life": "with day 0 before the asset's first close or after its last",
    "not_a_member": "with day 0 while the asset did not belong to the universe",
    "cooldown": "within the cooldown",
}
"""Each reason of an account, as a reader is told."""


def reason_in_words(reason: str) -> str:
    """Say why something was left out."""
    return REASONS.get(reason, reason.replace("_", " "))


class SumsDoNotAddUp(Exception):
    """An account does not add up: a bug of this program, not a refusal of its input."""


@dataclass(frozen=True)
class Exclusion:
    """The things that were left out for one reason.

    Attributes
    ----------
    reason : str
        A word for programs, such as ``"merged"`` or ``"cooldown"``.
    dates : tuple of str
        Each of them, ISO: a date as listed, or the trigger of an episode.
    """

    reason: str
    dates: tuple[str, ...]


@dataclass(frozen=True)
class Account:
    """What became of everything that was read.

    Attributes
    ----------
    of : {"dates", "episodes"}
        What is counted. Listed dates become sessions on which a condition holds, episodes become events.
    read, kept : int
        Number read, and number kept.
    excluded : tuple of Exclusion
        The others, by reason; only reasons that occur are listed.
    about : str
        The table of the strategy that it concerns.
    """

    of: Of
    read: int
    kept: int
    excluded: tuple[Exclusion, ...]
    about: str = "detector"

    def check(self) -> None:
        """Compare the sums.

        Raises
        ------
        SumsDoNotAddUp
            The numbers kept and left out do not add up to the number read.
        """
        out = sum(len(one.dates) for one in self.excluded)
        if self.read != self.kept + out:
            raise SumsDoNotAddUp(f"{self.about}: {self.read} {self.of} read, {self.kept} kept and {out} left out.")

    def to_json(self) -> Json:
        """Return the account in the form of the record."""
        excluded = [{"reason": one.reason, "n": len(one.dates), "dates": list(one.dates)} for one in self.excluded]
        return {"of": self.of, "about": self.about, "read": self.read, "kept": self.kept, "excluded": excluded}

    def at(self, about: str) -> Account:
        """Return the same account for another table of the strategy."""
        return replace(self, about=about)


def exclusions(of: Iterable[tuple[str, Iterable[str]]]) -> tuple[Exclusion, ...]:
    """Return the reasons that occur, each with what was left out."""
    made = (Exclusion(reason, tuple(dates)) for reason, dates in of)
    return tuple(one for one in made if one.dates)
