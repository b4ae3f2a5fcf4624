"""What futures price on given sessions for the meetings ahead: the odds of each target, and the target now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from backtest.model import Contracts, Floats, Ints, Prices, Sessions
from backtest.rates.curve import FINAL_DAYS, MOVE
from backtest.rates.fedwatch import VERSIONS, WORDS, Reason, Solved, Version, solve_meetings, version_by_date
from backtest.rates.meetings import FIRST_RANGE, Meetings, target_in_force
from backtest.rates.outcomes import Outcomes, cut_probability, hike_probability, outcome_probabilities

FUTURES, POLICY, TARGET = "fed_funds_futures", "policy_rate", "policy_target"
"""Roles: the futures; the effective rate; the target, dated to the first day on which it is in force."""
CALENDAR = "calendar"
REACH = np.timedelta64(130, "D")
"""Days back to the final settlement of the earliest month that a chain may reach: three months and a week."""


@dataclass(frozen=True)
class OutcomeOdds:
    """One possible outcome of a meeting.

    Attributes
    ----------
    moves : int
        Moves of the target by then, in units of 25 basis points.
    lower, upper : float or None
        The target range after them, in percent; None if the target is not known.
    probability : float
        As a fraction.
    """

    moves: int
    lower: float | None
    upper: float | None
    probability: float


@dataclass(frozen=True)
class MeetingOdds:
    """One meeting ahead.

    Attributes
    ----------
    ahead : int
        1 for the next meeting.
    meeting : str
        Day of the announcement; ISO.
    start, end : float or None
        Expected rate before and after the meeting, in percent.
    cut, hike : float or None
        Probability that the target is lower, or higher, after the meeting.
    reason : str or None
        Why the meeting has no odds and no outcomes; None if it has.
    outcomes : tuple of OutcomeOdds
        From the lowest up.
    """

    ahead: int
    meeting: str
    start: float | None
    end: float | None
    cut: float | None
    hike: float | None
    reason: str | None
    outcomes: tuple[OutcomeOdds, ...]


@dataclass(frozen=True, eq=False)
class Outlook:
    """The meetings ahead of some sessions; arrays of shape (n_sessions,), or (n_sessions, n_ahead) within `solved`.

    Attributes
    ----------
    sessions : ndarray of datetime64[D]
        The sessions.
    target : ndarray of float
        The target in percent from which moves count, the upper bound since 2008-12-16; NaN if not known.
    source : tuple of (str or None)
        The source of each target: ``"calendar"``, or the name of a series.
    version : tuple of str
        The version of FedWatch that solved each session.
    """

    sessions: Sessions
    meetings: Meetings
    solved: Solved
    outcomes: Outcomes
    target: Floats
    source: tuple[str | None, ...]
    version: tuple[str, ...]

    def odds(self, i: int) -> list[MeetingOdds]:
        """Return the meetings ahead of session `i` that are on the calendar."""
        cut, hike = cut_probability(self.outcomes)[i], hike_probability(self.outcomes)[i]
        found = []
        for k in np.flatnonzero(self.solved.meeting[i] >= 0).tolist():
            reason = Reason(int(self.outcomes.reason[i, k]))
            found.append(
                MeetingOdds(
                    ahead=k + 1,
                    meeting=str(self.meetings.date[self.solved.meeting[i, k]]),
                    start=number(self.solved.start[i, k]),
                    end=number(self.solved.end[i, k]),
                    cut=number(cut[k]),
                    hike=number(hike[k]),
                    reason=WORDS[reason] or None,
                    outcomes=tuple(self._outcomes(i, k)),
                )
            )
        return found

    def _outcomes(self, i: int, k: int) -> Iterator[OutcomeOdds]:
        lowest, odds = int(self.outcomes.lowest[i, k]), self.outcomes.probability[i, k]
        for j in np.flatnonzero(odds > 0).tolist():  # none if NaN
            yield OutcomeOdds(lowest + j, *self.range_after(i, lowest + j), float(odds[j]))

    def range_after(self, i: int, moves: int) -> tuple[float | None, float | None]:
        """Return the bounds of the target after a number of moves, in percent; equal if the target is not a range."""
        if np.isnan(self.target[i]):
            return None, None
        upper = round(float(self.target[i]) + moves * MOVE, 4)
        ranged = self.sessions[i] > np.datetime64(FIRST_RANGE, "D")
        return (round(upper - MOVE, 4) if ranged else upper), upper


def outlook(
    prices: Prices, futures: str, position: Ints, meetings: Meetings, version: Version | None = None, ahead: int = 8
) -> Outlook:
    """Compute the odds of the meetings ahead of some sessions.

    Parameters
    ----------
    prices : Prices
        The history as published.
    futures : str
        Role or name of the futures.
    position : ndarray of shape (n_sessions,)
        Positions of the sessions, at least one.
    meetings : Meetings
        The calendar; each session uses the part that was public.
    version : {"typed_2015", "chain_post", "chain_pre"}, optional
        As in `solve_meetings`.
    ahead : int
        Number of meetings.
    """
    part, sessions, rows = _needed(prices.contracts(futures), prices.sessions, position)
    whole = solve_meetings(part, sessions, meetings, ahead=ahead, version=version)
    solved = Solved(whole.meeting[rows], whole.start[rows], whole.end[rows], whole.reason[rows], whole.doubt[rows])
    looked = sessions[rows]
    used = [VERSIONS[which] for which in version_by_date(looked)] if version is None else [version] * len(looked)
    target, source = _targets(prices, position, meetings)
    return Outlook(looked, meetings, solved, outcome_probabilities(solved), target, source, tuple(used))


def _needed(contracts: Contracts, sessions: Sessions, position: Ints) -> tuple[Contracts, Sessions, Ints]:
    """Keep the given sessions, and those before them that may hold a month's final settlement.

    Returns
    -------
    contracts, sessions, position
        As given, for the kept sessions only.
    """
    asked = np.zeros(len(sessions) + 1, dtype=np.bool_)
    asked[position] = True
    following = np.minimum.accumulate(np.where(asked, np.arange(len(asked)), len(sessions))[::-1])[::-1][:-1]
    until = np.append(sessions, np.datetime64("NaT", "D"))[following]  # a comparison with NaT is False
    ending = sessions + np.timedelta64(FINAL_DAYS, "D") > _month_end(sessions)
    kept = asked[:-1] | (ending & (until - sessions <= REACH))
    place = np.cumsum(kept) - 1
    inside = kept[contracts.session]
    part = contracts.take(inside)
    return replace(part, session=place[part.session]), sessions[kept], place[position]


def _month_end(sessions: Sessions) -> Sessions:
    """Return the last day of each session's month."""
    last: Sessions = (sessions.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    return last


def _targets(prices: Prices, position: Ints, meetings: Meetings) -> tuple[Floats, tuple[str | None, ...]]:
    """Return the target in force: from the calendar's decisions, or else from the dataset's series."""
    decided = target_in_force(meetings, prices.sessions[position])
    series = prices.roles.get(TARGET)
    stated = np.full(len(position), np.nan) if series is None else prices.close(series)[position]
    target = np.where(np.isnan(decided), stated, decided)
    names = (
        None if np.isnan(t) else CALENDAR if np.isfinite(d) else series for t, d in zip(target, decided, strict=True)
    )
    return target, tuple(names)


def futures_of(prices: Prices) -> str | None:
    """Return the name of a dataset's fed funds futures: by role, or the only futures; None if there are none."""
    role = prices.roles.get(FUTURES)
    kinds = [name for name, info in prices.series.items() if info.kind == "futures"]
    if role in kinds:
        return role
    return kinds[0] if len(kinds) == 1 else None


def number(value: float) -> float | None:
    """Return a plain number; None if it is not known."""
    return float(value) if np.isfinite(value) else None
