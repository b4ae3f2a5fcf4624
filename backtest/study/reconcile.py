"""Every date and every episode is an event, or was left out for a reason; every run compares the sums."""

from __future__ import annotations

import numpy as np

from backtest.detect.tree import Single
from backtest.measure.forward import MISSING, NOT_COVERED, PENDING
from backtest.model import Account, Detection, Ints, Sessions, SumsDoNotAddUp
from backtest.model.accounts import exclusions
from backtest.plan import Plan
from backtest.spec.strategy import EpisodesTable
from backtest.study.measurement import Measurement

OUTSIDE, NO_END, COOLDOWN = "outside_sample", "no_end", "cooldown"
"""Why an episode gave no event."""


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
    found, (first, last) = detection.found, detection.window
    position: Ints = getattr(found, rules.day0)
    taken = np.isin(found.trigger, detection.events.episodes.trigger)
    no_end = found.ongoing if rules.day0 == "end" else np.zeros_like(found.ongoing)
    outside = ~no_end & ((position < first) | (position > last))
    before = np.full(len(found), np.iinfo(np.int64).min // 2)  # day 0 of the event before each episode
    before[1:] = np.maximum.accumulate(np.where(taken, position, before))[:-1]
    cool = ~taken & ~no_end & ~outside & (position - before <= rules.cooldown)
    days = sessions[found.trigger].astype(str)
    reasons = ((NO_END, no_end), (OUTSIDE, outside), (COOLDOWN, cool))
    excluded = exclusions((reason, days[which].tolist()) for reason, which in reasons)
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
