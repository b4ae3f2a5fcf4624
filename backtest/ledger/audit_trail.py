"""The ledger as it is shown: its questions, the lines about each, and whether all is there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from backtest.errors import BacktestError
from backtest.format import plural, some
from backtest.ledger.book import FILE, read_book
from backtest.ledger.chain import Chain
from backtest.ledger.distinct_looks import LOOKING, Tally
from backtest.ledger.frozen import FREEZE
from backtest.ledger.unrecorded import unrecorded
from backtest.untyped import Json
from backtest.workspace import Workspace


@dataclass(frozen=True)
class Trail:
    """The ledger of a workspace.

    Attributes
    ----------
    path : Path
        Its file.
    lines : int
        Complete lines.
    faults : tuple of str
        What is not as it was written, with the number of the line; empty for an intact ledger.
    remarks : tuple of str
        What a reader must know besides: an interrupted line, records that are not in it.
    entries : tuple of dict
        The lines, each with its looks as ``own``, those that were ``new``, and the ``total`` at its question.
    questions : list of dict
        One a question: its looks, studies and fixed questions, and when it was first and last looked at.
    """

    path: Path
    lines: int
    faults: tuple[str, ...]
    remarks: tuple[str, ...]
    entries: tuple[Json, ...]
    questions: list[Json]

    def about(self, name: str) -> list[Json]:
        """Return the lines about a strategy, and about what is counted with it."""
        families = {tuple(one["question"]) for one in self.entries if name in (one["strategy"], one["question"][0])}
        return [entry for entry in self.entries if tuple(entry["question"]) in families]

    def to_json(self) -> Json:
        """Return whether the ledger is intact, as JSON."""
        return {
            "schema": 1,
            "intact": not self.faults,
            "lines": self.lines,
            "faults": list(self.faults),
            "remarks": list(self.remarks),
        }


def read_trail(workspace: Workspace) -> Trail:
    """Read and check the ledger of a workspace.

    Raises
    ------
    BacktestError
        It is there and cannot be read.
    """
    path = workspace.root / FILE
    try:
        chain = read_book(workspace.root)
    except OSError as error:
        raise BacktestError(f"{path}: cannot be read: {error.strerror}.", "Check its permissions.") from error
    entries, tallies = _counted(chain), dict[tuple[str, ...], Json]()
    for entry in entries:
        _add(tallies.setdefault(tuple(entry["question"]), _empty(entry)), entry)
    return Trail(
        path,
        chain.lines,
        tuple(map(str, chain.faults)),
        tuple(_remarks(workspace, chain)),
        tuple(entries),
        list(tallies.values()),
    )


def _counted(chain: Chain) -> list[Json]:
    tallies: dict[tuple[str, ...], Tally] = {}
    counted = []
    for entry in chain.entries:
        if "question" not in entry:
            continue
        tally = tallies.setdefault(tuple(entry["question"]), Tally())
        before = tally.total
        tally.add(entry)
        own = sum(len(group["sets"]) * len(group["horizons"]) for group in entry.get("looks", ()))
        counted.append({**entry, "own": own, "new": tally.total - before, "total": tally.total})
    return counted


def _empty(entry: Json) -> Json:
    strategy, dataset = entry["question"]
    first = {"first": entry["at"], "last": entry["at"]}
    return {"strategy": strategy, "dataset": dataset, "looks": 0, "studies": 0, "fixed": 0, **first}


def _add(question: Json, entry: Json) -> None:
    question["looks"], question["last"] = entry["total"], entry["at"]
    question["studies"] += entry["kind"] in LOOKING
    question["fixed"] += entry["kind"] == FREEZE


def _remarks(workspace: Workspace, chain: Chain) -> list[str]:
    found = []
    if chain.torn:
        found.append(
            f"After line {chain.lines} stand {plural(chain.torn, 'byte')} of a line whose writing was interrupted; the "
            "next one replaces them. Nothing that they count was shown."
        )
    studies = {str(entry.get("study")) for entry in chain.entries}
    names = [path.name for path in workspace.reports.glob("*") if path.is_dir()] if workspace.reports.is_dir() else []
    absent = unrecorded(workspace.reports, names, None, studies)
    if absent:
        found.append(
            f"{plural(len(absent), 'record')} in reports/ not in the ledger: {some(absent, 3)}. "
            "Where their question is looked at again, the count is INCOMPLETE."
        )
    return found
