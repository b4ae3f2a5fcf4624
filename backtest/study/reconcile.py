"""Every date and every episode is an event, or was left out for a reason; every run compares the sums."""

from __future__ import annotations

import numpy as np

from backtest.detect.episodes import COOLDOWN, NO_END, OUTSIDE, why_no_event
from backtest.detect.tree import Single
from backtest.measure.forward import MISSING, NOT_COVERED, PENDING
from backtest.model import Account, Detection, Sessions, SumsDoNotAddUp
from backtest.model.accounts import exclusions
from backtest.plan import Plan
from backtest.spec.strategy import EpisodesTable
from backtest.study.measurement import Measurement


def reconcile(plan: Plan, detection: Detection) -> tuple[Account, ...]:
    """Account for the listed dates, and for the episodes of the whole history.

    Returns
    -------
    tuple of Account
        One for each list of dates, from dates to sessions; the last is for the episodes, and those it kept are events.

    Raises
    ------
    SumsDoNotAddUp
        Something is neither kept nor left out for a known reason: this is a bug.
    """
    listed = detection.condition.accounts
    episodes = _of_episodes(detection, plan.strategy.episodes, plan.dataset.prices.sessions)
    for account in (*listed, episodes):
        account.check()
    if isinstance(plan.recipe, Single) and listed and listed[0].kept != episodes.read:
        raise SumsDoNotAddUp(f"{listed[0].kept} sessions have a listed date, and there are {episodes.read} episodes.")
    return (*listed, episodes)


def _of_episodes(detection: Detection, rules: EpisodesTable, sessions: Sessions) -> Account:
    """Name the rule that left out each episode without an event; an unexplained one stays unaccounted for."""
    found = detection.found
    why = why_no_event(found, detection.events, rules.day0, rules.cooldown, detection.window)
    days = sessions[found.trigger].astype(str)
    excluded = exclusions((reason, days[why == reason].tolist()) for reason in (NO_END, OUTSIDE, COOLDOWN))
    return Account("episodes", len(found), len(detection.events), excluded, "episodes")


def check_windows(measurement: Measurement) -> None:
    """Check that at each horizon every event is measured or has a reason why it is not.

    Raises
    ------
    SumsDoNotAddUp
        An event is neither measured nor explained: this is a bug.
    """
    without = np.isin(measurement.status, (PENDING, NOT_COVERED, MISSING)).sum(axis=0)
    if (measurement.summary.n + without != len(measurement.status)).any():
        raise SumsDoNotAddUp(
            f"{len(measurement.status)} events, and by horizon {measurement.summary.n.tolist()} are measured and "
            f"{without.tolist()} are not for a reason."
        )
