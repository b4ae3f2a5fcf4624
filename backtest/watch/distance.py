"""How far a condition is from holding, at one session.

An indicator in sessions is close if it is one session short. Any other is close if the gap is at most an ordinary
session's move: the median absolute one-session change of the indicator over the trailing 252 sessions. The median keeps
one crash from calling everything after it close; the trailing window follows the volatility of the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from backtest.detect.tree import Combined, Recipe
from backtest.model import Condition, Floats, Indicator

TRAILING = 252
"""Sessions over which an ordinary move is measured."""
FEWEST = 21
"""Minimum number of changes for an ordinary move."""
SESSIONS = "sessions"


@dataclass(frozen=True)
class Distance:
    """How far an indicator is from its threshold.

    Attributes
    ----------
    name, unit : str
        As in the indicator.
    value, threshold : float
        In that unit.
    side : {"above", "below"}
        On which side of the threshold the condition holds.
    ordinary_move : float or None
        Its ordinary one-session move, in that unit; None if its history is too short.
    close : bool
        Whether one session, or one ordinary move, would be enough.
    """

    name: str
    unit: str
    value: float
    threshold: float
    side: str
    ordinary_move: float | None
    close: bool


@dataclass(frozen=True)
class Member:
    """One of several combined conditions.

    Attributes
    ----------
    name : str
        Its name, preceded by ``not`` if it is negated.
    holds : bool or None
        Whether it holds now; for the first of a ``within``, whether it held in time. None if unknown.
    held : int or None
        For the first of a ``within`` that held in time: the session position on which it last held.
    proximity : Proximity
        How far it is from holding, if it does not hold.
    """

    name: str
    holds: bool | None
    held: int | None
    proximity: Proximity


@dataclass(frozen=True)
class Proximity:
    """How far a condition is from holding.

    Attributes
    ----------
    close : bool or None
        Whether it is close; None if not known.
    distance : Distance or None
        The distance of its indicator, if a single threshold decides.
    members : tuple of Member
        The conditions it combines; empty for a single detector.
    """

    close: bool | None
    distance: Distance | None = None
    members: tuple[Member, ...] = ()


def proximity_of(part: Recipe, conditions: Mapping[str, Condition], at: int) -> Proximity:
    """Return how far a condition is from holding.

    Parameters
    ----------
    part : Recipe
        The condition.
    conditions : mapping of str to Condition
        The answers, by key in the strategy.
    at : int
        Session position; nothing after it is read.

    Notes
    -----
    Conditions combined by ``all`` or ``within`` are close if all but one hold and the last one is close itself or has
    no known distance; by ``any``, if one of them is close. A negated condition has no distance.
    """
    if not isinstance(part, Combined):
        condition = conditions[part.key]
        distance = distance_of(condition.indicator, at) if condition.known[at] else None
        return Proximity(None if distance is None else distance.close, distance)
    members = tuple(
        _member(part, place, negated, inner, conditions, at) for place, (negated, inner) in enumerate(part.members)
    )
    return Proximity(_close(part.how, members), None, members)


def _close(how: str, members: tuple[Member, ...]) -> bool | None:
    if how == "any":
        return True if any(one.proximity.close for one in members) else None
    missing = [one for one in members if one.holds is not True]
    if how == "not" or len(members) < 2:
        return missing[0].proximity.close if missing else None
    if len(missing) != 1 or missing[0].holds is None:
        return False
    return missing[0].proximity.close is not False


def _member(
    whole: Combined, place: int, negated: bool, inner: Recipe, conditions: Mapping[str, Condition], at: int
) -> Member:
    negated = negated or whole.how == "not"
    name = f"{'not ' if negated else ''}{inner.key.removeprefix('conditions.')}"
    condition = conditions[inner.key]
    proximity = Proximity(None) if negated else proximity_of(inner, conditions, at)
    if whole.how != "within" or place == 1:
        holds = bool(condition.met[at]) != negated if condition.known[at] else None
        return Member(name, holds, None, proximity)
    # as of the next session: the wait for the second condition must not be over by then
    first = max(at + 1 - whole.sessions, 0)
    recent, known = condition.met[first : at + 1], condition.known[first : at + 1]
    flags = known & ~recent if negated else recent
    held = first + int(np.flatnonzero(flags)[-1]) if flags.any() else None
    return Member(name, True if held is not None else (False if known.all() else None), held, proximity)


def distance_of(indicator: Indicator | None, at: int) -> Distance | None:
    """Return how far an indicator is from its threshold; None if no threshold decides, or a value is missing."""
    if indicator is None or indicator.threshold is None or not np.isfinite(indicator.values[at]):
        return None
    value, threshold = float(indicator.values[at]), float(indicator.threshold)
    short = threshold - value if indicator.side == "above" else value - threshold
    if indicator.unit == SESSIONS:
        step: float | None = 1.0
        begun = value > 0 or indicator.side == "below"  # 0 of 1 session is one short, but not close
    else:
        step, begun = ordinary_move(indicator.values, at), True
    close = step is not None and 0 <= short <= step and begun
    return Distance(indicator.name, indicator.unit, value, threshold, indicator.side, step, close)


def ordinary_move(values: Floats, at: int) -> float | None:
    """Return the median absolute one-session change over the trailing 252 sessions, or None if too few are known.

    Parameters
    ----------
    values : ndarray of shape (n_sessions,)
        In any unit; a change next to a missing value is left out.
    at : int
        Session position of the last change.
    """
    changes = np.abs(np.diff(values[max(at - TRAILING, 0) : at + 1]))
    changes = changes[np.isfinite(changes)]
    return float(np.median(changes)) if len(changes) >= FEWEST else None
