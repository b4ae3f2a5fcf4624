"""What became of each row of a list, and in which group each event is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtest.model.panel import Panel, Universe
from backtest.panel.listed_events import ListedEvents
from backtest.panel.on_every_asset import PanelEvents

if TYPE_CHECKING:
    import pandas as pd

EVENT, OTHER = "event", "other_conditions"
"""What becomes of a row that flags a session."""


def outcomes(found: PanelEvents, one: ListedEvents) -> np.ndarray:
    """Return what became of each row of a list, as text of shape (n_rows,)."""
    sessions, out = len(found.eligible), found.origin.left_out
    assert out is not None  # lists come from detection
    flags = one.why == ""
    at = one.asset[flags] * sessions + one.position[flags]
    why = dict(zip((out.asset * sessions + out.trigger).tolist(), out.why.tolist(), strict=True))
    taken = np.isin(at, found.asset * sessions + found.origin.trigger)
    result = one.why.copy()
    result[flags] = np.where(taken, EVENT, np.array([why.get(key, OTHER) for key in at.tolist()], dtype=object))
    return result


def groups_of_events(found: PanelEvents) -> np.ndarray:
    """Return the group of each event as its list has it, of shape (n_events,); empty where it has none."""
    grouped = [one.group_at for one in found.origin.lists.values() if one.listed.group is not None]
    if not grouped:
        return np.full(len(found), "", dtype=object)
    at = zip(found.asset.tolist(), found.origin.trigger.tolist(), strict=True)
    return np.array([next((of[key] for of in grouped if key in of), "") for key in at], dtype=object)


def listed_frame(panel: Panel | Universe, found: PanelEvents) -> pd.DataFrame:
    """Return one row per row of each list: line, asset, date, group, session, outcome."""
    import pandas as pd

    frames = [_frame(panel, found, one) for one in found.origin.lists.values()]
    columns = ["line", "asset", "date", "group", "session", "outcome"]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def _frame(panel: Panel | Universe, found: PanelEvents, one: ListedEvents) -> pd.DataFrame:
    import pandas as pd

    sessions = panel.common.sessions[np.maximum(one.position, 0)].astype("datetime64[s]")
    listed = one.listed
    return pd.DataFrame(
        {
            "line": listed.line,
            "asset": np.array(listed.asset, dtype=object),
            "date": listed.date.astype("datetime64[s]"),
            "group": np.array(listed.group or [""] * len(listed.date), dtype=object),
            "session": np.where(one.position >= 0, sessions, np.datetime64("NaT", "s")),
            "outcome": outcomes(found, one),
        }
    )
