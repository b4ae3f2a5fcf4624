"""The verdict in plain words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from backtest.format import plural, points_range, share, share_of_cases, some
from backtest.inference.detectable import POWER
from backtest.inference.result import HorizonResult
from backtest.model import Horizon
from backtest.model.significance import LEVEL, by_remarkable, holds, stands_out

FEW = 10
"""Measured events below which a null result says little."""
LISTED = 6
"""Further looks that are named where several stand out."""
CONFIDENCE = f"{1 - LEVEL:.0%}"


@dataclass(frozen=True)
class Looks:
    """The looks at one asset, one a horizon.

    Attributes
    ----------
    what : str
        What is judged, such as ``"small minus mega"``, or ``"small"`` alone.
    results : sequence of HorizonResult
        One a horizon.
    unfinished : collection of str
        Why windows are not complete, those that are not: ``"pending"``, ``"not covered"``, ``"missing"``.
    doubts : mapping of Horizon to str
        Why a look that stands out does not hold, as a clause, by horizon.
    """

    what: str
    results: Sequence[HorizonResult]
    unfinished: Collection[str]
    doubts: Mapping[Horizon, str] = field(default_factory=dict)


def verdict(looks: Sequence[Looks], n_events: int, word: str) -> str:
    """Say what the test says, and no more.

    Parameters
    ----------
    looks : sequence of Looks
        One an asset; their p are adjusted for all of them.
    n_events : int
        Events of the study, measured or not.
    word : str
        What is judged: a spread or a return.
    """
    found = [(one, result) for one in looks for result in one.results]
    measured = max((result.n for _, result in found), default=0)
    if not measured:
        return _unmeasured(n_events, {reason for one in looks for reason in one.unfinished})
    tried = _tried(looks)
    if not tried:
        there = f"there {'is' if measured == 1 else 'are'} {plural(measured, 'event')}"
        return f"Nothing can be said: {there}, but the {word} does not vary, so that there is no test."
    order = sorted(tried, key=_rank)
    best, several = order[0], len(looks) > 1
    p = best[1].null_test.p_adjusted or 0.0
    most, counted = _returned(*best, several), _counted(tried, several)
    if stands_out(p):
        others = f"{_others(order[1:], several)}{_fallen(order[1:], several)}"
        doubt = best[0].doubts.get(best[1].horizon, "")
        head, but = ("Stands out by p alone", f" But {doubt}.") if doubt else ("Unlikely to be chance", "")
        return (
            f"{head}: {most}. Chance alone gives as much in {share_of_cases(p)} of cases, "
            f"{counted}.{but}{_detectable(best[1])}{others}"
        )
    none = "no asset stands out from its base rate" if several else "no horizon stands out from the base rate"
    head = f"Consistent with chance: after {_events(measured, n_events)}, {none}."
    tail = f"The most remarkable: {most}; chance alone gives as much in {share_of_cases(p)} of cases, {counted}."
    return f"{head} {tail}{_detectable(best[1])}"


def most_remarkable(looks: Sequence[Looks]) -> tuple[int, HorizonResult] | None:
    """Return the look that the verdict speaks of, with the position of its asset; None where there is no test."""
    tried = [(at, look) for at, one in enumerate(looks) for look in _tried([one])]
    best = min(tried, key=lambda found: _rank(found[1]), default=None)
    return None if best is None else (best[0], best[1][1])


def counted(looks: Sequence[Looks]) -> str:
    """Say how many looks the adjusted p counts, as the verdict does."""
    return _counted(_tried(looks), len(looks) > 1)


def _tried(looks: Sequence[Looks]) -> list[tuple[Looks, HorizonResult]]:
    found = [(one, result) for one in looks for result in one.results]
    return [look for look in found if None not in (look[1].null_test.p_adjusted, look[1].excess)]


def _rank(look: tuple[Looks, HorizonResult]) -> tuple[bool, float, float]:
    test = look[1].null_test
    return by_remarkable(test.p_adjusted, test.p_value, look[0].doubts.get(look[1].horizon))


def _detectable(result: HorizonResult) -> str:
    """Say how large an effect must be to be found; a number is what makes a null result worth reading."""
    smallest = result.inference.effect.detectable
    if smallest is None:
        events = "one event" if result.n == 1 else f"{result.n} events"
        few = result.n < FEW and not stands_out(result.null_test.p_adjusted)
        return f" With {events}, only a very large effect could have been found." if few else ""
    return f" {share(POWER)} of such studies would find an effect of {100 * smallest:.2f} points."


def _unmeasured(n_events: int, unfinished: Collection[str]) -> str:
    none = "the only event has no" if n_events == 1 else f"none of the {plural(n_events, 'event')} has a"
    said = f"{none} complete window at any horizon"
    if "pending" in unfinished:
        return f"Nothing can be said yet: {said}."
    why = "a leg begins later" if "not covered" in unfinished else "a leg has no level at entry or at the end"
    return f"Nothing can be said: {said}, as {why}."


def _events(measured: int, n_events: int) -> str:
    if measured < n_events:
        return f"the {measured:,} of {plural(n_events, 'event')} with a complete window"
    return "the only event" if n_events == 1 else f"the {plural(n_events, 'event')}"


def _counted(tried: Sequence[tuple[Looks, HorizonResult]], several: bool) -> str:
    """Say how many looks there were: horizons, or assets at horizons."""
    n = len(tried)
    if not several:
        if n == 1:
            return "the only horizon looked at"
        return "both horizons considered" if n == 2 else f"all {n} horizons considered"
    if n == 1:
        return "the only look there is"
    assets, horizons = len({one.what for one, _ in tried}), len({result.horizon for _, result in tried})
    at = "at" if assets * horizons == n else "at up to"
    return f"all {n} looks considered ({plural(assets, 'asset')} {at} {plural(horizons, 'horizon')})"


def _others(rest: Sequence[tuple[Looks, HorizonResult]], several: bool) -> str:
    """Name the other looks that stand out and hold, the most remarkable first; of one asset, their horizons."""
    alive = [look for look in rest if holds(look[1].null_test.p_adjusted, look[0].doubts.get(look[1].horizon))]
    if not alive:
        return ""
    more = plural(len(alive), "more look" if several else "more horizon")
    return f" {more} {'stands' if len(alive) == 1 else 'stand'} out: {some(_named(alive, several), LISTED)}."


def _fallen(rest: Sequence[tuple[Looks, HorizonResult]], several: bool) -> str:
    """Name the other looks that stand out and do not hold; of a single one, say why."""
    doubted = [look for look in rest if look[1].horizon in look[0].doubts and stands_out(look[1].null_test.p_adjusted)]
    if not doubted:
        return ""
    more = plural(len(doubted), "more look" if several else "more horizon")
    if len(doubted) > 1:
        return f" {more} stand out by p alone and do not hold: {some(_named(doubted, several), LISTED)}."
    one, result = doubted[0]
    return f" {more} stands out by p alone: {_named(doubted, several)[0]}; but {one.doubts[result.horizon]}."


def _named(looks: Sequence[tuple[Looks, HorizonResult]], several: bool) -> list[str]:
    return [f"{one.what} over {result.horizon.words}" if several else result.horizon.words for one, result in looks]


def alone(n: int, p_value: float | None) -> str:
    """Say in a few words what one p says taken alone, not counting what else was looked at."""
    if p_value is None:
        return "no test" if n else "no complete window"
    return "stands out, taken alone" if stands_out(p_value) else "does not stand out"


def _returned(looks: Looks, result: HorizonResult, several: bool) -> str:
    excess = result.excess or 0.0
    way = "more" if excess >= 0 else "less"
    effect = result.inference.effect
    sizes = "" if effect.low is None else f", {CONFIDENCE} interval of the effect {_interval(result)}"
    base = "its base rate" if several else "the base rate"
    by = f"{abs(excess) * 100:.2f} points {way}"
    return f"over {result.horizon.words}, {looks.what} returned {by} than {base} (n = {result.n:,}{sizes})"


def _interval(result: HorizonResult) -> str:
    """Write the interval, which counts no other look: where they undo what one p says, it must not seem to say so."""
    test, effect = result.null_test, result.inference.effect
    undone = stands_out(test.p_value) and not stands_out(test.p_adjusted)
    text = points_range(effect.low, effect.high).removesuffix(" pp")
    return f"{text}{', no other look counted' if undone else ''}"
