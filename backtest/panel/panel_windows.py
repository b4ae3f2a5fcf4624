"""Why the window of an event on a panel is not complete."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from backtest.measure.windows import window_ends
from backtest.model.panel import Panel
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


def window_status(panel: Panel, events: PanelEvents, forward: PanelForward) -> NDArray[np.str_]:
    """Return the state of each event's window at each horizon.

    Returns
    -------
    ndarray of shape (n_events, n_horizons)
        `COMPLETE`, `PENDING`, `ENDED` or `MISSING`.
    """
    ends = window_ends(len(panel.common), forward.horizons, 0, panel.common.sessions)[events.day0]
    last = panel.spans()[1][events.asset][:, None]
    incomplete = np.where(ends >= len(panel.common), PENDING, np.where(ends > last, ENDED, MISSING))
    return np.where(np.isfinite(forward.spread), COMPLETE, incomplete)
