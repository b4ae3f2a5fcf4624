"""A classical test of abnormal returns as a value: its null, what it assumes, and what it says of one window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backtest.abnormal.abnormal_returns import AbnormalReturns
from backtest.abnormal.dependence import Dependence, dependence_of
from backtest.errors import StudyRefused
from backtest.inference.opinions.distributions import normal_p, student_p
from backtest.model import Floats

NO_EVENT = "no event has an abnormal return on every session of the window"
ONE_EVENT = "one event alone: a deviation across events needs two"
NO_SPREAD = "the events do not differ"


@dataclass(frozen=True, eq=False)
class WindowReturns:
    """The events that have an abnormal return on every session of one window; other events are in no test of it.

    Attributes
    ----------
    found : AbnormalReturns
        Of these n events alone.
    first, last : int
        First and last session of the window relative to day 0, both included.
    incomplete : int
        Events that were measured and lack a session of it.
    """

    found: AbnormalReturns
    first: int
    last: int
    incomplete: int

    def __len__(self) -> int:
        return len(self.found)

    @property
    def length(self) -> int:
        """Sessions of the window, L."""
        return self.last - self.first + 1

    @property
    def columns(self) -> slice:
        """The window's sessions among those of the event window."""
        begin = self.first - self.found.window.first
        return slice(begin, begin + self.length)

    @property
    def ar(self) -> Floats:
        """Abnormal returns of the window's sessions, as fractions; shape (n, L)."""
        return self.found.ar[:, self.columns]

    @cached_property
    def car(self) -> Floats:
        """Cumulative abnormal return over the window, a sum; shape (n,)."""
        return np.asarray(self.ar.sum(axis=1))

    @cached_property
    def scar(self) -> Floats:
        """CAR in units of its deviation, forecast errors included; shape (n,)."""
        covariance = self.found.covariance[:, self.columns, self.columns]
        return np.asarray(self.car / np.sqrt(covariance.sum(axis=(1, 2))))

    @cached_property
    def dependence(self) -> Dependence:
        """How abnormal returns of events whose windows overlap move together."""
        return dependence_of(self.found, self.length)


def window_returns(found: AbnormalReturns, first: int, last: int) -> WindowReturns:
    """Select the events with every session of a window.

    Raises
    ------
    StudyRefused
        The window does not lie within the event window.
    """
    whole = found.window
    if not whole.first <= first <= last <= whole.last:
        raise StudyRefused(
            f"window [{first}, {last}]: it must lie within the event window [{whole.first}, {whole.last}].",
            "Widen the event window, or choose a window within it.",
        )
    begin = first - whole.first
    complete = np.asarray(np.isfinite(found.ar[:, begin : begin + last - first + 1]).all(axis=1))
    some = found if complete.all() else found.only(complete)
    return WindowReturns(some, first, last, int((~complete).sum()))


@dataclass(frozen=True)
class Outcome:
    """What one test says of one window.

    Attributes
    ----------
    n : int
        Events that it rests on.
    statistic, p_value : float or None
        The statistic, positive where abnormal returns are, and its two-sided p; None where there is no answer.
    freedom : float or None
        Degrees of freedom of Student's t; None where the statistic is compared with the normal distribution, or p is
        exact.
    reason : str or None
        Why there is no answer; None where there is one.
    """

    n: int
    statistic: float | None
    p_value: float | None
    freedom: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class ClassicalTest:
    """A test of the published kind.

    Attributes
    ----------
    key, name : str
        For programs, and for readers.
    null : str
        The hypothesis that it tests, as a clause.
    assumes : str
        What must hold for its p to be right, as a clause.
    source : str
        Where it was published.
    judge : callable
        What it says of a window.
    """

    key: str
    name: str
    null: str
    assumes: str
    source: str
    judge: Callable[[WindowReturns], Outcome]

    def __call__(self, returns: WindowReturns) -> Outcome:
        """Test one window; without an event there is no answer."""
        return self.judge(returns) if len(returns) else no_answer(0, NO_EVENT)


def no_answer(n: int, reason: str) -> Outcome:
    """Return the outcome of a test that cannot be made."""
    return Outcome(n, None, None, None, reason)


def by_normal(n: int, statistic: float) -> Outcome:
    """Compare a statistic with the standard normal distribution."""
    return Outcome(n, float(statistic), normal_p(float(statistic)))


def by_student(n: int, statistic: float, freedom: float) -> Outcome:
    """Compare a statistic with Student's t."""
    return Outcome(n, float(statistic), student_p(float(statistic), freedom), float(freedom))


def mean_in_deviations(values: Floats) -> float | str:
    """Return the mean over its standard error across events, or the reason why there is none; shape (n,)."""
    if len(values) < 2:
        return ONE_EVENT
    deviation = float(values.std(ddof=1))
    if not deviation > 1e-14 * max(1.0, float(np.abs(values).max())):
        return NO_SPREAD
    return float(values.mean() / (deviation / np.sqrt(len(values))))
