"""What a panel study says of each horizon, as columns of a table."""

from __future__ import annotations

import numpy as np

from backtest.model.rounding import are_hits
from backtest.panel.panel_forward import PanelForward
from backtest.panel.panel_inference import PanelInference


def horizon_columns(forward: PanelForward, inference: PanelInference) -> dict[str, object]:
    """Return the columns of `PanelStudy.horizons`, by name, each with a value per horizon; fractions, NaN for none."""
    values = [forward.values(column) for column in range(len(forward.horizons))]
    return {
        "horizon": [one.label for one in forward.horizons],
        "n": forward.n,
        "mean": forward.mean,
        "median": [np.median(one) if len(one) else np.nan for one in values],
        "hit_rate": [are_hits(one).mean() if len(one) else np.nan for one in values],
        "base_mean": forward.base,
        "excess": forward.mean - forward.base,
        "ci_low": inference.low,
        "ci_high": inference.high,
        "mde": inference.detectable,
        "p_value": inference.p_value,
        "p_adjusted": inference.p_adjusted,
    }
