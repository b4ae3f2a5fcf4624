"""A study as a notebook shows it."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np

from backtest.study.result import StudyResult

if TYPE_CHECKING:
    import pandas as pd

SHOWN = ("horizon", "n", "asset_mean", "benchmark_mean", "spread_mean", "hit_rate", "base_spread_mean", "p_adjusted")


def episodes_frame(study: StudyResult) -> pd.DataFrame:
    """One row an episode of the sample window: its sessions, whether it goes on, and whether it gave an event."""
    import pandas as pd

    sessions, episodes = study.plan.dataset.prices.sessions, study.detection.episodes
    return pd.DataFrame(
        {
            "start": sessions[episodes.start],
            "trigger": sessions[episodes.trigger],
            "end": sessions[episodes.end],
            "ongoing": episodes.ongoing,
            "event": np.isin(episodes.trigger, study.detection.events.episodes.trigger),
        }
    )


def study_html(study: StudyResult, horizons: pd.DataFrame) -> str:
    """Return title, verdict and the table of horizons as HTML, under the banners that the data need."""
    banner = "<p><b>Simulated data: these returns mean nothing.</b></p>" if study.plan.dataset.synthetic else ""
    if study.lookahead:
        banner += f'<p style="color: #b00020"><b>LOOK-AHEAD: {html.escape(study.lookahead.text)}</b></p>'
    title, words = html.escape(study.plan.strategy.title), html.escape(study.verdict)
    table = horizons[list(SHOWN)].to_html(index=False, float_format="{:.4f}".format, na_rep="")
    return f"{banner}<h3>{title}</h3><p>{words}</p>{table}"
