"""Second opinions on a panel study: classical tests beside the verdict, each with what it assumes."""

from __future__ import annotations

import numpy as np

from backtest.inference.opinions.ask_on_panel import opinions_on_panel
from backtest.inference.opinions.opinion import EVENTS_T, Opinion
from backtest.panel.panel_forward import PanelForward
from backtest.panel.panel_inference import PanelInference
from backtest.untyped import Json


def opinions_of(forward: PanelForward, inference: PanelInference) -> tuple[tuple[Opinion, ...], ...]:
    """Ask every classical test about each horizon.

    Weighted by date, what counts once is the mean of an event date; a t-test over events is not asked then.

    Returns
    -------
    tuple of tuple of Opinion
        One sequence a horizon.
    """
    return tuple(_at_horizon(forward, inference, column) for column in range(len(forward.horizons)))


def opinion_rows(forward: PanelForward, inference: PanelInference) -> list[Json]:
    """Return one row per horizon and test, for a table; a missing number is NaN."""
    return [
        {
            "horizon": horizon.label,
            "key": one.method.key,
            "test": one.method.name,
            "statistic": np.nan if one.statistic is None else one.statistic,
            "p_value": np.nan if one.p_value is None else one.p_value,
            "reason": one.reason or "",
            "assumes": one.method.takes_for_granted,
        }
        for horizon, asked in zip(forward.horizons, opinions_of(forward, inference), strict=True)
        for one in asked
    ]


def _at_horizon(forward: PanelForward, inference: PanelInference, column: int) -> tuple[Opinion, ...]:
    look = inference.shifts[column]
    shifts = np.zeros(0) if look is None else np.nan_to_num(look.statistic)
    base = float(forward.base[column]), float(forward.base_hit_rate[column])
    length = forward.horizons[column].sessions
    if forward.weight == "event":
        return opinions_on_panel(forward.spread[:, column], forward.day0, base, length, shifts)
    dates = np.unique(forward.day0[np.isfinite(forward.spread[:, column])])
    asked = opinions_on_panel(forward.values(column), dates, base, length, shifts)
    return tuple(one for one in asked if one.method != EVENTS_T)
