"""Count looks: enter them in the ledger, and say how many there are and the p that counts them all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backtest.errors import BacktestError
from backtest.format import joined, plural, probability, some
from backtest.ledger.book import FILE, add_line, read_book
from backtest.ledger.chain import Chain
from backtest.ledger.distinct_looks import LOOKING, Question, Tally, of_question, question_of
from backtest.ledger.looked_at import Looks
from backtest.ledger.unrecorded import unrecorded
from backtest.model.significance import stands_out
from backtest.untyped import Json
from backtest.workspace import Workspace

if TYPE_CHECKING:
    from backtest.ledger.frozen import Frozen
    from backtest.ledger.holdout import Holdout

INCOMPLETE = "INCOMPLETE"


@dataclass(frozen=True)
class Count:
    """How many different looks were taken at a question, when a study is reported.

    Attributes
    ----------
    looks : Looks
        Those of the study.
    question : tuple of str
        The family of strategies and the dataset.
    total : int
        All looks that the ledger holds, those of the study included.
    latest : int
        The number of the study's last look among them.
    line : int or None
        The line of the ledger in which the study was first entered; None if it could not be.
    reasons : tuple of str
        Why the count is not known to be complete, as clauses; empty where it is.
    frozen : tuple of Frozen
        Questions that were fixed, and what this study says of them.
    holdouts : tuple of Holdout
        Sessions that were withheld.
    """

    looks: Looks
    question: Question
    total: int
    latest: int
    line: int | None
    reasons: tuple[str, ...] = ()
    frozen: tuple[Frozen, ...] = ()
    holdouts: tuple[Holdout, ...] = ()

    @property
    def own(self) -> int:
        """Looks of the study."""
        return len(self.looks.cells)

    @property
    def p_value(self) -> float | None:
        """The p of the study's most remarkable look that counts all looks, an upper bound; None without a test.

        The p that is adjusted for the study's own looks, plus the p taken alone for each other look: the chance that
        any of all looks is as remarkable as this is at most the sum (Bonferroni).
        """
        best = self.looks.most_remarkable
        if best is None:
            return None
        return min(1.0, best[1].p_adjusted + (self.total - self.own) * best[1].p_value)

    @property
    def undone(self) -> bool:
        """Whether the study's finding stands out by its own looks alone, and not with all of them counted."""
        best = self.looks.most_remarkable
        return best is not None and stands_out(best[1].p_adjusted) and not stands_out(self.p_value)

    @property
    def sentence(self) -> str:
        """Which look this is, and the p that counts them all."""
        family, dataset = self.question
        own = self.looks.strategy
        name = f"{family} on {dataset}" if own == family else f"{own}, a form of {family}, on {dataset}"
        about = f"this question ({name})"
        p = probability(self.p_value)
        if self.reasons:
            counted = "" if self.p_value is None else f": counting these, p would be {p}"
            why = joined(list(self.reasons))
            return f"{INCOMPLETE}: {why}. At least {plural(self.total, 'look')} at {about}{counted}."
        if not self.own:
            before = f"{plural(self.total, 'look')} before" if self.total else "None before"
            return f"No look at {about}: nothing could be tested. {before}."
        if self.total == self.own:
            return f"First look at {about}: nothing else has been tried."
        most = "may be as large as 1" if self.p_value == 1.0 else f"is at most {p}"
        counted = "" if self.p_value is None else f": counting all {self.total:,}, p {most}"
        counted += ", and it stands out no more" if self.undone else ""
        of = "" if self.latest == self.total else f" of {self.total:,}"
        return f"Look {self.latest:,}{of} at {about}{counted}."

    def to_json(self) -> Json:
        """Return the count as a record holds it, null for what is not known; see `sentences_of`."""
        return {
            "question": dict(zip(("strategy", "dataset"), self.question, strict=True)),
            "looks": self.total,
            "own": self.own,
            "latest": self.latest,
            "p_value": self.p_value,
            "complete": not self.reasons,
            "reasons": list(self.reasons),
            "line": self.line,
            "frozen": [one.to_json() for one in self.frozen],
            "holdouts": [one.to_json(self.looks.study) for one in self.holdouts],
            "text": self.sentence,
        }


def sentences_of(ledger: Json) -> list[str]:
    """Return all that a record says of its count: the look, questions that were fixed, holdouts."""
    return [ledger["text"], *(one["text"] for key in ("frozen", "holdouts") for one in ledger[key])]


