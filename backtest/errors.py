"""Every refusal of the package.

::

    BacktestError
    ├─ WorkspaceInvalid     the workspace marker cannot be read
    ├─ NotFound             a strategy, dataset, series, run or detector that does not exist
    │  └─ LacksSeries       a series that a strategy reads and the dataset does not have
    │     └─ OtherKind      a study of single series beside studies on a panel
    ├─ Ambiguous            part of a name that fits several things
    ├─ StrategyInvalid      a strategy file, or an override of it
    │  └─ ValueExcluded     a value of the right type that a rule excludes, alone or beside others
    ├─ ManifestInvalid      a dataset's manifest
    ├─ DatasetUnavailable   a manifest without data
    ├─ DatasetCorrupt       data that do not match the lock file
    ├─ DataRefused          a source file that cannot be imported
    ├─ DetectorFailed       a detector that raised, or did not return a condition
    ├─ LooksAhead           a detector whose answer depends on later data
    ├─ NoEvents             a study without a single event
    ├─ StudyRefused         a study that cannot be measured as requested
    ├─ ExecutionRefused     workers or a cluster that cannot do what they are given
    ├─ RunUnreadable        a recorded run that cannot be read
    └─ ExportRefused        a record that cannot be exported as requested

Each error is one line that names the thing, the value and the rule, followed by a hint: the next step.
The command line prints it after ``Error:`` and exits with status 1; library code raises and never prints.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable

LONGEST_MESSAGE, LONGEST_HINT = 1_400, 500
"""Characters of a refusal and of its hint: together below 2,000, whatever a file or an argument holds."""


class BacktestError(Exception):
    """A refusal with a next step.

    Parameters
    ----------
    message : str
        What is wrong: the thing, the value, the rule, the place.
    hint : str, optional
        What to do next, as a sentence.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = cut(message, LONGEST_MESSAGE)
        self.statement = self.message
        """The message without the place added by `at`."""
        self.hint = cut(hint, LONGEST_HINT)

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def at(self, place: str) -> BacktestError:
        """Return the same refusal, with its place at the head; everything else is unchanged."""
        located = copy.copy(self)
        located.message = cut(f"{place}: {self.message}", LONGEST_MESSAGE)
        located.args = (located.message,)
        return located


class WorkspaceInvalid(BacktestError):
    """The workspace marker cannot be read."""


class NotFound(BacktestError):
    """A name that does not exist; the hint gives the closest known name."""


class LacksSeries(NotFound):
    """A dataset does not have what a strategy reads.

    Parameters
    ----------
    message, hint : str
        As of every refusal.
    series : str
        The role or series, as the strategy names it.
    """

    def __init__(self, message: str, hint: str = "", series: str = "") -> None:
        super().__init__(message, hint)
        self.series = series


class OtherKind(LacksSeries):
    """A study of single series is to stand beside studies on a panel."""


class Ambiguous(BacktestError):
    """Part of a name that fits several things; the message lists them."""


class StrategyInvalid(BacktestError):
    """A strategy file, or an override of one of its keys, is wrong."""


class ValueExcluded(StrategyInvalid):
    """A value of the right type that a rule excludes, alone or beside others: a search skips such a set."""


class ManifestInvalid(BacktestError):
    """A dataset's manifest is wrong."""


class DatasetUnavailable(BacktestError):
    """A dataset has a manifest but no data yet."""


class DatasetCorrupt(BacktestError):
    """The files of a dataset do not match its lock file."""


class DataRefused(BacktestError):
    """A source file that cannot be imported."""


class DetectorFailed(BacktestError):
    """A detector raised, or did not return a condition."""


class LooksAhead(BacktestError):
    """A detector's answer on a session depends on what came after it."""


class NoEvents(BacktestError):
    """A study found no event to measure."""


class StudyRefused(BacktestError):
    """A study that cannot be measured as requested."""


class ExecutionRefused(BacktestError):
    """Workers that were lost, or a cluster that cannot be reached or has other versions."""


class RunUnreadable(BacktestError):
    """A recorded run that cannot be read."""


class ExportRefused(BacktestError):
    """A record that cannot be exported as requested."""


def one_line(text: str) -> str:
    """Fold a text into one line of printable characters."""
    return printable(" ".join(text.split()))


def cut(text: str, most: int) -> str:
    """Fold a text into one line; cut it if it is too long, and say how long it is."""
    folded = one_line(text[: 2 * most])  # a text of millions of characters is not looked through
    if len(text) <= 2 * most and len(folded) <= most:
        return folded
    said = f" … ({len(text):,} characters)"
    return folded[: most - len(said)] + said


def printable(text: str) -> str:
    """Escape control characters, so that a hostile name cannot control the terminal; newlines stay."""
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``Did you mean 'x'?`` for an unknown name, or the list of known names."""
    names = sorted(known)
    return closest(name, names) or (f"Known: {', '.join(names)}." if names else "")


def closest(name: str, known: Iterable[str]) -> str:
    """Return ``Did you mean 'x'?`` for an unknown name; empty if no known name is close."""
    import difflib  # needed only for a wrong name

    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"Did you mean '{close[0]}'?" if close else ""
