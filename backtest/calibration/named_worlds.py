"""All worlds, by name."""

from __future__ import annotations

from backtest.calibration.history_worlds import Blockwild, RealReturns, Realwild
from backtest.calibration.volatility_worlds import BREAK, garch, gjr, gjr_own, stochastic_volatility, volatility_break
from backtest.calibration.worlds import World, iid_normal, iid_t4, splice, two_regimes

SHORT = 1000
INDUCED = 5
"""Sessions after an event in which the variance of the spread is tripled."""

SIMULATED = (
    World("iid", "iid normal", iid_normal),
    World("t4", "iid t4", iid_t4),
    World("garch", "GARCH, common volatility", garch),
    World("gjr", "GJR-GARCH, common volatility", gjr),
    World("gjr_own", "GJR-GARCH, correlated legs with volatilities of their own", gjr_own),
    World("regimes", "two regimes of drift and volatility", two_regimes),
    World("sv", "stochastic volatility", stochastic_volatility),
    World("break", "volatility doubles in the last tenth, events there", volatility_break, span=(1.0 - BREAK, 1.0)),
    World("splice", "spread autocorrelated in the first half, events there", splice, span=(0.0, 0.5)),
    World("induced", "events triple the spread's variance for five sessions", gjr, induced=INDUCED),
    World("short", "GJR-GARCH, 1,000 sessions", gjr, sessions=SHORT),
)
FROM_HISTORY = ("blockwild", "realwild")
WORLDS = (*(world.name for world in SIMULATED), *FROM_HISTORY)
"""All names."""


def history_world(name: str, real: RealReturns, title: str) -> World:
    """Return a world made from a real history; `title` names the dataset."""
    if name == "blockwild":
        return World(name, f"blocks of {title}, signs redrawn", Blockwild(real))
    return World(name, f"{title} as it was, signs redrawn", Realwild(real), longest=len(real) + 1)
