"""How far a condition is from holding, at one session.

An indicator in sessions is close where it is one session short. Any other is close where what is missing is at most
an ordinary session's move: the median of the absolute one-session changes of the indicator over the trailing 252
sessions. A median, because one crash must not call everything after it close; trailing, because what is ordinary
changes with the volatility of the day.
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
"""Changes that are needed to say what is ordinary."""
SESSIONS = "sessions"


@dataclass(frozen=True)
class Distance:
    """How far an indicator is from its threshold.

    Attributes
    ----------
    name, unit : str
        As the indicator names them.
    value, threshold : float
        In that unit.
    side : {"above", "below"}
        On which side of the threshold the condition holds.
    ordinary_move : float or None
        What an ordinary session moves it, in that unit; None where its history is too short to say.
    close : bool
        Whether one session, or one ordinary move, would do.
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
    """One of the conditions that are combined.

    Attributes
    ----------
    name : str
        Its name, with ``not`` before it where it is negated.
    holds : bool or None
        Whether it holds now; for the first of a ``within``: whether it held in time. None where it is unknown.
    held : int or None
        For the first of a ``within`` that held in time: the session position on which it last did.
    proximity : Proximity
        How far it is, where it does not hold.
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
        Whether it is close; None where that cannot be said.
    distance : Distance or None
        Of its indicator, where one threshold decides.
    members : tuple of Member
        What it combines; empty for a single detector.
    """

    close: bool | None
    distance: Distance | None = None
    members: tuple[Member, ...] = ()


def proximity_of(part: Recipe, conditions: Mapping[str, Condition], at: int) -> Proximity:
    """Tell how far a condition is from holding.

    Parameters
    ----------
    part : Recipe
        The condition.
    conditions : mapping of str to Condition
        The answers, by key in the strategy.
    at : int
        Session position; nothing after it is looked at.

    Notes
    -----
    Conditions combined by ``all`` or ``within`` are close where all but one hold and the one that is missing is close
    itself, or nothing can be said of its distance; by ``any``, where one of them is close. A negated condition has no
    distance: what ends it is not known.
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
    told = Proximity(None) if negated else proximity_of(inner, conditions, at)
    if whole.how != "within" or place == 1:
        holds = bool(condition.met[at]) != negated if condition.known[at] else None
        return Member(name, holds, None, told)
    # what counts for the next session: the wait for the second has not run out by then
    first = max(at + 1 - whole.sessions, 0)
    recent, known = condition.met[first : at + 1], condition.known[first : at + 1]
    flags = known & ~recent if negated else recent
    held = first + int(np.flatnonzero(flags)[-1]) if flags.any() else None
    return Member(name, True if held is not None else (False if known.all() else None), held, told)


def distance_of(indicator: Indicator | None, at: int) -> Distance | None:
    """Return how far an indicator is from its threshold; None where no threshold decides, or a value is missing."""
    if indicator is None or indicator.threshold is None or not np.isfinite(indicator.values[at]):
        return None
    value, threshold = float(indicator.values[at]), float(indicator.threshold)
    short = threshold - value if indicator.side == "above" else value - threshold
    if indicator.unit == SESSIONS:
        step: float | None = 1.0
        begun = value > 0 or indicator.side == "below"  # none of one session is one short, and is not close
    else:
        step, begun = ordinary_move(indicator.values, at), True
    close = step is not None and 0 <= short <= step and begun
    return Distance(indicator.name, indicator.unit, value, threshold, indicator.side, step, close)


def ordinary_move(values: Floats, at: int) -> float | None:
    """Return the median absolute one-session change over the trailing 252 sessions, or None where too few are known.

    Parameters
    ----------
    values : ndarray of shape (n_sessions,)
        In any unit; a change beside a missing value is missing, and left out.
    at : int
        Session position of the last change.
    """
    changes = np.abs(np.diff(values[max(at - TRAILING, 0) : at + 1]))
    changes = changes[np.isfinite(changes)]
    return float(np.median(changes)) if len(changes) >= FEWEST else None