def count_looks(workspace: Workspace, looks: Looks) -> Count:
    """Enter looks in the ledger, before anybody sees them, and count all looks at their question.

    A study that is in the ledger already is not entered again. Where the ledger cannot be written or read, the count
    is incomplete and says why.
    """
    problem = ""
    try:
        chain = add_line(workspace.root, lambda so_far: _line_of(so_far, looks))
    except (OSError, BacktestError) as error:
        problem = f"this look could not be entered ({_why(error)})"
        try:
            chain = read_book(workspace.root)
        except OSError:
            chain = Chain()
    return _counted(workspace, chain, looks, problem)


def enter(workspace: Workspace, looks: Looks, make: Callable[[Sequence[Json]], Json | None]) -> list[Json]:
    """Enter a line that is no look; return all lines about the question.

    Parameters
    ----------
    workspace : Workspace
        Whose ledger it is.
    looks : Looks
        What tells which question the line is about.
    make : callable
        Given the lines about the question so far, the content of the new one; None adds nothing.

    Raises
    ------
    BacktestError
        The ledger cannot be written.
    """

    def line(so_far: Chain) -> Json | None:
        question = question_of(so_far.entries, looks)
        content = make(of_question(so_far.entries, question))
        return None if content is None else _stamped(content, question)

    try:
        chain = add_line(workspace.root, line)
    except OSError as error:
        place = workspace.root / FILE
        raise BacktestError(f"{place}: cannot be written: {_why(error)}.", "Check its permissions.") from error
    return of_question(chain.entries, question_of(chain.entries, looks))


def _line_of(chain: Chain, looks: Looks) -> Json | None:
    question = question_of(chain.entries, looks)
    if _first(of_question(chain.entries, question), looks) is not None:
        return None
    return _stamped(looks.to_json(), question)


def _first(lines: Sequence[Json], looks: Looks) -> int | None:
    """Return the line of the same study: the same looks at the same data, which answer alike."""
    own = [looks.study, looks.sha256, looks.to_json()["looks"]]
    return next(
        (entry["line"] for entry in lines if [entry.get(key) for key in ("study", "data_sha256", "looks")] == own), None
    )


def _stamped(content: Json, question: Question) -> Json:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
    return {"at": now, "question": list(question), **content}


def _counted(workspace: Workspace, chain: Chain, looks: Looks, problem: str) -> Count:
    question = question_of(chain.entries, looks)
    lines = of_question(chain.entries, question)
    tally, latest, own = Tally(), 0, looks.cells
    for entry in lines:
        tally.add(entry)
        if not latest and own and all(tally.holds(looks.sha256, cell) for cell in own):
            latest = tally.total
    missing = sum(not tally.holds(looks.sha256, cell) for cell in own)
    return Count(
        looks,
        question,
        tally.total + missing,
        latest or tally.total + missing,
        _first(lines, looks),
        tuple([problem] if problem else []) + tuple(_doubts(workspace, chain, lines, looks)),
        *_fixed(lines, looks),
    )


def _fixed(lines: Sequence[Json], looks: Looks) -> tuple[tuple[Frozen, ...], tuple[Holdout, ...]]:
    """Return what was fixed or withheld; most questions have nothing of the kind."""
    if all(entry["kind"] in LOOKING for entry in lines):
        return (), ()
    from backtest.ledger.frozen import frozen_at
    from backtest.ledger.holdout import holdouts_of

    return tuple(frozen_at(lines, looks)), tuple(holdouts_of(lines))


def _doubts(workspace: Workspace, chain: Chain, lines: Sequence[Json], looks: Looks) -> list[str]:
    """Say why looks may be missing from the ledger."""
    found = [f"{FILE} is damaged ({chain.faults[0]})"] if chain.faults else []
    strategies = {looks.strategy, *(entry["strategy"] for entry in lines)}
    datasets = {looks.dataset, *(entry["dataset"] for entry in lines)}
    studies = {looks.study, *(str(entry.get("study")) for entry in chain.entries)}
    absent = unrecorded(workspace.reports, strategies, datasets, studies)
    if absent:
        found.append(f"{plural(len(absent), 'record')} in reports/ not in the ledger ({some(absent, 1)})")
    return found


def _why(error: OSError | BacktestError) -> str:
    return error.statement.rstrip(".") if isinstance(error, BacktestError) else str(error.strerror or error)
