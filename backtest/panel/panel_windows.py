"""Why the window of an event on a panel is not complete."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from backtest.measure.windows import window_ends
from backtest.model import Ints, Prices
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_forward import PanelForward

COMPLETE: Final = "complete"
PENDING: Final = "pending"
"""The window ends after the data."""
ENDED: Final = "ended"
"""The window ends after the asset's last close: it was delisted, or its data end."""
MISSING: Final = "missing"
"""A leg has no close at the end of the window."""
INCOMPLETE = {
    PENDING: "the window ends after the data",
    ENDED: "the asset's closes end before the window does",
    MISSING: "a leg has no close at the end of the window",
}


def window_status(common: Prices, last: Ints, events: PanelEvents, forward: PanelForward) -> NDArray[np.str_]:
    """Return the state of each event's window at each horizon.

    Parameters
    ----------
    common : Prices
        The sessions.
    last : ndarray of shape (n_assets,)
        Session position of each asset's last close.
    events, forward
        The study so far.

    Returns
    -------
    ndarray of shape (n_events, n_horizons)
        `COMPLETE`, `PENDING`, `ENDED` or `MISSING`.
    """
    ends = window_ends(len(common), forward.horizons, 0, common.sessions)[events.day0]
    alive = ends <= last[events.asset][:, None]
    incomplete = np.where(ends >= len(common), PENDING, np.where(alive, MISSING, ENDED))
    return np.where(np.isfinite(forward.spread), COMPLETE, incomplete)
