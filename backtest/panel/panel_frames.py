"""Tables of a study on a panel, as DataFrames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from backtest.model import Sessions
from backtest.model.rounding import are_hits
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_forward import PanelForward
from backtest.panel.panel_inference import PanelInference

if TYPE_CHECKING:
    import pandas as pd


def events_frame(assets: Sequence[str], sessions: Sessions, found: PanelEvents, forward: PanelForward) -> pd.DataFrame:
    """Return one row per event: asset, day 0, and its spread at every horizon.

    Spreads are fractions, missing if the window is not complete.
    """
    import pandas as pd

    frame = pd.DataFrame(
        {
            "asset": np.array(assets, dtype=object)[found.asset],
            "day0": sessions[found.day0].astype("datetime64[s]"),
        }
    )
    for column, horizon in enumerate(forward.horizons):
        frame[f"spread_{horizon.label}"] = forward.spread[:, column]
    return frame


def horizons_frame(forward: PanelForward, inference: PanelInference | None) -> pd.DataFrame:
    """Return one row per horizon: events, their spread, the base rate, the excess, its interval, own and adjusted p.

    Without an inference, there are no intervals, no ``mde`` and no p.
    ``mde`` is the smallest effect that 80% of such studies would find. Weighted by date, the mean, median and hit rate
    are those of the event dates' mean spreads.
    """
    import pandas as pd

    complete = [forward.values(column) for column in range(len(forward.horizons))]
    frame = pd.DataFrame(
        {
            "horizon": [one.label for one in forward.horizons],
            "n": forward.n,
            "mean": forward.mean,
            "median": [np.median(values) if len(values) else np.nan for values in complete],
            "hit_rate": [are_hits(values).mean() if len(values) else np.nan for values in complete],
            "base_mean": forward.base,
            "excess": forward.mean - forward.base,
        }
    )
    if inference is None:
        return frame
    return frame.assign(
        ci_low=inference.low,
        ci_high=inference.high,
        mde=inference.detectable,
        p_value=inference.p_value,
        p_adjusted=inference.p_adjusted,
    )
