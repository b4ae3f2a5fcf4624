"""From a condition to episodes and events: the only module that knows about runs, day 0 and cooldowns."""

from __future__ import annotations

from typing import Literal

import numpy as np

from backtest.model import Bools, Condition, Episodes, Events, Ints

Day0 = Literal["trigger", "start", "end"]


def find_episodes(condition: Condition, pattern: int | Ints = 1) -> Episodes:
    """Find the runs of a condition, as long as possible unless the condition says that a new event begins.

    Parameters
    ----------
    condition : Condition
        A detector's answer; an unknown session ends a run, and so does one on which another event begins.
    pattern : int or ndarray of shape (n_sessions,)
        Length of the pattern in sessions: with 5 in a row, day 1 is four sessions before the trigger. As an array,
        the length of the pattern that is complete on each session.

    Returns
    -------
    Episodes
        In order of trigger.
    """
    trigger, end = condition.runs()
    length = pattern if isinstance(pattern, int) else pattern[trigger]
    start = np.maximum(trigger - (length - 1), 0)
    seen_after = np.concatenate((condition.known[1:], [False]))
    return Episodes(start, trigger, end, ~seen_after[end])


def take_events(
    episodes: Episodes, day0: Day0, cooldown: int | Ints, window: tuple[int, int], allowed: Bools | None = None
) -> Events:
    """Date episodes to day 0, keep those in the sample window, and apply the cooldown.

    Parameters
    ----------
    episodes : Episodes
        From `find_episodes`.
    day0 : {"trigger", "start", "end"}
        The session an event is dated to. An ongoing episode has no end yet, so it gives no event with ``"end"``.
    cooldown : int or ndarray of shape (n_sessions,)
        Sessions after an event in which no new event is taken, the same for all or by day 0. Only events in the sample
        window count.
    window : (int, int)
        First and last session position at which day 0 may lie, both included.
    allowed : ndarray of shape (n_sessions,), optional
        The sessions within it at which day 0 may lie; default: all.

    Returns
    -------
    Events
        In order of day 0.
    """
    if not len(episodes):
        return Events(episodes, episodes.trigger, episodes.trigger)
    dated = episodes.take(~episodes.ongoing) if day0 == "end" else episodes
    position: Ints = getattr(dated, day0)
    inside = (position >= window[0]) & (position <= window[1])
    if allowed is not None:
        inside &= allowed[position]
    if not inside.all():
        dated, position = dated.take(inside), position[inside]
    kept = outside_cooldown(position, cooldown if isinstance(cooldown, int) else cooldown[position])
    if not kept.all():
        dated, position = dated.take(kept), position[kept]
    # The end of a run is seen only one session later, its start only once the pattern is complete.
    knowable = position + 1 if day0 == "end" else dated.trigger
    return Events(dated, position, knowable)


OUTSIDE, NO_END, COOLDOWN = "outside_sample", "no_end", "cooldown"
"""Why an episode gave no event."""


def why_no_event(
    found: Episodes, events: Events, day0: Day0, cooldown: int, window: tuple[int | Ints, int | Ints]
) -> np.ndarray:
    """Return why each episode gave no event, as text; empty if it gave one, or if no rule says why it did not.

    Parameters
    ----------
    found, events
        Episodes, and what `take_events` took of them.
    day0, cooldown
        As `take_events` was asked.
    window : (int, int)
        As `take_events` was asked; or of each episode, as arrays of shape (n_episodes,).
    """
    position: Ints = getattr(found, day0)
    taken = np.isin(found.trigger, events.episodes.trigger)
    no_end = found.ongoing if day0 == "end" else np.zeros_like(found.ongoing)
    outside = (position < window[0]) | (position > window[1])
    before = np.full(len(found), np.iinfo(np.int64).min // 2)  # day 0 of the event before each episode
    before[1:] = np.maximum.accumulate(np.where(taken, position, before))[:-1]
    rules = [taken, no_end, outside, position - before <= cooldown]
    return np.select(rules, ["", NO_END, OUTSIDE, COOLDOWN], "")


def possible_day0(known: Bools, length: Ints, day0: Day0, window: tuple[int, int]) -> Bools:
    """Flag the sessions to which `take_events` could date an event, whatever the condition's answers.

    Parameters
    ----------
    known : ndarray of shape (n_sessions,)
        Whether the condition could be judged.
    length : ndarray of shape (n_sessions,)
        Length in sessions of the pattern that ends on each session.
    day0 : {"trigger", "start", "end"}
        The session an event is dated to. A trigger must be judged itself; for an end, the session after it, too; a
        start is the first session of a pattern whose last session can be judged.
    window : (int, int)
        First and last session position at which day 0 may lie, both included.

    Returns
    -------
    ndarray of shape (n_sessions,)
        Includes every day 0 of `take_events`.
    """
    flags = known.copy()
    if day0 == "end":
        flags[-1:] = False
        flags[:-1] &= known[1:]
    elif day0 == "start":
        judged = np.flatnonzero(known)
        flags[:] = False
        flags[np.maximum(judged - (length[judged] - 1), 0)] = True
    flags[: window[0]] = False
    flags[window[1] + 1 :] = False
    return flags


def outside_cooldown(position: Ints, cooldown: int | Ints) -> Bools:
    """Flag the positions that lie more than `cooldown` sessions after the last flagged one, or than that one's own."""
    gaps = position[1:] - position[:-1]
    if not len(gaps) or (isinstance(cooldown, int) and gaps.min() > cooldown):  # no need of a loop
        return np.ones(len(position), dtype=np.bool_)
    latest = np.maximum.accumulate(position)  # patterns of several lengths may start in another order than they end
    after = latest.searchsorted(position + cooldown, side="right").tolist()  # the first one after each cooldown
    kept, at, n = bytearray(len(position)), 0, len(position)
    while at < n:  # each choice depends on the last one, hence a loop
        kept[at] = True
        at = after[at]
    return np.frombuffer(kept, dtype=np.bool_)
