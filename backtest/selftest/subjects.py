"""All subjects that are checked, and how a check that raises differs from one that disagrees."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from backtest.selftest.classical_tests import counting_checks, distribution_checks, rank_checks
from backtest.selftest.fed_by_hand import cut_checks, fedwatch_checks
from backtest.selftest.many_looks import look_checks
from backtest.selftest.overlapping_windows import regression_checks, size_checks
from backtest.selftest.planted_effects import planting_checks
from backtest.selftest.shifted_events import interval_checks, shift_checks, standardised_checks
from backtest.selftest.streaks_by_hand import streak_checks
from backtest.selftest.two_trades import trade_checks
from backtest.selftest.windows_by_hand import forward_checks, variance_checks
from backtest.selftest.witnessed import Check, Subject

SUBJECTS = (
    Subject("streaks", "streaks and episodes", "by hand", streak_checks),
    Subject("forward", "forward returns, base rate", "by hand", forward_checks),
    Subject("variance", "EWMA, realised variance", "by hand, along each path", variance_checks),
    Subject("shift", "circular shift", "a loop over shifts", shift_checks),
    Subject("standardised", "standardised shift", "a loop over shifts", standardised_checks),
    Subject("interval", "interval of the effect", "p, by definition", interval_checks),
    Subject("detectable", "detectable effect", "planted in noise", planting_checks),
    Subject("looks", "many looks, Holm", "a loop over shifts, by hand", look_checks),
    Subject("distributions", "normal, Student's t", "closed forms, tables", distribution_checks),
    Subject("counts", "exact binomial, sign test", "closed forms, Arbuthnott", counting_checks),
    Subject("ranks", "naive t, Wilcoxon", "Fisher, all ways of signs", rank_checks),
    Subject("regression", "Newey–West, Hansen–Hodrick", "by definition, in a loop", regression_checks),
    Subject("overlap", "naive t where windows meet", "closed form, seeded noise", size_checks),
    Subject("trade", "account of two trades", "by hand", trade_checks),
    Subject("fedwatch", "FedWatch: rates and odds", "CME's method, by hand", fedwatch_checks),
    Subject("cuts", "cuts priced, surprises", "published count, Kuttner", cut_checks),
)


@dataclass(frozen=True)
class SubjectFound:
    """The result of one subject: its checks in order, and the seconds that they took."""

    subject: Subject
    checks: tuple[Check, ...]
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether all of its checks agree; there must be one."""
        return bool(self.checks) and all(check.ok for check in self.checks)

    @property
    def worst(self) -> Check:
        """The check that comes closest to its tolerance, or exceeds it most."""
        return max(self.checks, key=lambda check: (not check.ok, check.difference / max(check.tolerance, 1e-300)))


def check_all(subjects: Sequence[Subject], done: Callable[[int, int], None] | None = None) -> tuple[SubjectFound, ...]:
    """Compute every check.

    Parameters
    ----------
    subjects : sequence of Subject
        What to check.
    done : callable, optional
        Called after each subject with the number done and the total.
    """
    found = []
    for number, subject in enumerate(subjects, 1):
        began = time.perf_counter()
        checks = _checks(subject)
        found.append(SubjectFound(subject, checks, time.perf_counter() - began))
        if done:
            done(number, len(subjects))
    return tuple(found)


def _checks(subject: Subject) -> tuple[Check, ...]:
    """Compute the checks of a subject; an exception becomes a failed check, so that the others are still reported."""
    found: list[Check] = []
    try:
        found.extend(subject.checks())
    except Exception as error:  # noqa: BLE001  the command exists to report whatever goes wrong
        at = traceback.extract_tb(error.__traceback__)[-1]
        reason = f"{type(error).__name__}: {error} ({at.filename}, line {at.lineno})"
        found.append(Check(subject.title, subject.witness, np.nan, np.nan, 0.0, np.inf, reason))
    return tuple(found)
