"""How a notebook displays a study."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from backtest.format import NONE, percent, points, points_range, probability, share
from backtest.study.result import StudyResult

if TYPE_CHECKING:
    import pandas as pd

FORMATS: dict[str, Callable[[float], str]] = {
    **dict.fromkeys(("asset_mean", "benchmark_mean", "base_asset_mean"), percent),
    **dict.fromkeys(("spread_mean", "base_spread_mean", "excess", "ci_low", "ci_high", "mde"), points),
    **dict.fromkeys(("hit_rate", "base_hit_rate"), share),
    **dict.fromkeys(("p_value", "p_adjusted"), probability),
}


def episodes_frame(study: StudyResult) -> pd.DataFrame:
    """One row per episode of the sample window: its sessions, whether it is ongoing, and whether it gave an event."""
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


def frame_html(frame: pd.DataFrame, *, index: bool = True) -> str:
    """Return a table of results as HTML, with numbers formatted as on a page."""
    printed = {name: frame[name].map(write) for name, write in FORMATS.items() if name in frame}
    return str(frame.assign(**printed).to_html(index=index, na_rep=NONE))


def study_html(study: StudyResult, horizons: pd.DataFrame) -> str:
    """Return title, verdict and the table of horizons as HTML, below the banners that the data require."""
    banner = "<p><b>Simulated data: these returns mean nothing.</b></p>" if study.plan.dataset.synthetic else ""
    if study.lookahead:
        banner += f'<p style="color: #b00020"><b>LOOK-AHEAD: {html.escape(study.lookahead.text)}</b></p>'
    title, words = html.escape(study.plan.strategy.title), html.escape(study.verdict)
    of = study.measured
    named = ["asset_name"] if len(study.assets) > 1 else []
    shown = [*named, "horizon", "n", *(f"{leg}_mean" for leg in of.legs), "hit_rate", of.base_mean]
    interval = [points_range(low, high) for low, high in zip(horizons["ci_low"], horizons["ci_high"], strict=True)]
    sized = horizons[[*shown, "excess", "mde", "p_adjusted"]]
    sized.insert(len(shown) + 1, "interval", interval)  # of the effect, in one cell
    if "calendar" in horizons:
        sized["horizon"] = horizons["calendar"].where(horizons["calendar"].notna(), horizons["horizon"])
    table = frame_html(sized, index=False)
    return f"{banner}<h3>{title}</h3><p>{words}</p>{table}"
