"""Policy change: the Federal Reserve moves its target, for the first time after moves the other way, or by surprise."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backtest.detect.builtin.meeting import Called, called_as
from backtest.detect.event_dates import place
from backtest.model import Bools, Condition, Floats, Indicator, Prices
from backtest.rates.curve import MOVE
from backtest.rates.earlier_changes import with_earlier_changes
from backtest.rates.meetings import Meetings, load_meetings, target_in_force
from backtest.rates.surprise import answered_at, surprises

Move = Literal["cut", "hike", "first_cut", "first_hike", "any"]


def detect(
    prices: Prices,
    *,
    move: Move = "first_cut",
    called: Called = "any",
    surprise: Annotated[float, Field(gt=0)] | None = None,
    futures: str = "fed_funds_futures",
    meetings: Path | None = None,
    earlier: str | None = None,
) -> Condition:
    """Flag a session if a change of the federal funds target is announced on it.

    Parameters
    ----------
    prices : Prices
        The history.
    move : {"cut", "hike", "first_cut", "first_hike", "any"}
        Which changes to flag. A first cut follows a hike, a first hike follows a cut.
    called : {"scheduled", "unscheduled", "any"}
        Whether it was decided at a meeting on the published calendar, between two such meetings, or either.
    surprise : float, optional
        Minimum surprise, in moves of 25 basis points beyond what was priced, in the direction of the change. It is the
        change of the month's contract since the close before, scaled up for the days of the month that the decision
        affects; in the last week of a month, the unscaled change of the next month's contract. If the price became
        known only after that close, the change is read and flagged at the close at which it was known.
    futures : str
        Role or name of 30-day fed funds futures by contract month; read only if `surprise` is given.
    meetings : Path, optional
        A CSV file beside the strategy that adds to the calendar or replaces rows of the same date.
    earlier : str, optional
        Role or name of a series of the target; empty: none. Its changes before the first meeting of the calendar count,
        too, as unscheduled ones: nothing was announced then, and a change is dated to the session that shows it.

    Returns
    -------
    Condition
        Each change is its own episode; on a day without trading it falls on the next session. Unknown before the first
        meeting of the calendar, or before the first change of `earlier`, and from the first meeting whose decision is
        not known; with `surprise`, also if a quote for the change is missing. The indicator is the target in percent,
        or the surprise in moves, which is zero on sessions without an announcement.

    Raises
    ------
    DataRefused
        The file of meetings is not valid.

    References
    ----------
    Kuttner, K. N. (2001). Monetary policy surprises and interest rates: evidence from the Fed funds futures market.
    Journal of Monetary Economics 47(3), 523-544, equation 7.

    Examples
    --------
    ::

        [detector]
        use = "policy_change"
        move = "cut"
        surprise = 0.5
    """
    calendar, sessions = load_meetings(meetings), prices.sessions
    if earlier:
        calendar = with_earlier_changes(calendar, sessions, prices.close(earlier))
    position = place(calendar.date, prices, "next", 0).position
    wanted = _wanted(calendar, move) & called_as(calendar, called) & (position >= 0)
    known = _decided(calendar, prices)
    met = np.zeros(len(sessions), dtype=np.bool_)
    if surprise is None:
        met[position[wanted]] = True
        target = np.where(known, target_in_force(calendar, sessions), np.nan)
        target_rate = Indicator("federal funds target", "percent", target)
        return Condition(met & known, known, target_rate, begins=met & known)
    contracts = prices.contracts(futures)
    position = answered_at(contracts, sessions, calendar, position)
    wanted &= position >= 0
    beyond = surprises(contracts, sessions, calendar, position)
    toward = np.sign(calendar.after - calendar.before)
    met[position[wanted & (beyond * toward >= surprise)]] = True
    unclear = position[wanted & np.isnan(beyond)]
    known[unclear] = False
    return Condition(met & known, known, _indicator(beyond, position, known, move, surprise), begins=met & known)


def _wanted(calendar: Meetings, move: Move) -> Bools:
    """Flag the meetings that moved the target in the given way.

    An unknown decision counts as no move. The first known move is never a first cut or hike: the one before is unknown.
    """
    moved = np.flatnonzero(calendar.held & calendar.moved)
    change = np.sign(calendar.after[moved] - calendar.before[moved])
    before = np.concatenate(([0.0], change[:-1]))[: len(change)]
    asked = {
        "cut": change < 0,
        "hike": change > 0,
        "first_cut": (change < 0) & (before > 0),
        "first_hike": (change > 0) & (before < 0),
        "any": change != 0,
    }[move]
    flags = np.zeros(len(calendar), dtype=np.bool_)
    flags[moved[asked]] = True
    return flags


def _decided(calendar: Meetings, prices: Prices) -> Bools:
    """Flag the sessions from the first meeting up to the first meeting whose decision is not known."""
    held = np.flatnonzero(calendar.held)
    undecided = held[np.isnan(calendar.after[held] - calendar.before[held])]
    if not len(held):
        return np.zeros(len(prices), dtype=np.bool_)
    known = prices.sessions >= calendar.date[held[0]]
    if len(undecided):
        known &= prices.sessions < calendar.date[undecided[0]]
    return np.asarray(known)


def _indicator(beyond: Floats, position: np.ndarray, known: Bools, move: Move, least: float) -> Indicator:
    values = np.where(known, 0.0, np.nan)
    inside = position >= 0
    values[position[inside]] = beyond[inside]
    name, unit = "change of the target beyond what was priced", f"moves of {MOVE * 100:.0f} bp"
    if move == "any":
        return Indicator(name, unit, values)
    cut = move.endswith("cut")
    return Indicator(name, unit, values, -least if cut else least, "below" if cut else "above")
