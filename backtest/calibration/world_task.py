"""Histories of a world, identified by number: the same seed gives the same histories on any machine."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from backtest.calibration.drawn_history import History
from backtest.calibration.one_history import tally_history
from backtest.calibration.planting import after
from backtest.calibration.sign_redraw import level_of
from backtest.calibration.signals import STREAK, Signal, find_events
from backtest.calibration.tally import Tally
from backtest.calibration.worlds import Returns, World, legs_around
from backtest.measure.forward import Leg
from backtest.model import Asked, Floats, Ints, horizons_of

LAG = 0
"""Entry at the close of day 0, the default of a strategy."""
CHUNK = 5
FIRST_DAY = np.datetime64("2000-01-03")
"""The day on which a simulated history begins, a Monday; every weekday is a session, for calendar horizons."""
INDUCED_VARIANCE = 3.0
"""The factor by which an event multiplies the variance of the spread, in a world where it does."""


@dataclass(frozen=True)
class WorldTask:
    """What is counted in the histories of a world.

    Attributes
    ----------
    world : World
        The world.
    signals : tuple of Signal
        The signals that give the events.
    horizons : tuple of int or str
        In order of their length.
    sessions : int
        Length of a history.
    seed : int
        Together with the name of the world and the number of a history, it determines everything random in it.
    plant : int
        Number of signals in each history after which an effect is planted, in turn; 0 for none.
    """

    world: World
    signals: tuple[Signal, ...]
    horizons: tuple[Asked, ...]
    sessions: int
    seed: int
    plant: int

    @property
    def chunk(self) -> int:
        """Histories that are counted and stored together."""
        return CHUNK

    def tally(self, number: int) -> Tally:
        """Count one history."""
        random = self.randomness(number)
        returns = self.world.simulate(random[0], self.sessions - 1)
        events = self.events(returns, random[1])
        turn = {(number * self.plant + i) % len(self.signals) for i in range(min(self.plant, len(self.signals)))}
        if not self.world.induced:
            return tally_history(history(returns, events), horizons_of(self.horizons), turn, random[2])
        rows = []
        for row, day0 in enumerate(events):  # each signal changes the history, so each has its own
            own = history(induced(returns, day0, self.world.induced), [day0])
            rows.append(tally_history(own, horizons_of(self.horizons), {0} if row in turn else set(), random[2]))
        return stacked(rows)

    def randomness(self, number: int) -> list[np.random.Generator]:
        """Return the random generators of a history, of its blind signals, and of the signs of planted effects."""
        name = zlib.crc32(self.world.name.encode())
        return [np.random.default_rng([self.seed, name, number, what]) for what in range(3)]

    def events(self, returns: Returns, rng: np.random.Generator) -> list[Ints]:
        """Find the events of every signal in the part of the history where the world has events."""
        asset = np.concatenate(([np.nan], returns[0]))
        first, last = (round(share * len(asset)) for share in self.world.span)
        return [find_events(signal, asset, (first, last - 1), rng) for signal in self.signals]


def history(returns: Returns, events: list[Ints]) -> History:
    """Build levels from daily returns; events may occur wherever a streak could."""
    legs = [_leg(level_of(np.concatenate(([0.0], one)))) for one in returns]
    n = len(legs[0].close)
    return History(legs, LAG, np.arange(n) >= STREAK, events, np.busday_offset(FIRST_DAY, np.arange(n)))


def induced(returns: Returns, day0: Ints, sessions: int) -> Returns:
    """Return two legs whose spread has three times the variance on the sessions after each event."""
    asset, benchmark = returns
    moved = after(len(asset) + 1, day0 + LAG, sessions)[1:]
    spread = (asset - benchmark) * np.where(moved, np.sqrt(INDUCED_VARIANCE), 1.0)
    return legs_around((asset + benchmark) / 2, spread)


def stacked(rows: list[Tally]) -> Tally:
    """Stack the tallies of several signals; a figure that one of them lacks counts as not tried."""
    whole = dict.fromkeys(key for row in rows for key in row.tried)
    shape = rows[0].tried["n"].shape
    return Tally(
        {key: np.vstack([row.tried.get(key, np.zeros(shape, dtype=np.int64)) for row in rows]) for key in whole},
        {key: np.vstack([row.total.get(key, np.zeros(shape)) for row in rows]) for key in whole},
    )


def _leg(level: Floats) -> Leg:
    return Leg(level, level)
