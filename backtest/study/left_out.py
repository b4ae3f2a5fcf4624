"""Episodes and dates without an event: a note for each reason, and their sum in one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backtest.detect.episodes import COOLDOWN, NO_END, OUTSIDE
from backtest.detect.tree import Single
from backtest.format import plural, some
from backtest.model import Detection, Note
from backtest.model.accounts import REASONS
from backtest.plan import Plan


def notes_on_left_out(plan: Plan, detection: Detection) -> list[Note]:
    """Name the episodes that gave no event, by reason, and the key that would keep them.

    Episodes with a trigger outside the sample window are named only if the detector is nothing but a list of dates.
    """
    sessions, (first, last) = plan.dataset.prices.sessions, detection.window
    rules, account = plan.strategy.episodes, detection.accounts[-1]
    inside = {str(day) for day in sessions[detection.episodes.trigger]}
    listed = isinstance(plan.recipe, Single) and len(detection.accounts) > 1
    keeps = {
        COOLDOWN: f"episodes.cooldown is {rules.cooldown}, and 0 keeps all",
        NO_END: 'episodes.day0 = "trigger" keeps them',
        OUTSIDE: f"it runs from {sessions[first]} to {sessions[last]}; episodes.since, episodes.until and the series "
        "that the detector reads set it",
    }
    notes = []
    for one in account.excluded:
        days = [day for day in one.dates if listed or one.reason == COOLDOWN or day in inside]
        if days:
            why = f"{REASONS[one.reason]}: {some(days)}; {keeps[one.reason]}"
            text = f"{plural(len(days), 'episode')} gave no event, {why}."
            notes.append(Note(one.reason, "events", text))
    return notes


def sums_of(accounts: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say what became of the listed dates, one line per list; none if nothing was listed.

    Parameters
    ----------
    accounts : sequence of mapping
        As the record holds them; see `Account.to_json`.
    """
    if not accounts:  # records of earlier versions have none
        return []
    *lists, episodes = accounts
    if [one["about"] for one in lists] == ["detector"]:
        return [_sum(lists[0], plural(episodes["kept"], "event"), episodes["excluded"])]
    return [f"{one['about']}: {_sum(one, plural(one['kept'], 'session'))}" for one in lists]


def _sum(of: Mapping[str, Any], kept: str, later: Sequence[Mapping[str, Any]] = ()) -> str:
    out = [f"{one['n']:,} {REASONS[one['reason']]}" for one in (*of["excluded"], *later)]
    return f"{plural(of['read'], 'date')} read: {', '.join([kept, *out])}."
