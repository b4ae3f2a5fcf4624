"""Signals on panels: events that an asset's own moves, the market's moves or nothing at all give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.calibration.panel_worlds import PanelReturns
from backtest.model import Bools, Floats, Ints

KINDS = ("own", "market", "random", "crowded")
"""An asset's own large moves; all assets on the days of large market moves; random asset-days; random days on which
half of the assets have an event."""
BLIND = ("random", "crowded")
"""Kinds that do not look at prices."""


@dataclass(frozen=True, order=True)
class PanelSignal:
    """A kind of signal, and about how many events it gives; of `market` and `crowded`, how many days."""

    kind: str
    n: int

    def __str__(self) -> str:
        return f"{self.kind} {'days' if self.kind in ('market', 'crowded') else 'n'} = {self.n}"


SIGNALS = (
    PanelSignal("own", 30),
    PanelSignal("own", 500),
    PanelSignal("market", 10),
    PanelSignal("market", 40),
    PanelSignal("random", 500),
    PanelSignal("crowded", 20),
)
"""The default signals."""


def find_panel_events(signal: PanelSignal, drawn: PanelReturns, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Return day 0 and the asset of a signal's events, in order of the assets and then of day 0.

    Parameters
    ----------
    signal : PanelSignal
        The signal to find.
    drawn : PanelReturns
        Daily returns; the first of them is that of session 1.
    rng : numpy.random.Generator
        For the kinds that look at nothing.

    Returns
    -------
    day0, asset : ndarray of shape (n_events,)
        Session positions and columns; none outside an asset's life.
    """
    alive = np.isfinite(drawn.own)
    flags = _flags(signal, drawn, alive, rng) & alive
    asset, day = np.nonzero(flags.T)
    return day + 1, asset


def _flags(signal: PanelSignal, drawn: PanelReturns, alive: Bools, rng: np.random.Generator) -> Bools:
    if signal.kind == "own":
        return _largest(np.abs(drawn.returns - drawn.factor[:, None]), signal.n)
    if signal.kind == "market":
        return np.broadcast_to(_largest(np.abs(drawn.factor), signal.n)[:, None], alive.shape)
    if signal.kind == "crowded":
        flags = rng.random(alive.shape) < 0.5
        flags &= _largest(rng.random(len(alive)), signal.n)[:, None]
        return flags
    return _largest(np.where(alive, rng.random(alive.shape), np.nan), signal.n)


def _largest(strength: Floats, n: int) -> Bools:
    """Flag what is at least as large as the n-th largest."""
    rising = np.sort(strength[np.isfinite(strength)])
    return np.asarray(strength >= rising[-min(n, len(rising))]) if len(rising) else np.zeros(strength.shape, np.bool_)
