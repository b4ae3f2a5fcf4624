"""How many different looks were taken at a question, line by line."""

from __future__ import annotations

from collections.abc import Iterable

from backtest.ledger.looked_at import Cell, Looks
from backtest.model import Asked
from backtest.untyped import Json

Question = tuple[str, str]
"""A family of strategies, named by its first, and a dataset."""
LOOKING = ("run", "tune", "compare", "claims")
"""The kinds of lines that are looks."""


class Tally:
    """Different looks, counted as lines are added.

    Attributes
    ----------
    total : int
        How many there are.
    seen : dict of tuple to set of str
        Parameter sets by the hash of the data and the horizon.
    """

    def __init__(self) -> None:
        self.total = 0
        self.seen: dict[tuple[str, Asked], set[str]] = {}

    def add(self, entry: Json) -> None:
        """Add the looks of a line."""
        for group in entry.get("looks", ()):
            for horizon in group["horizons"]:
                sets = self.seen.setdefault((entry["data_sha256"], horizon), set())
                before = len(sets)
                sets.update(group["sets"])
                self.total += len(sets) - before

    def holds(self, data_sha256: str, cell: Cell) -> bool:
        """Return whether a look at some data is among them."""
        return cell[0] in self.seen.get((data_sha256, cell[1]), ())


def tally_of(entries: Iterable[Json]) -> Tally:
    """Count the different looks of some lines."""
    tally = Tally()
    for entry in entries:
        tally.add(entry)
    return tally


def of_question(entries: Iterable[Json], question: Question) -> list[Json]:
    """Return the lines about a question, in order."""
    return [entry for entry in entries if tuple(entry.get("question", ())) == question]


def question_of(entries: Iterable[Json], looks: Looks) -> Question:
    """Return the question that looks belong to.

    A strategy that the ledger does not know yet on a dataset belongs to the question of the strategy that a search
    there made it of, or of which one of its parameter sets is part already, on that dataset or the same data: a copy of
    a strategy, or a set that a search found, is not a new question.
    """
    known = [entry for entry in entries if "question" in entry]
    for name in (looks.strategy, looks.origin):
        for entry in known:
            if (entry["strategy"], entry["dataset"]) == (name, looks.dataset):
                return _question(entry)
    hashes = looks.hashes
    for entry in known:
        near = entry["dataset"] == looks.dataset or entry["data_sha256"] == looks.sha256
        if near and any(not hashes.isdisjoint(group["sets"]) for group in entry.get("looks", ())):
            return _question(entry)
    return looks.strategy, looks.dataset


def _question(entry: Json) -> Question:
    family, dataset = entry["question"]
    return str(family), str(dataset)
