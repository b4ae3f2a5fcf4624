"""Accounts: what was read, what of it was kept, and why each of the others was not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from backtest.untyped import Json

Of = Literal["dates", "episodes"]


class SumsDoNotAddUp(Exception):
    """An account does not add up: a bug of this program, and no refusal of what it was given."""


@dataclass(frozen=True)
class Exclusion:
    """What was not kept for one reason.

    Attributes
    ----------
    reason : str
        A word that programs read, such as ``"merged"`` or ``"cooldown"``.
    dates : tuple of str
        Each of them, ISO: a date as it was listed, or the trigger of an episode.
    """

    reason: str
    dates: tuple[str, ...]


@dataclass(frozen=True)
class Account:
    """What became of each thing that was read.

    Attributes
    ----------
    of : {"dates", "episodes"}
        What is counted. Dates that were listed become sessions on which a condition holds, episodes become events.
    read, kept : int
        How many there were, and how many were kept.
    excluded : tuple of Exclusion
        The others, by reason; a reason that nothing was left out for is not listed.
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
            What was kept and what was left out are not together what was read.
        """
        out = sum(len(one.dates) for one in self.excluded)
        if self.read != self.kept + out:
            raise SumsDoNotAddUp(f"{self.about}: {self.read} {self.of} read, {self.kept} kept and {out} left out.")

    def to_json(self) -> Json:
        """Return the account as the record holds it."""
        excluded = [{"reason": one.reason, "n": len(one.dates), "dates": list(one.dates)} for one in self.excluded]
        return {"of": self.of, "about": self.about, "read": self.read, "kept": self.kept, "excluded": excluded}

    def at(self, about: str) -> Account:
        """Return the account of another table of the strategy."""
        return replace(self, about=about)


def exclusions(of: Iterable[tuple[str, Iterable[str]]]) -> tuple[Exclusion, ...]:
    """Return the reasons for which something was left out, each with what was."""
    made = (Exclusion(reason, tuple(dates)) for reason, dates in of)
    return tuple(one for one in made if one.dates)
